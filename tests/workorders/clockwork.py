"""A second, slow way to count working time, for comparing: it walks over every minute and knows no arithmetic.

It shares nothing with `workorders.worktime` but the calendar file: a day is a string of 1440 minutes, worked or not.
"""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
FILE = Path(__file__).resolve().parents[2] / "workorders" / "data" / "holidays.csv"

FIRST_YEAR, LAST_YEAR = 2004, 2028
_ORIGIN = datetime(FIRST_YEAR, 1, 1)
_OFF = bytes(1440)
_ON = bytes(1 if 510 <= minute < 720 or 840 <= minute < 1050 else 0 for minute in range(1440))


def rows():
    """(date, kind, name) of the calendar file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [(date.fromisoformat(row["date"]), row["kind"], row["name"]) for row in csv.DictReader(file)]


def at(text: str) -> datetime:
    """An aware moment in Shanghai from "2026-09-30 16:40"."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class Ribbon:
    """Every minute of the years, laid out in a row."""

    def __init__(self):
        off = {on for on, kind, _ in rows() if kind == "holiday"}
        worked = {on for on, kind, _ in rows() if kind == "makeup_workday"}
        self.days = []
        day = _ORIGIN.date()
        while day.year <= LAST_YEAR:
            self.days.append(day in worked or (day not in off and day.strftime("%a") not in ("Sat", "Sun")))
            day += timedelta(days=1)
        self.minutes = b"".join(_ON if on else _OFF for on in self.days)

    def _place(self, moment):
        past = moment.astimezone(SHANGHAI).replace(tzinfo=None) - _ORIGIN
        return past // timedelta(minutes=1), past % timedelta(minutes=1) // timedelta(seconds=1)

    def _moment(self, minute, second):
        return (_ORIGIN + timedelta(minutes=minute, seconds=second)).replace(tzinfo=SHANGHAI)

    def add(self, since, seconds):
        """Walk on from `since` until so many whole seconds were worked."""
        minute, second = self._place(since)
        while seconds > 0:
            if not self.minutes[minute]:
                minute, second = self.minutes.index(1, minute), 0
            step = min(seconds, 60 - second)
            seconds -= step
            second += step
            if second == 60 and seconds:
                minute, second = minute + 1, 0
        return self._moment(minute, second)

    def between(self, since, until):
        """Count the worked seconds from `since` to `until`."""
        if until <= since:
            return 0
        (minute, second), (last, rest) = self._place(since), self._place(until)
        if minute == last:
            return (rest - second) * self.minutes[minute]
        inside = self.minutes[minute + 1 : last].count(1) * 60
        return (60 - second) * self.minutes[minute] + inside + rest * self.minutes[last]

    def end_of_day(self, since, number):
        """17:30 of the number-th worked day after the day of `since`."""
        place = self._place(since)[0] // 1440
        while number:
            place += 1
            number -= self.days[place]
        return self._moment(place * 1440 + 1050, 0)

    def end_of_same_day(self, since):
        minute, _ = self._place(since)
        if self.days[minute // 1440] and minute % 1440 < 1050:
            return self._moment(minute // 1440 * 1440 + 1050, 0)
        return self.end_of_day(since, 1)
