"""Logging in as a program, and how a token dies."""

import datetime as dt

import pytest

from api import authentication
from core import clock
from personnel.models import ApiToken
from tests.api.conftest import Caller
from tests.api.test_problems import problem

pytestmark = pytest.mark.django_db
PASSWORD = "gridgov-demo"


def log_in(caller, username="officer", password=PASSWORD, **more):
    return caller.post("auth/token/", {"username": username, "password": password}, **more)


def test_each_log_in_makes_a_token_of_its_own(api, town):
    answers = [log_in(api.nobody) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["token"] for answer in answers}) == 3
    expires = dt.datetime.fromisoformat(answers[0].json()["expires_at"])
    assert expires > clock.now() + dt.timedelta(days=1)
    caller = Caller()
    caller.headers = {"Authorization": f"Token {answers[0].json()['token']}"}
    assert caller.get("me/").json()["username"] == "officer"
    town.officer.refresh_from_db()
    assert town.officer.last_login is not None


def test_log_ins_that_succeed_are_not_limited(api):
    assert {log_in(api.nobody).status_code for _ in range(12)} == {200}


def test_wrong_passwords_are_refused_and_lock_the_account_here(api):
    codes = [log_in(api.nobody, password="wrong") for _ in range(5)]
    assert [answer.status_code for answer in codes][:4] == [401] * 4
    problem(codes[0], 401, "bad_credentials")
    locked = log_in(api.nobody)
    assert problem(locked, 429, "locked_out") and int(locked["Retry-After"]) > 0
    assert log_in(api.nobody, username="acceptor").status_code == 200  # neighbours are not locked out
    elsewhere = api.nobody.client.post(
        "/api/v1/auth/token/",
        {"username": "officer", "password": PASSWORD},
        "application/json",
        REMOTE_ADDR="10.1.2.3",
    )
    assert elsewhere.status_code == 200


def test_the_lock_speaks_both_languages(api):
    for _ in range(5):
        log_in(api.nobody, password="wrong")
    assert "15" in problem(log_in(api.nobody), 429)["detail"]
    assert "locked" in problem(log_in(api.nobody, headers={"Accept-Language": "en"}), 429)["detail"]


@pytest.mark.parametrize(
    "body",
    [{}, {"username": "officer"}, {"username": 1, "password": 2}, {"username": "", "password": ""}, {"password": []}],
)
def test_both_fields_are_needed(api, body):
    assert problem(api.nobody.post("auth/token/", body), 400)["errors"].keys() <= {"username", "password"}


def test_a_repeated_log_in_with_a_key_answers_the_same_token(api):
    key = "6a8f1dd4-6f3e-4d0e-9a3a-0f6d1f2b3c4d"
    first, again = log_in(api.nobody, key=key), log_in(api.nobody, key=key)
    assert first.json() == again.json() and again["Idempotent-Replay"] == "true"
    assert log_in(api.nobody, key=key, password="wrong").status_code == 401


def test_bad_tokens_are_401(api, town):
    caller = Caller()
    for header in ("Token", "Token ", "Token " + "0" * 40, "Token \u00e9\u00e9", "token x y"):
        caller.headers = {"Authorization": header.encode().decode("latin-1")}
        assert problem(caller.get("workorders/"), 401, "bad_token")
    caller.headers = {"Authorization": "Basic b2ZmaWNlcjpncmlkZ292LWRlbW8="}
    answer = caller.get("workorders/")
    assert problem(answer, 401, "not_authenticated") and answer["WWW-Authenticate"] == "Token"


def test_expired_tokens_are_401(api, town):
    key, _token = ApiToken.issue(town.officer, clock.now() - dt.timedelta(days=365))
    caller = Caller()
    caller.headers = {"Authorization": f"Token {key}"}
    problem(caller.get("me/"), 401, "bad_token")


def test_a_disabled_person_is_out_within_five_seconds(api, town, monkeypatch):
    assert api.officer.get("me/").status_code == 200
    town.officer.is_active = False
    town.officer.save()
    moment = authentication.time.monotonic()
    monkeypatch.setattr(authentication.time, "monotonic", lambda: moment + 5)
    problem(api.officer.get("me/"), 401, "bad_token")


def test_a_deleted_token_is_out_within_five_seconds(api, town, monkeypatch):
    assert api.officer.get("me/").status_code == 200
    town.officer.tokens.all().delete()
    moment = authentication.time.monotonic()
    monkeypatch.setattr(authentication.time, "monotonic", lambda: moment + 5)
    problem(api.officer.get("me/"), 401, "bad_token")


def test_hot_requests_ask_for_no_token(api, django_assert_num_queries):
    api.officer.get("me/")
    with django_assert_num_queries(2):
        api.officer.get("me/")


def test_what_one_request_learns_of_a_person_stays_with_it(api, town):
    """A post that ends is gone with the next request, although the token is remembered."""
    number = api.officer.report().json()["number"]
    assert api.acceptor.get(f"workorders/{number}/").status_code == 200
    town.acceptor.posts.update(ends=town.on)
    assert api.acceptor.get(f"workorders/{number}/").status_code == 404
