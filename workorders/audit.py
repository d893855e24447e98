"""What check_orders verifies: each order's row against its events, its clocks against the limits, its chain of hashes.

The orders are read in batches, each with a fixed number of statements. A `Finding` names the order and what differs.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.events import digest, verify
from core.models import Outbox
from grids.directory import directory
from grids.levels import Level
from personnel.jurisdiction import units_directory
from workorders import calendars, catalogue, deadlines, workflow
from workorders.deadlines import Limit
from workorders.models import Assignment, Clock, Extension, Pause, WorkOrder, WorkOrderEvent
from workorders.replay import BLANK, replay
from workorders.vocabulary import FINAL, ClockKind, Status
from workorders.worktime import Calendar

BATCH = 2000
S, K = Status, ClockKind
_HANDLING = {K.CONTAIN, K.RESTORE, K.HANDLE}
# Status → clocks that must run, clocks that may, and whether those that may stand still.
CLOCKS_OF: dict[str, tuple[set, set]] = {
    S.REPORTED: ({K.ACCEPT}, set()),
    S.VERIFYING: ({K.ACCEPT}, {K.VERIFY}),
    S.FILED: ({K.DISPATCH}, _HANDLING),
    S.DISPATCHED: ({K.SIGN, K.HANDLE}, _HANDLING),
    S.HANDLING: ({K.HANDLE}, _HANDLING),
    S.SUSPENDED: ({K.HANDLE}, _HANDLING),
    S.FED_BACK: ({K.CHECK}, set()),
    S.REVISITING: ({K.REVISIT}, set()),
}
# Clocks that stand still in a status.
PAUSED_IN = {S.VERIFYING: {K.ACCEPT}, S.FILED: _HANDLING, S.SUSPENDED: _HANDLING}
_ASKED_STILL = {K.RESTORE, K.HANDLE}
_COPIES = (
    ("community_id", Level.COMMUNITY),
    ("street_id", Level.STREET),
    ("district_id", Level.DISTRICT),
    ("city_id", Level.CITY),
)
_SEALED = WorkOrderEvent.sealed_fields()
_ORDER_COLUMNS = (
    "id number status level area_id community_id street_id district_id city_id category_id urgency reported_at "
    "accepted_at dispatched_at signed_at fed_back_at checked_at closed_at due_at due_kind clock_paused next_timer_at "
    "timers card lead_id officer_id follow_officer_id verify_officer_id co_units whistled_units returned_units returns "
    "reworks reopens revisits urges urged_at extensions_granted extension_pending forced self_handled sampled "
    "suspended_until asked_until reopen_requested_at satisfaction resolved public_answer internal_result main__number "
    "main_id imported version last_hash"
).split()


@dataclass(frozen=True)
class Finding:
    """One difference. what: a column, `hash`, `clock handle` …; stored, derived: as they stand and as they should."""

    number: str
    what: str
    stored: Any = ""
    derived: Any = ""

    def __str__(self) -> str:
        if self.stored == self.derived == "":
            return f"{self.number}: {self.what}"
        return f"{self.number}: {self.what} is {self.stored!r}, should be {self.derived!r}"


class _Link:
    """An event as `core.events.verify` wants it, without a model instance."""

    __slots__ = ("values",)
    chain_field = "order_id"

    def __init__(self, values: dict):
        self.values = values

    def __getattr__(self, name):
        return self.values["id" if name == "pk" else name]

    def digest(self) -> str:
        return digest({name: self.values[name] for name in _SEALED})


def findings(orders=None, *, batch: int = BATCH) -> Iterator[Finding]:
    """Every difference among these orders (all, without an argument), in the order of their ids, then the outbox's."""
    orders = WorkOrder.objects.all() if orders is None else orders
    last = 0
    while rows := list(orders.order_by("pk").filter(pk__gt=last)[:batch].values(*_ORDER_COLUMNS)):
        last = rows[-1]["id"]
        yield from _batch(rows)
    yield from _outbox()


def _batch(rows: list[dict]) -> Iterator[Finding]:
    ids = [row["id"] for row in rows]
    numbers = {row["id"]: row["number"] for row in rows}
    events = defaultdict(list)
    told = WorkOrderEvent.objects.filter(order_id__in=ids).order_by("order_id", "sequence")
    links = [_Link(values) for values in told.values("id", "hash", *_SEALED)]
    for link in links:
        events[link.values["order_id"]].append(link.values)
    for problem in verify(links):
        yield Finding(numbers[problem.chain], f"event {problem.sequence}: {problem.what} does not fit")
    clocks, pauses, granted = _clocks(ids)
    parts = Assignment.objects.filter(order_id__in=ids).values_list("order_id", "reported_at")
    reported = {row["id"]: row["reported_at"] for row in rows}
    wrong_parts = {order_id for order_id, at in parts if at != reported[order_id]}
    mains = _mains(rows, events)
    calendar = calendars.working_calendar()
    for row in rows:
        number = row["number"]
        if row["id"] in wrong_parts:
            yield Finding(number, "an assignment's copy of reported_at")
        if not events[row["id"]]:
            yield Finding(number, "there are no events")
            continue
        yield from _columns(row, events[row["id"]], mains)
        yield from _transitions(number, events[row["id"]])
        yield from _places(row)
        yield from _running(row, clocks[row["id"]])
        for clock in clocks[row["id"]]:
            yield from _due(number, clock, pauses[clock["id"]], granted[row["id"]], calendar)


def _clocks(ids: list[int]):
    clocks, pauses, granted = defaultdict(list), defaultdict(list), defaultdict(list)
    for clock in Clock.objects.filter(order_id__in=ids).order_by("since", "pk").values():
        clocks[clock["order_id"]].append(clock)
    for clock_id, since, until in Pause.objects.filter(clock__order_id__in=ids).values_list(
        "clock_id", "since", "until"
    ):
        pauses[clock_id].append((since, until))
    rows = Extension.objects.filter(order_id__in=ids, state=Extension.State.GRANTED)
    for order_id, at, until in rows.values_list("order_id", "decided_at", "granted_until"):
        granted[order_id].append((at, until))
    return clocks, pauses, granted


def _mains(rows: list[dict], events) -> dict[str, str | None]:
    """{number of an order others were merged into: number of its own main order}."""
    merged = [event["data"].get("into") for row in rows for event in events[row["id"]] if event["kind"] == "merge"]
    if not merged:
        return {}
    return dict(WorkOrder.objects.filter(number__in=merged).values_list("number", "main__number"))


def _columns(row: dict, events: list[dict], mains: dict) -> Iterator[Finding]:
    number, derived = row["number"], replay(events)
    stored = _stored(row)
    for name in BLANK:
        if name == "into" or (name == "level" and derived["level"] is None):
            continue
        if stored[name] != derived[name]:
            yield Finding(number, name, stored[name], derived[name])
    into = derived["into"]
    if row["main__number"] not in ({into, mains.get(into)} if into else {None}):
        yield Finding(number, "main", row["main__number"], into)
    last = events[-1]
    if row["version"] != len(events):
        yield Finding(number, "version", row["version"], len(events))
    if row["last_hash"] != last["hash"]:
        yield Finding(number, "last_hash", row["last_hash"][:12], last["hash"][:12])


def _stored(row: dict) -> dict:
    """The order's columns in the words of its events: units and the category by their codes."""
    units = units_directory().by_id

    def codes(ids: Iterable[int]) -> tuple:
        return tuple(units[pk].code if pk in units else pk for pk in ids)

    category = catalogue.category(row["category_id"]).code if row["category_id"] else None
    return {
        **row,
        "category": category,
        "lead": codes([row["lead_id"]])[0] if row["lead_id"] else None,
        "co_units": codes(row["co_units"]),
        "whistled_units": frozenset(codes(row["whistled_units"])),
        "returned_units": codes(row["returned_units"]),
    }


def _transitions(number: str, events: list[dict]) -> Iterator[Finding]:
    """Each event begins where the one before it ended, on a row of the table of moves."""
    before = ""
    for event in events:
        place = f"event {event['sequence']} ({event['kind']})"
        if event["before"] != before:
            yield Finding(number, f"{place} begins", event["before"], before)
        move = workflow.BY_NAME.get(event["kind"])
        if move is not None and event["actor_role"] != "import":
            if event["before"] not in move.sources:
                yield Finding(number, f"{place} does not start from", event["before"])
            elif event["after"] != event["before"] and event["after"] not in move.targets:
                yield Finding(number, f"{place} does not lead to", event["after"])
        before = event["after"]


def _places(row: dict) -> Iterator[Finding]:
    place = directory().by_id.get(row["area_id"])
    if place is None:
        yield Finding(row["number"], "area", row["area_id"], None)
        return
    above = {one.level: one.id for one in directory().path(place.id)}
    for name, level in _COPIES:
        if row[name] != above.get(level):
            yield Finding(row["number"], name, row[name], above.get(level))


def _running(row: dict, clocks: list[dict]) -> Iterator[Finding]:
    """The clocks that run are those of the status, and the order shows the one that ends first."""
    number, status = row["number"], row["status"]
    running = [clock for clock in clocks if clock["stopped_at"] is None]
    must, may = CLOCKS_OF.get(status, (set(), set()))
    kinds = {clock["kind"] for clock in running}
    if not row["imported"] and not must <= kinds:
        yield Finding(number, f"no clock runs for {', '.join(sorted(must - kinds))}")
    if not kinds <= must | may:
        yield Finding(number, f"a clock runs for {', '.join(sorted(kinds - must - may))} though it is {status}")
    still = PAUSED_IN.get(status, set())
    for clock in running:
        paused, should = clock["paused_at"] is not None, clock["kind"] in still
        # While the reporter is asked, what was started before stands still and what is started meanwhile runs.
        asked = row["asked_until"] is not None and clock["kind"] in _ASKED_STILL
        if paused != should and not asked:
            yield Finding(number, f"clock {clock['kind']} stands still", paused, should)
    ticking = [clock for clock in running if clock["paused_at"] is None]
    present = min(ticking or running, key=lambda clock: (clock["due_at"], clock["kind"]), default=None)
    shown = {
        "due_at": present["due_at"] if present else None,
        "due_kind": present["kind"] if present else "",
        "clock_paused": bool(present) and not ticking,
        "next_timer_at": dt.datetime.fromisoformat(row["timers"][0][0]) if row["timers"] else None,
    }
    for name, value in shown.items():
        if row[name] != value:
            yield Finding(number, name, row[name], value)
    if status in FINAL and row["timers"]:
        yield Finding(number, "timers are left though it is final")


def _due(number: str, clock: dict, pauses: list, granted: list, calendar: Calendar) -> Iterator[Finding]:
    due = due_of(clock, pauses, granted, calendar)
    if abs(due - clock["due_at"]) >= dt.timedelta(seconds=1):
        # A year's holidays may have been entered after the clock was set.
        if due_of(clock, pauses, granted, _without_holidays(calendar)) != clock["due_at"]:
            yield Finding(number, f"due moment of clock {clock['kind']}", clock["due_at"], due)
    if clock["stopped_at"] is not None and clock["stopped_at"] < clock["since"]:
        yield Finding(number, f"clock {clock['kind']} stopped before it started")


def due_of(clock: dict, pauses: list, granted: list, calendar: Calendar) -> dt.datetime:
    """When a clock must be due: its limit from its start, moved by the stops it came out of and by extensions."""
    limit = Limit.from_json(clock["limit"])
    due = deadlines.due_at(limit, clock["since"], calendar)
    changes = [(since, "pause", until) for since, until in pauses]
    if clock["kind"] == K.HANDLE:
        since, end = clock["since"], clock["stopped_at"]
        changes += [(at, "extension", until) for at, until in granted if since <= at and (end is None or at <= end)]
    changes.sort(key=lambda change: change[0])
    if clock["paused_at"] is not None:  # it stands still, or was stopped while it did
        changes = [change for change in changes if change[1] != "pause" or change[0] != clock["paused_at"]]
    for at, what, until in changes:
        due = until if what == "extension" else deadlines.resume(due, at, until, limit, calendar)
    return due


def _without_holidays(calendar: Calendar) -> Calendar:
    return Calendar(days={}, years_known=frozenset())


def _outbox() -> Iterator[Finding]:
    """Nothing was given up, and nothing is to be told of an event that is not there."""
    for pk, topic in Outbox.objects.filter(dead=True).order_by("pk").values_list("pk", "topic"):
        yield Finding("outbox", f"row {pk} ({topic}) was given up")
    waiting = Outbox.objects.filter(done_at=None, dead=False, topic__startswith="workorders.")
    wanted = {
        (payload["order"], payload["sequence"]): pk
        for pk, payload in waiting.values_list("pk", "payload")
        if "sequence" in payload
    }
    events = WorkOrderEvent.objects.filter(order__in={order for order, _sequence in wanted})
    known = set(events.values_list("order_id", "sequence"))
    for event in sorted(set(wanted) - known):
        yield Finding("outbox", f"row {wanted[event]} tells of an event that is not there")
