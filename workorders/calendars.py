"""The working calendar as this process knows it: the Holiday table, cached."""

from core.revisions import Cached
from workorders.models.category import Holiday
from workorders.worktime import Calendar


def _load() -> Calendar:
    return Calendar.of(Holiday.objects.values_list("date", "kind", "name"))


_calendar = Cached("calendar", _load)


def working_calendar() -> Calendar:
    """Days off and make-up workdays as the administrators entered them."""
    return _calendar.get()
