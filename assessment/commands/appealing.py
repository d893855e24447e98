"""Appeals: one per item, within three working days; first the street's or district's assessor, then a second one.

An upheld appeal changes the fact, never the number: a new revision is computed from the frozen facts of the one before
with the fact set right, and both stay. Source: domain §6.5.
"""

import datetime as dt

from django.utils.translation import gettext as _

from assessment import explaining, items, ledger, periods
from assessment.evidence import wrong_with
from assessment.indicators import BY_CODE
from assessment.models import Appeal, AssessmentEvent, Charge, Counted, Run, Score
from assessment.vocabulary import AppealState, RunStatus, ScoreLevel
from core import clock, outbox
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import command
from grids.directory import find_id
from grids.levels import Level
from personnel.jurisdiction import standing_of
from personnel.models import Post
from personnel.roles import Role
from workorders import calendars, worktime

Kind = AssessmentEvent.Kind


@command
def appeal(
    score: Score,
    *,
    by,
    at: dt.datetime,
    item: str | None,
    reason: str,
    order: str = "",
    charge: int | None = None,
    evidence=None,
) -> Appeal:
    """Contest one item of a published score: an order counted in an indicator, or a deduction.

    Judged in this order: whose score it is (NotPermitted), whether the time is right (NotAllowedNow), what was given
    (Invalid), whether the item was contested before (NotAllowedNow).
    """
    score = contestable(score, by=by, at=at)
    run = score.run
    errors = {}
    if not isinstance(reason, str) or not reason.strip():
        errors["reason"] = [_("Say what is wrong.")]
    if not isinstance(order, str) or "\x00" in order:
        errors["order"] = [_("This must be text.")]
    if charge is not None and (isinstance(charge, bool) or not isinstance(charge, int)):
        errors["adjustment"] = [_("This must be a number.")]
    elif item is None and charge is not None:
        item = score.charges.filter(pk=charge).values_list("code", flat=True).first()
    if not isinstance(item, str) or not item.strip():
        errors["item"] = [_("Name the item.")]
    if words := wrong_with(evidence):
        errors["evidence"] = [words]
    if errors:
        raise Invalid(errors=errors)
    row, fact = _subject(score, item, order, charge)
    same = Appeal.objects.filter(
        score__run__period=run.period, score__area_id=score.area_id, score__level=score.level,
        score__officer_id=score.officer_id, score__unit_id=score.unit_id, item=item, order_id=row.order_id,
    )  # fmt: skip
    if same.exists():
        raise NotAllowedNow("appealed_already", _("There is already an appeal against this item."))
    found = Appeal.objects.create(
        score=score, item=item, order_id=row.order_id, charge=row if isinstance(row, Charge) else None, fact=fact,
        reason=reason.strip(), evidence=evidence or "", by=by, at=at,
        answer_due=_due(run, "first_answer_days", at),
    )  # fmt: skip
    ledger.record(Kind.APPEALED, area_id=score.area_id, by=by, at=at, appeal=found.pk, code=item, reason=found.reason)
    return found


def contestable(score: Score, *, by, at: dt.datetime) -> Score:
    """The score an appeal by this person now would be about: its own, or the one it mirrors.

    Raises NotPermitted (somebody else's), NotAllowedNow (not published, revised since, too late).
    """
    score = Score.objects.select_related("run__version", "mirrors__run__version").get(pk=score.pk)
    if not _is_theirs(score, by, at=at):
        raise NotPermitted("not_your_score", _("You can appeal against your own score only."))
    score = score.mirrors or score
    run = score.run
    if run.status != RunStatus.PUBLISHED:
        raise NotAllowedNow("not_published", _("You can appeal as soon as the month is published."))
    if hasattr(run, "next_revision") and run.next_revision.status == RunStatus.PUBLISHED:
        raise NotAllowedNow("revised", _("There is a later revision. Appeal against that one."))
    if at > appeals_until(run):
        raise NotAllowedNow("appeal_too_late", _("The time for appeals is over."))
    return score


@command
def rule(row: Appeal, *, by, at: dt.datetime, uphold: bool, answer: str) -> Appeal:
    """Decide the step an appeal is in. Upheld: a revision is queued and published as soon as it is computed.

    The second step is decided by another person, on the district's level or above. Raises NotPermitted,
    NotAllowedNow, Invalid.
    """
    row = decidable(row, by=by, at=at)
    second = row.state == AppealState.SECOND
    errors = {}
    if not isinstance(uphold, bool):
        errors["uphold"] = [_("Say whether the appeal is upheld.")]
    if not isinstance(answer, str) or not answer.strip():
        errors["answer"] = [_("Give the reason of the decision.")]
    if errors:
        raise Invalid(errors=errors)
    if second:
        row.second_by, row.second_at, row.second_answer = by, at, answer.strip()
    else:
        row.first_by, row.first_at, row.first_answer = by, at, answer.strip()
    if uphold:
        row.state, row.outcome = AppealState.UPHELD, _revision(row.score.run, by=by, at=at, reason=answer.strip())
    else:
        row.state = AppealState.FINAL if second else AppealState.REFUSED
    row.save()
    ledger.record(
        Kind.RULED, area_id=row.score.area_id, by=by, at=at, after=row.state, appeal=row.pk, code=row.item,
        reason=answer.strip(), run=row.outcome_id,
    )  # fmt: skip
    return row


@command
def decidable(row: Appeal, *, by, at: dt.datetime) -> Appeal:
    """The appeal, when this person may decide the step it is in now. Raises NotPermitted, NotAllowedNow."""
    row = Appeal.objects.select_for_update(of=("self",)).select_related("score__run").get(pk=row.pk)
    held = ledger.assessor_over(by, row.score.area_id, at=at)
    if by.pk == row.by_id:
        raise NotPermitted("own_appeal", _("Somebody else decides on your appeal."))
    if row.state not in (AppealState.OPEN, AppealState.SECOND):
        raise NotAllowedNow("decided", _("This appeal is decided."))
    second = row.state == AppealState.SECOND
    if second and by.pk == row.first_by_id:
        raise NotPermitted("second_person", _("The second step is decided by another person."))
    if second and find_id(held.area_id).level not in (Level.DISTRICT, Level.CITY):
        raise NotPermitted("district_decides", _("The second step is decided by the district."))
    return row


@command
def ask_again(row: Appeal, *, by, at: dt.datetime, reason: str) -> Appeal:
    """Take a refused appeal to the second step, within the time for appeals after the first answer."""
    row = askable_again(row, by=by, at=at)
    run = row.score.run
    if not isinstance(reason, str) or not reason.strip():
        raise Invalid(errors={"reason": [_("Say what is wrong.")]})
    row.state, row.second_reason, row.second_asked_at = AppealState.SECOND, reason.strip(), at
    row.answer_due = _due(run, "second_answer_days", at)
    row.save()
    ledger.record(Kind.APPEALED, area_id=row.score.area_id, by=by, at=at, appeal=row.pk, code=row.item, reason=reason)
    return row


@command
def askable_again(row: Appeal, *, by, at: dt.datetime) -> Appeal:
    """The refused appeal, when this person may take it to the second step now. Raises NotPermitted, NotAllowedNow."""
    row = Appeal.objects.select_for_update(of=("self",)).select_related("score__run__version").get(pk=row.pk)
    if by.pk != row.by_id:
        raise NotPermitted("not_your_appeal", _("Only whoever appealed goes to the second step."))
    if row.state != AppealState.REFUSED:
        raise NotAllowedNow("not_refused", _("Only a refused appeal goes to the second step."))
    if not may_ask_again(row, at=at):
        raise NotAllowedNow("appeal_too_late", _("The time for appeals is over."))
    return row


def may_ask_again(row: Appeal, *, at: dt.datetime) -> bool:
    """Whether a refused appeal still has the time for its second step."""
    return at <= _due(row.score.run, "appeal_days", row.first_at)


def appeals_until(run: Run) -> dt.datetime:
    """The last moment to contest a published month, whatever its revision."""
    return _due(run, "appeal_days", first_publication(run))


def first_publication(run: Run) -> dt.datetime:
    """When the first revision of a run's month was published: from then the time for appeals runs."""
    first = Run.objects.filter(
        area_id=run.area_id, period=run.period, status=RunStatus.PUBLISHED, span=run.span
    ).order_by("revision")
    return first.values_list("published_at", flat=True)[0]


def _due(run: Run, name: str, since: dt.datetime) -> dt.datetime:
    return worktime.nth_workday_end(calendars.working_calendar(), since, run.version.body["review"][name])


def _is_theirs(score: Score, by, *, at: dt.datetime) -> bool:
    """One's own score; a grid's by those who held it in the period; a unit's by its head."""
    if score.level == ScoreLevel.OFFICER:
        return score.officer_id == by.pk
    if score.level == ScoreLevel.UNIT:
        return standing_of(by, clock.date_of(at)).in_unit(score.unit_id, Role.UNIT_HEAD, Role.HANDLER) is not None
    if score.level == ScoreLevel.GRID:
        month = periods.read(score.run.period)
        posts = Post.objects.between(month.first, month.end)
        roles = (Role.OFFICER, Role.PART_TIME_OFFICER, Role.CHIEF)
        return posts.filter(person=by, area_id=score.area_id, role__in=roles).exists()
    return False


def _subject(score: Score, item: str, order: str, charge: int | None) -> tuple[Charge | Counted, str]:
    """The charge or the counted row an appeal is about, and its fact."""
    if charge is not None or item in items.BY_CODE:
        rows = Charge.objects.filter(score=score, code=item)
        rows = rows.filter(pk=charge) if charge is not None else rows
        rows = rows.filter(order__number=order) if order else rows
        found = list(rows[:2])
        if not found:
            raise Invalid(errors={"item": [_("This score has no such item.")]})
        if len(found) > 1:
            raise Invalid(errors={"order": [_("There are several. Name the order.")]})
        return found[0], found[0].fact
    if item in BY_CODE and order:
        rows = explaining.evidence_rows(score, item)
        row = rows.filter(order__number=order).first() if rows is not None else None
        if row is not None:
            return row, BY_CODE[item].fact
    raise Invalid(errors={"order": [_("Name the order that was counted wrongly.")]})


def _revision(run: Run, *, by, at: dt.datetime, reason: str) -> Run:
    """The revision that will hold the decision: one that still waits, or a new one behind the last."""
    last = (
        Run.objects.select_for_update()
        .filter(area_id=run.area_id, period=run.period, span=run.span, simulated=False, revision__gte=run.revision)
        .filter(
            status__in=(RunStatus.PUBLISHED, RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.COMPUTED, RunStatus.FAILED)
        )
    )
    last = last.exclude(
        status__in=(RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.COMPUTED, RunStatus.FAILED), previous=None
    )
    last = last.order_by("-revision").first()
    if last.status in (RunStatus.QUEUED, RunStatus.FAILED):
        # One that could not be computed is tried again with what was decided since.
        if last.status == RunStatus.FAILED:
            outbox.add("assessment.run", run=last.pk)
        last.reason, last.status = f"{last.reason}\n{reason}", RunStatus.QUEUED
        last.save(update_fields=["reason", "status"])
        return last
    made = Run.objects.create(
        area_id=run.area_id, span=run.span, period=run.period, version_id=run.version_id, cut_off=run.cut_off,
        revision=last.revision + 1, previous=last, reason=reason, by=by, created_at=at,
    )  # fmt: skip
    outbox.add("assessment.run", run=made.pk)
    return made
