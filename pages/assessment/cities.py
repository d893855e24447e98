"""The districts of a city beside each other, for whoever answers for the city."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessment import cities, periods
from core import clock
from core.errors import NotPermitted
from grids.directory import Place, directory
from grids.levels import Level
from pages import base
from pages.assessment import wording
from pages.assessment.rooms import rooms
from pages.base import page

PERIODS = 18


def of_reader(request: HttpRequest) -> list[Place]:
    """The cities the reader has a post over, by code; superusers all of them."""
    standing, known = base.standing(request), directory().by_id.values()
    own = standing.is_superuser, set(standing.area_ids)
    found = [one for one in known if one.level == Level.CITY and (own[0] or one.id in own[1])]
    return sorted(found, key=lambda one: one.code)


@page
@require_GET
def districts(request: HttpRequest) -> HttpResponse:
    """A published period of a city's districts: places, scores, how many grids stand behind each."""
    known = of_reader(request)
    if not known:
        raise NotPermitted()
    city = next((one for one in known if one.code == request.GET.get("city")), known[0])
    published = cities.published_periods(city, user=request.user, on=clock.today())[:PERIODS]
    period = chosen_period(request, published)
    found = cities.districts(period, city=city, user=request.user, on=clock.today()) if period else None
    context = {
        "trail": [(_("Assessment"), reverse("assessment:index")), (_("Districts"), None)],
        "rooms": rooms(request, "districts"),
        "shell": base.shell(request),
        "back": reverse("assessment:index"),
        "city": city,
        "words": wording.period_words(period) if period else "",
        "found": found,
        "rows": [_row(one) for one in found.rows] if found else [],
        "cities": [
            {"label": one.name, "url": f"?city={one.code}", "current": one == city} for one in known if len(known) > 1
        ],
        "periods": [
            {
                "label": wording.period_words(one),
                "url": f"?city={city.code}&period={one}",
                "current": one == period,
            }
            for one in published
        ],
    }
    return render(request, "assessment/districts.html", context)


def chosen_period(request: HttpRequest, published: list[str]) -> str | None:
    """The period asked for, else the newest one published. Raises Invalid for one that is none."""
    asked = request.GET.get("period")
    if asked:
        return periods.read(asked).text
    return published[0] if published else None


def _row(one: cities.DistrictRow) -> dict[str, Any]:
    return {
        "row": one,
        "grade": wording.grade_mark(one.score) if one.score else None,
        "score_url": reverse("assessment:score", args=[one.score.pk]) if one.score else "",
        "run_url": reverse("assessment:run", args=[one.score.run_id]) if one.score else "",
        "width": round(one.score.score) if one.score else 0,
    }
