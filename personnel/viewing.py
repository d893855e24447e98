"""Looking at the pages as another person would see them: who may look at whom, for how long, and the record of it.

1. Only an administrator looks, and only at people whose posts of today all lie in what he administers.
2. Never at a role that stands above his: superusers at nobody's; others never at an administrator, a security
   administrator, an auditor, or an account that may open the data tables.
3. Half an hour at most. Start and end are written down with the reason, in the chain of the person looked at.
What is refused while looking (every change, every reveal, every file) is the door's matter: gridgov/viewing.py.
"""

import datetime as dt

from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid, NotPermitted
from core.transactions import command
from personnel.administration import Kind, administers, record
from personnel.jurisdiction import PostHeld, standing_of, units_directory
from personnel.models import AdministrationEvent, User
from personnel.roles import Role

LASTS = dt.timedelta(minutes=30)
MOST_LETTERS = 200
CHAIN = "person:"
ABOVE = frozenset({Role.ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


def subject_of(person: User) -> str:
    """The chain that tells who looked as this person."""
    return f"{CHAIN}{person.pk}"


def refusal(by: User, person: User, on: dt.date) -> str:
    """Why `by` may not look as this person that day, as a sentence; empty when he may."""
    mine, theirs = standing_of(by, on), standing_of(person, on)
    if not mine.is_superuser and Role.ADMIN not in mine.roles:
        return _("Only administrators look at pages as another person.")
    if by.pk == person.pk:
        return _("These are your own pages.")
    if not person.is_active:
        return _("This account is closed.")
    if person.is_superuser or not mine.is_superuser and (person.is_staff or theirs.roles & ABOVE):
        return _("This person's rights are not below yours.")
    if not theirs.posts:
        return _("This person holds no post today, so there is nothing to see.")
    if not all(administers(by, _area_of(post), on) for post in theirs.posts):
        return _("This person also holds a post outside the area you administer.")
    return ""


def _area_of(post: PostHeld) -> int:
    """Where a post is held; 0, which nobody administers, for a unit that is not known."""
    unit = units_directory().by_id.get(post.unit_id)
    return post.area_id or (unit.area_id if unit else 0)


@command
def start(person: User, *, by: User, reason: str, at: dt.datetime) -> dt.datetime:
    """Begin to look as this person; returns when it ends by itself. Raises NotPermitted, Invalid."""
    if words := refusal(by, person, clock.date_of(at)):
        raise NotPermitted("not_to_look", words)
    reason = " ".join(reason.split())
    if not 4 <= len(reason) <= MOST_LETTERS:
        raise Invalid(errors={"reason": [_("Say in 4 to 200 letters what you need to see; it is kept.")]})
    until = at + LASTS
    data = {"person": person.pk, "name": person.name, "reason": reason, "until": until}
    record(subject_of(person), Kind.VIEW_STARTED, by=by, at=at, data=data)
    return until


@command
def end(person: User, *, by: User, how: str, at: dt.datetime) -> AdministrationEvent:
    """Write down that the look has ended. how: "left", "expired", or "lapsed" when the right to look was gone."""
    data = {"person": person.pk, "name": person.name, "how": how}
    return record(subject_of(person), Kind.VIEW_ENDED, by=by, at=at, data=data)
