"""Posts: given to a person on an area or in a unit, handed over, ended. Steps of the pages of units and of people."""

import datetime as dt
from collections.abc import Iterable

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core import clock, wording
from grids.directory import directory
from grids.models import Area
from pages.base import Done, page
from pages.managing import fields, skeleton
from pages.managing.skeleton import Callout, Entry
from personnel import commands
from personnel.models import Post, Unit, User
from personnel.roles import APPOINTERS, Role
from workorders.models import WorkOrder


class OnDay(forms.Form):
    """The first day on which something does not hold any more."""

    def __init__(self, data=None, *, label: str, help_text: str):
        super().__init__(data)
        self.fields["on"] = fields.day_field(label, help_text, initial=clock.today())


class GivePost(forms.Form):
    """A post for one person: on an area, or in a unit."""

    def __init__(self, data=None, *, tops, every_role: bool):
        super().__init__(data)
        roles = [(role.value, role.label) for role in Role if every_role or Role.ADMIN in APPOINTERS[role]]
        self.fields["role"] = forms.ChoiceField(label=_("Role"), choices=roles)
        self.fields["area"] = fields.AreaField(
            tops=tops, label=_("On an area"), required=False, help_text=_("Name or code, grids too; or choose a unit.")
        )
        self.fields["unit"] = fields.unit_field(_("In a unit"), tops, none=_("No unit"))
        self.fields["starts"] = fields.day_field(_("From"), initial=clock.today())
        self.fields["ends"] = fields.day_field(_("Until (excluded)"), _("Leave empty when it is open."), required=False)


class HandOver(forms.Form):
    """Somebody takes a post over."""

    def __init__(self, data=None, *, people):
        super().__init__(data)
        self.fields["to"] = fields.PersonField(
            offered=people, label=_("To whom"), help_text=_("User name, or a name from the list.")
        )
        self.fields["on"] = fields.day_field(
            _("From"), _("The old holder's post ends and the new one's begins on this day."), initial=clock.today()
        )


def is_over(post: Post, today: dt.date) -> bool:
    """Whether the post has ended, or was withdrawn before it began."""
    return post.ends is not None and post.ends <= max(today, post.starts)


def by_time(rows: Iterable[Post], today: dt.date) -> tuple[list, list]:
    """(post, mark) of those held today or to come, and of those that are over."""
    held, earlier = [], []
    for post in rows:
        (earlier if is_over(post, today) else held).append((post, skeleton.span(post.starts, post.ends, today)))
    return held, earlier


@page
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """End a post, or hand it over."""
    tops, today = skeleton.tops(request), clock.today()
    post = Post.objects.select_related("person", "unit", "area").filter(pk=pk).first()
    place = directory().by_id.get(post.area_id or post.unit.area_id) if post else None
    if name not in ("end", "hand-over") or not skeleton.within(tops, place):
        raise Http404
    if is_over(post, today):
        raise Http404
    if post.unit_id:
        back, trail = reverse("units:unit", args=[post.unit.code]), (_("Units"), reverse("units:index"))
    else:
        back, trail = reverse("people:person", args=[post.person_id]), (_("People"), reverse("people:index"))
    entry = (_end if name == "end" else _hand_over)(request, post, back)
    entry.trail = [trail, (str(post.unit or post.person), back)]
    entry.facts = [
        (_("Person"), post.person.name),
        (_("Role"), post.get_role_display()),
        (_("Where"), str(post.area or post.unit)),
        (_("From"), wording.day(post.starts)),
    ]
    return skeleton.show_form(request, entry)


def _end(request: HttpRequest, post: Post, back: str) -> Entry:
    form = OnDay(request.POST or None, label=_("Ends on"), help_text=_("The first day on which the post is not held."))

    def work(given: dict) -> Done:
        commands.relieve(post, by=request.user, on=given["on"], at=clock.now())
        words = _("%(name)s's post ends on %(day)s.") % {"name": post.person.name, "day": wording.day(given["on"])}
        return Done(back, words)

    entry = Entry(_("End the post"), form, work, back, _("End the post"), danger=True)
    entry.callouts = _open_items(post)
    return entry


def _hand_over(request: HttpRequest, post: Post, back: str) -> Entry:
    form = HandOver(request.POST or None, people=User.objects.visible_to(request.user, clock.today()))

    def work(given: dict) -> Done:
        made = commands.hand_over(post, by=request.user, to=given["to"], on=given["on"], at=clock.now())
        words = _("%(old)s hands the post over to %(new)s on %(day)s.") % {
            "old": post.person.name, "new": made.person.name, "day": wording.day(given["on"]),
        }  # fmt: skip
        return Done(back, words)

    entry = Entry(_("Hand the post over"), form, work, back, _("Hand over"))
    kept = _("Both names stay on record; earlier deeds stay under the earlier name.")
    entry.callouts = [*_open_items(post), Callout(kept)]
    return entry


def _open_items(post: Post) -> list[Callout]:
    """What is open there, and whose it stays."""
    rows = WorkOrder.objects.open().order_by()
    if post.unit_id:
        count = rows.filter(lead=post.unit).count()
        words = ngettext(
            "%(count)d open order belongs to the unit and stays with it: whoever holds a post there sees it.",
            "%(count)d open orders belong to the unit and stay with it: whoever holds a post there sees them.",
            count,
        )
        return [Callout(words % {"count": count})]
    count, by_name = rows.within(post.area_id).count(), rows.filter(officer=post.person).count()
    words = ngettext(
        "%(count)d open order lies in the area and stays there: whoever holds the post sees it.",
        "%(count)d open orders lie in the area and stay there: whoever holds the post sees them.",
        count,
    )
    found = [Callout(words % {"count": count})]
    if by_name:
        words = ngettext(
            "%(count)d open order is handled by %(name)s by name and stays so until it is dispatched anew.",
            "%(count)d open orders are handled by %(name)s by name and stay so until they are dispatched anew.",
            by_name,
        )
        found.append(Callout(words % {"count": by_name, "name": post.person.name}, "warn"))
    return found


def give(request: HttpRequest, person: User) -> Entry:
    """The form that gives one person a post."""
    tops, back = skeleton.tops(request), reverse("people:person", args=[person.pk])
    form = GivePost(request.POST or None, tops=tops, every_role=request.user.is_superuser)

    def work(given: dict) -> Done:
        post = commands.appoint(
            person,
            by=request.user,
            role=given["role"],
            area=Area.objects.get(pk=given["area"].id) if given["area"] else None,
            unit=Unit.objects.get(code=given["unit"]) if given["unit"] else None,
            starts=given["starts"],
            ends=given["ends"],
            at=clock.now(),
        )
        return Done(back, said(post))

    return Entry(_("Give a post"), form, work, back, _("Give the post"))


def said(post: Post) -> str:
    """What was given, in a sentence."""
    return _("%(name)s is %(role)s of %(unit)s from %(day)s.") % {
        "name": post.person.name,
        "role": post.get_role_display(),
        "unit": post.area or post.unit,
        "day": wording.day(post.starts),
    }
