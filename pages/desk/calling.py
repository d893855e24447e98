"""A caller's report: entered at the desk for somebody who called, or for a leader or a department."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock
from grids.directory import directory
from grids.levels import Level
from pages import base, lists, options, orders
from pages.base import Done, once, page, submitted
from pages.fields import SearchableSelect
from pages.orders import DESK
from personnel.jurisdiction import Standing
from workorders import commands, intake
from workorders.vocabulary import Source, Urgency


class CallForm(forms.Form):
    """What a caller tells; `workorders.intake` judges it."""

    description = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    category = forms.ChoiceField(required=False, widget=SearchableSelect(words=options.search_words))
    area = forms.ChoiceField(widget=SearchableSelect())
    address = forms.CharField(max_length=200, required=False)
    urgency = forms.ChoiceField(choices=Urgency.choices, required=False, widget=forms.RadioSelect)
    reporter_name = forms.CharField(max_length=40, required=False)
    reporter_phone = forms.CharField(max_length=20, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    source = forms.ChoiceField(initial=Source.HOTLINE, widget=forms.RadioSelect)
    external_id = forms.CharField(max_length=80, required=False)

    def __init__(self, *args, standing: Standing, **kwargs):
        super().__init__(*args, auto_id="call_%s", **kwargs)
        sources = (Source.HOTLINE, Source.LEADER, Source.DEPARTMENT, Source.OTHER)
        words = {
            "description": (_("What is the matter?"), _("In the caller's words: what, since when, how bad.")),
            "category": (_("Category"), _("Left open, the acceptor chooses it.")),
            "area": (_("Grid"), _("Type the name of the community or the grid.")),
            "address": (_("Where exactly"), _("House, entrance, landmark.")),
            "urgency": (_("Urgency"), _("Without a choice the category's own urgency holds.")),
            "reporter_name": (_("Name of the caller"), ""),
            "reporter_phone": (_("Phone of the caller"), _("For the revisit. Shown masked to everybody else.")),
            "source": (_("Where it comes from"), ""),
            "external_id": (_("Number at the hotline"), _("Entered once only: a second order with it is refused.")),
        }
        for name, (label, help_text) in words.items():
            self.fields[name].label, self.fields[name].help_text = label, help_text
        self.fields["source"].choices = [(one.value, one.label) for one in sources]
        self.fields["category"].choices = [("", _("Not known yet")), *options.categories()]
        self.fields["area"].choices = [("", _("Choose a grid")), *grids_of(standing)]


def grids_of(standing: Standing) -> list[tuple[str, list[tuple[str, str]]]]:
    """The grids of the reader's areas as the groups of a select, one for each community."""
    tops, today = {place.id for place in lists.tops_of(standing)}, clock.today()
    known, groups = directory().by_id, {}
    for place in known.values():
        if place.level == Level.GRID and place.is_active(today) and not tops.isdisjoint(place.path):
            community = known[place.parent_id]
            groups.setdefault(community.id, (community.name, []))[1].append(
                (place.code, f"{place.name} · {community.name}")
            )
    return list(groups.values())


@page
@require_http_methods(["GET", "POST"])
def enter_call(request: HttpRequest) -> HttpResponse:
    """Enter an order for somebody who called, or for a leader or a department."""
    orders.enter(request, DESK)
    standing = base.standing(request)
    form = CallForm(request.POST or None, standing=standing)
    if submitted(request, form):

        def work() -> Done:
            now = clock.now()
            raw = {name: value for name, value in form.cleaned_data.items() if value}
            order = commands.report(intake.read(raw, standing=standing, at=now), by=request.user, at=now)
            return Done(DESK.detail(order.number), _("%(number)s was entered.") % {"number": order.number})

        return once(request, work)
    context = {"form": form, "room": DESK, "trail": [(_("Queue"), DESK.prefix), (_("Enter an order"), None)]}
    return render(request, "desk/enter.html", context)
