"""What the shells show of the reader: menus by posts, figures, the unread bell, the way without script."""

import pytest
from django.contrib import admin
from django.shortcuts import render
from django.urls import include, path

from pages import base, nav
from personnel.models import Post
from personnel.roles import CENTRE_ROLES, Role

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def desk(request, **kwargs):
    """A page in the desk shell."""
    return render(request, "base_desk.html", {"trail": [("Work orders", "/desk/"), ("Queue", None)]})


def phone(request, **kwargs):
    """A page in the phone shell."""
    return render(request, "base_phone.html")


ROOMS = ("desk/", "inbox/", "board/", "map/", "notices/")
FIELD = ("m/", "m/report/", "m/orders/")
urlpatterns = [
    *(path(room, desk) for room in ROOMS),
    *(path(room, phone) for room in FIELD),
    path("admin/", admin.site.urls),
    path("", include("pages.urls")),
]


@pytest.fixture
def reader(client):
    """A browser that reads English."""
    client.cookies.load({"gridgov_language": "en"})
    return client


def addresses(html: str) -> set[str]:
    """Where the main menu leads."""
    menu = html.split('aria-label="Main menu"')[1].split("</nav>")[0]
    found = {part.split('"')[0] for part in menu.split("<a ")[1:] for part in part.split('href="')[1:2]}
    return found - {"/", "#main"}


MENUS = {
    Role.OFFICER: {"/m/", "/m/report/"},
    Role.CHIEF: {"/m/", "/m/report/", "/board/", "/signs/"},
    Role.CLERK: {"/inbox/", "/signs/"},
    Role.HANDLER: {"/inbox/", "/exports/"},
    Role.UNIT_HEAD: {"/inbox/", "/board/", "/exports/"},
    Role.INSPECTOR: {"/board/"},
    Role.MANAGER: {"/board/", "/signs/"},
    Role.DUTY_LEADER: {"/desk/", "/board/", "/signs/", "/exports/"},
    Role.ASSESSOR: set(),
    Role.SECURITY_ADMIN: {"/exports/", "/people/log/"},
    **{role: {"/desk/", "/exports/"} for role in sorted(CENTRE_ROLES - {Role.DUTY_LEADER})},
}


OF_EVERYBODY = {"/map/", "/assessment/", "/notices/", "/me/"}


@pytest.mark.parametrize("role", MENUS)
def test_menu_holds_what_the_post_opens(reader, town, role):
    reader.force_login(town.role(role))
    assert addresses(reader.get("/map/").content.decode()) == MENUS[role] | OF_EVERYBODY


def test_several_posts_open_several_pages_and_each_once(reader, town):
    Post.objects.create(person=town.officer, role=Role.DISPATCHER, area=town.district, starts=town.on)
    Post.objects.create(person=town.officer, role=Role.ACCEPTOR, area=town.district, starts=town.on)
    reader.force_login(town.officer)
    html = reader.get("/map/").content.decode()
    assert {"/m/", "/desk/"} <= addresses(html) and html.count('href="/desk/"') == 2, "menu and breadcrumb"


def test_a_post_that_ended_opens_nothing(reader, town):
    reader.force_login(town.former)
    assert addresses(reader.get("/map/").content.decode()) == OF_EVERYBODY


def test_administration_is_for_staff(reader, town):
    reader.force_login(town.admin)
    assert {"/admin/", "/desk/", "/m/", "/inbox/", "/board/"} <= addresses(reader.get("/map/").content.decode())


def test_present_page_is_marked_and_an_order_below_it_too(reader, town):
    reader.force_login(town.dispatcher)
    assert 'href="/desk/" aria-current="page"' in reader.get("/desk/").content.decode()
    assert nav._current(nav.DESK[0].entries[2], "/desk/LZ1/") == "true"
    assert nav._current(nav.PHONE[0], "/m/orders/") == "", "the start page is current on its own address only"


def test_phone_has_four_tabs_and_report_is_the_large_one(reader, town):
    reader.force_login(town.officer)
    html = reader.get("/m/").content.decode()
    assert html.count('class="phone-tab') == 4 and html.count("phone-tab-report") == 1
    assert addresses(html) == {"/m/", "/m/report/", "/m/orders/", "/me/"}


def test_bell_says_how_many_are_unread(reader, town, monkeypatch):
    monkeypatch.setitem(base._counters, "unread", lambda user: 120)
    reader.force_login(town.dispatcher)
    html = reader.get("/desk/").content.decode()
    assert 'aria-label="Notices, 99+ unread"' in html and "99+" in html


def test_shell_names_the_reader_and_the_posts(reader, town):
    reader.force_login(town.dispatcher)
    html = reader.get("/desk/").content.decode()
    assert "韩磊" in html and "Dispatcher · 安宁区" in html
    assert "Where you are" in html and '<span aria-current="page">Queue</span>' in html


@pytest.mark.parametrize("address", ["/desk/", "/m/", "/me/", "/me/password/", "/nothing/"])
def test_each_page_has_one_main_heading_and_one_main_part(reader, town, address):
    for person in (town.duty, town.officer):
        reader.force_login(person)
        html = reader.get(address).content.decode()
        assert html.count("<h1") == html.count("<main") == html.count('id="main"') == 1


def test_shell_costs_no_statement_per_entry(reader, town, django_assert_max_num_queries):
    reader.force_login(town.duty)
    reader.get("/desk/")
    # The session, the person, the posts, and one for each of the figures: unread, desk, board.
    with django_assert_max_num_queries(6):
        reader.get("/desk/")


def test_htmx_is_told_to_need_no_eval_and_to_show_refusals(reader, town):
    reader.force_login(town.duty)
    html = reader.get("/desk/").content.decode()
    assert '"allowEval": false' in html and '"includeIndicatorStyles": false' in html
    assert "htmx-2.min.js" in html and "X-CSRFToken" in html


@pytest.mark.parametrize("role", list(Role))
def test_homes_are_reached_when_they_are_built(reader, town, role):
    person = town.role(role)
    reader.force_login(person)
    answer = reader.get("/", follow=True)
    assert answer.status_code == 200
