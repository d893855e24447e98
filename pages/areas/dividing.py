"""Split an area or merge neighbours: draw or choose, name the parts, see every effect, confirm."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from shapely.geometry.base import BaseGeometry

from core import clock, wording
from core.errors import NotAllowedNow
from grids import cutting, geometry, outlines
from grids.levels import Level
from grids.models import Area
from pages import base, orders
from pages.areas import reach
from pages.areas.division_forms import CutForm, MergeForm, PartsForm, first_values
from pages.base import FORM_KEY, Done, once, page, submitted
from workorders import redividing
from workorders.commands import redividing as commands
from workorders.models import Redivision, WorkOrder

_MARKS = (FORM_KEY, "csrfmiddlewaretoken", "step")


def _divisible(request: HttpRequest, code: str) -> Area:
    """The grid or community; 404 out of reach and for other levels, a refusal for what is closed."""
    area = reach.area_of(reach.administered(request, code))
    if area.level not in redividing.LEVELS:
        raise Http404
    if area.ends is not None:
        message = _("%(name)s was closed on %(date)s and stays as it was.")
        raise NotAllowedNow("area_closed", message % {"name": area.name, "date": wording.day(area.ends)})
    return area


@page
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, code: str) -> HttpResponse:
    """One area into several: first the line, then the parts."""
    if answer := base.answered_before(request):  # a form sent twice: the area is closed by now
        return answer
    area = _divisible(request, code)
    whole = outlines.current([area]).get(area.pk)
    if request.POST.get("step") in ("look", "confirm"):
        return _parts(request, [area], whole)
    form = CutForm(request.POST or None, request.FILES or None, whole=whole)
    if submitted(request, form):
        return _begin(request, [area], whole, form.parts, form.line)
    context = {
        "frame": base.shell(request),
        "trail": reach.trail(area, _("Split")),
        "area": area,
        "form": form,
        "config": _config([area], whole, []),
        "back": reverse("areas:outline", args=[area.code]),
    }
    return render(request, "areas/cut.html", context)


@page
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """Neighbours into one: first who joins, then what it is called."""
    if answer := base.answered_before(request):
        return answer
    area, on = _divisible(request, code), clock.today()
    siblings = list(
        Area.objects.filter(parent=area.parent, level=area.level, ends=None, starts__lte=on)
        .exclude(pk=area.pk).order_by("code")
    )  # fmt: skip
    if request.POST.get("step") in ("look", "confirm"):
        wanted = set(request.POST.getlist("olds"))
        olds = [area, *(one for one in siblings if one.code in wanted)]
        return _parts(request, olds, outlines.union(olds))
    form = MergeForm(request.POST or None, siblings=siblings)
    if submitted(request, form):
        olds = [area, *(one for one in siblings if one.code in form.cleaned_data["olds"])]
        whole = outlines.union(olds)
        return _begin(request, olds, whole, [(whole, "")], None)
    context = {
        "frame": base.shell(request),
        "trail": reach.trail(area, _("Merge")),
        "area": area,
        "form": form,
        "siblings": siblings,
        "back": reverse("areas:outline", args=[area.code]),
    }
    return render(request, "areas/join.html", context)


def _children(olds: Sequence[Area]) -> list[Area]:
    today = clock.today()
    return list(
        Area.objects.filter(Q(ends=None) | Q(ends__gt=today), parent__in=olds).order_by("code").select_related("parent")
    )


def _form(request: HttpRequest, olds: Sequence[Area], count: int, **more: Any) -> PartsForm:
    posts = redividing.posts_on([one.pk for one in olds], clock.today())
    return PartsForm(olds=olds, count=count, posts=posts, children=_children(olds), **more)


def _begin(request, olds, whole, parts, line) -> HttpResponse:
    """The form of the parts for the first time."""
    suggested = redividing.suggested_codes(olds[0], len(parts))
    children = _children(olds)
    inside = outlines.current(children)
    form = _form(request, olds, len(parts), initial=first_values(olds, parts, suggested, children, inside))
    return _show(request, olds, whole, form)


def _parts(request: HttpRequest, olds: list[Area], whole: BaseGeometry | None) -> HttpResponse:
    """The form of the parts as it came: looked at, or confirmed."""
    count = request.POST.get("n", "")
    form = _form(request, olds, int(count) if count in ("1", "2", "3", "4", "5", "6") else 2, data=request.POST)
    effects = None
    if submitted(request, form):
        decided = form.decided()
        if request.POST["step"] == "confirm":

            def work() -> Done:
                plan = commands.redivide(olds, by=request.user, at=clock.now(), **decided)
                words = _("%(name)s is redivided.")
                if plan.state == Redivision.State.PLANNED:
                    words = _("%(name)s will be redivided on %(day)s. Until then it can be called off.")
                told = words % {"name": olds[0].name, "day": wording.day(plan.on)}
                return Done(reverse("areas:change", args=[plan.pk]), told)

            return once(request, work)
        commands.rehearse(olds, by=request.user, at=clock.now(), **decided)
        seen = WorkOrder.objects.visible_to(request.user, clock.today())
        found = redividing.effects(
            olds, decided["into"], rest=decided["rest"], posts=decided["posts"], on=decided["on"], seen=seen
        )
        effects = _told(request, olds, form, decided, found)
    return _show(request, olds, whole, form, effects)


def _show(request, olds, whole, form: PartsForm, effects: dict | None = None) -> HttpResponse:
    merging = form.count == 1
    shapes = form.shapes
    kept = [(name, value) for name in request.POST if name not in _MARKS for value in request.POST.getlist(name)]
    context = {
        "frame": base.shell(request),
        "trail": reach.trail(olds[0], _("Merge") if merging else _("Split")),
        "area": olds[0],
        "olds": olds,
        "merging": merging,
        "form": form,
        "coverage": _coverage(whole, shapes, form) if whole is not None and shapes else None,
        "apart": merging and whole is not None and whole.geom_type == "MultiPolygon",
        "effects": effects,
        "kept": kept if effects else [],
        "config": _config(olds, whole, shapes),
        "again": request.path,
    }
    return render(request, "areas/divide.html", context)


def _coverage(whole: BaseGeometry, shapes: list[BaseGeometry], form: PartsForm) -> dict:
    """The parts against the old outline, in m² and per cent."""
    found = cutting.coverage(whole, shapes)

    def figure(square_metres: float) -> str:
        return f"{reach.square(square_metres)} ({found.share(square_metres):.2%})"

    return {
        "whole": reach.square(found.whole),
        "parts": [
            {"number": at + 1, "name": form[f"part{at}_name"].value(), "size": figure(size)}
            for at, size in enumerate(found.parts)
        ],
        "gap": figure(found.gap),
        "beyond": figure(found.beyond),
        "shared": figure(sum(size for _one, _two, size in found.shared)),
        "fits": found.fits,
    }


def _told(request: HttpRequest, olds, form: PartsForm, decided: dict, found: redividing.Effects) -> dict:
    """The effects in the words of the page."""
    names = {one.code: one.name for one in decided["into"]}
    return {
        "day": wording.day(decided["on"]),
        "today": decided["on"] <= clock.today(),
        "parts": [
            {"name": one.name, "code": one.code, "orders": found.per_part.get(one.code, 0)} for one in decided["into"]
        ],
        "orders": [
            {
                "number": one.number, "url": orders.order_url(request, one.number), "title": one.title,
                "status": one.status, "to": names[one.to], "by_point": one.by_point, "due_at": one.due_at,
            }
            for one in found.orders
        ],
        "total": found.total,
        "by_point": found.by_point,
        "more": found.total - len(found.orders),
        "timers": found.timers,
        "closed": found.closed,
        "posts": [
            {"who": form.fields[f"post_{post.pk}"].label,
             "to": _(", ").join(names[code] for code in decided["posts"][post.pk])}
            for post in form.posts
        ],
        "children": [
            {"name": child.name, "to": next((one.name for one in decided["into"] if child.code in one.children), "")}
            for child in form.children
        ] if form.count > 1 else [],
        "spots": [{"name": name, "to": names[code], "by_point": by_point} for name, code, by_point in found.spots],
        "routes": [
            {"category": one.category.label if one.category else _("all categories"), "unit": one.unit.name}
            for one in found.routes
        ],
        "units": _(", ").join(one.name for one in found.units),
        "unstaffed": _(", ").join(names[code] for code in found.unstaffed),
    }  # fmt: skip


def _config(olds: Sequence[Area], whole: BaseGeometry | None, parts: list[BaseGeometry]) -> dict:
    """What the drawing script needs."""
    return {
        "whole": geometry.write(whole) if whole is not None else None,
        "parts": [geometry.write(one) for one in parts],
        "around": reach.around(olds[0]) if olds[0].level != Level.MICRO else "",
        "ids": [one.pk for one in olds],
        "words": {"count": _("%(count)s points"), "part": _("Part %(number)s")},
    }
