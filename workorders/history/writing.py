"""History as orders: the known moments become events, the row is marked `imported`, and nobody is told."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from core import clock
from core.transactions import be_patient, unit_of_work
from grids.directory import directory
from grids.levels import Level
from personnel.jurisdiction import units_directory
from personnel.models import Post
from personnel.roles import Role
from workorders import catalogue, figures
from workorders.deadlines import MOST, Limit
from workorders.history.mapping import Mapping
from workorders.history.rows import Fault, Judge, Record
from workorders.history.table import rows
from workorders.models import WorkOrder
from workorders.replay import kept_moments
from workorders.simulation import loading
from workorders.simulation.life import Life
from workorders.simulation.ticking import Ticking
from workorders.vocabulary import FINAL, Status

S = Status
BATCH = 2000
IMPORT = "import"
# The last step of orders that ended otherwise than by being closed.
_ENDS = {S.CLOSED: "close", S.DECLINED: "decline", S.MERGED: "merge", S.VOIDED: "void"}
_BELOW = (Level.GRID, Level.MICRO)


@dataclass
class Report:
    """What an import did, or would do."""

    new: int = 0
    existing: int = 0
    bad: int = 0
    faults: list[Fault] = field(default_factory=list)
    without_unit: int = 0

    def summary(self) -> str:
        """The counts in a sentence."""
        return _("%(new)d new, %(existing)d already there, %(bad)d bad.") % vars(self)

    def told(self) -> Iterator[str]:
        """What is wrong, row by row; then what to know of those that came over."""
        for fault in self.faults:
            yield _("Line %(line)d, column %(column)s: %(reason)s") % vars(fault)
        if self.without_unit:
            yield _(
                "%(count)d orders are being handled by no unit: name it in the column `lead`, or bring them over as "
                "filed."
            ) % {"count": self.without_unit}


def import_orders(file: Path | str, mapping: Mapping, *, now: dt.datetime, dry_run: bool = False) -> Report:
    """Bring a file's rows over. Good rows are written in one transaction, bad ones told. Raises Invalid `bad_file`."""
    report, judge = Report(), Judge(mapping, now=now)
    seen: dict[tuple[str, str], int] = {}
    lines = rows(Path(file), mapping)
    with unit_of_work():
        be_patient()
        world = World(now)
        while batch := list(islice(lines, BATCH)):
            good = list(_good(batch, judge, seen, report))
            known = known_of(good)
            new = [record for record in good if (record.source, record.external_id) not in known]
            report.existing += len(good) - len(new)
            report.new += len(new)
            report.without_unit += sum(
                record.lead is None and record.status in (S.DISPATCHED, S.HANDLING) for record in new
            )
            if new and not dry_run:
                bring(new, world, now=now)
    if report.new and not dry_run:  # so that boards show them before anybody looks
        figures.count_everything(now)
    return report


def _good(batch, judge: Judge, seen: dict, report: Report) -> Iterator[Record]:
    for line, cells in batch:
        record, faults = judge.read(line, cells)
        if record is not None:
            key = (record.source, record.external_id)
            if key in seen:
                words = _("The number %(id)s stands already in line %(line)d.")
                reason = words % {"id": record.external_id, "line": seen[key]}
                faults = [Fault(line, judge.mapping.columns["external_id"], reason)]
            else:
                seen[key] = line
        if faults:
            report.bad += 1
            report.faults += faults
        else:
            yield record


def known_of(records: list[Record]) -> set[tuple[str, str]]:
    """Which of them are there already."""
    ids = [record.external_id for record in records]
    stored = WorkOrder.objects.filter(source__in={record.source for record in records}, external_id__in=ids)
    return set(stored.values_list("source", "external_id"))


class World:
    """What a life asks for that starts no clock and is told by nobody."""

    def __init__(self, now: dt.datetime):
        self.calendar = None
        self.on = clock.date_of(now)
        posts = Post.objects.on(self.on).filter(role=Role.ACCEPTOR, area_id__isnull=False)
        self.staffed = set(posts.values_list("area_id", flat=True))

    def level(self, place) -> str:
        """The lowest level above the grid that has an acceptor today; the district where nobody accepts."""
        for one in reversed(directory().path(place.id)):
            if one.id in self.staffed and one.level not in _BELOW:
                return str(one.level)
        return Level.DISTRICT.value


def bring(records: list[Record], world: World, *, now: dt.datetime) -> list[int]:
    """Store records as orders with their events, inside the present transaction; returns the orders' ids."""
    ids = loading.reserve(WorkOrder, len(records))
    loading.store([_life(world, pk, one, now) for pk, one in zip(ids, records, strict=True)])
    return ids


def _life(world: World, pk: int, record: Record, now: dt.datetime) -> Life:
    life = Life(world, pk)
    order, moments = life.order, record.moments
    above = {place.level: place.id for place in directory().path(record.place.id)}
    reported = moments["reported_at"]
    order.__dict__.update(
        number=f"{clock.local(reported):%Y%m%d}{pk:06d}",
        level=world.level(record.place),
        area_id=record.place.id,
        community_id=above.get(Level.COMMUNITY),
        street_id=above.get(Level.STREET),
        district_id=above.get(Level.DISTRICT),
        city_id=above.get(Level.CITY),
        lon=record.lon,
        lat=record.lat,
        address=record.address,
        category=record.category,
        category_id=record.category.pk if record.category else None,
        reported_category_id=record.category.pk if record.category else None,
        title=record.title,
        description=record.description,
        source=record.source,
        external_id=record.external_id,
        urgency=record.urgency,
        difficulty=record.category.difficulty if record.category else 1,
        reported_at=reported,
        imported=True,
        satisfaction=record.satisfaction,
        resolved=record.resolved,
        lead_id=record.lead.id if record.lead else None,
    )
    life.area_name = record.place.name
    if record.category is not None and record.status not in FINAL:
        order.suggestion = _suggestion(record, world)
    _tell(life, record, now)
    for name in kept_moments(record.status):
        if name in moments:
            setattr(order, name, moments[name])
    _hand_out(life, record)
    return life


def _suggestion(record: Record, world: World) -> dict | None:
    unit_id = catalogue.routed_unit(record.category.pk, record.place.id, on=world.on)
    unit = units_directory().by_id.get(unit_id)
    return {"unit": unit.code, "name": unit.name, "reason": "routing"} if unit else None


def _tell(life: Life, record: Record, now: dt.datetime):
    """The known moments as events with their own times, then the event that says it was brought over."""
    moments = record.moments
    code = record.category.code if record.category else None
    unit = {"unit": record.lead.code, "unit_name": record.lead.name} if record.lead else {}
    steps = [
        ("report", "reported_at", S.REPORTED, {"source": record.source, "category": code, "urgency": record.urgency}),
        ("accept", "accepted_at", S.FILED, {"category": code, "urgency": record.urgency}),
        ("dispatch", "dispatched_at", S.DISPATCHED, unit),
        ("feedback", "fed_back_at", S.FED_BACK, {}),
    ]
    if record.status in _ENDS:
        steps.append((_ENDS[S(record.status)], "closed_at", record.status, {}))
    for kind, name, status, data in steps:
        if name in moments:
            _record(life, kind, moments[name], str(status), now, data)
    due = moments["due_at"].isoformat() if "due_at" in moments else None
    known = {"external_id": record.external_id, "satisfaction": record.satisfaction, "resolved": record.resolved}
    _record(life, "imported", now, record.status, now, {**unit, **known, "due_at": due})


def _record(life: Life, kind: str, at, status: str, now, data: dict):
    before, life.order.status = life.order.status if life.events else "", status
    life.record(kind, at, None, IMPORT, before, recorded_at=now, **data)


def _hand_out(life: Life, record: Record):
    """The unit that had it, so that its people read it, and its handling clock where it was due and is over."""
    moments, handled = record.moments, record.status not in (S.REPORTED, S.FILED, S.DISPATCHED, S.HANDLING, S.SUSPENDED)
    done = (moments.get("fed_back_at") or moments.get("closed_at")) if handled else None
    since = moments.get("dispatched_at") or moments.get("accepted_at") or moments["reported_at"]
    if record.lead is not None and record.status != S.REPORTED:
        over = {"ended_at": done or since, "outcome": "done"} if handled else {}
        life._give("lead", since, unit=record.lead.id, **over)
    due = moments.get("due_at")
    if done is None or due is None or record.status in (S.DECLINED, S.MERGED, S.VOIDED):
        return
    minutes = (due - since).total_seconds() / 60
    if 0 < minutes <= MOST["min"]:
        limit = Limit(minutes, "min")
        one = Ticking("handle", limit, limit, 0, since, due, False, record.lead.id if record.lead else None)
        one.stopped_at = done
        life.clocks.clocks.append(one)
