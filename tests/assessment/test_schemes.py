"""Schemes: judged, tried, approved by two."""

import copy
import datetime as dt

import pytest

from assessment import commands, schemes
from assessment.default_scheme import BODY
from assessment.models import SchemeVersion
from assessment.what_if import what_if
from core.errors import Invalid, NotAllowedNow, NotPermitted
from personnel.models import Post, User
from personnel.roles import Role
from tests.assessment.months import AFTER, MONTH, at, computed, order, score_of

pytestmark = pytest.mark.django_db


def changed(path, value):
    body = copy.deepcopy(BODY)
    *way, last = path.split(".")
    place = body
    for name in way:
        place = place[name]
    place[last] = value
    return body


def test_the_default_is_sound_and_in_force(db):
    assert SchemeVersion.objects.get(scheme__code="default").body == BODY
    assert schemes.read(BODY).limit("highest") == 11_000


@pytest.mark.parametrize(
    ("path", "value", "member"),
    [
        ("indicators.M05.weight", "15", "indicators"),
        ("indicators.M05.weight", "many", "indicators"),
        ("indicators.M99", {"weight": "0", "on": True, "curve": {"kind": "rate"}}, "indicators"),
        ("indicators.M05.curve", {"kind": "eval", "code": "1"}, "indicators"),
        ("indicators.M05.curve", {"kind": "lin", "from": "0.9", "to": "0.9"}, "indicators"),
        ("indicators.M10.on", True, "legal_basis"),
        ("items.K04.points", {"": "0.3"}, "items"),
        ("items.K99", {"points": {"": "-1"}}, "items"),
        ("bands", [{"code": "a", "from": "60"}, {"code": "b", "from": "60"}], "bands"),
        ("bands", [{"code": "a", "from": "60"}], "bands"),
        ("peer_groups", {"a": ["urban"], "b": ["urban"]}, "peer_groups"),
        ("min_active_days", 40, "min_active_days"),
        ("targets", {"urban": 0}, "targets"),
        ("bonus_cap", None, "bonus_cap"),
    ],
)
def test_what_is_wrong_is_named(path, value, member):
    with pytest.raises(Invalid) as refused:
        schemes.read(changed(path, value))
    assert member in {name.split(".")[0] for name in refused.value.errors}


def test_a_scheme_without_a_member_is_refused():
    for body in ({}, [], None, {"indicators": {}}):
        with pytest.raises(Invalid):
            schemes.read(body)


def test_differences_are_listed():
    assert schemes.difference(BODY, changed("items.K04.points", {"": "-0.5"})) == [
        ("items.K04.points.", "-0.3", "-0.5")
    ]


@pytest.fixture
def month(town):
    for person, grid in ((town.officer, town.main_grid), (town.neighbour, town.next_grid)):
        for day in range(1, 7):
            order(grid, at(day), officer=person, reporter=person, handled=at(day), closed=at(day, 11), satisfaction=5)
    order(town.main_grid, at(8), unit=town.co, due=at(9, 17, 30), handled=at(10), closed=at(11), satisfaction=5)
    for name in ("second", "third"):
        person = User.objects.create(username=name, name=name)
        Post.objects.create(person=person, role=Role.ASSESSOR, area=town.district, starts=dt.date(2020, 1, 1))
        setattr(town, name, person)
    return town


def test_two_people_approve_what_a_third_drafted(month):
    version = commands.draft("default", by=month.assessor, at=AFTER, body=changed("min_active_days", 10))
    with pytest.raises(NotAllowedNow):
        commands.approve(version, by=month.second, at=AFTER, in_force_from="2026-11")
    run = commands.simulate(version, by=month.assessor, at=AFTER, period=MONTH)
    assert commands.carry_out(run.pk, at=AFTER).simulated
    with pytest.raises(NotAllowedNow):
        commands.publish(run, by=month.assessor, at=AFTER)
    version = commands.approve(version, by=month.second, at=AFTER, in_force_from="2026-09")
    for person in (month.assessor, month.second):
        with pytest.raises(NotPermitted):
            commands.approve(version, by=person, at=AFTER)
    assert computed(month).version.number == 1
    commands.approve(version, by=month.third, at=AFTER)
    assert computed(month).version.number == 2


def test_what_if_changes_ranks_and_stores_nothing(month):
    run = computed(month)
    same = what_if(run, {"M05": "14"})
    for one in same:
        assert one.score == one.before and one.rank == one.rank_before
    other = {one.code: one for one in what_if(run, {"M05": "0", "S02": "24"})}
    assert other[month.main_grid.code].score > other[month.main_grid.code].before
    assert score_of(run, month.main_grid).score * 100 == other[month.main_grid.code].before
    for bad in ({}, [], {"M05": 20}, {"M99": 1}, {"M05": "x"}):
        with pytest.raises(Invalid):
            what_if(run, bad)
