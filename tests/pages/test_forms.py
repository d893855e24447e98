"""Refusals shown once and with the values kept; a form that is sent twice has one effect."""

import uuid

import pytest
from django import forms
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import unit_of_work
from pages.base import Done, count, counted, done, once, page, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

SHOWN = """{% load ui %}{% strips %}
<form method="post">{% form_key %}{% error_summary form %}{% field form.name %}{% field form.kind %}</form>"""


class Name(forms.Form):
    """One name of a group, so that there is something to count."""

    name = forms.CharField(label="Name", help_text="Anything", max_length=20)
    kind = forms.ChoiceField(
        label="Kind", choices=[("a", "First"), ("b", "Second")], widget=forms.RadioSelect, required=False
    )


@page
def create(request):
    """A page with a form; the name decides what becomes of it."""
    form = Name(request.POST or None)
    if submitted(request, form):

        def work():
            with unit_of_work():
                name = form.cleaned_data["name"]
                Group.objects.create(name=f"{name} {uuid.uuid4()}")
                if name == "bad":
                    raise Invalid(errors={"name": ["Not that one."], "elsewhere": ["Nor there."]})
                if name == "late":
                    raise NotAllowedNow(message="Somebody was faster.")
            return Done("/arrived/", f"Made {name}.")

        return once(request, work)
    return HttpResponse(engines["django"].from_string(SHOWN).render({"form": form}, request))


@page
def button(request):
    """A move without a page of its own."""
    raise NotPermitted(message="Not yours.", errors={"unit": ["Closed today."]})


@page
def arrived(request):
    """Where it goes on."""
    return HttpResponse(engines["django"].from_string("{% load ui %}{% strips %}").render({}, request))


@page
def partly(request):
    """What an HTMX form of its own posts to."""
    return done(request, "/arrived/", "Done.")


urlpatterns = [
    path("create/", create),
    path("button/", button),
    path("arrived/", arrived),
    path("partly/", partly),
    path("", include("pages.urls")),
]


@pytest.fixture
def reader(client, town):
    """Somebody who is logged in and reads English."""
    client.force_login(town.officer)
    client.cookies.load({"gridgov_language": "en"})
    return client


def test_good_form_goes_on_with_a_sentence(reader):
    answer = reader.post("/create/", {"name": "good"}, follow=True)
    assert answer.redirect_chain == [("/arrived/", 302)]
    assert "Made good." in answer.content.decode() and Group.objects.count() == 1


def test_wrong_entry_is_400_with_values_kept_and_linked_errors(reader):
    answer = reader.post("/create/", {"name": "x" * 21, "kind": "b"})
    shown = answer.content.decode()
    assert answer.status_code == 400 and "x" * 21 in shown
    assert '<a href="#id_name">Name</a>' in shown and 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_name_help id_name_error"' in shown and 'id="id_name_error"' in shown
    assert 'value="b"' in shown and "checked" in shown
    assert shown.count('role="alert"') == 1, "said once, not in a strip as well"


def test_refusal_of_the_command_lands_on_its_fields(reader):
    answer = reader.post("/create/", {"name": "bad"})
    shown = answer.content.decode()
    assert answer.status_code == 400 and Group.objects.count() == 0
    assert "Not that one." in shown and "Nor there." in shown and 'value="bad"' in shown
    assert "Please check what you entered" in shown


def test_refusal_without_a_field_stands_above_the_form(reader):
    answer = reader.post("/create/", {"name": "late"})
    shown = answer.content.decode()
    assert answer.status_code == 409 and 'data-code="not_allowed_now"' in shown
    assert shown.count("Somebody was faster.") == 1 and 'value="late"' in shown


def test_refusal_without_a_page_says_why_and_leads_back(reader):
    answer = reader.post("/button/", HTTP_REFERER="http://testserver/me/")
    shown = answer.content.decode()
    assert answer.status_code == 403
    assert "Not yours." in shown and "Closed today." in shown and 'href="http://testserver/me/"' in shown


def test_the_way_back_never_leaves_the_site(reader):
    assert "example.com" not in reader.post("/button/", HTTP_REFERER="https://example.com/").content.decode()


def test_refusal_for_htmx_is_a_strip_in_the_page(reader):
    answer = reader.post("/button/", HTTP_HX_REQUEST="true")
    shown = answer.content.decode()
    assert answer.status_code == 403 and "Not yours." in shown and "<html" not in shown
    assert answer["HX-Retarget"] == "[data-strips]" and answer["HX-Reswap"].startswith("innerHTML")


def test_htmx_goes_on_by_header(reader):
    answer = reader.post("/partly/", HTTP_HX_REQUEST="true")
    assert answer.status_code == 204 and answer["HX-Redirect"] == "/arrived/"


# --- one form, one effect --------------------------------------------------------------------------------------------


def test_form_sent_twice_has_one_effect_and_one_answer(reader):
    words = {"name": "good", "form_key": str(uuid.uuid4())}
    answers = [reader.post("/create/", words) for _ in range(3)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/arrived/")}
    assert Group.objects.count() == 1


def test_other_words_under_the_same_key_are_refused_with_a_new_key(reader):
    key = str(uuid.uuid4())
    reader.post("/create/", {"name": "good", "form_key": key})
    answer = reader.post("/create/", {"name": "other", "form_key": key})
    shown = answer.content.decode()
    assert answer.status_code == 409 and "This form was already sent" in shown
    assert key not in shown and 'name="form_key"' in shown and 'value="other"' in shown
    assert Group.objects.count() == 1


def test_a_refused_form_keeps_its_key_and_may_be_sent_again(reader):
    key = str(uuid.uuid4())
    assert key in reader.post("/create/", {"name": "bad", "form_key": key}).content.decode()
    assert reader.post("/create/", {"name": "good", "form_key": key}).status_code == 302
    assert Group.objects.count() == 1


def test_each_shown_form_has_a_key_of_its_own(reader):
    assert reader.get("/create/").content != reader.get("/create/").content


@pytest.mark.parametrize("key", ["", "not-a-uuid", "1"])
def test_form_without_a_key_is_carried_out(reader, key):
    assert reader.post("/create/", {"name": "good", "form_key": key}).status_code == 302


def test_the_key_belongs_to_the_person(reader, town):
    words = {"name": "good", "form_key": str(uuid.uuid4())}
    reader.post("/create/", words)
    reader.force_login(town.clerk)
    reader.post("/create/", words)
    assert Group.objects.count() == 2


def test_another_file_is_another_body(rf, town):
    from pages.base import _fingerprint

    def sent(content):
        return rf.post("/create/", {"name": "x", "photo": SimpleUploadedFile("a.jpg", content)})

    assert _fingerprint(sent(b"one")) != _fingerprint(sent(b"two"))
    request = sent(b"one")
    assert _fingerprint(request) == _fingerprint(sent(b"one"))
    assert request.FILES["photo"].read() == b"one", "the command reads it from the start"


# --- fields and figures ----------------------------------------------------------------------------------------------


def test_radio_buttons_are_chips_in_a_named_group(reader):
    shown = reader.get("/create/").content.decode()
    assert '<fieldset class="field" id="id_kind"' in shown and "<legend" in shown
    assert shown.count('class="chip"') == 2 and "(optional)" in shown


def test_figures_are_asked_for_once_per_request(rf, town):
    asked = []
    counted("test")(lambda user: asked.append(user) or 7)
    request = rf.get("/")
    request.user = town.officer
    assert [count("test", request), count("test", request), count("nobody", request)] == [7, 7, 0]
    assert len(asked) == 1
