"""After poor months: a person decides on the talk, or on the proposal to end a contract, and says why.

Nothing follows from a score by itself, and nothing while it may still be contested. Source: domain §6.5, §11 trap 10.
"""

import datetime as dt

from django.db.models import Q
from django.utils.translation import gettext as _

from assessment import ledger, use
from assessment.commands.appealing import appeals_until, may_ask_again
from assessment.models import Appeal, AssessmentEvent, FollowUp, Score
from assessment.vocabulary import AppealState, FollowUpKind
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import command


@command
def follow_up(score: Score, *, kind: str, agreed: bool, reason: str, by, at: dt.datetime) -> FollowUp:
    """Decide what an officer's poor months call for; once for a month. Raises NotPermitted, NotAllowedNow, Invalid."""
    score = Score.objects.select_for_update(of=("self",)).select_related("run__version").get(pk=score.pk)
    ledger.assessor_over(by, score.area_id, at=at)
    if by.pk == score.officer_id:
        raise NotPermitted("own_score", _("Somebody else decides about you."))
    called = [one for one in use.due([score] if score.officer_id else []) if one.kind == kind]
    if not called:
        raise NotAllowedNow("not_due", _("The published months do not call for this."))
    if FollowUp.objects.filter(officer=score.officer_id, period=score.run.period, kind=kind).exists():
        raise NotAllowedNow("decided", _("This is decided already."))
    if is_contested(score, at=at):
        raise NotAllowedNow("contested", _("The month may still be contested, or an appeal waits. Decide after that."))
    errors = {}
    if not isinstance(agreed, bool):
        errors["agreed"] = [_("Say whether it is carried out.")]
    if not isinstance(reason, str) or not reason.strip() or "\x00" in reason:
        errors["reason"] = [_("Give the reason of the decision.")]
    if errors:
        raise Invalid(errors=errors)
    row = FollowUp.objects.create(
        score=score, officer_id=score.officer_id, period=score.run.period, kind=FollowUpKind(kind), agreed=agreed,
        reason=reason.strip(), by=by, at=at,
    )  # fmt: skip
    ledger.record(
        AssessmentEvent.Kind.FOLLOWED_UP, area_id=score.area_id, by=by, at=at, period=row.period, code=row.kind,
        agreed=agreed, reason=row.reason, run=score.run_id,
    )  # fmt: skip
    return row


def is_contested(score: Score, *, at: dt.datetime) -> bool:
    """Whether the time for appeals against a published score runs, or one of them is not settled for good."""
    if at <= appeals_until(score.run):
        return True
    of_score = Q(score=score) | Q(score=score.mirrors_id) if score.mirrors_id else Q(score=score)
    rows = Appeal.objects.filter(
        of_score, state__in=(AppealState.OPEN, AppealState.SECOND, AppealState.REFUSED)
    ).select_related("score__run__version")
    return any(row.state != AppealState.REFUSED or may_ask_again(row, at=at) for row in rows)
