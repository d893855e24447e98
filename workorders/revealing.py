"""The reporter's name and phone in clear: for those who have to speak with the reporter, with a purpose, logged."""

from datetime import datetime

from django.utils.translation import gettext as _

from core import clock, vault
from core.errors import Invalid, NotPermitted
from core.transactions import command
from personnel.jurisdiction import Standing, standing_of
from personnel.roles import Role
from workorders.entitlement import path_of
from workorders.models import WorkOrder

FIELDS = {"name": "reporter_name", "phone": "reporter_phone"}
ROLES = (Role.ACCEPTOR, Role.DISPATCHER, Role.REVIEWER)


def may_reveal(order: WorkOrder, *, standing: Standing) -> bool:
    """Whether this person may ask: acceptor, dispatcher, reviewer of the area, or somebody of the lead unit."""
    if standing.is_superuser:
        return False
    return bool(standing.holds(*ROLES, path=path_of(order)) or standing.in_unit(order.lead_id))


@command
def reveal(order: WorkOrder, *, by, at: datetime, field: str, purpose: str) -> str:
    """The value in clear, after it was noted who saw it and what for.

    Raises NotPermitted, Invalid (unknown field, no purpose), TooMany (30 an hour).
    """
    if not may_reveal(order, standing=standing_of(by, on=clock.date_of(at))):
        raise NotPermitted(
            "not_for_you",
            _("Only acceptors, dispatchers, reviewers and the lead unit may see who reported it."),
        )
    if field not in FIELDS:
        message = _("Choose name or phone.")
        raise Invalid("unknown_field", message, errors={"field": [message]})
    vault.log_reveal(by, kind="workorder", subject_id=order.pk, field=field, purpose=purpose, at=at)
    return getattr(order, FIELDS[field])
