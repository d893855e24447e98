"""Why a score is what it is: every row that makes it up, and the very orders behind each figure."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessment import explaining, reading, use
from assessment.commands.appealing import appeals_until
from assessment.indicators import BY_CODE
from assessment.indicators.registry import HIGHER
from assessment.models import Appeal, Charge, Score
from assessment.vocabulary import NotRanked, RunStatus, ScoreLevel, Span
from core import clock
from pages import base
from pages.assessment import follow_ups, reach, runs, wording
from pages.base import page
from pages.orders import order_url
from workorders.models import WorkOrder

SIZE = 50
NOTHING = Decimal("0.00")
OF_ORDERS = ("order", "missed")
# Areas and units are ranked on their level; only grids and officers have peer groups people know by name.
GROUPED = (ScoreLevel.GRID, ScoreLevel.OFFICER)


def url_of(score: Score) -> str:
    """The page of a score."""
    return reverse("assessment:score", args=[score.pk])


def appeals_open(request: HttpRequest, score: Score) -> Any:
    """Until when the reader may contest this score; None when they may not."""
    run = score.run
    if run.status != RunStatus.PUBLISHED or reach.replaced(run) or not reach.is_own(request, score):
        return None
    # A quarter or year is made of months: what is wrong is contested there.
    if run.span != Span.MONTH:
        return None
    until = appeals_until(run)
    return until if clock.now() <= until else None


def trail_of(score: Score, *more: tuple) -> list[tuple]:
    """Assessment / month / this score / …"""
    own = url_of(score) if more else None
    return [
        (_("Assessment"), reverse("assessment:index")),
        (runs.title_of(score.run), runs.url_of(score.run)),
        (score.name, own),
        *more,
    ]


@dataclass(frozen=True)
class Step:
    """One line of the sum at the end."""

    words: str
    points: Decimal


@page
@require_GET
def score(request: HttpRequest, pk: int) -> HttpResponse:
    """Every row with its figures; they add up to the score."""
    found = reach.find_score(request, pk)
    sheet = explaining.sheet(found)
    own = found.officer_id == request.user.pk or reach.is_own(request, found)
    until = appeals_open(request, found)
    source = found.mirrors or found
    own_appeals = Appeal.objects.filter(score=source).select_related("order").order_by("at", "pk")
    if not (own or reach.assesses(request, found.run)):
        own_appeals = own_appeals.none()
    files = _files(sheet) if own or reach.assesses(request, found.run) else {}
    peers = reading.distribution(found.run, level=found.level, peer_group=found.peer_group)
    context = {
        "shell": base.shell(request),
        "back": reverse("assessment:mine") if own else runs.url_of(found.run),
        "trail": trail_of(found),
        "score": found,
        "run": found.run,
        "words": wording.period_words(found.run.period),
        "mark": wording.run_mark(found.run),
        "level": ScoreLevel(found.level).label,
        "grade": wording.grade_mark(found),
        "why_not": NotRanked(found.why_not).label if found.why_not else "",
        "lines": sheet.lines,
        "is_roll_up": any(line.part for line in sheet.lines),
        "charges": [
            {
                "row": one,
                "url": order_url(request, one.order) if one.order in _seen(request, sheet) else "",
                "file": files.get(one.id),
            }
            for one in sheet.charges
        ],
        **_used(found, told=own or reach.assesses(request, found.run)),
        "steps": _steps(sheet),
        "total": sum((step.points for step in _steps(sheet)), NOTHING),
        "peers": peers,
        "group": wording.group_words(found.peer_group) if found.level in GROUPED else "",
        "history": _history(found),
        "until": until,
        "appeals": [(row, wording.appeal_mark(row)) for row in own_appeals],
        "appealed": {row.charge_id for row in own_appeals if row.charge_id},
        "later": reach.replaced(found.run),
        "later_score": _later(request, found),
        "is_own": own,
        "item_url": _item_url(request, found),
    }
    return render(request, "assessment/score.html", context)


def _used(found: Score, *, told: bool) -> dict[str, Any]:
    """What an officer's published month is used for; what poor months call for is told to the officer and assessors."""
    run = found.run
    if found.level != ScoreLevel.OFFICER or run.span != Span.MONTH or run.status != RunStatus.PUBLISHED:
        return {}
    return {
        "coefficient": wording.plain(use.coefficient(run.version.body, found.grade)),
        "follow_ups": follow_ups.of_score(found) if told and not reach.replaced(run) else [],
    }


def _item_url(request: HttpRequest, found: Score) -> str:
    """Where an assessor enters an item for this grid, as long as its month is open."""
    run = found.run
    is_open = found.level == ScoreLevel.GRID and run.span == Span.MONTH and run.status != RunStatus.PUBLISHED
    if not is_open or run.simulated or not reach.assesses(request, run):
        return ""
    return f"{reverse('assessment:adjustment_new')}?area={found.code}&period={run.period}"


def _files(sheet: explaining.Sheet) -> dict[int, int]:
    """{charge: item by hand} of those that have evidence to show."""
    rows = Charge.objects.filter(pk__in=[one.id for one in sheet.charges], adjustment__isnull=False)
    return dict(rows.exclude(adjustment__evidence="").order_by().values_list("pk", "adjustment_id"))


def _seen(request: HttpRequest, sheet: explaining.Sheet) -> set[str]:
    """Which of the orders named in the deductions the reader sees; one statement."""
    numbers = {one.order for one in sheet.charges if one.order}
    if not hasattr(request, "_seen_orders"):
        request._seen_orders = visible_numbers(request, numbers)
    return request._seen_orders


def visible_numbers(request: HttpRequest, numbers: set[str]) -> set[str]:
    if not numbers:
        return set()
    rows = WorkOrder.objects.visible_to(request.user, clock.today()).filter(number__in=numbers)
    return set(rows.order_by().values_list("number", flat=True))


def _steps(sheet: explaining.Sheet) -> list[Step]:
    """The sum in the three lines people know: indicators, bonuses, deductions (with caps)."""
    lines = sum((line.points for line in sheet.lines if line.points is not None), NOTHING)
    gained = sum((one.points for one in sheet.charges if one.points > 0), NOTHING)
    lost = sum((one.points for one in sheet.charges if one.points < 0), NOTHING)
    return [
        Step(_("Points of all rows above"), lines),
        Step(_("Bonuses"), gained),
        Step(_("Deductions and limits"), lost),
    ]


def _history(found: Score) -> list[dict[str, Any]]:
    """The months before and this one, each with the median of the peer group; nobody is named."""
    rows = reading.history(found)
    return [
        {
            **row,
            "words": wording.period_words(row["period"]),
            "change": None if row["score"] is None or row["median"] is None else row["score"] - row["median"],
        }
        for row in reversed(rows)
    ]


def _later(request: HttpRequest, found: Score) -> Score | None:
    """The same subject in the published revision after this one."""
    later = reach.replaced(found.run)
    if later is None:
        return None
    rows = Score.objects.visible_to(request.user, clock.today())
    return rows.filter(run=later, level=found.level, code=found.code).first()


# -- evidence -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One counted row. costs: it lowers the rate; url: of the order, where the reader sees it."""

    row: explaining.Evidence
    is_order: bool
    costs: bool
    url: str
    appeal_url: str
    appealed: bool


@page
@require_GET
def evidence(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The orders or records behind an indicator, those that cost points first."""
    found = reach.find_score(request, pk)
    rows = explaining.evidence_rows(found, code)
    if rows is None:
        raise Http404
    indicator = BY_CODE[code]
    high = indicator.better == HIGHER
    rows = rows.extra(order_by=["good" if high else "-good", "pk"])
    sheet = Paginator(rows, SIZE).get_page(request.GET.get("page"))
    listed = explaining.evidence(sheet.object_list, code)
    orders = {one.number for one in listed if one.what in OF_ORDERS}
    visible = visible_numbers(request, orders)
    until = appeals_open(request, found)
    source = found.mirrors or found
    told = set(
        Appeal.objects.filter(score=source, item=code).values_list("order__number", flat=True) if until else ()
    )  # fmt: skip
    appeal = reverse("assessment:appeal", args=[found.pk])
    line = next((one for one in explaining.sheet(found).lines if one.code == code), None)
    context = {
        "shell": base.shell(request),
        "back": url_of(found),
        "trail": trail_of(found, (str(indicator.name), None)),
        "score": found,
        "period": wording.period_words(found.run.period),
        "indicator": indicator,
        "line": line,
        "higher": high,
        "sheet": sheet,
        "until": until,
        "rows": [
            Shown(
                one,
                one.what in OF_ORDERS,
                one.in_numerator != high,
                order_url(request, one.number) if one.number in visible and one.what in OF_ORDERS else "",
                f"{appeal}?item={code}&order={one.number}",
                one.number in told,
            )
            for one in listed
        ],
        "previous": f"?page={sheet.previous_page_number()}" if sheet.has_previous() else "",
        "next": f"?page={sheet.next_page_number()}" if sheet.has_next() else "",
    }
    return render(request, "assessment/evidence.html", context)
