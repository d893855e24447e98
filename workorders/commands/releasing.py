"""What a resident sees of a photo: small, large, not at all, and which parts of it are made unrecognisable."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid, NotPermitted
from core.transactions import command
from personnel.jurisdiction import standing_of
from personnel.roles import Role
from workorders import copies
from workorders.entitlement import HandlingOfficer, LeadUnit, OnArea
from workorders.ledger import locked, record
from workorders.models import Attachment

# Those who speak with the reporter: whoever handles it, and the desks.
RELEASERS = (
    LeadUnit(),
    HandlingOfficer(),
    OnArea(Role.CLERK, Role.ACCEPTOR, Role.DISPATCHER, Role.REVIEWER, Role.DUTY_LEADER),
)


def releasing_role(order, *, standing) -> str | None:
    """In which role this person decides what residents see of the order's photos; None when it is not theirs."""
    return next((role for rule in RELEASERS if (role := rule.role_of(standing, order))), None)


@command
def release(photo: Attachment, *, by, at: datetime, shown: str, cells: Iterable[int] = ()) -> Attachment:
    """Decide what the resident sees of a photo; open or closed, the page lives on. Raises NotPermitted, Invalid."""
    order = locked(photo.order)
    role = releasing_role(order, standing=standing_of(by, on=clock.date_of(at)))
    if role is None:
        raise NotPermitted(
            "releases_not", _("The unit that handles the order and the desks decide what residents see of its photos.")
        )
    cells = sorted(set(cells))
    if shown not in Attachment.Shown.values or any(not 0 <= cell < copies.RASTER for cell in cells):
        raise Invalid("bad_release", _("Choose how the photo is shown, and fields that are in it."))
    photo = Attachment.objects.select_for_update().get(pk=photo.pk)
    if (photo.shown, photo.masked_cells) == (shown, cells):
        return photo
    photo.shown, photo.masked_cells = shown, cells
    photo.save(update_fields=["shown", "masked_cells"])
    data = {"attachment": photo.pk, "shown": shown, "masked": len(cells)}
    record(order, "released", by=by, at=at, role=role, before=order.status, data=data)
    return photo
