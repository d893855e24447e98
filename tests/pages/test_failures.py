"""The pages people see when something is wrong: in their language, with what to do next."""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import include, path
from django.utils import translation

pytestmark = pytest.mark.urls(__name__)


def forbidden(request):
    """A page nobody may open."""
    from django.core.exceptions import PermissionDenied

    raise PermissionDenied


def garbled(request):
    """A request nobody can read."""
    from django.core.exceptions import SuspiciousOperation

    raise SuspiciousOperation


urlpatterns = [path("forbidden/", forbidden), path("garbled/", garbled), path("", include("pages.urls"))]

SAID = {
    400: "The request was not understood",
    403: "This is not yours to do",
    404: "There is nothing here",
    500: "Something went wrong on our side",
    503: "Not available right now",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "status"), [("/garbled/", 400), ("/forbidden/", 403), ("/nothing/", 404)])
def test_errors_are_pages_with_a_way_on(client, town, address, status):
    client.force_login(town.officer)
    client.cookies.load({"gridgov_language": "en"})
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == status
    assert SAID[status] in page and 'href="/"' in page and "<h1>" in page
    assert "default-src" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("status", SAID)
def test_error_pages_need_neither_request_nor_database(status):
    with translation.override("en"):
        page = render_to_string(f"errors/{status}.html")
    assert SAID[status] in page and str(status) in page and 'href="/"' in page


@pytest.mark.django_db
def test_a_form_that_is_too_old_says_so(town):
    client = Client(enforce_csrf_checks=True)
    client.cookies.load({"gridgov_language": "en"})
    answer = client.post("/login/", {"username": "officer", "password": "x"})
    assert answer.status_code == 403 and "This form is too old" in answer.content.decode()


@pytest.mark.django_db
def test_strangers_do_not_learn_which_addresses_exist(client):
    assert client.get("/nothing/")["Location"].startswith("/login/")
