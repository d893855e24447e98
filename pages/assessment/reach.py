"""What the reader may see and do here: one run, one score, the areas they assess."""

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from assessment import ledger
from assessment.models import Appeal, Run, Score
from assessment.models.score import NAMED_TO
from assessment.vocabulary import ScoreLevel
from assessment.wording import replaced_by
from core import clock
from core.errors import NotPermitted
from grids.directory import Place, directory
from pages import base
from personnel.jurisdiction import lies_in
from personnel.roles import Role


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
    rows = Appeal.objects.select_related("score__run", "score__area", "score__officer", "order", "by", "outcome")
    standing = base.standing(request)
    if standing.is_superuser:
        return rows
    areas = [post.area_id for post in standing.posts if post.role == Role.ASSESSOR and post.area_id]
    if not areas:
        return rows.filter(by=request.user)
    seen = Score.objects.filter(lies_in("area__in", areas)).order_by().values("pk")
    return rows.filter(Q(by=request.user) | Q(score__in=seen))


def find_appeal(request: HttpRequest, pk: int) -> Appeal:
    """One of them, else 404."""
    row = appeals(request).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row
