"""How often residents without an account may report, add, look up and rate: wide for people, narrow for machines.

Two lines. Past the first (hot) a question in words has to be answered; it takes a person a second. Past the second
nothing is taken for a while. An address or a network alone never closes the door: a whole office building, a whole
mobile network may stand behind it. Programs at the API have no browser to ask; they are counted by address.
"""

import contextlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from core.buckets import Bucket, has, take
from core.errors import TooMany
from grids.directory import Place
from grids.models import Area
from workorders import questions

# Past these a question is asked.
DEVICE_WARM = Bucket("reports-device-warm", 3, 600)
SPOT_WARM = Bucket("reports-spot-warm", 20, 600)
NETWORK_WARM = Bucket("reports-network-warm", 40, 600)
REPORTS_WARM = Bucket("reports-warm", 600, 600)
LOOKUPS_OF_ADDRESS = Bucket("lookups-address", 30, 600)
# Past these nothing is taken for a while.
DEVICE = Bucket("reports-device", 12, 600)
REPORTS_IN_GRID = Bucket("reports-grid", 120, 600)
REPORTS = Bucket("reports", 3000, 600)
# Whoever is refused so often and goes on is not read any more: a refusal with its form costs more than a report.
REFUSALS = Bucket("refusals-device", 20, 600)
ANSWERS = Bucket("answers-device", 10, 600)
REPORTS_OF_ADDRESS = Bucket("reports-address", 60, 600)
ADDITIONS_TO_ORDER = Bucket("additions-order", 20, 600)
ADDITIONS_OF_ADDRESS = Bucket("additions-address", 300, 600)
# Four digits are ten thousand guesses: a known code must not be open to them.
LOOKUPS_OF_CODE = Bucket("lookups-code", 10, 3600)
LOOKUPS_BY_ADDRESS = Bucket("lookups-address-all", 300, 600)
LOCATIONS_OF_ADDRESS = Bucket("locations-address", 300, 600)

QUESTION = "question"
# The city's hotline, where no nearer number is known.
HOTLINE = "12345"


@dataclass(frozen=True)
class Sender:
    """Who sends, as far as it can be told. device: the mark a browser was given, empty when it keeps none."""

    address: str
    device: str = ""

    @property
    def network(self) -> str:
        """The neighbourhood of the address: the first 24 bits, of IPv6 the first 56."""
        try:
            address = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        address = getattr(address, "ipv4_mapped", None) or address
        bits = 24 if address.version == 4 else 56
        return str(ipaddress.ip_network(f"{address}/{bits}", strict=False).network_address)

    @property
    def whose(self) -> str:
        """Whose bucket it is: the device's; browsers without a mark share that of their address."""
        return self.device or f"at-{self.address}"


@dataclass(frozen=True)
class Answered:
    """A question that came back: its seal and what was answered; empty where none was asked."""

    seal: str = ""
    answer: str = ""


def asks_residents(sender: Sender, *, spot: str, at: datetime) -> bool:
    """Whether the next report from here would have to answer a question; the form then shows one from the start."""
    return not has(*_warm(sender, spot), at=at)


def admit_resident(sender: Sender, *, spot: str, grid: str, answered: Answered, at: datetime) -> None:
    """One more report by a resident's browser. spot: the code that was opened, a place's or a grid's.

    Raises TooMany: `question` when one has to be answered first, else with the time to wait.
    """
    full = ((DEVICE, sender.whose), (REPORTS_IN_GRID, grid), (REPORTS, "all"))
    if has(*_warm(sender, spot), at=at):
        take(*_warm(sender, spot), *full, at=at, message=_full())
        return
    _check_answer(sender, answered, at=at)
    take(*full, at=at, message=_full())


def is_shut_out(sender: Sender, *, at: datetime) -> bool:
    """Whether this device was refused so often that what it sends is not even read for a while."""
    return not has((REFUSALS, sender.whose), at=at)


def note_refusal(sender: Sender, *, at: datetime) -> None:
    """One more refusal for this device."""
    with contextlib.suppress(TooMany):
        take((REFUSALS, sender.whose), at=at)


def admit_report(*, address: str, grid: Place, at: datetime) -> None:
    """One more report through the API from this network address in this grid. Raises TooMany, with a number to call."""
    take(
        (REPORTS_OF_ADDRESS, address),
        (REPORTS_IN_GRID, grid.code),
        (REPORTS, "all"),
        at=at,
        message=SimpleLazyObject(lambda: f"{_full()} {_call_instead(grid)}"),
    )


def number_to_call(grid: Place) -> str:
    """The phone of the grid's post, else of the nearest area above that has one, else the city's hotline."""
    numbers = dict(Area.objects.filter(pk__in=grid.path).exclude(phone="").values_list("pk", "phone"))
    return next((numbers[area_id] for area_id in reversed(grid.path) if area_id in numbers), HOTLINE)


def admit_addition(*, address: str, token: str, at: datetime) -> None:
    """One more remark, photo or rating for this report. Raises TooMany."""
    take(
        (ADDITIONS_OF_ADDRESS, address),
        (ADDITIONS_TO_ORDER, token),
        at=at,
        message=_("Very much was added within a short time. This has not been taken yet."),
    )


def admit_lookup(*, address: str, code: str, at: datetime) -> None:
    """One more try through the API to find a report by code and digits, right or wrong. Raises TooMany."""
    take((LOOKUPS_OF_ADDRESS, address), _of_code(code), at=at, message=_("There were many tries to find a report."))


def admit_finder(sender: Sender, *, code: str, answered: Answered, at: datetime) -> None:
    """The same by a resident's browser: an address that looks up much is asked a question, not shut out."""
    words = _("There were many tries to find a report.")
    if has((LOOKUPS_OF_ADDRESS, sender.address), at=at):
        take((LOOKUPS_OF_ADDRESS, sender.address), _of_code(code), at=at, message=words)
        return
    _check_answer(sender, answered, at=at)
    take((LOOKUPS_BY_ADDRESS, sender.address), _of_code(code), at=at, message=words)


def asks_finders(sender: Sender, *, at: datetime) -> bool:
    """Whether the next look-up from here would have to answer a question."""
    return not has((LOOKUPS_OF_ADDRESS, sender.address), at=at)


def admit_location(*, address: str, at: datetime) -> None:
    """One more question which grid a point lies in. Raises TooMany."""
    take((LOCATIONS_OF_ADDRESS, address), at=at)


def _warm(sender: Sender, spot: str) -> tuple:
    network = (NETWORK_WARM, sender.network)
    return ((DEVICE_WARM, sender.whose), (SPOT_WARM, spot), network, (REPORTS_WARM, "all"))


def _of_code(code: str) -> tuple:
    return (LOOKUPS_OF_CODE, code.upper()[:10])


def _check_answer(sender: Sender, answered: Answered, *, at: datetime) -> None:
    if not answered.seal:
        words = _("Very much comes in here at the moment. Please answer the question below and send it again.")
        raise TooMany(QUESTION, words, errors={"answer": [_("Please answer this question.")]})
    take((ANSWERS, sender.whose), at=at, message=_("There were many wrong answers."))
    if not questions.is_answered(answered.seal, answered.answer, at=at):
        words = _("That was not the answer, or it came too late. Here is another question; everything else is kept.")
        raise TooMany(QUESTION, words, errors={"answer": [_("Please answer this question.")]})


def _call_instead(grid: Place) -> str:
    return _("If it cannot wait, call %(phone)s.") % {"phone": number_to_call(grid)}


def _full() -> str:
    return _("Very many reports came in here within a short time. Yours has not been taken yet.")
