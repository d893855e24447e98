"""Splitting an order in the room it is worked on in: one line for each part, both ways linked afterwards."""

from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import NotPermitted
from pages import base, detail, options
from pages.base import Done, once, page, submitted
from pages.fields import SearchableSelect
from workorders import catalogue
from workorders.commands.splitting import Share, may_split, split

LINES = 4


class SplitForm(forms.Form):
    """Up to four parts at a time, each with its own words and category."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="split_%s", **kwargs)
        for number in range(1, LINES + 1):
            self.fields[f"text_{number}"] = forms.CharField(
                label=_("Part %(number)d") % {"number": number},
                max_length=4000,
                required=number == 1,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            self.fields[f"category_{number}"] = forms.ChoiceField(
                label=_("Category of part %(number)d") % {"number": number},
                choices=[("", _("As the whole")), *options.categories()],
                required=False,
                widget=SearchableSelect(words=options.search_words),
            )

    def shares(self) -> list[Share]:
        """The parts that were filled in."""
        given = self.cleaned_data
        return [
            Share(given[f"text_{number}"], catalogue.find(given[f"category_{number}"] or ""))
            for number in range(1, LINES + 1)
            if given[f"text_{number}"]
        ]


def split_page(room) -> Callable[..., HttpResponse]:
    """The view of splitting in a room."""

    @page
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, number: str) -> HttpResponse:
        """The form, and back to the order with its parts."""
        order = detail.find(request, number)
        if request.method == "GET" and not may_split(order, base.standing(request)):
            raise NotPermitted("not_your_move", _("Your role does not allow this step on this order."))
        form = SplitForm(request.POST or None)
        if submitted(request, form):

            def work() -> Done:
                made = split(order, by=request.user, at=clock.now(), shares=form.shares())
                words = ngettext("%(count)d part was made.", "%(count)d parts were made.", len(made))
                return Done(room.detail(number), words % {"count": len(made)})

            return once(request, work)
        trail = [(room.label, room.prefix), (number, room.detail(number)), (_("Split"), None)]
        context = {"order": order, "room": room, "form": form, "trail": trail, "back": room.detail(number)}
        return render(request, "orders/split.html", context)

    return view
