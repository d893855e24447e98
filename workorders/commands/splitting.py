"""A report that tells of several things becomes several orders; the origin keeps the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import command
from grids.directory import directory
from personnel.jurisdiction import standing_of
from personnel.roles import Role
from workorders import ledger
from workorders.commands.reporting import report
from workorders.entitlement import OnArea
from workorders.intake import Intake, made_title
from workorders.models import Category, OrderPart, WorkOrder
from workorders.vocabulary import Status

MOST = 10
SPLITTERS = OnArea(Role.ACCEPTOR, Role.DISPATCHER)
# As long as nobody has begun to act on it.
OPEN_TO_SPLIT = (Status.REPORTED, Status.FILED)


@dataclass(frozen=True)
class Share:
    """What one part is about."""

    description: str
    category: Category | None = None


def may_split(order: WorkOrder, standing) -> bool:
    """Whether this person may split the order as it stands."""
    return order.status in OPEN_TO_SPLIT and SPLITTERS.role_of(standing, order) is not None


@command
def split(order: WorkOrder, *, by, at: datetime, shares: Sequence[Share]) -> list[WorkOrder]:
    """Make an order of each share, at the same place and of the same reporter; each is accepted for itself.

    Raises NotPermitted, NotAllowedNow (somebody acts on it, it is a part itself), Invalid (none or too many).
    """
    order = ledger.locked(order)
    role = SPLITTERS.role_of(standing_of(by, on=clock.date_of(at)), order)
    if role is None:
        raise NotPermitted("not_your_move", _("Your role does not allow this step on this order."))
    if order.status not in OPEN_TO_SPLIT:
        raise NotAllowedNow("split_too_late", _("Somebody acts on this order already. Report the other matter anew."))
    if OrderPart.objects.filter(part=order).exists():
        raise NotAllowedNow("is_a_part", _("This order is a part itself. Split the order it came from."))
    earlier = OrderPart.objects.filter(origin=order).count()
    if not shares or earlier + len(shares) > MOST:
        message = _("An order is split into one to %(most)d parts.") % {"most": MOST}
        raise Invalid("bad_parts", message, errors={"parts": [message]})
    made = [_part_of(order, share, by=by, at=at) for share in shares]
    OrderPart.objects.bulk_create([OrderPart(origin=order, part=one, at=at) for one in made])
    ledger.record(
        order, "split", by=by, at=at, role=role, before=order.status, data={"parts": [one.number for one in made]}
    )
    return made


def _part_of(order: WorkOrder, share: Share, *, by, at: datetime) -> WorkOrder:
    category = share.category or order.category
    part = report(
        Intake(
            description=share.description,
            title=made_title(share.description),
            category=category,
            place=directory().by_id[order.area_id],
            lon=order.lon,
            lat=order.lat,
            fix=None,
            address=order.address,
            urgency=order.urgency,
            source=order.source,
            occurred_at=order.occurred_at,
            reporter_name=order.reporter_name,
            reporter_phone=order.reporter_phone,
            external_id="",
            self_handled=False,
            result="",
        ),
        by=by,
        at=at,
    )
    # Whoever reported the whole reported the part.
    WorkOrder.objects.filter(pk=part.pk).update(reporter=order.reporter_id)
    return part
