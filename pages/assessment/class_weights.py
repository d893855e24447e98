"""How management and service share the weights in each street, where a scheme lets them follow the workload."""

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest

from assessment import class_shares, periods
from core import clock
from grids.directory import directory
from grids.levels import Level
from pages import base
from pages.assessment import wording
from personnel.jurisdiction import units_directory

# How the coming quarter stands changes slowly.
KEPT = 3600


def streets(request: HttpRequest) -> dict[str, Any]:
    """The streets of the reader's districts: the weight of class M in this quarter, and as it stands for the next."""
    known = directory()
    now = periods.month_at(clock.now()).quarter()
    coming = periods.month_of(now.end.year, now.end.month).quarter()
    rows = []
    for district in _districts(request):
        present, next_one = _weights(now, district), _weights(coming, district)
        below = [one for one in known.by_id.values() if one.level == Level.STREET and district in one.path]
        rows += [
            (one.name, present.get(one.id), next_one.get(one.id))
            for one in sorted(below, key=lambda one: one.code)
            if one.id in present or one.id in next_one
        ]
    words = wording.period_words
    return {"now": words(now.text), "coming": words(coming.text), "until": coming.since, "rows": rows}


def _districts(request: HttpRequest) -> list[int]:
    """The districts above or below what the reader has posts for; all for a superuser."""
    known, standing = directory(), base.standing(request)
    found = [one for one in known.by_id.values() if one.level == Level.DISTRICT]
    if not standing.is_superuser:
        units = units_directory().by_id
        own = standing.area_ids | {units[one].area_id for one in standing.unit_ids if one in units}
        above = {step for area in own if area in known.by_id for step in known.by_id[area].path}
        found = [one for one in found if one.id in above or own.intersection(one.path)]
    return [one.id for one in sorted(found, key=lambda one: one.code)]


def _weights(quarter: periods.Period, district: int) -> dict[int, str]:
    """The weight of class M by street, in words."""

    def look() -> dict[int, str]:
        found = class_shares.known(quarter, district) or class_shares.before(quarter, district)
        return {street: wording.percent(one.in_force / 10_000) for street, one in found.items()}

    return cache.get_or_set(f"class-weights:{quarter.text}:{district}", look, KEPT)
