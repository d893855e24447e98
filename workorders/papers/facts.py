"""The facts of an order as boxes and tables, shared by its papers. People who reported stay masked."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import wording
from core.papers.paper import Column, Field, Table
from grids.directory import directory
from personnel.jurisdiction import units_directory
from workorders import catalogue, sentences
from workorders.models import Clock, WorkOrder, WorkOrderEvent
from workorders.vocabulary import Source, Status, Urgency


def place_of(order: WorkOrder) -> str:
    """The way down to the grid, and the address."""
    names = " · ".join(place.name for place in directory().path(order.area_id)[1:])
    return _("%(area)s, %(address)s") % {"area": names, "address": order.address} if order.address else names


def lead_of(order: WorkOrder) -> str:
    """Who has it: the unit, else the officer who handles it himself."""
    unit = units_directory().by_id.get(order.lead_id)
    return unit.name if unit else order.officer.name if order.officer_id else ""


def co_handlers_of(order: WorkOrder) -> str:
    """The units that help, by name."""
    known = units_directory().by_id
    return _(", ").join(known[pk].name for pk in order.co_units if pk in known)


def boxes(order: WorkOrder, *, due: dt.datetime | None = None) -> tuple[Field, ...]:
    """What it is, where and how it stands. due: what counts for the paper instead of the present step's due time."""
    category = catalogue.category(order.category_id).label if order.category_id else ""
    return (
        Field(pgettext("order", "Number"), order.number),
        Field(_("Status"), str(Status(order.status).label)),
        Field(_("Category"), category),
        Field(_("Urgency"), str(Urgency(order.urgency).label)),
        Field(_("Source"), str(Source(order.source).label)),
        Field(_("Reported at"), order.reported_at),
        Field(_("Where"), place_of(order), wide=True),
        Field(_("What is reported"), order.description, wide=True, lines=3),
        Field(_("Lead"), lead_of(order)),
        Field(_("Due"), due or order.due_at),
        Field(_("Co-handlers"), co_handlers_of(order), wide=True),
    )


def history(events: Iterable[WorkOrderEvent]) -> Table:
    """Every event: when, what, who, what it says."""
    rows = [
        (
            event.at,
            sentences.kind_label(event.kind),
            event.actor_name or (_("The reporter") if event.actor_role == "reporter" else _("By rule")),
            "\n".join(sentences.event_details(event)),
        )
        for event in events
    ]
    columns = (
        Column(pgettext("record", "When"), 2.2),
        Column(pgettext("record", "What"), 1.8),
        Column(pgettext("record", "Who"), 1.4),
        Column(_("Details"), 4),
    )
    return Table(columns, tuple(rows))


def clocks(found: Sequence[Clock], at: dt.datetime) -> Table:
    """Every clock: what for, whose, since, due, stopped, how late."""
    known = units_directory().by_id
    rows = []
    for one in found:
        unit = known.get(one.unit_id)
        ended = one.stopped_at or at
        late = ended > one.due_at and not (one.paused_at and not one.stopped_at)
        rows.append(
            (
                str(one.get_kind_display()),
                unit.name if unit else None,
                one.since,
                one.due_at,
                one.stopped_at,
                _("late") if late else _("in time"),
            )
        )
    heads = (
        (_("Clock"), 1.2), (_("Unit"), 1.6), (_("Since"), 2), (_("Due"), 2), (_("Stopped"), 2), (_("Result"), 1),
    )  # fmt: skip
    return Table(tuple(Column(head, width) for head, width in heads), tuple(rows))


def issued(at: dt.datetime) -> str:
    """The line that says as of when a paper is."""
    return _("As of %(moment)s.") % {"moment": wording.moment(at)}
