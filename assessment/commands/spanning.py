"""Quarters and years: means of published months and quarters, ranked and frozen the same way. Source: domain §6.5."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from django.utils.translation import gettext as _

from assessment import judging, ledger, periods, scoring, storing
from assessment.commands.running import area_of
from assessment.models import AnnualReview, AssessmentEvent, Run, Score, ScoreItem
from assessment.rating import rank
from assessment.schemes import Rules
from assessment.storing import Result, Row
from assessment.vocabulary import NotRanked, RunStatus, Span
from core.errors import Invalid, NotAllowedNow
from core.transactions import command
from grids.directory import find
from grids.levels import Level

Kind = AssessmentEvent.Kind
# Shares of a year's score, and of the three voices of its review.
QUARTERS, REVIEW = 80, 20
LEADERS, PEERS, RESIDENTS = 40, 20, 40


@command
def roll_up(period: str, *, by, at: dt.datetime, area: str | None = None) -> Run:
    """Compute a quarter from its published months, or a year from its published quarters.

    Again after publication only when a part has a later revision. Raises NotAllowedNow (not_all_published, published).
    """
    span = periods.read(period, Span.QUARTER, Span.YEAR)
    area_id = area_of(by, area, at=at)
    names = [one.text for one in (span.months() if span.span == Span.QUARTER else span.quarters())]
    parts = list(Run.objects.current().filter(area_id=area_id, period__in=names).select_related("version"))
    missing = sorted(set(names) - {one.period for one in parts})
    if missing:
        words = _("These are not published yet: %(periods)s.") % {"periods": ", ".join(missing)}
        raise NotAllowedNow("not_all_published", words)
    last = (
        Run.objects.filter(area_id=area_id, period=span.text, status=RunStatus.PUBLISHED).order_by("-revision").first()
    )
    if last is not None:
        used = set(ScoreItem.objects.filter(score__run=last, part__isnull=False).values_list("part__run_id", flat=True))
        if used == {one.pk for one in parts}:
            raise NotAllowedNow("published", _("This period is published, and its parts have not changed."))
    parts.sort(key=lambda one: one.period)
    run = Run.objects.create(
        area_id=area_id, span=span.span, period=span.text, version=parts[-1].version, cut_off=at, by=by, created_at=at,
        started_at=at, revision=last.revision + 1 if last else 1, previous=last,
        reason=_("A part was revised.") if last else "",
    )  # fmt: skip
    results = _results(parts, span)
    run.checksum = storing.store(run.pk, results)
    run.status, run.progress, run.step, run.finished_at, run.rows = RunStatus.COMPUTED, 100, "done", at, len(results)
    run.save()
    ledger.record(Kind.STARTED, area_id=area_id, by=by, at=at, run=run.pk, period=span.text)
    return run


def _results(parts: list[Run], span: periods.Period) -> list[Result]:
    rules, order = Rules(parts[-1].version.body), {one.pk: place for place, one in enumerate(parts)}
    shares = _tie_rates(parts, rules.body["ties"])
    reviews = _reviews(span.first.year) if span.span == Span.YEAR else {}
    subjects = defaultdict(list)
    for score in Score.objects.filter(run__in=parts).order_by("level", "code", "run__period"):
        subjects[score.level, score.code].append(score)
    found = []
    for scores in subjects.values():
        scores.sort(key=lambda one: order[one.run_id])
        result = _result(scores, reviews)
        result.tie = tuple(sum(shares.get((one.pk, code), 0) for one in scores) for code in rules.body["ties"])
        if result.score is not None:
            veto = any(one.veto for one in scores)
            result.grade = scoring.grade(result.score, rules.body["bands"])
            result.veto = veto
        found.append(result)
    levels = defaultdict(list)
    for one in found:
        levels[one.level].append(one)
    for group in levels.values():
        rank(group)
    return found


def _result(scores: list[Score], reviews: dict) -> Result:
    last = scores[-1]
    result = Result(
        last.level, last.area_id, last.code, last.name, unit_id=last.unit_id, officer_id=last.officer_id,
        community_id=last.community_id, street_id=last.street_id, district_id=last.district_id,
        peer_group=last.peer_group, active_days=sum(one.active_days for one in scores),
        workload=sum(one.workload for one in scores),
    )  # fmt: skip
    counted = [one for one in scores if one.score is not None]
    if not counted:
        result.why_not = NotRanked.NO_PARTS.value
        return result
    cents = [scoring.hundredths(one.score) for one in counted]
    average, review = scoring.mean(cents), reviews.get((last.area_id, last.officer_id))
    own = scoring.half_up(average * QUARTERS, 100) if review is not None else average
    points = scoring.apportion(own, dict(enumerate(cents)))
    weights = scoring.apportion(
        QUARTERS * 100 if review is not None else scoring.FULL, dict.fromkeys(range(len(cents)), 1)
    )
    result.rows = [
        Row(one.run.period, value=cents[n], weight=weights[n], points=points[n], part=_Stored(one.pk))
        for n, one in enumerate(counted)
    ]
    if review is not None:
        part = scoring.half_up(review * REVIEW, 100)
        result.rows.append(Row("review", value=review, weight=REVIEW * 100, points=part))
    result.indicator_points = result.score = sum(row.points for row in result.rows)
    return result


class _Stored:
    """A score of an earlier run, by its number."""

    def __init__(self, pk: int):
        self.pk = pk


def _tie_rates(parts: list[Run], codes: list[str]) -> dict[tuple[int, str], int]:
    rows = ScoreItem.objects.filter(score__run__in=parts, code__in=codes, rate__isnull=False)
    return {
        (pk, code): scoring.ten_thousandths(share) for pk, code, share in rows.values_list("score_id", "code", "rate")
    }


def _reviews(year: int) -> dict[tuple[int, int | None], int]:
    """{(grid, officer or None): the review out of 100, in hundredths}."""
    rows = AnnualReview.objects.filter(year=year).values_list("area_id", "officer_id", "leaders", "peers", "residents")
    return {
        (area_id, officer_id): scoring.hundredths((leaders * LEADERS + peers * PEERS + residents * RESIDENTS) / 100)
        for area_id, officer_id, leaders, peers, residents in rows
    }


@command
def review_year(*, year: int, area: str, leaders, peers, residents, by, at: dt.datetime, officer=None) -> AnnualReview:
    """Enter the annual review of a grid or of its officer; again before the year is published. Raises Invalid."""
    place = find(area) if isinstance(area, str) else None
    if place is None or place.level != Level.GRID:
        raise Invalid(errors={"area": [_("Name a grid by its code.")]})
    ledger.assessor_over(by, place.id, at=at)
    if Run.objects.filter(period=str(year), status=RunStatus.PUBLISHED, area_id__in=place.path).exists():
        raise NotAllowedNow("published", _("This year is published."))
    marks, errors = {}, {}
    for name, value in (("leaders", leaders), ("peers", peers), ("residents", residents)):
        given = judging.number(value)
        if given is None or not 0 <= given <= 100:
            errors[name] = [_("Marks lie between 0 and 100.")]
        else:
            marks[name] = given.quantize(Decimal("0.01"))
    if errors:
        raise Invalid(errors=errors)
    row, _new = AnnualReview.objects.update_or_create(
        year=year, area_id=place.id, officer=officer, defaults={**marks, "entered_by": by, "entered_at": at}
    )
    ledger.record(
        Kind.REVIEWED, area_id=place.id, by=by, at=at, year=year, officer=officer.username if officer else "",
        **{name: str(mark) for name, mark in marks.items()},
    )  # fmt: skip
    return row
