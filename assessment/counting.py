"""The counting rules of the assessment: the words people read on the help page, and the conditions the indicators use.

Conditions are SQL over the columns of `assessment.seen` (one row per order or record, as the run sees it) and over
`FACTS`, which are worked out once per row. `%(since)s` and `%(until)s` bound the period, half-open; in a period that
is not over, `until` is the cut-off. Source: domain §6.2.
"""

from django.utils.translation import gettext_lazy as _

RULES = (
    _(
        "An order is to be handled in the period in which its handling time ends, after granted extensions, or in"
        " which it was handled before that. Voided, merged and suspended orders do not count. An order counts once,"
        " in the period of its first qualifying event."
    ),
    _(
        "An order is to be closed in the period in which its closing time ends: the handling time and the times for"
        " check and revisit after it. Otherwise as in the first rule."
    ),
    _(
        "On time means that the first reply the check accepted came before the end of the handling time. A reply that"
        " fails the check does not stop the clock; a reply that still waits for its check counts as given."
    ),
    _(
        "An extension moves the end of the handling time and is counted as a delay. A forced dispatch does not start"
        " the time anew. A return takes the order out of the counts of the unit that returned it."
    ),
    _(
        "Where there is nothing to count, an indicator is “not applicable”: its weight is spread over the other"
        " indicators of its class in proportion. It is never shown as 0 % or 100 %."
    ),
    _(
        "Rates keep four decimals, points and scores two, rounded half up; a score is the sum of its rounded points."
        " A published result is frozen with its rules; only appeals add corrections beside it."
    ),
    _("A grid must have existed on at least 15 days of the month to be ranked; one that is not ranked has no score."),
    _(
        "Signing, handling, closing, rework, backlog and delay of a grid count the orders located there that its"
        " officer or its community led; orders led by other units count for those units."
    ),
)

# What a person in the field reported; who sits at a desk reports with other sources.
FIELD_SOURCES = ("officer", "patrol", "visit")
COMPLAINT_SOURCES = ("hotline", "public")
FEWEST_ANSWERS = 5


def _in_period(moment: str) -> str:
    """A moment lies in the period."""
    return f"{moment} >= %(since)s AND {moment} < %(until)s"


# Of a row of orders `o`. Voided, merged and suspended orders do not count; nor does an order from an old system that
# was closed nobody knows when.
ALIVE = (
    "(o.officer_id IS NOT NULL OR o.lead_id IS NOT NULL) AND CASE WHEN o.status = 'closed' THEN o.closed_at IS NOT NULL"
    " ELSE o.status NOT IN ('declined', 'merged', 'voided', 'suspended') END"
)
# Rules 1, 2 and 4: the first qualifying event is the end of the time or the deed before it, whichever comes first.
FACTS = {
    "field_report": (
        f"reported_now AND by_person AND source IN {FIELD_SOURCES} AND status NOT IN ('reported', 'verifying')"
    ),
    # Rejected, taken back as false, or a second report of the same thing by the same person.
    "valid": "NOT (own_duplicate OR status IN ('declined', 'voided'))",
    "should_sign": f"alive AND sign_due IS NOT NULL AND {_in_period('LEAST(sign_due, signed_at)')}",
    "should_handle": f"alive AND {_in_period('LEAST(due_at, handled_at)')}",
    "should_close": f"alive AND {_in_period('LEAST(close_due, closed_at)')}",
    "answered": f"satisfaction IS NOT NULL AND {_in_period('answered_at')}",
}
# An order counts in them once, whatever happens to it in a later month.
ONCE = ("should_sign", "should_handle", "should_close")

SIGNED_ON_TIME = "signed_at IS NOT NULL AND signed_at <= sign_due"
HANDLED_ON_TIME = "handled_at IS NOT NULL AND (due_at IS NULL OR handled_at <= due_at)"
OVERDUE = "due_at < %(until)s AND (handled_at IS NULL OR handled_at >= %(until)s)"
CLOSED = "closed_at IS NOT NULL AND closed_at < %(until)s"
SATISFIED = "satisfaction >= 3"
