"""What the reader may see and do here: one run, one score, the areas they assess."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from assessment import evidence, ledger, periods, use
from assessment.exports import bulletin
from assessment.models import Adjustment, Appeal, FactRecord, FollowUp, Run, Score
from assessment.models.score import NAMED_TO
from assessment.vocabulary import ScoreLevel
from assessment.wording import replaced_by
from core import clock
from core.errors import NotPermitted
from grids.directory import Place, directory
from grids.levels import Level
from pages import base, lists
from personnel.jurisdiction import lies_in
from personnel.roles import Role
from workorders.models import WorkOrder

# What nobody decided in half a year is history: later months call again.
MONTHS = 6


def assessed(request: HttpRequest) -> list[Place]:
    """The topmost areas the reader assesses; superusers look at every district."""
    known = directory().by_id
    if request.user.is_superuser:
        return sorted((one for one in known.values() if one.level == "district"), key=lambda one: one.code)
    return [known[one] for one in ledger.assessed_areas(request.user, at=clock.now())]


def runs(request: HttpRequest) -> QuerySet:
    """The runs the reader may see."""
    return Run.objects.visible_to(request.user, clock.today()).select_related("version__scheme", "area")


def find_run(request: HttpRequest, pk: int) -> Run:
    """One of them, else 404."""
    run = runs(request).select_related("by", "published_by", "previous").filter(pk=pk).first()
    if run is None:
        raise Http404
    return run


def find_score(request: HttpRequest, pk: int) -> Score:
    """A score the reader may see, else 404."""
    rows = Score.objects.visible_to(request.user, clock.today())
    rows = rows.select_related("run__version__scheme", "run__next_revision", "run__area", "mirrors", "area", "unit")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def assesses(request: HttpRequest, run: Run) -> bool:
    """Whether the reader works on this run."""
    return _holds(request, run.area_id)


def need_assessor(request: HttpRequest, run: Run) -> None:
    """Raises NotPermitted for everybody else."""
    if not assesses(request, run):
        raise NotPermitted()


def _holds(request: HttpRequest, area_id: int) -> bool:
    place = directory().by_id.get(area_id)
    return place is not None and base.standing(request).holds(Role.ASSESSOR, path=place.path) is not None


def sees_names(request: HttpRequest) -> bool:
    """Whether a list of officers by name is open to the reader at all; the rows are restricted besides."""
    standing = base.standing(request)
    return standing.is_superuser or any(post.role in NAMED_TO and post.area_id for post in standing.posts)


def leads(request: HttpRequest, run: Run) -> bool:
    """Whether the reader leads some area of the run, so that a bulletin can be made for it."""
    return bool(bulletin.scopes(run, base.standing(request)))


def replaced(run: Run) -> Run | None:
    """The published revision after this one."""
    return replaced_by(run)


def is_own(request: HttpRequest, score: Score) -> bool:
    """Whether the reader may contest the score, as far as today's posts tell; the command judges by the month's."""
    standing = base.standing(request)
    if score.level == ScoreLevel.OFFICER:
        return score.officer_id == request.user.pk
    if score.level == ScoreLevel.UNIT:
        return standing.in_unit(score.unit_id, Role.UNIT_HEAD, Role.HANDLER) is not None
    if score.level == ScoreLevel.GRID:
        roles = (Role.OFFICER, Role.PART_TIME_OFFICER, Role.CHIEF)
        return any(post.role in roles and post.area_id == score.area_id for post in standing.posts)
    return False


def appeals(request: HttpRequest) -> QuerySet:
    """The appeals the reader may see: one's own, and those in the areas one assesses."""
    rows = Appeal.objects.visible_to(request.user, clock.today())
    return rows.select_related("score__run", "score__area", "score__officer", "order", "by", "outcome")


def find_appeal(request: HttpRequest, pk: int) -> Appeal:
    """One of them, else 404."""
    row = appeals(request).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def follow_ups(request: HttpRequest) -> list[use.Due]:
    """What poor months call for in the areas the reader assesses and nobody decided, the newest month first.

    Of each officer the last call of a kind: it names the months of those before it.
    """
    if not hasattr(request, "_follow_ups"):
        request._follow_ups = _follow_ups(request, [one.id for one in assessed(request)])
    return request._follow_ups


def _follow_ups(request: HttpRequest, areas: list[int]) -> list[use.Due]:
    if not areas:
        return []
    since = periods.month_at(clock.now()).before(MONTHS).text
    rows = Score.objects.visible_to(request.user, clock.today()).current()
    rows = use.poor(rows).filter(lies_in("area__in", areas), run__period__gte=since)
    rows = rows.select_related("run__version", "area").order_by("-run__period", "code")
    found = use.due(rows)
    decided = FollowUp.objects.filter(officer__in={one.score.officer_id for one in found}).order_by()
    known = set(decided.values_list("officer", "period", "kind"))
    last: dict[tuple, use.Due] = {}
    for one in found:
        last.setdefault((one.score.officer_id, one.kind), one)
    return [one for one in last.values() if one.key not in known]


# -- items by hand ------------------------------------------------------------------------------------------------


def adjustments(request: HttpRequest) -> QuerySet:
    """The items by hand in the areas the reader assesses."""
    rows = Adjustment.objects.visible_to(request.user, clock.today())
    return rows.select_related("area", "officer", "order", "entered_by", "confirmed_by", "withdrawn_by")


def find_adjustment(request: HttpRequest, pk: int) -> Adjustment:
    """One of them, else 404."""
    row = adjustments(request).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def find_evidence(request: HttpRequest, pk: int) -> Adjustment:
    """An item whose evidence the reader may see: as assessor, or because it stands in the reader's own score."""
    row = evidence.readable(pk, request.user, clock.today())
    if row is None:
        raise Http404
    return row


def narrower(area_ids: Iterable[int]) -> list[tuple[str, str]]:
    """Districts, streets and communities in or below these areas, for a filter; without communities when too many."""
    indent = {Level.DISTRICT: "", Level.STREET: "", Level.COMMUNITY: "\u3000"}
    within = set(area_ids)
    found = [one for one in directory().by_id.values() if one.level in indent and within.intersection(one.path[:-1])]
    if len(found) > lists.MOST_AREAS:
        found = [one for one in found if one.level != Level.COMMUNITY]
    found.sort(key=lambda one: one.code)
    return [(one.code, f"{indent[Level(one.level)]}{one.name}") for one in found]


# -- records ------------------------------------------------------------------------------------------------------


def records(request: HttpRequest) -> QuerySet:
    """The records of the areas the reader assesses."""
    rows = FactRecord.objects.visible_to(request.user, clock.today())
    return rows.select_related("area", "officer", "order")


def find_record(request: HttpRequest, pk: int) -> FactRecord:
    """One of them, else 404."""
    row = records(request).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def sees_order(request: HttpRequest, order_id: int) -> bool:
    """Whether the reader sees an order."""
    return WorkOrder.objects.visible_to(request.user, clock.today()).filter(pk=order_id).exists()
