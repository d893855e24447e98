"""Who hears of a published month."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from assessment.models import Run, Score
from assessment.vocabulary import ScoreLevel
from workorders.models import Notice
from workorders.sentences import NOTICES

# The sentences of our notices stand beside those of the orders, where all of them are read.
NOTICES.update(
    {
        "assessment_published": _("The assessment of %(period)s is published."),
        "assessment_revised": _("Revision %(revision)s of the assessment of %(period)s is published: %(reason)s"),
    }
)


def tell_published(run_id: int, *, at: dt.datetime) -> int:
    """A notice for every officer with a score in the run; none twice. Returns how many."""
    run = Run.objects.get(pk=run_id)
    people = set(
        Score.objects.filter(run=run, level=ScoreLevel.OFFICER).order_by().values_list("officer_id", flat=True)
    )
    kind = "assessment_revised" if run.previous_id else "assessment_published"
    told = set(Notice.objects.filter(kind=kind, data__run=run.pk).values_list("person_id", flat=True))
    data = {"run": run.pk, "period": run.period, "revision": run.revision, "reason": run.reason}
    rows = [Notice(person_id=one, kind=kind, data=data, created_at=at) for one in sorted(people - told)]
    return len(Notice.objects.bulk_create(rows))
