"""Refusals: one shape, one content type, words in the reader's language."""

import pytest
from django.test import Client

from tests.api.conftest import GRID, ROOT

pytestmark = pytest.mark.django_db
MEMBERS = {"type", "title", "status", "detail", "code"}


def problem(answer, status, code=None):
    """The members of a problem document, after checking that it is one."""
    assert answer.status_code == status, (answer.status_code, answer.content.decode()[:400])
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) >= MEMBERS and body["status"] == status and body["detail"] and body["title"]
    assert code is None or body["code"] == code, body
    return body


@pytest.mark.parametrize(
    "path", ["nothing/", "workorders/1/nothing/", "areas", "workorders//", "%00/", "/api/v2/", "/api/"]
)
def test_unknown_addresses_are_problems(api, path):
    for caller in (api.nobody, api.officer):
        problem(caller.get(path), 404, "no_such_address")


def test_a_missing_slash_is_explained(api):
    assert "slash" in problem(api.officer.get("areas", headers={"Accept-Language": "en"}), 404)["detail"]


def test_wrong_methods_are_refused(api):
    for method in ("put", "patch", "delete", "options"):
        answer = getattr(api.officer.client, method)(ROOT + "workorders/", headers=api.officer.headers)
        assert problem(answer, 405, "method_not_allowed") and "POST" in answer["Allow"]
    problem(api.officer.post("areas/"), 405)


def test_other_formats_are_refused(api):
    problem(api.officer.get("areas/", headers={"Accept": "text/html"}), 406, "not_acceptable")
    assert api.officer.get("areas/", headers={"Accept": "text/html,*/*;q=0.1"}).status_code == 200
    answer = api.officer.client.post(ROOT + "workorders/", "<xml/>", "text/xml", headers=api.officer.headers)
    problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "raw", [b"{broken", b'{"a": NaN}', b'"\\ud800"', b"\xff\xfe", b"[" * 100_000, b"{} {}", b"1e999999"]
)
def test_bodies_that_cannot_be_read_are_refused(api, raw):
    answer = api.officer.client.post(ROOT + "workorders/", raw, "application/json", headers=api.officer.headers)
    assert problem(answer, 400)["code"] in ("malformed", "not_an_object")


@pytest.mark.parametrize("body", [[], "text", 1, None, True])
def test_a_body_is_an_object(api, body):
    import json

    answer = api.officer.client.post(
        ROOT + "workorders/", json.dumps(body), "application/json", headers=api.officer.headers
    )
    problem(answer, 400, "not_an_object")


def test_an_enormous_body_is_refused_before_it_is_read(api):
    answer = api.officer.post("workorders/", {"description": "x" * (1024 * 1024)})
    assert problem(answer, 413, "too_large")["data"] == {"limit": 1024 * 1024}


def test_a_broken_form_is_refused(api):
    kind = "multipart/form-data; boundary=x"
    number = api.officer.report().json()["number"]
    for raw in (b"--y\r\n", b"", b"--x\r\nContent-Disposition: form-data\r\n"):
        answer = api.officer.client.generic(
            "POST", f"{ROOT}workorders/{number}/attachments/", raw, kind, headers=api.officer.headers
        )
        problem(answer, 400)


def test_signs_the_database_cannot_store_do_no_harm(api):
    for path in ("workorders/%00/", "areas/%00/", "public/reports/%00/", "workorders/1/moves/%00/"):
        assert api.officer.get(path).status_code in (404, 405)
        assert api.officer.post(path).status_code in (404, 405)
    for path in ("workorders/", "areas/", "people/", "units/", "categories/"):
        problem(api.officer.get(path, q="ab\x00cd"), 400, "bad_filter")
    assert api.officer.report(description="a\x00b", title="\x00").json()["description"] == "ab"
    number = api.officer.report().json()["number"]
    assert api.officer.move(number, "comment", text="a\x00b").status_code == 200
    assert api.nobody.get("public/reports/", code="\x00", last4="1\x0023").status_code == 400


def test_failures_of_ours_are_problems_too(api, monkeypatch):
    monkeypatch.setattr("workorders.reading.fetch_page", lambda *_args, **_more: 1 / 0)
    body = problem(api.officer.get("workorders/"), 500, "internal_error")
    assert "division" not in str(body)


def test_words_follow_the_request_then_the_person(api, town):
    english = {"Accept-Language": "en"}
    assert "Log in" in problem(api.nobody.get("me/", headers=english), 401)["detail"]
    bad = {"category": "05", "area": GRID}
    plain = problem(api.officer.post("workorders/", bad), 400)
    assert plain["errors"].keys() == {"category", "description"}
    town.acceptor.language = "en"
    town.acceptor.save()
    for headers in (None, {"Accept-Language": "*"}):
        answer = api.acceptor.post("workorders/", bad, headers=headers)
        assert "group of categories" in problem(answer, 400)["errors"]["category"][0]
        assert answer["Content-Language"] == "en"
    chinese = api.acceptor.get("me/", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert chinese["Content-Language"] == "zh-hans"
    assert api.officer.get("me/")["Content-Language"] == "zh-hans"


def test_pages_behind_the_door_keep_their_headers(api):
    answer = api.officer.get("me/")
    assert answer["X-Content-Type-Options"] == "nosniff" and "no-store" in answer["Cache-Control"]
    assert "default-src" in answer["Content-Security-Policy"]


def test_a_browser_session_needs_the_csrf_token(api, town):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(town.officer)
    assert browser.get(ROOT + "me/").json()["username"] == "officer"
    body = {"description": "路灯不亮", "category": "0603", "area": GRID}
    problem(browser.post(ROOT + "workorders/", body, "application/json"), 403)
    docs = browser.get(ROOT + "docs/").content.decode()
    mark = docs.split('data-csrf="')[1].split('"')[0]
    answer = browser.post(ROOT + "workorders/", body, "application/json", headers={"X-CSRFToken": mark})
    assert answer.status_code == 201, answer.content
