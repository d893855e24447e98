"""Log in and out, language, letters, password, and the page each role starts from."""

import datetime as dt
import re

import pytest
from django.conf import settings

from core import clock
from pages import base
from personnel.models import ApiToken, Post
from personnel.roles import SEATS, Role
from tests.town import PASSWORD

pytestmark = pytest.mark.django_db
ENGLISH = {settings.LANGUAGE_COOKIE_NAME: "en"}


@pytest.fixture
def english(client):
    """A browser that chose English."""
    client.cookies.load(ENGLISH)
    return client


def log_in(client, username, password=PASSWORD, **more):
    """Send the log-in form."""
    return client.post("/login/", {"username": username, "password": password, **more})


# --- log in ----------------------------------------------------------------------------------------------------------


def test_stranger_is_led_to_the_log_in_page(client):
    answer = client.get("/", follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == "/login/"
    assert 'type="password"' in answer.content.decode()


def test_log_in_goes_on_to_the_page_that_was_asked_for(client, town):
    wall = client.get("/me/")
    assert wall.status_code == 302 and wall["Location"] == "/login/?next=%2Fme%2F"
    page = client.get(wall["Location"]).content.decode()
    assert '<input type="hidden" name="next" value="/me/">' in page
    assert log_in(client, "officer", next="/me/")["Location"] == "/me/"


def test_log_in_never_leads_to_another_site(client, town):
    assert log_in(client, "officer", next="https://example.com/")["Location"] == "/"


def test_wrong_password_keeps_the_name_and_says_what_to_do(english, town):
    answer = log_in(english, "officer", "wrong")
    page = answer.content.decode()
    assert "The user name or the password is wrong." in page and 'value="officer"' in page
    assert "wrong" not in page.replace("is wrong", "").replace("wrong tries", "")
    assert "_auth_user_id" not in english.session


def test_closed_account_stays_out(english, town):
    town.officer.is_active = False
    town.officer.save()
    assert "_auth_user_id" not in english.session
    assert log_in(english, "officer").status_code == 200


def test_fifth_wrong_password_locks_and_says_how_long(english, town):
    answers = [log_in(english, "officer", "wrong") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    page = answers[-1].content.decode()
    assert "This account is locked for now" in page and "Try again in 15 minutes" in page
    assert answers[-1]["Retry-After"] == "900"
    right = log_in(english, "officer")
    assert right.status_code == 429 and "_auth_user_id" not in english.session
    assert log_in(english, "clerk").status_code == 302, "the colleague at the next desk is not locked out"


def test_log_out_ends_the_session_and_is_no_link(client, town):
    client.force_login(town.officer)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert "_auth_user_id" not in client.session
    assert client.get("/me/").status_code == 302


def test_who_is_logged_in_is_not_asked_again(client, town):
    client.force_login(town.officer)
    assert client.get("/login/").status_code == 302


# --- the demo's accounts ---------------------------------------------------------------------------------------------


def test_demo_accounts_are_offered_in_a_demo_only(client, town, settings):
    assert "?as=" not in client.get("/login/").content.decode()
    settings.DEMO = True
    page = client.get("/login/").content.decode()
    assert 'href="?as=officer"' in page and "王小梅" in page and "农大一网格" in page
    assert "neighbour" not in page, "the cast of the contract, not everybody"


def test_a_demo_account_fills_the_form(client, town, settings):
    assert PASSWORD not in client.get("/login/?as=officer").content.decode()
    settings.DEMO = True
    page = client.get("/login/?as=officer&next=/me/").content.decode()
    assert 'value="officer"' in page and f'value="{PASSWORD}"' in page and 'value="/me/"' in page
    assert PASSWORD not in client.get("/login/?as=somebody").content.decode()


def test_a_password_that_was_typed_is_never_sent_back(client, town, settings):
    settings.DEMO = True
    assert (
        "typed-by-hand"
        not in client.post("/login/?as=officer", {"username": "officer", "password": "typed-by-hand"}).content.decode()
    )


# --- homes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_each_role_starts_from_its_home(client, town, role):
    client.force_login(town.role(role))
    answer = client.get("/")
    wanted = SEATS[role].home
    if wanted == "/admin/" or not base.exists(wanted):
        wanted = "/me/"
    assert answer.status_code == 302 and answer["Location"] == wanted
    assert client.get("/me/").status_code == 200


def test_administrator_starts_from_administration(client, town):
    client.force_login(town.admin)
    assert client.get("/")["Location"] == "/admin/"


def test_who_holds_no_post_starts_from_the_account(english, town):
    english.force_login(town.former)
    assert base.exists(english.get("/")["Location"])
    page = english.get("/me/").content.decode()
    assert "You hold no post today" in page and "ended" in page


def test_several_posts_are_all_shown_with_their_pages(english, town):
    Post.objects.create(person=town.officer, role=Role.DISPATCHER, area=town.district, starts=town.on)
    english.force_login(town.officer)
    page = english.get("/me/").content.decode()
    assert "The pages of my posts" in page and 'href="/m/"' in page and 'href="/desk/"' in page
    assert "Dispatcher · 安宁区" in page and "Grid officer · 农大一网格" in page


def test_a_post_to_come_and_one_that_ended_are_told_apart(english, town):
    Post.objects.create(person=town.clerk, role=Role.CHIEF, area=town.community, starts=town.on + dt.timedelta(days=3))
    Post.objects.create(
        person=town.clerk, role=Role.OFFICER, area=town.main_grid, starts=dt.date(2019, 1, 1), ends=dt.date(2019, 6, 1)
    )
    english.force_login(town.clerk)
    page = english.get("/me/").content.decode()
    assert "to come" in page and "2019-01-01 – 2019-06-01" in page and "held today" in page


# --- language and letters --------------------------------------------------------------------------------------------


def test_language_of_the_account_holds_after_log_in(client, town):
    town.officer.language = "en"
    town.officer.save()
    assert 'lang="zh-CN"' in client.get("/login/").content.decode()
    assert log_in(client, "officer").cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert '<html lang="en"' in client.get("/me/").content.decode()


def test_language_chosen_in_this_browser_is_kept_by_log_in(english, town):
    log_in(english, "officer")
    assert '<html lang="en"' in english.get("/me/").content.decode()


def test_switching_the_language_stores_it_with_the_account(client, town):
    client.force_login(town.officer)
    answer = client.post("/i18n/", {"language": "en", "next": "/me/"})
    assert answer["Location"] == "/me/" and answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    town.officer.refresh_from_db()
    assert town.officer.language == "en"
    client.post("/i18n/", {"language": "zh-hans"})
    town.officer.refresh_from_db()
    assert town.officer.language == "zh-hans" and 'lang="zh-CN"' in client.get("/me/").content.decode()


def test_strangers_switch_the_language_too(client):
    client.post("/i18n/", {"language": "en"})
    page = client.get("/login/").content.decode()
    assert "Log in" in page and '<html lang="en"' in page


@pytest.mark.parametrize("language", ["", "xx", "fr", "../etc"])
def test_unknown_language_changes_nothing(client, language):
    answer = client.post("/i18n/", {"language": language, "next": "//example.com"})
    assert answer["Location"] == "/" and settings.LANGUAGE_COOKIE_NAME not in answer.cookies


def test_log_out_forgets_the_language(english, town):
    english.force_login(town.officer)
    assert english.post("/logout/").cookies[settings.LANGUAGE_COOKIE_NAME].value == ""


def test_large_letters_are_kept_in_the_browser(client, town):
    assert "data-mode" not in client.get("/login/").content.decode()
    client.post("/i18n/letters/", {"mode": "large", "next": "/login/"})
    assert '<html lang="zh-CN" data-mode="large">' in client.get("/login/").content.decode()
    client.post("/i18n/letters/", {"mode": "normal"})
    assert "data-mode" not in client.get("/login/").content.decode()


def test_a_strange_cookie_is_not_written_into_the_page(client):
    client.cookies.load({base.MODE_COOKIE: 'x" onload="1'})
    assert "onload" not in client.get("/login/").content.decode()


# --- who I am --------------------------------------------------------------------------------------------------------


def test_field_people_see_the_phone_and_others_the_desk(client, town):
    client.force_login(town.dispatcher)
    assert 'class="desk"' in client.get("/me/").content.decode()
    client.force_login(town.officer)
    shell = "phone" if base.exists("/m/") else "desk"
    assert f'class="{shell}"' in client.get("/me/").content.decode()


def test_my_own_tokens_are_listed_and_ended(english, town):
    english.force_login(town.officer)
    _, mine = ApiToken.issue(town.officer, clock.now())
    _, old = ApiToken.issue(town.officer, clock.now() - dt.timedelta(days=60))
    _, foreign = ApiToken.issue(town.clerk, clock.now())
    page = english.get("/me/").content.decode()
    assert f"/me/tokens/{mine.pk}/end/" in page
    assert f"/me/tokens/{old.pk}/end/" not in page and f"/me/tokens/{foreign.pk}/end/" not in page
    english.post(f"/me/tokens/{foreign.pk}/end/")
    answer = english.post(f"/me/tokens/{mine.pk}/end/", follow=True)
    assert "1 access has been ended." in answer.content.decode()
    assert set(ApiToken.objects.values_list("pk", flat=True)) == {old.pk, foreign.pk}


def test_password_is_changed_and_this_session_stays(english, town):
    town.officer.is_demo = False
    town.officer.save()
    english.force_login(town.officer)
    words = {"old_password": PASSWORD, "new_password1": "Quiet-River-77", "new_password2": "Quiet-River-77"}
    answer = english.post("/me/password/", words, follow=True)
    assert "Your password has been changed." in answer.content.decode() and answer.redirect_chain == [("/me/", 302)]
    assert english.post("/logout/") and log_in(english, "officer", "Quiet-River-77").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", "Quiet-River-77", "Quiet-River-77", "id_old_password_error"),
        (PASSWORD, "Quiet-River-77", "Quiet-River-78", "id_new_password2_error"),
        (PASSWORD, "1234567890", "1234567890", "id_new_password2_error"),
        (PASSWORD, "short", "short", "id_new_password2_error"),
    ],
)
def test_password_refusals_name_the_field(english, town, old, new, again, said):
    town.officer.is_demo = False
    town.officer.save()
    english.force_login(town.officer)
    answer = english.post("/me/password/", {"old_password": old, "new_password1": new, "new_password2": again})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'id="{said}"' in page
    assert any(said in ids.split() for ids in re.findall('aria-describedby="([^"]+)"', page))
    assert 'class="error-summary"' in page and 'href="#' in page
    town.officer.refresh_from_db()
    assert town.officer.check_password(PASSWORD)


def test_demo_accounts_keep_their_password(english, town):
    english.force_login(town.officer)
    words = {"old_password": PASSWORD, "new_password1": "Quiet-River-77", "new_password2": "Quiet-River-77"}
    answer = english.post("/me/password/", words)
    assert answer.status_code == 403 and "The demo accounts keep their password." in answer.content.decode()
    town.officer.refresh_from_db()
    assert town.officer.check_password(PASSWORD)


def test_statements_of_a_page_do_not_grow_with_the_posts(client, town, django_assert_max_num_queries):
    for grid in town.grids[1:]:
        Post.objects.create(person=town.officer, role=Role.OFFICER, area=grid, starts=town.on)
    client.force_login(town.officer)
    client.get("/me/")
    with django_assert_max_num_queries(9):
        client.get("/me/")
