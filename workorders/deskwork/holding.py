"""Steps of the desk that can be taken back: decided now, carried out ten seconds later by the worker.

Nothing has happened until then: no event, no clock, no notice, so taking a step back leaves no trace to repair. What
the decision needs is judged at once, in a transaction that is undone, so a refusal is told while the order is open.
"""

import datetime as dt
import json
from dataclasses import dataclass

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import clock, outbox
from core.errors import DomainError, NotAllowedNow, NotPermitted
from core.transactions import command, unit_of_work
from workorders import workflow
from workorders.commands import perform
from workorders.deskwork import live
from workorders.models import HeldMove, WorkOrder
from workorders.vocabulary import WorkState

HELD_FOR = dt.timedelta(seconds=10)
# Steps somebody else hears of and that end the order's stay at the desk.
HOLDABLE = frozenset({"dispatch", "decide", "merge", "decline", "supervise"})
TOPIC = "workorders.held"


def plain(given: dict) -> dict:
    """The inputs of a step as JSON keeps them; `workorders.inputs` reads them back."""
    return json.loads(json.dumps(given, cls=DjangoJSONEncoder))


class _TriedOut(Exception):
    """The step would be done; nothing of it is kept."""


def hold(name: str, order: WorkOrder, *, by, at: dt.datetime, given: dict) -> HeldMove:
    """Keep a step for ten seconds. Raises what the step itself would raise, and `held_already` (NotAllowedNow)."""
    refuse_held(order)
    given = plain(given)
    _try_out(name, order, by=by, at=at, given=given)
    with unit_of_work():
        try:
            with transaction.atomic():
                held = HeldMove.objects.create(order=order, move=name, given=given, by=by, at=at, due_at=at + HELD_FOR)
        except IntegrityError as error:
            raise held_already() from error
        row = outbox.add(TOPIC, held=held.pk)
        row.next_at = held.due_at
        row.save(update_fields=["next_at"])
        live.show_claim(order, by=by, at=at, free=[])
    return held


@command
def take_back(pk: int, *, by, at: dt.datetime) -> HeldMove:
    """Undo a held step. Raises NotAllowedNow when it has been carried out, NotPermitted when it is somebody else's."""
    held = HeldMove.objects.select_for_update().filter(pk=pk).first()
    if held is None or held.by_id != by.pk:
        raise NotPermitted("not_your_step", _("Only whoever decided on a step can take it back."))
    if held.state != WorkState.WAITING:
        raise NotAllowedNow(
            "step_was_done", _("It was carried out already and people have been told. Use the order's own steps now.")
        )
    held.state = WorkState.TAKEN_BACK
    held.save(update_fields=["state"])
    return held


@command
def carry_out(pk: int, *, at: dt.datetime) -> None:
    """Do a held step that was not taken back; a refusal is kept for whoever decided on it. Safe to run twice."""
    held = HeldMove.objects.select_for_update(of=("self",)).select_related("by", "order").get(pk=pk)
    if held.state != WorkState.WAITING:
        return
    # The decision counts from when it was made, unless something else happened in between.
    newest = held.order.events.order_by("-sequence").values_list("at", flat=True).first()
    moment = held.at if newest is None or newest <= held.at else at
    try:
        with transaction.atomic():
            perform(held.move, held.order, by=held.by, at=moment, given=held.given)
        held.state = WorkState.DONE
    except DomainError as refusal:
        held.state, held.reason = WorkState.REFUSED, str(refusal)
    held.save(update_fields=["state", "reason"])


def waiting_of(person) -> HeldMove | None:
    """The step this person decided on last and can still take back."""
    found = HeldMove.objects.filter(by=person, state=WorkState.WAITING, due_at__gt=clock.now())
    return found.select_related("order").defer(*_SECRET).order_by("-pk").first()


@dataclass(frozen=True)
class Own:
    """A step of one's own as every page of the desk shows it."""

    state: str
    reason: str
    due_at: dt.datetime
    number: str
    title: str


def own_of(person) -> tuple[Own | None, list[Own]]:
    """The step that can still be taken back, and what could not be carried out; one statement."""
    wanted = Q(state=WorkState.WAITING, due_at__gt=clock.now()) | Q(state=WorkState.REFUSED, seen=False)
    rows = HeldMove.objects.filter(wanted, by=person).order_by("-pk")
    rows = rows.values_list("state", "reason", "due_at", "order__number", "order__title")[:50]
    found = [Own(*row) for row in rows]
    waiting = next((one for one in found if one.state == WorkState.WAITING), None)
    return waiting, [one for one in reversed(found) if one.state == WorkState.REFUSED]


def seen(person) -> None:
    """Put what could not be carried out away."""
    HeldMove.objects.filter(by=person, state=WorkState.REFUSED, seen=False).update(seen=True)


def held_on(orders: list[int]) -> dict[int, HeldMove]:
    """{order id: the step held on it}; one statement."""
    found = HeldMove.objects.filter(order__in=orders, state=WorkState.WAITING).select_related("by")
    return {one.order_id: one for one in found}


def refuse_held(order: WorkOrder) -> None:
    """Raise NotAllowedNow while a step on the order waits to be carried out."""
    held = HeldMove.objects.filter(order=order, state=WorkState.WAITING).select_related("by").first()
    if held is not None:
        raise held_already(held)


def held_already(held: HeldMove | None = None) -> NotAllowedNow:
    """The refusal while a step of somebody's waits to be carried out."""
    if held is None:
        return NotAllowedNow("held_already", _("Somebody else has just decided on this order. Reload it."))
    words = {"name": held.by.name or held.by.username, "step": workflow.BY_NAME[held.move].label}
    return NotAllowedNow(
        "held_already",
        _("%(name)s has just decided on this order: %(step)s. Wait ten seconds, then reload it.") % words,
    )


_SECRET = ("order__reporter_name", "order__reporter_phone")


def _try_out(name: str, order: WorkOrder, *, by, at: dt.datetime, given: dict) -> None:
    with unit_of_work():
        try:
            with transaction.atomic():
                perform(name, order, by=by, at=at, given=given)
                raise _TriedOut
        except _TriedOut:
            pass
