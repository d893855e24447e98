"""Accounts, their passwords and their tokens."""

import datetime as dt

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection

from core import clock
from personnel.accounts import kinds_of
from personnel.models import ApiToken, User
from personnel.roles import Role


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("Grid-gov2026", True),
        ("grid-gov-2026", True),
        ("Wangge2026ok", True),
        ("网格Abc治理abc123", True),
        ("gridgovernance", False),
        ("gridgov-demo", False),
        ("GRIDgovernance", False),
        ("Gr1d-gov!", False),
        ("20261121203", False),
    ],
)
def test_ten_signs_of_three_kinds(password, good):
    try:
        validate_password(password, User(username="somebody", name="somebody"))
    except ValidationError:
        assert not good
    else:
        assert good


def test_demo_accounts_are_not_bound_by_the_kinds():
    validate_password("gridgov-demo", User(username="somebody", is_demo=True))


def test_kinds_are_counted():
    assert kinds_of("aA1-") == {"lower", "upper", "digit", "other"}
    assert kinds_of("") == set()


@pytest.mark.django_db
def test_token_is_shown_once_and_stored_as_a_digest(town):
    at = clock.now()
    key, token = ApiToken.issue(town.officer, at)
    other, _ = ApiToken.issue(town.officer, at)
    assert key != other and len(key) >= 40
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(t)::text FROM personnel_apitoken t")
        assert all(key not in row and other not in row for (row,) in cursor.fetchall())
    assert token.expires_at > at


@pytest.mark.django_db
def test_token_opens_until_it_expires(town, django_assert_num_queries):
    at = clock.now()
    key, token = ApiToken.issue(town.officer, at)
    with django_assert_num_queries(1):
        assert ApiToken.find(key, at).user.name == town.officer.name
    assert ApiToken.find(key, token.expires_at - dt.timedelta(seconds=1))
    assert ApiToken.find(key, token.expires_at) is None
    assert ApiToken.find(key + "x", at) is None and ApiToken.find("", at) is None


@pytest.mark.django_db
def test_token_of_a_closed_account_opens_nothing(town):
    key, _ = ApiToken.issue(town.officer, clock.now())
    User.objects.filter(pk=town.officer.pk).update(is_active=False)
    assert ApiToken.find(key, clock.now()) is None


@pytest.mark.django_db
def test_person_knows_the_own_posts(town):
    assert [(post.role, post.area.name) for post in town.officer.mine()] == [(Role.OFFICER, "农大一网格")]
    assert [post.ends for post in town.former.mine()] == [town.on]
    assert str(town.officer) == town.officer.get_full_name() == "王小梅"


@pytest.mark.django_db
def test_everybody_of_the_cast_can_log_in(town, client):
    assert town.officer.check_password(town.password)
    assert not town.officer.check_password("x")
