"""Appointing, relieving and transferring people; opening and closing units."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from core import clock
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.events import verify
from personnel import commands
from personnel.jurisdiction import holds, standing_of, units_directory
from personnel.models import Post, PostEvent, Unit
from personnel.roles import Role

DAY = dt.timedelta(days=1)

pytestmark = pytest.mark.django_db


def appoint(town, person=None, **more):
    given = {"by": town.system_admin, "role": Role.OFFICER, "area": town.grid3, "starts": town.on, "at": clock.now()}
    return commands.appoint(person or town.elsewhere, **{**given, **more})


def code_of(refused):
    return refused.value.code


def test_appointed_person_holds_the_role_at_once(town):
    assert not standing_of(town.elsewhere, town.on).holds(Role.OFFICER, path=[town.grid3.pk])
    post = appoint(town)
    assert holds(town.elsewhere, Role.OFFICER, town.grid3, town.on).post_id == post.pk


def test_appointment_leaves_an_event(town):
    at = clock.now()
    post = appoint(town, at=at)
    event = PostEvent.objects.get(post=post)
    assert (event.kind, event.at, event.actor, event.actor_name, event.actor_role, event.area_name) == (
        "appointed", at, town.system_admin, "何平", "admin", "石磊庄一网格",
    )  # fmt: skip
    assert event.data == {
        "person": town.elsewhere.pk, "role": "officer", "place": "620105006002001",
        "starts": town.on.isoformat(), "ends": None,
    }  # fmt: skip


def test_whole_life_of_a_post_is_one_sound_chain(town):
    post = appoint(town)
    commands.relieve(post, by=None, on=town.on + 5 * DAY, at=clock.now())
    rows = PostEvent.objects.order_by("post", "sequence")
    assert [(row.kind, row.sequence) for row in rows] == [("appointed", 1), ("relieved", 2)]
    assert list(verify(rows)) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"role": "boss"}, "role"),
        ({"role": Role.CLERK}, "role"),
        ({"role": Role.HANDLER}, "role"),
        ({"area": None}, "area"),
        ({"area": None, "unit": "um"}, "role"),
        ({"unit": "um"}, "area"),
        ({"ends": "on"}, "ends"),
        ({"ends": "before"}, "ends"),
        ({"starts": dt.date(1900, 1, 1)}, "starts"),
    ],
)
def test_post_that_cannot_be_held_is_refused(town, given, field):
    given = {**given}
    if given.get("unit"):
        given["unit"] = town.um
    if "ends" in given:
        given["ends"] = {"on": town.on, "before": town.on - DAY}[given["ends"]]
    before = Post.objects.count()
    with pytest.raises(Invalid) as refused:
        appoint(town, **given)
    assert field in refused.value.errors
    assert Post.objects.count() == before


def test_closed_account_gets_no_post(town):
    town.elsewhere.is_active = False
    town.elsewhere.save()
    with pytest.raises(Invalid) as refused:
        appoint(town)
    assert "person" in refused.value.errors


@pytest.mark.parametrize("name", ["officer", "manager", "dispatcher", "security_admin", "auditor"])
def test_only_the_administrator_of_the_area_appoints(town, name):
    with pytest.raises(NotPermitted):
        appoint(town, by=getattr(town, name))


def test_administrator_of_another_district_does_not_appoint_here(town):
    Post.objects.filter(person=town.system_admin).update(area=town.district2)
    with pytest.raises(NotPermitted):
        appoint(town)


def test_the_three_administrators_are_kept_apart(town):
    for role in (Role.ADMIN, Role.AUDITOR, Role.SECURITY_ADMIN):
        with pytest.raises(NotPermitted):
            appoint(town, role=role, area=town.street)
        assert appoint(town, by=town.security_admin, role=role, area=town.street)


def test_nobody_appoints_himself(town):
    with pytest.raises(NotPermitted) as refused:
        appoint(town, town.system_admin)
    assert code_of(refused) == "not_for_oneself"
    assert appoint(town, town.admin, by=town.admin)


def test_unit_post_is_given_by_the_administrator_of_the_units_area(town):
    post = appoint(town, role=Role.HANDLER, area=None, unit=town.um)
    assert standing_of(town.elsewhere, town.on).in_unit(town.um.pk, Role.HANDLER).post_id == post.pk
    with pytest.raises(NotPermitted):
        appoint(town, role=Role.HANDLER, area=None, unit=town.um2)


def test_same_post_on_the_same_days_is_refused(town):
    appoint(town, starts=town.on, ends=town.on + 10 * DAY)
    for starts, ends in [(0, None), (9, 12), (-5, 1), (3, 4), (-5, None)]:
        with pytest.raises(NotAllowedNow) as refused:
            appoint(town, starts=town.on + starts * DAY, ends=ends and town.on + ends * DAY)
        assert code_of(refused) == "already_appointed"
    assert appoint(town, starts=town.on + 10 * DAY)
    assert appoint(town, starts=town.on - 5 * DAY, ends=town.on)
    assert appoint(town, role=Role.PART_TIME_OFFICER)


def test_withdrawn_post_stands_in_nobodys_way(town):
    commands.relieve(appoint(town), by=town.system_admin, on=town.on, at=clock.now())
    assert appoint(town)


def test_relieved_person_loses_the_grid_that_morning(town):
    post = Post.objects.get(person=town.officer)
    commands.relieve(post, by=town.system_admin, on=town.on, at=clock.now())
    assert holds(post.person, Role.OFFICER, town.grid, town.on - DAY)
    town.officer.__dict__.pop("_standings", None)
    assert not holds(town.officer, Role.OFFICER, town.grid, town.on)


def test_relief_is_refused_before_the_start_after_the_end_and_by_strangers(town):
    post = appoint(town, ends=town.on + 5 * DAY)
    with pytest.raises(Invalid):
        commands.relieve(post, by=town.system_admin, on=town.on - DAY, at=clock.now())
    with pytest.raises(NotAllowedNow) as refused:
        commands.relieve(post, by=town.system_admin, on=town.on + 5 * DAY, at=clock.now())
    assert code_of(refused) == "already_ended"
    with pytest.raises(NotPermitted):
        commands.relieve(post, by=town.manager, on=town.on + DAY, at=clock.now())
    assert commands.relieve(post, by=town.system_admin, on=town.on + DAY, at=clock.now()).ends == town.on + DAY


def test_transfer_ends_one_post_and_starts_the_next_on_the_same_day(town):
    post = Post.objects.get(person=town.officer)
    new = commands.transfer(post, by=town.system_admin, on=town.on + DAY, at=clock.now(), area=town.grid3)
    post.refresh_from_db()
    assert (post.ends, new.starts, new.area, new.role) == (town.on + DAY, town.on + DAY, town.grid3, Role.OFFICER)
    person = new.person
    assert holds(person, Role.OFFICER, town.grid, town.on) and not holds(person, Role.OFFICER, town.grid3, town.on)
    assert holds(person, Role.OFFICER, town.grid3, town.on + DAY)
    assert not holds(person, Role.OFFICER, town.grid, town.on + DAY)


def test_transfer_that_is_refused_leaves_the_old_post(town):
    post = Post.objects.get(person=town.officer)
    for area in (town.grid, town.community, town.far_grid):
        with pytest.raises((Invalid, NotPermitted)):
            commands.transfer(post, by=town.system_admin, on=town.on, at=clock.now(), area=area)
    post.refresh_from_db()
    assert post.ends is None and not PostEvent.objects.exists()


def test_table_refuses_what_slips_past_the_commands(town):
    whole = {"person": town.elsewhere, "role": Role.POLICE, "starts": town.on}
    for places in ({}, {"area": town.grid, "unit": town.um}, {"area": town.grid, "ends": town.on - DAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Post.objects.create(**whole, **places)


# -- units ------------------------------------------------------------------------------------------------------------


def open_unit(town, **more):
    given = {"by": town.system_admin, "area": town.district, "kind": "WA", "name": "安宁区水务局", "starts": town.on}
    return commands.open_unit(**{**given, "at": clock.now(), **more})


@pytest.mark.parametrize(
    ("area", "kind", "code"),
    [
        ("district", "WA", "620105-WA"),
        ("street", "PS", "620105006-PS"),
        ("community", "PS", "620105006001-PS"),
    ],
)
def test_unit_code_follows_from_area_and_kind(town, area, kind, code):
    assert open_unit(town, area=getattr(town, area), kind=kind).code == code
    assert code in units_directory().by_code


@pytest.mark.parametrize(
    ("given", "field"),
    [({"kind": "XX"}, "kind"), ({"name": " "}, "name"), ({"area": "grid"}, "area"), ({"kind": "UM"}, "kind")],
)
def test_unit_that_cannot_be_is_refused(town, given, field):
    given = {key: getattr(town, value) if key == "area" else value for key, value in given.items()}
    with pytest.raises(Invalid) as refused:
        open_unit(town, **given)
    assert field in refused.value.errors


def test_units_are_the_administrators_business(town):
    for by in (town.manager, town.security_admin):
        with pytest.raises(NotPermitted):
            open_unit(town, by=by)
        with pytest.raises(NotPermitted):
            commands.change_unit(town.um, by=by, name="x", phone="", at=clock.now())
        with pytest.raises(NotPermitted):
            commands.close_unit(town.um, by=by, on=town.on, at=clock.now())


def test_changed_unit_is_known_by_its_new_name(town):
    commands.change_unit(town.um, by=town.system_admin, name="城管局", phone="7654321", at=clock.now())
    assert units_directory().by_code["620105-UM"].name == "城管局"


def test_unit_closes_only_without_people(town):
    with pytest.raises(NotAllowedNow) as refused:
        commands.close_unit(town.um, by=town.system_admin, on=town.on, at=clock.now())
    assert (code_of(refused), refused.value.data) == ("unit_has_posts", {"posts": 2})
    Post.objects.filter(unit=town.um).update(ends=town.on)
    commands.close_unit(town.um, by=town.system_admin, on=town.on, at=clock.now())
    assert not Unit.objects.active(town.on).filter(pk=town.um.pk).exists()
    assert Unit.objects.active(town.on - DAY).filter(pk=town.um.pk).exists()
    with pytest.raises(Invalid):
        appoint(town, role=Role.HANDLER, area=None, unit=town.um)
