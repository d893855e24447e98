"""Start, cancel and restart the computation of a month; publish it."""

import datetime as dt

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from assessment import computing, ledger, periods
from assessment.hierarchy import OFFICERS
from assessment.models import AssessmentEvent, Run, SchemeVersion
from assessment.vocabulary import RunStatus, SchemeState, Span
from core import clock, outbox
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import command
from grids.directory import directory, find
from grids.levels import Level
from personnel.jurisdiction import lies_in
from personnel.models import Post
from workorders.models import WorkOrder

DEFAULT_SCHEME = "default"
Kind = AssessmentEvent.Kind


@command
def start(
    period: str,
    *,
    by,
    at: dt.datetime,
    area: str | None = None,
    scheme: str | None = None,
    version: SchemeVersion | None = None,
) -> Run:
    """Queue the computation of a month for the area a person assesses; the system names the area.

    version: a draft to be tried; its run is never published. Raises Invalid, NotPermitted, NotAllowedNow (published,
    no_scheme, no_data, no_posts).
    """
    month = periods.read(period, Span.MONTH)
    area_id = area_of(by, area, at=at)
    if month.since > at:
        raise _wrong_period(_("This month has not begun. Choose an earlier one."))
    simulated = version is not None
    if not simulated:
        refuse_published(month, area_id)
        version = version_for(month, scheme or DEFAULT_SCHEME)
    _refuse_without_data(month, area_id)
    _refuse_without_posts(month, area_id)
    run = Run.objects.create(
        area_id=area_id,
        period=month.text,
        version=version,
        cut_off=at,
        provisional=month.until > at,
        simulated=simulated,
        by=by,
        created_at=at,
    )
    ledger.record(Kind.STARTED, area_id=area_id, by=by, at=at, run=run.pk, period=month.text)
    outbox.add("assessment.run", run=run.pk)
    return run


def version_for(month: periods.Period, code: str) -> SchemeVersion:
    """The version of a scheme that holds for a month. Raises NotAllowedNow when there is none."""
    held = SchemeVersion.objects.filter(
        scheme__code=code, state__in=(SchemeState.APPROVED, SchemeState.IN_FORCE), in_force_from__lte=month.text
    )
    found = held.exclude(in_force_from="").order_by("-in_force_from", "-number").first()
    if found is None:
        raise NotAllowedNow("no_scheme", _("No scheme is in force for this month. Approve one first."))
    return found


def refuse_published(month: periods.Period, area_id: int) -> None:
    """A published month stays as it is; appeals make revisions. Raises NotAllowedNow."""
    known = directory().by_id
    below = [one.area_id for one in Run.objects.filter(period=month.text, status=RunStatus.PUBLISHED).only("area_id")]
    if any(area_id in known[one].path or one in known[area_id].path for one in below):
        raise NotAllowedNow("published", _("This month is published. It changes by appeals only."))


@command
def cancel(run: Run, *, by, at: dt.datetime) -> Run:
    """Stop a run that waits or is being computed."""
    ledger.assessor_over(by, run.area_id, at=at)
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.status not in (RunStatus.QUEUED, RunStatus.RUNNING) or run.previous_id:
        raise NotAllowedNow("not_running", _("Only a run that waits or is being computed can be cancelled."))
    return _moved(run, RunStatus.CANCELLED, Kind.CANCELLED, by=by, at=at)


@command
def restart(run: Run, *, by, at: dt.datetime) -> Run:
    """Put a failed or cancelled run back into the queue; it is done again from the start."""
    ledger.assessor_over(by, run.area_id, at=at)
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.status not in (RunStatus.FAILED, RunStatus.CANCELLED):
        raise NotAllowedNow("not_stopped", _("Only a run that failed or was cancelled can be restarted."))
    run = _moved(run, RunStatus.QUEUED, Kind.STARTED, by=by, at=at)
    outbox.add("assessment.run", run=run.pk)
    return run


def _moved(run: Run, status: str, kind: str, *, by, at, **values) -> Run:
    before, run.status = run.status, status
    for name, value in values.items():
        setattr(run, name, value)
    run.save(update_fields=["status", *values])
    ledger.record(kind, area_id=run.area_id, by=by, at=at, before=before, after=status, run=run.pk, period=run.period)
    return run


def carry_out(run_id: int, *, at: dt.datetime) -> Run | None:
    """Compute a queued run; a revision is published at once. None: another worker has it, or it was cancelled.

    Safe to call twice and side by side.
    """
    waiting = Run.objects.filter(pk=run_id, previous__isnull=False).exclude(previous__status=RunStatus.PUBLISHED)
    if waiting.exists():
        return None
    run = computing.claim(run_id, at=at)
    if run is None:
        return None
    try:
        run = computing.compute(run)
    except computing.Stopped:
        return None
    except Exception as error:
        Run.objects.filter(pk=run_id, status=RunStatus.RUNNING).update(
            status=RunStatus.FAILED, problem=f"{type(error).__name__}: {error}"[:2000], finished_at=clock.now()
        )
        raise
    if run.previous_id:
        run = _freeze(run, by=run.by, at=clock.now(), kind=Kind.REVISED)
    return run


def take_up_again(*, at: dt.datetime) -> list[int]:
    """The runs nobody computes though they should be: queued ones, and running ones whose worker is gone."""
    since = at - dt.timedelta(seconds=30)
    found = []
    for run in Run.objects.filter(status=RunStatus.RUNNING, started_at__lt=since):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [computing.RUN_LOCK, run.pk % 2**31])
            if cursor.fetchone()[0]:
                Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(status=RunStatus.QUEUED)
    found += Run.objects.filter(status=RunStatus.QUEUED, created_at__lt=since).values_list("pk", flat=True)
    return sorted(found)


@command
def publish(run: Run, *, by, at: dt.datetime) -> Run:
    """Freeze a computed run for good. Raises NotPermitted, NotAllowedNow."""
    ledger.assessor_over(by, run.area_id, at=at)
    return _freeze(run, by=by, at=at, kind=Kind.PUBLISHED)


@command
def _freeze(run: Run, *, by, at: dt.datetime, kind: str) -> Run:
    run = Run.objects.select_for_update().select_related("version").get(pk=run.pk)
    if run.status == RunStatus.PUBLISHED:
        raise NotAllowedNow("published", _("This run is published already."))
    if run.status != RunStatus.COMPUTED:
        raise NotAllowedNow("not_computed", _("Wait until the run is computed, then publish it."))
    if run.version.second_approver_id is None and run.version.made_by_id is not None:
        raise NotAllowedNow("scheme_not_approved", _("The scheme of this run was not approved by two people."))
    if run.provisional or run.simulated:
        raise NotAllowedNow("provisional", _("Only a month that is over, under a scheme in force, can be published."))
    if not run.previous_id and run.span == Span.MONTH:
        refuse_published(periods.read(run.period), run.area_id)
    try:
        with transaction.atomic():
            run = _moved(run, RunStatus.PUBLISHED, kind, by=by, at=at, published_at=at, published_by=by)
    except IntegrityError as error:
        raise NotAllowedNow("published", _("This month is published. It changes by appeals only.")) from error
    outbox.add("assessment.published", run=run.pk)
    return run


def area_of(by, code: str | None, *, at: dt.datetime) -> int:
    """The area to assess: the one named, else the one the person assesses. Raises Invalid, NotPermitted."""
    place = find(code) if code else None
    if code and place is None:
        message = _("There is no area with this code.")
        raise Invalid(errors={"area": [message]})
    if place is not None:
        if place.level not in (Level.DISTRICT, Level.CITY, Level.STREET):
            raise Invalid(errors={"area": [_("A month is assessed for a street, a district or the city.")]})
        if by is not None:
            ledger.assessor_over(by, place.id, at=at)
        return place.id
    areas = ledger.assessed_areas(by, at=at) if by is not None else []
    if not areas:
        raise NotPermitted()
    if len(areas) > 1:
        raise Invalid(errors={"area": [_("You assess several areas. Name one of them.")]})
    return areas[0]


def _wrong_period(words) -> Invalid:
    return Invalid("bad_period", words, errors={"period": [words]})


def _refuse_without_data(month: periods.Period, area_id: int) -> None:
    level = directory().by_id[area_id].level
    orders = WorkOrder.objects.filter(**{f"{level}_id": area_id}, reported_at__lt=month.until)
    if not orders.order_by().exists():
        raise NotAllowedNow("no_data", _("There are no orders in or before this month."))


def _refuse_without_posts(month: periods.Period, area_id: int) -> None:
    """Without a single officer there is nobody to assess; single grids without one are shown in the review."""
    held = Post.objects.between(month.first, month.end).filter(lies_in("area__in", [area_id]), role__in=OFFICERS)
    if not held.order_by().exists():
        raise NotAllowedNow(
            "no_posts", _("No grid of this area had an officer in this month. Enter the posts, then compute the month.")
        )
