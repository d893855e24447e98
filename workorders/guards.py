"""Limits of the trade that close a move at a certain moment (409). Each says why and what to do. Domain §4.3–4.4."""

from datetime import timedelta

from django.utils.translation import gettext as _

from core import wording
from core.errors import NotAllowedNow
from grids.levels import Level
from workorders import calendars, catalogue, deadlines
from workorders.vocabulary import ClockKind, Difficulty, Urgency

UPWARDS = {
    Level.MICRO: Level.GRID,
    Level.GRID: Level.COMMUNITY,
    Level.COMMUNITY: Level.STREET,
    Level.STREET: Level.DISTRICT,
    Level.DISTRICT: Level.CITY,
}


def _system(standing) -> bool:
    return standing is None


def category_is_self_handled(order, *, standing, at):
    """Y always, T within the officer's own time from the report, never otherwise."""
    category = catalogue.category(order.category_id) if order.category_id else None
    if category is None or category.self_rule == "N":
        raise NotAllowedNow(
            "not_self_handled", _("This kind of problem is not for the officer to handle. Leave it to the centre.")
        )
    if category.self_rule == "T":
        limit = deadlines.Limit.from_json(category.self_limit)
        if at >= deadlines.due_at(limit, order.reported_at, calendars.working_calendar()):
            raise NotAllowedNow(
                "self_handling_over",
                _("The officer's own time for this kind of problem is over. It goes on to the centre."),
            )


def can_wait_for_a_look(order, *, standing, at):
    """An emergency is not verified first."""
    if order.urgency == Urgency.EMERGENCY:
        raise NotAllowedNow(
            "verify_not_allowed", _("An emergency is not looked at first. Accept it and have it acted on.")
        )


def may_still_return(order, *, standing, at):
    """Within the return window of the dispatch, once per unit, twice per order, never an emergency or a forced one."""
    if order.forced or order.returns >= 2 or (order.lead_id and order.lead_id in order.returned_units):
        raise NotAllowedNow(
            "return_exhausted", _("This order cannot be returned any more. Handle it, or ask for more time.")
        )
    limit = deadlines.clock("return", order.urgency)
    if limit is None:
        raise NotAllowedNow("return_not_allowed", _("An emergency cannot be returned. Act on it first."))
    since = order.dispatched_at  # orders from an old system may not know it
    if since is None or at >= deadlines.due_at(limit, since, calendars.working_calendar()):
        raise NotAllowedNow(
            "return_too_late", _("The time for returning this order is over. Handle it, or ask for more time.")
        )


def may_ask_extension(order, *, standing, at):
    """Once (twice for difficult ones that are not urgent), before 80 % of the limit, no emergencies, one at a time."""
    if order.urgency == Urgency.EMERGENCY:
        raise NotAllowedNow("extension_not_allowed", _("An emergency gets no more time."))
    if order.extension_pending:
        raise NotAllowedNow("extension_pending", _("An extension is already waiting for a decision."))
    times = 2 if order.difficulty >= Difficulty.DIFFICULT and order.urgency == Urgency.NORMAL else 1
    if order.extensions_granted >= times:
        raise NotAllowedNow("extension_exhausted", _("This order has had its extension already."))
    if order.due_kind == ClockKind.HANDLE and order.amber_at and at >= order.amber_at:
        raise extension_too_late()


def extension_too_late() -> NotAllowedNow:
    """The refusal of a request that comes after four fifths of the limit."""
    return NotAllowedNow(
        "extension_too_late", _("More time must be asked for before four fifths of the limit have passed.")
    )


def waits_for_no_answer(order, *, standing, at):
    """Not while the clock stands still for an answer."""
    if order.asked_until is not None:
        raise NotAllowedNow(
            "waiting_for_answer", _("The clock stands still until the reporter answers. Ask for more time afterwards.")
        )


def may_ask_reporter(order, *, standing, at):
    """One question at a time, no emergencies, nothing else to be decided."""
    if order.urgency == Urgency.EMERGENCY:
        raise NotAllowedNow("ask_not_allowed", _("An emergency waits for no answer. Act on it, and phone if you must."))
    if standing is not None and standing.user.pk == order.reporter_id:
        raise NotAllowedNow("own_report", _("You reported this yourself: there is nobody else to ask."))
    if order.asked_until is not None:
        raise NotAllowedNow("asked_already", _("A question is already waiting for the reporter's answer."))
    if order.extension_pending:
        raise NotAllowedNow("extension_pending", _("An extension is already waiting for a decision."))


def is_asked(order, *, standing, at):
    """A question is open."""
    if order.asked_until is None:
        raise NotAllowedNow("nothing_asked", _("No question is open. Add a comment instead."))


def extension_is_pending(order, *, standing, at):
    """There is something to decide."""
    if not order.extension_pending:
        raise NotAllowedNow("no_extension_pending", _("No extension is waiting for a decision."))


def has_open_whistle(order, *, standing, at):
    """The unit was called; the command finds the call."""
    if not order.whistled_units:
        raise NotAllowedNow("no_whistle", _("Nobody has whistled for your unit."))


def has_level_above(order, *, standing, at):
    """The city is the last level."""
    if order.level == Level.CITY:
        raise NotAllowedNow("no_level_above", _("The order is with the highest level already."))


def somebody_handled_it(order, *, standing, at):
    """A reopened order goes back to whoever handled it."""
    if not order.lead_id and not order.officer_id:
        raise NotAllowedNow("nobody_handled_it", _("Nobody handled this order. Report it anew."))


def not_urged_just_now(order, *, standing, at):
    """By hand once in four working hours."""
    if _system(standing) or order.urged_at is None:
        return
    again = deadlines.due_at(deadlines.clock("urge", order.urgency), order.urged_at, calendars.working_calendar())
    if at < again:
        raise NotAllowedNow(
            "urged_recently",
            _("This order was urged not long ago. You can urge it again after %(moment)s.")
            % {"moment": wording.moment(again)},
            again_at=again.isoformat(),
        )


def has_card(order, *, standing, at):
    """There is a card to lift."""
    if not order.card:
        raise NotAllowedNow("no_card", _("This order carries no card."))


def was_returned(order, *, standing, at):
    """A binding decision is for orders that came back."""
    if order.returns < 1:
        raise NotAllowedNow(
            "not_disputed", _("A binding decision is for orders that were returned. Dispatch this one.")
        )


def within_void_time(order, *, standing, at):
    """The reporter may take it back for half an hour."""
    if at >= order.reported_at + timedelta(minutes=30):
        raise NotAllowedNow("void_too_late", _("An order can be voided for 30 minutes. Ask the centre to decline it."))
