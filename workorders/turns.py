"""Whose turn it is: what waits for a person, as a condition on orders. The same rules decide who is urged."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from grids.directory import directory
from personnel.jurisdiction import Standing
from personnel.roles import Role
from workorders.models import Assignment
from workorders.models.reach import area_condition
from workorders.vocabulary import FINAL, Status

S = Status
_OPEN = ~Q(status__in=sorted(FINAL))
FIELD = (Role.OFFICER, Role.PART_TIME_OFFICER)


def waiting_condition(standing: Standing) -> Q:
    """Orders whose next step belongs to this person (`mine=1`)."""
    me = standing.user.pk
    waiting = (
        Q(verify_officer_id=me, status=S.VERIFYING)
        | Q(officer_id=me, status__in=(S.DISPATCHED, S.HANDLING))
        | (Q(follow_officer_id=me) & _OPEN)
    )
    for post in standing.posts:
        if post.area_id is not None and post.role in _BY_ROLE and post.area_id in directory().by_id:
            level = directory().by_id[post.area_id].level
            waiting |= area_condition(post.area_id) & _BY_ROLE[post.role](level, me)
    if standing.unit_ids:
        units = sorted(standing.unit_ids)
        part = open_parts(standing).filter(order=OuterRef("pk"), arrived_at__isnull=True)
        waiting |= Q(lead_id__in=units, status__in=(S.DISPATCHED, S.HANDLING)) | (Q(Exists(part)) & _OPEN)
    return waiting


def open_parts(standing: Standing) -> QuerySet:
    """Parts as co-handler, and whistles, the reader's units have not reported on yet."""
    return Assignment.objects.filter(
        unit_id__in=sorted(standing.unit_ids),
        kind__in=(Assignment.Kind.CO, Assignment.Kind.WHISTLE),
        ended_at__isnull=True,
    )


def helping(standing: Standing) -> dict[int, str]:
    """{order id: the step that is next where the reader's units help}: sign in on the spot first, then report."""
    found: dict[int, str] = {}
    for part in open_parts(standing).order_by().only("order_id", "kind", "arrived_at"):
        if not part.may_be_reported or part.order_id not in found:
            found[part.order_id] = "co_feedback" if part.may_be_reported else "arrive"
    return found


def _clerk(level, me) -> Q:
    return (
        Q(status=S.FED_BACK, self_handled=True) & ~Q(officer_id=me)
        | Q(extension_pending=True, officer__isnull=False)
        | Q(extension_pending=True, lead__kind="CO")
    )


_BY_ROLE = {
    Role.ACCEPTOR: lambda level, me: Q(status=S.REPORTED, level=level),
    Role.DISPATCHER: lambda level, me: Q(status=S.FILED, level=level),
    Role.REVIEWER: lambda level, me: Q(status=S.REVISITING),
    Role.CLERK: _clerk,
    Role.INSTRUCTOR: lambda level, me: Q(status=S.FILED, returns__gte=1) | Q(extension_pending=True, lead__kind="ST"),
    Role.DUTY_LEADER: lambda level, me: (
        Q(status=S.SUSPENDED) | Q(extension_pending=True) | Q(reopen_requested_at__isnull=False, status=S.CLOSED)
    ),
    **{role: lambda level, me: Q(status=S.FED_BACK) & ~Q(officer_id=me) for role in FIELD},
}
