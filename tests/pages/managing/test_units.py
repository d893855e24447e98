"""Units and the posts in them: set up, changed, staffed, handed over, closed; only below the own area."""

import datetime as dt

import pytest

from core.events import verify
from personnel.jurisdiction import standing_of
from personnel.models import AdministrationEvent, Post, PostEvent, Unit
from tests.pages.staff import in_status
from workorders.models import Category, Route

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_a_unit_is_set_up_changed_and_leaves_its_history(town, send, read, today):
    given = {"area": f"{town.district.name} {town.district.code}", "kind": "EE", "name": "安宁区生态环境局"}
    answer = send(town.system_admin, "/units/new/", **given, phone="0931", starts=today)
    assert answer.status_code == 302 and answer.url == "/units/620105-EE/"
    assert send(town.system_admin, "/units/620105-EE/change/", name="安宁生态环境分局", phone="").status_code == 302
    page = read(town.system_admin, "/units/620105-EE/")
    assert "安宁生态环境分局" in page and "安宁区生态环境局 → 安宁生态环境分局" in page and "何平" in page
    events = AdministrationEvent.objects.filter(subject="unit:620105-EE").order_by("sequence")
    assert [(one.kind, one.actor, one.actor_role) for one in events] == [
        ("added", town.system_admin, "admin"), ("changed", town.system_admin, "admin"),
    ]  # fmt: skip
    assert list(verify(events)) == []


def test_lists_are_narrowed_and_end_at_the_own_area(town, read):
    page = read(town.system_admin, "/units/?kind=UM")
    assert town.um.name in page and town.hc.name not in page and town.um2.name not in page
    assert town.um2.name in read(town.admin, "/units/?q=620102-UM")
    assert "No unit matches this filter" in read(town.system_admin, "/units/?state=closed")


@pytest.mark.parametrize("path", ["", "change/", "close/", "appoint/"])
def test_units_of_another_district_are_not_there(town, client, path):
    client.force_login(town.system_admin)
    assert client.get(f"/units/620102-UM/{path}").status_code == 404


def test_an_area_outside_is_refused_with_the_form_kept(town, send, today):
    given = {"area": town.district2.code, "kind": "EE", "name": "城关区生态环境局", "starts": today}
    answer = send(town.system_admin, "/units/new/", **given)
    page = answer.content.decode()
    assert answer.status_code == 400 and "No area you administer" in page and "城关区生态环境局" in page
    assert not Unit.objects.filter(code="620102-EE").exists()


def test_a_post_is_given_handed_over_and_ended(town, send, today):
    at = f"/units/{town.um.code}/appoint/"
    assert send(town.system_admin, at, person="nobody", role="handler", starts=today).status_code == 400
    given = {"person": f"{town.neighbour.name} neighbour", "role": "handler", "starts": today}
    assert send(town.system_admin, at, **given).status_code == 302
    post = Post.objects.get(person=town.neighbour, unit=town.um)
    on = today + 3 * DAY
    assert send(town.system_admin, f"/units/posts/{post.pk}/hand-over/", to="clerk", on=on).status_code == 302
    post.refresh_from_db()
    taken = Post.objects.get(person=town.clerk, unit=town.um)
    assert (post.ends, taken.starts, taken.role) == (on, on, "handler")
    kinds = PostEvent.objects.filter(post__in=[post, taken]).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["appointed", "relieved", "appointed"]
    assert send(town.system_admin, f"/units/posts/{taken.pk}/end/", on=on + DAY).status_code == 302
    assert town.um.pk not in standing_of(town.clerk, on + DAY).unit_ids
    assert town.um.pk in standing_of(type(town.clerk).objects.get(pk=town.clerk.pk), on).unit_ids


def test_a_grid_changes_hands_and_somebody_gets_a_post_on_an_area(town, send, read, today):
    in_status(town, "filed")
    post = Post.objects.get(person=town.officer)
    assert "1 open order lies in the area" in read(town.system_admin, f"/units/posts/{post.pk}/hand-over/")
    assert send(town.system_admin, f"/units/posts/{post.pk}/hand-over/", to="neighbour", on=today).status_code == 302
    assert Post.objects.get(person=town.neighbour, area=town.main_grid).starts == today
    given = {"role": "chief", "area": town.next_grid.code, "unit": "", "starts": today}
    assert send(town.system_admin, f"/people/{town.officer.pk}/appoint/", **given).status_code == 302
    assert Post.objects.filter(person=town.officer, role="chief", area=town.next_grid).exists()
    both = send(town.system_admin, f"/people/{town.officer.pk}/appoint/", **{**given, "unit": "620105-UM"})
    assert both.status_code == 400 and "either on an area or in a unit" in both.content.decode()
    # Rights of administration are the security administrator's to give.
    assert (
        send(town.system_admin, f"/people/{town.officer.pk}/appoint/", **{**given, "role": "admin"}).status_code == 400
    )
    assert send(town.system_admin, f"/people/{town.officer2.pk}/appoint/", **given).status_code == 404


def test_nobody_hands_a_post_to_its_holder_or_gives_himself_one(town, send, today):
    post = Post.objects.get(person=town.handler)
    assert send(town.system_admin, f"/units/posts/{post.pk}/hand-over/", to="handler", on=today).status_code == 400
    mine = {"person": "system_admin", "role": "handler", "starts": today}
    answer = send(town.system_admin, f"/units/{town.um.code}/appoint/", **mine)
    assert answer.status_code == 403 and "another administrator" in answer.content.decode()
    far = Post.objects.get(person=town.far_handler)
    assert send(town.system_admin, f"/units/posts/{far.pk}/end/", on=today).status_code == 404


def test_a_unit_closes_only_when_nothing_depends_on_it(town, send, today):
    order, at = in_status(town, "dispatched"), f"/units/{town.um.code}/close/"
    answer = send(town.system_admin, at, on=today)
    assert order.lead == town.um and answer.status_code == 409 and "1 open order" in answer.content.decode()
    row = Route.objects.create(
        category=Category.objects.get(code="0501"), area=town.district, unit=town.hc, starts=dt.date(2020, 1, 1)
    )
    answer = send(town.system_admin, f"/units/{town.hc.code}/close/", on=today)
    assert answer.status_code == 409 and "1 row of the routing table" in answer.content.decode()
    row.delete()
    answer = send(town.system_admin, f"/units/{town.hc.code}/close/", on=today)
    assert answer.status_code == 409 and "People still hold posts" in answer.content.decode()
    Post.objects.filter(unit=town.hc).update(ends=today)
    assert send(town.system_admin, f"/units/{town.hc.code}/close/", on=today).status_code == 302
    assert Unit.objects.get(pk=town.hc.pk).ends == today
