"""The four one-click powers, 一键派单、一键决策、一键督办、一键联动: one main button for exactly the holder."""

import datetime as dt
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _lazy

from core.errors import NotAllowedNow, NotPermitted
from personnel.jurisdiction import Standing
from personnel.roles import Role
from workorders import workflow
from workorders.models import WorkOrder

# move → the role it is the power of, and what the button then says.
POWERS: dict[str, tuple[str, Any]] = {
    "decide": (Role.INSTRUCTOR, _lazy("One-click decision")),
    "dispatch": (Role.CHIEF, _lazy("One-click dispatch")),
    "supervise": (Role.INSPECTOR, _lazy("One-click supervision")),
    "co_dispatch": (Role.MANAGER, _lazy("One-click linkage")),
}


def is_power(name: str, order: WorkOrder, standing: Standing, *, at: dt.datetime) -> bool:
    """Whether this person may do the move now, by the very post whose power it is."""
    if name not in POWERS:
        return False
    try:
        return workflow.check(name, order, standing=standing, at=at).role == POWERS[name][0]
    except (NotPermitted, NotAllowedNow):
        return False


def label(step, order: WorkOrder, standing: Standing, *, at: dt.datetime) -> str:
    """What a step (a move or its offer) is called for this person: by the power's name, else by its own."""
    return str(POWERS[step.name][1] if is_power(step.name, order, standing, at=at) else step.label)


def of(order: WorkOrder, standing: Standing, *, at: dt.datetime) -> str | None:
    """The move that is this person's own power on this order now; None where there is none."""
    return next((name for name in POWERS if is_power(name, order, standing, at=at)), None)


def named(offer, order: WorkOrder, standing: Standing, *, at: dt.datetime):
    """A step's button under the name of the power where it is one."""
    return replace(offer, label=label(offer, order, standing, at=at))


def written(offer, label: str, given: str):
    """The same step with inputs already written: `given` is the query of its form."""
    return replace(offer, label=str(label), url=f"{offer.url}?{given}")
