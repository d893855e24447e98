"""Find a report again by its code and the last four digits of the phone."""

import hmac

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import Invalid
from pages import base
from pages.base import submitted
from pages.public.door import FindForm, question_for, resident_page, sender_of
from workorders import floodgate
from workorders.commands.public import last4_hash
from workorders.models import PublicReport


@resident_page
@require_http_methods(["GET", "POST"])
def find_again(request: HttpRequest) -> HttpResponse:
    """From the code and four digits to the report. A wrong code and wrong digits get the same answer."""
    form, sender, now = FindForm(request.POST or None), sender_of(request), clock.now()
    if submitted(request, form):
        code = "".join(form.cleaned_data["code"].split()).replace("-", "").upper()
        floodgate.admit_finder(sender, code=code, answered=form.answered, at=now)
        found = PublicReport.objects.filter(code=code).first()
        given, kept = last4_hash(form.cleaned_data["last4"].strip()), found.last4_hash if found else ""
        # Both comparisons are always made, so that the time taken says nothing.
        if not hmac.compare_digest(given or "-", kept or "+" * len(given or "-")) or found is None:
            raise Invalid("not_found", _("No report has this code with these digits. Check both and try again."))
        return base.done(request, reverse("public:track", args=[found.token]))
    question = question_for(request, asked=floodgate.asks_finders(sender, at=now))
    return render(request, "public/find.html", {"form": form, "question": question})
