"""Why a row counts as it does, in the reader's language."""

import datetime as dt

from django.utils.translation import gettext as _

from core import clock


def _when(at: dt.datetime | None) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M}" if at else "–"


def earliest(*moments: dt.datetime | None) -> dt.datetime | None:
    """The first of those that are known."""
    return min((one for one in moments if one is not None), default=None)


def with_pardon(row, sentence: str) -> str:
    """The sentence, and that an appeal set it right."""
    return f"{sentence} {_('Set right by an appeal.')}" if row.excused else sentence


def valid_report(row, good: bool) -> str:
    """Whether a report counts."""
    if row.what == "missed":
        return _("Found by others though it lay open for a day; confirmed as missed.")
    if good:
        return _("Reported %(at)s and taken up.") % {"at": _when(row.reported_at)}
    return _("Reported %(at)s, but declined, taken back, or reported twice by the same person.") % {
        "at": _when(row.reported_at)
    }


def missed(row, bad: bool) -> str:
    """Valid reports and what was missed."""
    return valid_report(row, True)


def signing(row, good: bool) -> str:
    """Signed in time or not."""
    values = {"at": _when(row.signed_at), "due": _when(row.sign_due)}
    if good:
        return _("Signed %(at)s, due %(due)s.") % values
    if row.signed_at:
        return _("Signed %(at)s, after it was due %(due)s.") % values
    return _("Not signed, due %(due)s.") % values


def handling(row, good: bool) -> str:
    """Handled in time or not."""
    values = {"at": _when(row.handled_at), "due": _when(row.due_at)}
    if row.due_at is None:
        return _("Settled on the spot %(at)s.") % values
    if good and not row.excused:
        return _("Handled %(at)s, due %(due)s.") % values
    if row.handled_at:
        return with_pardon(row, _("Handled %(at)s, after it was due %(due)s.") % values)
    return with_pardon(row, _("Not handled by the cut-off, due %(due)s.") % values)


def backlog(row, bad: bool) -> str:
    """Still unhandled at the end of the period or not."""
    if bad:
        return _("Due %(due)s and not handled by the end of the period.") % {"due": _when(row.due_at)}
    return handling(row, row.handled_at is not None and (row.due_at is None or row.handled_at <= row.due_at))


def closing(row, good: bool) -> str:
    """Closed or not."""
    values = {"at": _when(row.closed_at), "due": _when(row.close_due)}
    if good:
        return _("Closed %(at)s, due %(due)s.") % values
    return _("Not closed by the end of the period, due %(due)s.") % values


def rework(row, bad: bool) -> str:
    """Sent back or not."""
    if bad:
        return _("Sent back for rework %(count)s times.") % {"count": row.reworks}
    return with_pardon(row, _("Not sent back."))


def delay(row, bad: bool) -> str:
    """Extended or not."""
    if bad:
        return _("Extended %(count)s times, due %(due)s.") % {"count": row.delays, "due": _when(row.due_at)}
    return _("Not extended.")


def opinion(row, good: bool) -> str:
    """What the reporter said."""
    return with_pardon(row, _("Satisfaction %(grade)s of 5.") % {"grade": row.satisfaction})


def record(row, good: bool) -> str:
    """A record's note, and whether it was fulfilled."""
    note = row.record.note if row.record_id and row.record else ""
    word = _("Done.") if good else _("Not done.")
    return with_pardon(row, f"{word} {note}".strip())
