"""The signs of trouble as people read them: how many, of which orders, and why. `figures.signs` finds them."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workorders.figures.reading import Scope
from workorders.models import Risk


def in_scopes(scopes: Iterable[Scope]) -> Q:
    """The risks of what these scopes contain."""
    found = Q(pk__in=())
    for scope in scopes:
        one = Q(places__contains=[scope.area_id])
        found |= one & Q(unit_id=scope.unit_id) if scope.unit_id else one
    return found


def counts(scopes: Iterable[Scope]) -> dict[str, int]:
    """How many risks of each kind there are; no order is read."""
    rows = Risk.objects.filter(in_scopes(scopes)).order_by().values("kind").annotate(count=Count("pk"))
    return {row["kind"]: row["count"] for row in rows}


def why(risk: Risk, order, at: dt.datetime) -> str:
    """One risk of an order in a sentence."""
    return _WHY[risk.kind](risk, order, at)


def _overdue(risk, order, at):
    late = at - order.due_at if order.due_at else dt.timedelta()
    return _("Overdue by %(time)s.") % {"time": _span(late)}


def _span(time: dt.timedelta) -> str:
    """A time in its largest unit, two of them where the smaller one still counts."""
    minutes = max(1, int(time.total_seconds()) // 60)
    if minutes < 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d day", "%(count)d days", hours // 24) % {"count": hours // 24}


def _returned(risk, order, at):
    words = ngettext("Units returned it %(count)d time.", "Units returned it %(count)d times.", order.returns)
    return words % {"count": order.returns}


def _disputed(risk, order, at):
    return _("A unit returned it and nobody has it now.")


def _reworked(risk, order, at):
    return _("Sent back to handling %(count)d times.") % {"count": order.reworks}


def _unhappy(risk, order, at):
    if order.reopen_requested_at:
        return _("The reporter asks to take it up again.")
    if order.resolved is False:
        return _("Said to be handled; the reporter says it is not solved.")
    return _("Said to be handled; the reporter gave %(grade)d of 5.") % {"grade": order.satisfaction or 0}


def _rushed(risk, order, at):
    return _("Answered %(seconds)d seconds after it was dispatched.") % risk.data


def _photo(risk, order, at):
    return _("Nearly the same photo as with order %(number)s.") % risk.data


def _far(risk, order, at):
    words = {
        "photo": _("A photo was taken %(metres)d m from the place reported."),
        "arrival": _("The unit signed in %(metres)d m from the place reported."),
        "phone": _("The phone was %(metres)d m from the place reported."),
    }
    return words[risk.data["what"]] % {"metres": risk.data["metres"]}


def _own(risk, order, at):
    return (
        _("The officer closed %(own)d of %(reports)d own reports alone in 30 days; %(sampled)d were looked at.")
        % risk.data
    )


K = Risk.Kind
_WHY = {
    K.OVERDUE: _overdue,
    K.RETURNED: _returned,
    K.UNHAPPY: _unhappy,
    K.RUSHED: _rushed,
    K.PHOTO: _photo,
    K.FAR: _far,
    K.OWN: _own,
    K.DISPUTED: _disputed,
    K.REWORKED: _reworked,
}

# As inspectors read them: what burns first.
ORDER = (K.OVERDUE, K.RETURNED, K.UNHAPPY, K.RUSHED, K.PHOTO, K.FAR, K.OWN, K.DISPUTED, K.REWORKED)
