"""Write what happened to an area, in the transaction that does it and under the tree lock."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from core import clock
from core.events import GENESIS

from .models import Area, AreaEvent

Kind = AreaEvent.Kind


def record(kind: Kind, area: Area | None, *, by: AbstractBaseUser | None, **data: Any) -> AreaEvent:
    """Add one event to the area's chain (None: to the chain of imports). The tree lock keeps chains single file."""
    last = AreaEvent.objects.filter(area=area).order_by("-sequence").values_list("hash", "sequence").first()
    previous_hash, sequence = last or (GENESIS, 0)
    event = AreaEvent(
        kind=kind,
        # The moment of the decision is that of writing it down; the day it takes effect stands in `data`.
        at=clock.now(),
        area=area,
        area_name=area.name if area is not None else "",
        actor=by,
        actor_name="" if by is None else str(by)[:80],
        data=data,
    ).seal(previous_hash, sequence + 1)
    event.save()
    return event
