"""The rooms of the assessment side by side, for the people who work in them."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from assessment.commands.adjusting import waiting_ids
from assessment.vocabulary import AppealState
from grids.levels import Level
from pages.assessment import reach

WAITING = (AppealState.OPEN, AppealState.SECOND)


def rooms(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """The tabs above an assessor's pages, with what waits in each; nobody else has them. current: an address's name."""
    areas = reach.assessed(request)
    if not areas:
        return []
    over_city = request.user.is_superuser or any(one.level == Level.CITY for one in areas)
    counts = {
        "adjustments": len(waiting_ids(reach.adjustments(request))),
        "appeals": reach.appeals(request).filter(state__in=WAITING).order_by().count(),
        "follow_ups": len(reach.follow_ups(request)),
    }
    labels = {
        "index": _("Months"),
        "spans": _("Quarters and years"),
        **({"districts": _("Districts")} if over_city else {}),
        "appeals": _("Appeals"),
        "follow_ups": _("Follow-ups"),
        "adjustments": _("Items by hand"),
        "records": _("Records"),
        "schemes": _("Schemes"),
    }
    return [
        {
            "label": label,
            "url": reverse(f"assessment:{name}"),
            "count": counts.get(name) or None,
            "current": name == current,
        }
        for name, label in labels.items()
    ]
