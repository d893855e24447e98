"""What areas are filled by: each measure with its words, its figures from the one set of figures, and its classes."""

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from assessment import reading as assessment_reading
from core import clock
from grids import shapes
from pages.maps.places import Asked
from workorders import figures
from workorders.figures import Figures, reading

# Figures may be this old; the counts themselves follow within seconds.
KEPT = 10
BANDS = 4
# Up to which share of the areas, lightest first, the bands below the darkest reach.
PARTS = (0.4, 0.7, 0.9)
NOTHING = "-"

Value = int | Decimal | None


@dataclass(frozen=True)
class Measure:
    """One way to fill areas. low_first: the darker, the lower, for those where less is worse. live: as of now only."""

    name: str
    label: Any
    words: Callable[[Value], str]
    low_first: bool = False
    live: bool = False


def _count(value: Value) -> str:
    return str(value)


def _percent(value: Value) -> str:
    return f"{value * 100:.1f}%"


def _exact(value: Value) -> str:
    return f"{value:.2f}"


MEASURES = (
    Measure("open", _lazy("Open orders"), _count, live=True),
    Measure("overdue", _lazy("Overdue orders"), _count, live=True),
    Measure("reported", _lazy("Reported orders"), _count),
    Measure("per_1000_households", _lazy("Reported per 1,000 households"), _exact),
    Measure("on_time_share", _lazy("Handled on time"), _percent, low_first=True),
    Measure("satisfaction", _lazy("Satisfied reporters"), _percent, low_first=True),
    Measure("score", _lazy("Score of the last published month"), _exact, low_first=True),
)
BY_NAME = {measure.name: measure for measure in MEASURES}


def chosen(name: str, asked: Asked) -> Measure:
    """The measure asked for; what is open is known as of now only, so a past day shows what was reported on it."""
    measure = BY_NAME.get(name, MEASURES[0])
    return BY_NAME["reported"] if measure.live and asked.day is not None else measure


def of_areas(asked: Asked, ids: Iterable[int]) -> dict[int, Figures]:
    """The figures of areas for this reader: of everything in them, or of what the reader's own units lead."""
    ids, category = list(ids), asked.category and asked.category.pk
    if asked.owns_area:
        return reading.by_areas(ids, asked.period, category_id=category)
    found = {pk: Figures() for pk in ids}
    for unit_id in sorted(asked.standing.unit_ids):
        for pk, one in reading.by_areas(ids, asked.period, category_id=category, unit_id=unit_id).items():
            found[pk] += one
    return found


def values(asked: Asked, measure: Measure, level: str) -> dict[int, Value]:
    """{area id: value} of every area of the level below the place, nothing left out; kept for seconds."""
    scope = ("all",) if asked.owns_area else tuple(sorted(asked.standing.unit_ids))
    if measure.name == "score":
        scope = (asked.standing.user.pk,)
    key = f"map-values:{measure.name}:{level}:{asked.query()}:{'.'.join(map(str, scope))}:{clock.today()}"
    kept = cache.get(key)
    if kept is None:
        ids = [one.id for one in shapes.of_level(asked.place, level, clock.today())]
        if measure.name == "score":
            scores = assessment_reading.last_published(level, ids, user=asked.standing.user, on=asked.standing.on)
            kept = {pk: scores[pk].score if pk in scores else None for pk in ids}
        else:
            if cutoff() is None:  # before the first count nothing is known; that is not the same as none
                return dict.fromkeys(ids)
            kept = {pk: getattr(one, measure.name) for pk, one in of_areas(asked, ids).items()}
        cache.set(key, kept, timeout=KEPT)
    return kept


@dataclass(frozen=True)
class Classes:
    """The upper ends of the bands, lowest first, worked out from all areas of the level."""

    measure: Measure
    ends: tuple[Value, ...]

    def of(self, value: Value) -> str:
        """ "-" nothing known, "0" none, else "1" to "4", the darker the more one should look."""
        if value is None:
            return NOTHING
        if value == 0 and not self.measure.low_first:
            return "0"
        above = sum(1 for end in self.ends if value > end)
        if self.measure.low_first:
            return str(max(BANDS - above, 1))
        return str(min(BANDS - len(self.ends) + above + 1, BANDS))

    def legend(self, found: Iterable[Value]) -> list[tuple[str, str]]:
        """(class, words) of the classes that occur, the darkest first."""
        groups: dict[str, list[Value]] = {}
        for value in found:
            groups.setdefault(self.of(value), []).append(value)
        lines = []
        for name in ("4", "3", "2", "1", "0", NOTHING):
            inside = groups.get(name)
            if inside:
                lines.append((name, self._words(name, inside)))
        return lines

    def _words(self, name: str, inside: list[Value]) -> str:
        if name == NOTHING:
            return _("nothing known")
        if name == "0":
            return _("none")
        low, high = self.measure.words(min(inside)), self.measure.words(max(inside))
        return low if low == high else f"{low}–{high}"


def classes(measure: Measure, found: Iterable[Value]) -> Classes:
    """Bands by rank among the areas that have something, so that the tenth to look at first stands out."""
    real = sorted(one for one in found if one is not None and (one or measure.low_first))
    if not real:
        return Classes(measure, ())
    parts = [1 - part for part in reversed(PARTS)] + [1] if measure.low_first else [*PARTS, 1]
    at = [real[max(math.ceil(len(real) * part) - 1, 0)] for part in parts]
    return Classes(measure, tuple(sorted(set(at))))


def cutoff() -> dt.datetime | None:
    """Up to when orders are counted."""
    return figures.as_of()
