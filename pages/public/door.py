"""What the residents' pages share: who sends, the question when much comes in, the report behind a link."""

import functools
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache

from core import clock
from pages import places
from pages.base import page
from workorders import floodgate, questions
from workorders.floodgate import Answered, Sender
from workorders.models import PublicReport

MOST_PHOTOS = 3
DEVICE_COOKIE, DEVICE_FOR = "gridgov_device", 24 * 3600
_mark = signing.Signer(salt="gridgov.device")


def resident_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate every page a resident writes on: never kept, refusals translated once, and the browser gets a mark.

    The mark is a random word for a day. It counts how much comes from one browser, so that neighbours behind one
    address are not taken for one sender; it is stored nowhere else. A browser that was refused often and goes on gets
    a short answer without the form, before anything is read or looked up.
    """

    guarded = page(view)

    @never_cache
    @functools.wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sender, now = sender_of(request), clock.now()
        if request.method == "POST" and floodgate.is_shut_out(sender, at=now):
            request.problem = None
            return HttpResponse(_short_answer(get_language()), status=HTTPStatus.TOO_MANY_REQUESTS)
        response = guarded(request, *args, **kwargs)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            floodgate.note_refusal(sender, at=now)
        if not sender.device:
            mark = _mark.sign(secrets.token_hex(8))
            response.set_cookie(
                DEVICE_COOKIE, mark, max_age=DEVICE_FOR, secure=settings.HTTPS, httponly=True, samesite="Lax"
            )
        return response

    return marked


@functools.cache
def _short_answer(language: str) -> str:
    """What a browser reads that is shut out: made once for each language, for it may be asked for very often."""
    return render_to_string("public/shut_out.html", {"phone": floodgate.HOTLINE})


def sender_of(request: HttpRequest) -> Sender:
    """Who sends, as far as it can be told. A mark we did not make counts as none."""
    try:
        device = _mark.unsign(request.COOKIES.get(DEVICE_COOKIE, ""))
    except signing.BadSignature:
        device = ""
    return Sender(places.address_of(request), device)


# --- a question when much comes in -----------------------------------------------------------------------------------


class AskedForm(forms.Form):
    """A form that may have to answer a question; templates include `public/_question.html`."""

    answer = forms.CharField(label=_lazy("A short question"), required=False, max_length=20)
    seal = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)

    @property
    def answered(self) -> Answered:
        """The question that came back, empty where none was asked."""
        return Answered(self.cleaned_data["seal"], self.cleaned_data["answer"])


def question_for(request: HttpRequest, *, asked: bool) -> questions.Question | None:
    """A fresh question when one is due (`asked`) or when the last answer was not taken."""
    problem = getattr(request, "problem", None)
    if asked or (problem is not None and problem.code == floodgate.QUESTION):
        return questions.ask(clock.now())
    return None


# --- the report behind a link ----------------------------------------------------------------------------------------


class FindForm(AskedForm):
    """The code of a report and the last four digits of the phone given with it."""

    code = forms.CharField(
        label=_lazy("Code"),
        help_text=_lazy("10 letters and digits"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    last4 = forms.CharField(
        label=_lazy("Last four digits of your phone"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "4"}),
    )


def found(token: str) -> PublicReport | None:
    """The report behind a secret link."""
    reports = PublicReport.objects.select_related("order__lead", "order__category", "order__area")
    return reports.filter(token=token).first()


def lost(request: HttpRequest) -> HttpResponse:
    """A link that leads to no report: the way to find it by code."""
    return render(request, "public/find.html", {"form": FindForm(), "lost": True}, status=HTTPStatus.NOT_FOUND)
