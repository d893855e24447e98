"""Who I am, who works in my reach, giving and ending posts; notices; suggestions."""

import datetime as dt

import pytest

from api import shapes
from core import clock, outbox
from personnel.models import Post, User
from tests.api.conftest import COMMUNITY, GRID, run_to
from tests.api.shape import same_members
from tests.api.test_problems import problem
from workorders.models import Notice, Route

pytestmark = pytest.mark.django_db


def names(answer):
    assert answer.status_code == 200, answer.content.decode()
    return {row["name"] for row in answer.json()["results"]}


def test_me(api, town):
    me = api.officer.get("me/").json()
    same_members(me, shapes.Me)
    assert me["name"] == "王小梅" and me["language"] == "zh-hans" and me["home"] == "/m/"
    assert [(post["role"], post["area"]["code"], post["unit"]) for post in me["posts"]] == [("officer", GRID, None)]
    assert me["posts"][0]["from"] == "2020-01-01" and me["posts"][0]["to"] is None
    handler = api.handler.get("me/").json()
    assert handler["posts"][0]["unit"]["code"] == "620105-UM" and handler["posts"][0]["area"] is None
    assert api.admin.get("me/").json()["home"] == "/admin/"
    assert api.former.get("me/").json()["posts"] == []


def test_people_are_those_of_ones_reach(api, town):
    assert names(api.officer.get("people/")) == {
        town.officer.name, town.part_timer.name, town.chief.name, town.police.name, town.building_head.name,
        town.informant.name, town.former.name,
    }  # fmt: skip
    district = names(api.system_admin.get("people/", page_size=200))
    assert town.officer.name in district and town.handler.name in district and town.officer2.name not in district
    assert len(names(api.admin.get("people/", page_size=200))) == User.objects.count()
    assert names(api.handler.get("people/")) == {town.handler.name}
    person = api.clerk.get("people/").json()["results"][0]
    same_members(person, shapes.Person)
    assert "phone" not in api.clerk.get("people/").content.decode()


def test_people_are_filtered(api, town):
    assert names(api.system_admin.get("people/", role="officer")) == {town.officer.name, town.neighbour.name}
    assert names(api.system_admin.get("people/", role="officer", area=GRID)) == {town.officer.name}
    assert names(api.system_admin.get("people/", unit="620105-UM")) == {town.handler.name, town.head.name}
    assert names(api.system_admin.get("people/", q="王小")) == {town.officer.name}
    for name, value in {"role": "king", "area": "1", "unit": "x", "q": "x"}.items():
        assert name in problem(api.system_admin.get("people/", **{name: value}), 400, "bad_filter")["errors"]


def test_the_posts_of_a_person_are_a_history(api, town):
    Post.objects.create(
        person=town.officer, role="officer", area=town.next_grid, starts=dt.date(2019, 1, 1), ends=dt.date(2020, 1, 1)
    )
    Post.objects.create(
        person=town.officer, role="officer", area=town.far_grid, starts=dt.date(2018, 1, 1), ends=dt.date(2019, 1, 1)
    )
    rows = api.clerk.get(f"people/{town.officer.pk}/posts/").json()["results"]
    assert {row["area"]["code"] for row in rows} == {GRID, "620105006001002"}  # not the one outside his reach
    same_members(rows[0], shapes.Post)
    assert len(api.officer.get(f"people/{town.officer.pk}/posts/").json()["results"]) == 3  # one's own, all of them
    problem(api.clerk.get(f"people/{town.officer2.pk}/posts/"), 404)
    problem(api.clerk.get("people/999999999/posts/"), 404)


def test_an_administrator_gives_and_ends_posts(api, town):
    body = {"person": town.handler2.pk, "role": "officer", "area": GRID, "from": str(town.on)}
    made = api.system_admin.post("posts/", body)
    assert made.status_code == 201, made.content
    same_members(made.json(), shapes.Post)
    assert api.handler2.get("me/").json()["home"] == "/inbox/"
    problem(api.system_admin.post("posts/", body), 409, "already_appointed")
    number = run_to(api, "reported")
    assert api.handler2.get(f"workorders/{number}/").status_code == 200
    ended = api.system_admin.post(f"posts/{made.json()['id']}/end/", {"on": str(town.on)})
    assert ended.status_code == 200 and ended.json()["to"] == str(town.on)
    problem(api.handler2.get(f"workorders/{number}/"), 404)
    problem(api.system_admin.post(f"posts/{made.json()['id']}/end/"), 409, "already_ended")


def test_posts_of_others_are_not_ours_to_give(api, town):
    body = {"person": town.handler2.pk, "role": "officer", "area": GRID}
    for who in ("officer", "clerk", "duty", "assessor", "security_admin"):
        problem(getattr(api, who).post("posts/", body), 403)
    problem(api.system_admin.post("posts/", {**body, "area": "620102001001001"}), 403)
    problem(api.system_admin.post("posts/", {**body, "person": town.system_admin.pk}), 403, "not_for_oneself")
    post = town.officer.posts.get()
    problem(api.clerk.post(f"posts/{post.pk}/end/"), 403)
    problem(api.officer2.post(f"posts/{post.pk}/end/"), 404)
    assert (
        api.security_admin.post(
            "posts/", {"person": town.handler2.pk, "role": "auditor", "area": "620105000000"}
        ).status_code
        == 201
    )


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"person": None}, "person"),
        ({"person": 10**12}, "person"),
        ({"person": "1"}, "person"),
        ({"person": True}, "person"),
        ({"role": "king"}, "role"),
        ({"role": ["officer"]}, "role"),
        ({"area": "1"}, "area"),
        ({"area": None}, "area"),
        ({"unit": "620105-UM"}, "area"),
        ({"area": None, "unit": "nobody"}, "unit"),
        ({"area": None, "unit": "620105-UM"}, "role"),
        ({"area": COMMUNITY}, "role"),
        ({"from": "tomorrow"}, "from"),
        ({"to": "2020-02-30"}, "to"),
        ({"to": "2001-01-01"}, "ends"),
        ({"salary": 5}, "salary"),
    ],
)
def test_bad_posts_are_named(api, town, fields, field):
    body = {"person": town.handler2.pk, "role": "officer", "area": GRID, **fields}
    answer = api.system_admin.post("posts/", {name: value for name, value in body.items() if value is not None})
    assert field in problem(answer, 400)["errors"]


# --- notices ---------------------------------------------------------------------------------------------------------


def test_notices_are_ones_own_newest_first(api, town):
    numbers = [run_to(api, "reported") for _ in range(3)]
    outbox.drain()
    rows = api.acceptor.get("notices/", unread=1, count=1).json()
    assert [row["order"] for row in rows["results"]] == numbers[::-1] and rows["count"] == 3
    same_members(rows["results"][0], shapes.Notice)
    first = rows["results"][0]
    assert first["order"] in first["text"] and first["link"] == f"/desk/{first['order']}/" and first["read_at"] is None
    read = api.acceptor.post(f"notices/{first['id']}/read/")
    assert read.status_code == 200 and read.json()["read_at"]
    assert api.acceptor.post(f"notices/{first['id']}/read/").json() == read.json()
    assert [row["order"] for row in api.acceptor.get("notices/", unread=1).json()["results"]] == numbers[1::-1]
    assert len(api.acceptor.get("notices/").json()["results"]) == 3
    problem(api.dispatcher.post(f"notices/{first['id']}/read/"), 404)
    problem(api.admin.post(f"notices/{first['id']}/read/"), 404)
    assert api.admin.get("notices/").json()["results"] == []


def test_notices_speak_the_readers_language(api):
    run_to(api, "reported")
    outbox.drain()
    english = api.acceptor.get("notices/", headers={"Accept-Language": "en"}).json()["results"][0]["text"]
    assert "waits for acceptance" in english


def test_notices_page(api, town):
    now = clock.now()
    rows = [Notice(person=town.officer, kind="close", data={"title": "x"}, created_at=now) for _ in range(7)]
    Notice.objects.bulk_create(rows)
    seen, path = [], "notices/?page_size=3"
    while path:
        page = api.officer.get(path).json()
        seen += [row["id"] for row in page["results"]]
        path = page["next"]
    assert seen == sorted((row.pk for row in rows), reverse=True)
    assert page["results"][0]["order"] is None and page["results"][0]["link"] is None


# --- suggestions -----------------------------------------------------------------------------------------------------


def test_a_text_suggests_categories_units_grid_and_likenesses(api, town):
    Route.objects.create(category=None, area=town.district, unit=town.um, starts=dt.date(2020, 1, 1))
    number = run_to(api, "reported")
    lon, lat = town.inside(town.main_grid)
    body = {"text": "楼下堆了建筑垃圾,没人清运", "lon": lon, "lat": lat}
    answer = api.officer.post("suggestions/", body)
    found = answer.json()
    assert answer.status_code == 200
    same_members(found, shapes.Suggestions)
    assert found["categories"][0]["code"] == "0502" and found["area"]["code"] == GRID
    assert 0 < sum(one["probability"] for one in found["categories"]) <= 1.01
    assert "620105-UM" in {unit["code"] for unit in found["units"]}
    assert number in {one["number"] for one in found["similar"]}
    far = api.officer2.post("suggestions/", body).json()
    assert far["similar"] == []  # only orders one sees


def test_a_text_alone_suggests_categories(api):
    found = api.officer.post("suggestions/", {"text": "路灯不亮"}).json()
    assert found["categories"] and found["area"] is None and found["units"] == found["similar"] == []
    nothing = api.officer.post("suggestions/", {"text": "。。。", "lon": 0, "lat": 0}).json()
    assert nothing == {"categories": [], "units": [], "area": None, "similar": []}


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "x", "lon": 1}, "lat"),
        ({"text": "x", "lon": "a", "lat": 1}, "lon"),
        ({"text": "x", "more": 1}, "more"),
    ],
)
def test_bad_texts_are_refused(api, body, field):
    assert field in problem(api.officer.post("suggestions/", body), 400)["errors"]
