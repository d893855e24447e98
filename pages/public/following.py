"""Follow a report by its link: how far it is, add to it, rate it."""

from django import forms
from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from core.errors import NotAllowedNow
from pages import base, pictures, places, progress
from pages.base import Done, page, submitted
from pages.public import door
from pages.public.door import MOST_PHOTOS, resident_page
from workorders import commands, copies, floodgate, intake
from workorders.commands.public import FACES, REASONS, grade_of
from workorders.models import Attachment, PublicReport
from workorders.vocabulary import GRADES

REASON_WORDS = {
    "not_solved": _lazy("The problem is still there"),
    "slow": _lazy("It took too long"),
    "attitude": _lazy("Unfriendly or careless"),
    "unclear": _lazy("The answer does not say enough"),
    "other": _lazy("Something else"),
}
FACE_WORDS = {"good": _lazy("Satisfied"), "fair": _lazy("So-so"), "bad": _lazy("Dissatisfied")}


class RemarkForm(forms.Form):
    """Something to add while the matter is open."""

    text = forms.CharField(label=_lazy("What do you want to add?"), required=False, widget=forms.Textarea)
    photos = pictures.ReadPhotosField(label=_lazy("Photo"), required=False, most=MOST_PHOTOS)

    def clean(self):
        """Words or a photo; not more words than a report may have."""
        found, most = super().clean(), intake.DESCRIPTION_LENGTH
        text = found.get("text", "").replace("\x00", "").strip()
        if not text and not self.files:
            self.add_error("text", _("Write something, or add a photo."))
        if len(text) > most:
            words = _("This may have %(most)d characters; yours has %(count)d. Please shorten it.")
            self.add_error("text", words % {"most": most, "count": len(text)})
        return {**found, "text": text}

    @property
    def lost_photos(self) -> bool:
        """Whether photos came that the page cannot show again."""
        return self.is_bound and bool(self.files)


class AnswerForm(forms.Form):
    """The answer to what the unit asked."""

    text = forms.CharField(label=_lazy("Your answer"), max_length=intake.DESCRIPTION_LENGTH, widget=forms.Textarea)


class RateForm(forms.Form):
    """The resident's answer, once."""

    resolved = forms.ChoiceField(
        label=_lazy("Is the problem solved?"),
        choices=[("true", _lazy("Yes, it is solved")), ("false", _lazy("No, not yet"))],
        widget=forms.RadioSelect,
    )
    face = forms.ChoiceField(
        label=_lazy("How satisfied are you?"),
        choices=[(face, FACE_WORDS[face]) for face in FACES],
        widget=forms.RadioSelect,
    )
    reasons = forms.MultipleChoiceField(
        label=_lazy("If something was wrong, what was it?"),
        choices=[(reason, REASON_WORDS[reason]) for reason in REASONS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = forms.CharField(
        label=_lazy("Anything you want to say"), required=False, max_length=1000, widget=forms.Textarea
    )


# What a resident may send here, and what says whether the page still asks for it.
_STEPS = {"answer": "question", "remark": "may_add", "rate": "may_rate"}


@resident_page
@require_http_methods(["GET", "POST"])
def track(request: HttpRequest, token: str) -> HttpResponse:
    """How far it is, answer a question, add something, rate it. POST: `step` is `answer`, `remark` or `rate`."""
    found = door.found(token)
    if found is None:
        return door.lost(request)
    step = request.POST.get("step", "")
    if request.method == "POST" and step not in _STEPS:
        raise BadRequest
    data, files = request.POST or None, request.FILES or None
    answer_form = AnswerForm(data if step == "answer" else None, auto_id="answer_%s")
    remark_form = RemarkForm(data if step == "remark" else None, files, auto_id="remark_%s")
    rate_form = RateForm(data if step == "rate" else None, auto_id="rate_%s")
    if step == "answer" and submitted(request, answer_form):
        return base.once(request, lambda: _answer(request, found, answer_form))
    if step == "remark" and submitted(request, remark_form):
        return base.once(request, lambda: _remark(request, found, remark_form))
    if step == "rate" and submitted(request, rate_form):
        return base.once(request, lambda: _rate(request, found, rate_form))
    shown = progress.of(found.order, at=clock.now())
    rating = shown.followed.rating
    if step and not getattr(shown.followed, _STEPS[step]):
        request.problem_form = None  # the page has no such form any more: the refusal goes to the top
    context = {
        "report": found,
        "shown": shown,
        "remarks": progress.remarks(found.order),
        "rating_words": GRADES[rating.satisfaction] if rating else "",
        "answer_form": answer_form,
        "remark_form": remark_form,
        "rate_form": rate_form,
    }
    return render(request, "public/track.html", context)


def _answer(request: HttpRequest, found: PublicReport, form: AnswerForm) -> Done:
    now = clock.now()
    floodgate.admit_addition(address=places.address_of(request), token=found.token, at=now)
    commands.answer_publicly(found.order, at=now, text=form.cleaned_data["text"].replace("\x00", "").strip())
    return Done(reverse("public:track", args=[found.token]), _("Thank you. The work goes on with your answer."))


def _remark(request: HttpRequest, found: PublicReport, form: RemarkForm) -> Done:
    now, given = clock.now(), form.cleaned_data
    floodgate.admit_addition(address=places.address_of(request), token=found.token, at=now)
    if given["text"]:
        commands.remark(found.order, at=now, text=given["text"])
    elif not progress.of(found.order, at=now).followed.may_add:
        raise NotAllowedNow("order_is_final", _("This matter is closed. Rate it, or report it anew."))
    pictures.attach(found.order, form, "photos", by=None, at=now, kind=Attachment.Kind.OTHER)
    return Done(reverse("public:track", args=[found.token]), _("Thank you. The people working on it can read it now."))


def _rate(request: HttpRequest, found: PublicReport, form: RateForm) -> Done:
    now, given = clock.now(), form.cleaned_data
    floodgate.admit_addition(address=places.address_of(request), token=found.token, at=now)
    resolved = given["resolved"] == "true"
    order = commands.rate(
        found.order,
        at=now,
        resolved=resolved,
        satisfaction=grade_of(given["face"], resolved=resolved),
        reasons=given["reasons"],
        note=given["note"],
        rater=request.user if request.user.is_authenticated else None,
    )
    words = _("Thank you for your answer.")
    if order.reopen_requested_at is not None:
        words = _("We are sorry. A request to take the matter up again has been made; a leader decides on it.")
    return Done(reverse("public:track", args=[found.token]), words)


@page
@require_GET
def photo(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """The copy of a photo made for residents (workorders/copies.py); `?small=1` a smaller one."""
    found = door.found(token)
    shown = progress.photos(found.order).filter(pk=pk).first() if found else None
    file = copies.for_resident(shown, small="small" in request.GET) if shown else None
    if file is None:
        raise Http404
    response = FileResponse(open(file, "rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-cache"  # masked later, it must not be shown from before
    return response
