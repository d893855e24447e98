"""Reading a report: what people send, checked and turned into domain objects. The same for every door."""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid, NotPermitted
from grids import locate, succession
from grids.directory import Place, find
from grids.levels import Level
from personnel.roles import Role
from workorders import catalogue
from workorders.models import Category
from workorders.vocabulary import RESTRICTED_SOURCES, YEARS, Source, Urgency

TITLE_LENGTH, TITLE_MADE, DESCRIPTION_LENGTH = 120, 40, 4000
CENTRE = (Role.ACCEPTOR, Role.DISPATCHER)
# What may come in without an account.
FROM_OUTSIDE = (Source.PUBLIC, Source.OPEN311, Source.IOT, Source.OTHER)
_PHONE = re.compile(r"\+?[0-9]{5,15}")
_FIRST_GUESS = (
    (Role.OFFICER, Source.OFFICER),
    (Role.PART_TIME_OFFICER, Source.OFFICER),
    (Role.CHIEF, Source.OFFICER),
    (Role.ACCEPTOR, Source.HOTLINE),
    (Role.DISPATCHER, Source.HOTLINE),
    (Role.INSPECTOR, Source.INSPECTION),
)
FIELDS = frozenset(
    "description title category lon lat area fix address urgency source occurred_at".split()
    + "reporter_name reporter_phone external_id self_handled result".split()
)


@dataclass(frozen=True)
class Intake:
    """A checked report. place: the grid; lon, lat: WGS-84 degrees or None where the grid was chosen."""

    description: str
    title: str
    category: Category | None
    place: Place
    lon: float | None
    lat: float | None
    fix: dict | None
    address: str
    urgency: str
    source: str
    occurred_at: datetime | None
    reporter_name: str
    reporter_phone: str
    external_id: str
    self_handled: bool
    result: str


def read(raw: Mapping, *, standing, at: datetime) -> Intake:
    """Check a report. standing: the reporter's, None for a resident.

    Raises Invalid with every field at fault, NotPermitted.
    """
    reader = _Reader(raw, at)
    unknown = [name for name in raw if name not in FIELDS]
    for name in unknown:
        reader.fault(name, _("This field is not known."))
    source = reader.source(standing)
    category, urgency = reader.category(), reader.choice("urgency", Urgency)
    description = reader.text("description", DESCRIPTION_LENGTH, required=True)
    self_handled = reader.flag("self_handled")
    result = reader.text("result", DESCRIPTION_LENGTH, required=self_handled)
    if self_handled and category is None and "category" not in reader.errors:
        reader.fault("category", _("Say what kind of problem was settled."))
    intake = dict(
        description=description,
        title=reader.text("title", TITLE_LENGTH) or made_title(description),
        category=category,
        fix=reader.fix(),
        address=reader.text("address", 200),
        urgency=urgency or (category.urgency if category else Urgency.NORMAL),
        source=source,
        occurred_at=reader.past("occurred_at"),
        reporter_name=reader.text("reporter_name", 40),
        reporter_phone=reader.phone("reporter_phone"),
        external_id=reader.text("external_id", 80),
        self_handled=self_handled,
        result=result,
    )
    place, lon, lat = reader.place(locating=not reader.errors)
    reader.refuse()
    return Intake(place=place, lon=lon, lat=lat, **intake)


def made_title(description: str) -> str:
    """A title from the first sentence."""
    first = description.strip().splitlines()[0] if description.strip() else ""
    for mark in "。!！?？;；":
        head = first.split(mark)[0]
        if 4 <= len(head) < len(first):
            first = head
    return first if len(first) <= TITLE_MADE else first[: TITLE_MADE - 1] + "…"


class _Reader:
    def __init__(self, raw: Mapping, at: datetime):
        self.raw, self.at, self.errors, self.code = raw, at, {}, None

    def fault(self, name: str, message: str, code: str | None = None):
        self.errors.setdefault(name, []).append(message)
        self.code = self.code or code

    def refuse(self):
        if self.errors:
            code = self.code if len(self.errors) == 1 and self.code else "invalid"
            detail = next(iter(self.errors.values()))[0] if len(self.errors) == 1 else None
            raise Invalid(code, detail, errors=self.errors)

    def text(self, name: str, longest: int, *, required: bool = False) -> str:
        value = self.raw.get(name)
        if value is None:
            value = ""
        if not isinstance(value, str):
            self.fault(name, _("This must be text."))
            return ""
        value = value.replace("\x00", "").strip()
        if required and not value:
            self.fault(name, _("Please fill this in."), "required")
        if len(value) > longest:
            self.fault(
                name,
                _("This may have %(most)d characters; yours has %(count)d. Please shorten it.")
                % {"most": longest, "count": len(value)},
                "too_long",
            )
        return value

    def flag(self, name: str) -> bool:
        value = self.raw.get(name)
        if value in (None, "", False, "false", "0", "off"):
            return False
        if value in (True, "true", "1", "on"):
            return True
        self.fault(name, _("This must be true or false."))
        return False

    def choice(self, name: str, choices) -> str:
        value = self.raw.get(name)
        if value in (None, ""):
            return ""
        if value not in choices.values:
            self.fault(
                name,
                _("“%(value)s” is not one of: %(choices)s.")
                % {"value": str(value)[:40], "choices": ", ".join(choices.values)},
            )
            return ""
        return value

    def source(self, standing) -> str:
        given = self.choice("source", Source)
        if standing is None and given and given not in FROM_OUTSIDE:
            raise NotPermitted("source_not_yours", _("Only staff reports under this source. Leave it out."))
        if standing is None:
            return given or Source.PUBLIC
        if given in RESTRICTED_SOURCES and not standing.roles.intersection(CENTRE):
            raise NotPermitted(
                "source_not_yours",
                _("Only acceptors and dispatchers enter orders of the hotline, of leaders and of departments."),
            )
        return given or next((source for role, source in _FIRST_GUESS if role in standing.roles), Source.OTHER)

    def category(self) -> Category | None:
        value = self.raw.get("category")
        if value in (None, ""):
            return None
        found = catalogue.find(value) if isinstance(value, str) else None
        if found is None or not found.is_active:
            self.fault("category", _("There is no such category. Choose one from the list."), "unknown_category")
        elif not found.is_minor:
            self.fault("category", _("This is a group of categories. Choose one inside it."), "category_is_major")
        else:
            return found
        return None

    def phone(self, name: str) -> str:
        # Chinese keyboards write figures full-width; they are the same figures.
        value = unicodedata.normalize("NFKC", self.text(name, 20))
        digits = value.replace(" ", "").replace("-", "")
        if digits and not _PHONE.fullmatch(digits):
            self.fault(name, _("This is not a phone number."))
        return digits

    def past(self, name: str) -> datetime | None:
        value = self.raw.get(name)
        if value in (None, ""):
            return None
        moment = value if isinstance(value, datetime) else self._moment(value)
        if moment is None:
            self.fault(name, _("Write date and time as 2026-11-21T09:30:00+08:00."))
        elif moment > self.at:
            self.fault(name, _("This moment lies in the future."), "in_the_future")
        return moment

    @staticmethod
    def _moment(value) -> datetime | None:
        try:
            moment = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            return None
        if moment is None or moment.year not in YEARS:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=clock.ZONE)

    def number(self, name: str, low: float, high: float, value) -> float | None:
        try:
            number = float(value) if not isinstance(value, bool) else math.nan
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not low <= number <= high:
            self.fault(name, _("This must be a number from %(low)s to %(high)s.") % {"low": low, "high": high})
            return None
        return number

    def fix(self) -> dict | None:
        value = self.raw.get("fix")
        if value in (None, ""):
            return None
        if not isinstance(value, Mapping) or not {"lon", "lat"} <= set(value) <= {"lon", "lat", "accuracy"}:
            self.fault("fix", _("A fix has lon, lat and accuracy."))
            return None
        fix = {"lon": self.number("fix", -180, 180, value["lon"]), "lat": self.number("fix", -90, 90, value["lat"])}
        if value.get("accuracy") not in (None, ""):
            fix["accuracy"] = self.number("fix", 0, 1_000_000, value["accuracy"])
        return fix

    def place(self, *, locating: bool) -> tuple[Place | None, float | None, float | None]:
        """The grid, by point or by code, never both."""
        code = self.raw.get("area")
        has_area = code not in (None, "")
        has_point = self.raw.get("lon") not in (None, "") or self.raw.get("lat") not in (None, "")
        if has_area == has_point:
            words = (
                _("Give either a point or a grid, not both.") if has_area else _("Say where it is: a point or a grid.")
            )
            self.fault("area", words, "place_required" if not has_area else "place_twice")
            return None, None, None
        if has_area:
            return self._grid(code), None, None
        lon, lat = self.number("lon", -180, 180, self.raw.get("lon")), self.number("lat", -90, 90, self.raw.get("lat"))
        if lon is None or lat is None or not locating:
            return None, lon, lat
        found = locate.grid_at(lon, lat, on=clock.date_of(self.at))
        if found is None:
            message = _("This point lies outside all grids. Move it, or choose the grid from the list.")
            raise Invalid("outside_all_grids", message, errors={"lon": [message]})
        return found, lon, lat

    def _grid(self, code) -> Place | None:
        place = find(code) if isinstance(code, str) else None
        if place is None:
            self.fault("area", _("There is no grid with this code."), "unknown_area")
        elif place.level not in (Level.GRID, Level.MICRO):
            self.fault(
                "area", _("“%(name)s” is not a grid. Choose a grid inside it.") % {"name": place.name}, "not_a_grid"
            )
        elif (heir := self._heir(place)) is None:
            self.fault("area", _("This grid has been retired. Choose the grid that took its place."), "retired_area")
        else:
            return heir
        return None

    def _heir(self, place: Place) -> Place | None:
        """The grid, or the one that took its place: written on the way, before the grid was divided or merged."""
        fix = self.raw.get("fix")
        lon, lat = (fix.get("lon"), fix.get("lat")) if isinstance(fix, Mapping) else (None, None)
        point = isinstance(lon, float) and isinstance(lat, float)
        return succession.heir_at(place, lon if point else None, lat if point else None, clock.date_of(self.at))
