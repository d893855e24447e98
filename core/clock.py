"""Local days and months, half-open. Only the doors and the tasks read the clock; the domain is told the time."""

import datetime as dt
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The present day in Shanghai."""
    return now().astimezone(ZONE).date()


def local(at: dt.datetime) -> dt.datetime:
    """The same moment on the clock of Shanghai. Refuses naive datetimes."""
    if at.tzinfo is None:
        raise ValueError("a naive datetime has no place here")
    return at.astimezone(ZONE)


def date_of(at: dt.datetime) -> dt.date:
    """The local day a moment falls on."""
    return local(at).date()


def day(on: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The local day as aware moments `(since, until)`, half-open."""
    return _midnight(on), _midnight(on + dt.timedelta(days=1))


def month(year: int, month_of_year: int) -> tuple[dt.datetime, dt.datetime]:
    """The local calendar month as aware moments `(since, until)`, half-open."""
    first = dt.date(year, month_of_year, 1)
    following = dt.date(year + month_of_year // 12, month_of_year % 12 + 1, 1)
    return _midnight(first), _midnight(following)


def _midnight(on: dt.date) -> dt.datetime:
    return dt.datetime.combine(on, dt.time(), tzinfo=ZONE)
