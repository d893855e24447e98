"""The districts of a city beside each other."""

import datetime as dt
from decimal import Decimal

import pytest

from assessment import cities, commands
from assessment.vocabulary import ScoreLevel
from grids.directory import directory
from personnel.models import Post
from personnel.roles import Role
from tests.assessment.months import AFTER, MONTH, at, computed, order, score_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(town):
    """The first district has two ranked grids without a fault, the second one with a late order."""
    for grid, person in (
        (town.main_grid, town.officer),
        (town.next_grid, town.neighbour),
        (town.far_grid, town.officer2),
    ):
        for day in range(1, 21):
            order(grid, at(day), officer=person, reporter=person, handled=at(day), closed=at(day, 11), satisfaction=5)
    order(
        town.far_grid, at(9), officer=town.officer2, reporter=town.officer2, due=at(10), handled=at(11), closed=at(12)
    )
    Post.objects.create(
        person=town.second_assessor(), role=Role.ASSESSOR, area=town.district2, starts=dt.date(2020, 1, 1)
    )
    return town


@pytest.fixture
def town(town):
    town.second_assessor = lambda: town.acceptor2
    return town


def publish(town, district, by):
    run = computed(town, area=district.code)
    return commands.publish(run, by=by, at=AFTER)


def compared(town, user):
    return cities.districts(MONTH, city=directory().by_id[town.city.pk], user=user, on=AFTER.date())


def test_each_district_has_its_place_and_the_city_its_means(city):
    first = publish(city, city.district, city.assessor)
    found = compared(city, city.admin)
    assert [(one.place.id, one.rank) for one in found.rows] == [(city.district.pk, 1), (city.district2.pk, None)]
    second = publish(city, city.district2, city.acceptor2)
    found = compared(city, city.admin)
    scores = [
        score_of(run, area, ScoreLevel.DISTRICT).score
        for run, area in ((first, city.district), (second, city.district2))
    ]
    assert [(one.place.id, one.score.score, one.rank, one.grids) for one in found.rows] == [
        (city.district.pk, scores[0], 1, 2), (city.district2.pk, scores[1], 2, 1),
    ]  # fmt: skip
    assert scores[0] > scores[1] and found.of == 2
    assert abs(found.mean - (scores[0] * 2 + scores[1]) / 3) <= Decimal("0.005")
    assert abs(found.plain_mean - (scores[0] + scores[1]) / 2) <= Decimal("0.005")
    assert cities.published_periods(directory().by_id[city.city.pk], user=city.admin, on=AFTER.date()) == [MONTH]


def test_a_district_sees_its_place_and_nobody_elses_score(city):
    publish(city, city.district, city.assessor)
    publish(city, city.district2, city.acceptor2)
    rows = {one.place.id: one for one in compared(city, city.inspector).rows}
    assert rows[city.district.pk].score is not None and rows[city.district.pk].rank == 1
    assert rows[city.district2.pk].score is None and rows[city.district2.pk].rank is None


def test_the_page_shows_the_districts_to_the_citys_people(city, client):
    publish(city, city.district, city.assessor)
    for person, status in ((city.admin, 200), (city.assessor, 403)):
        client.force_login(person)
        answer = client.get("/assessment/districts/")
        assert answer.status_code == status
    client.force_login(city.admin)
    client.cookies.load({"gridgov_language": "en"})
    shown = client.get("/assessment/districts/").content.decode()
    assert "安宁区" in shown and "1 of 2 districts are published" in shown and "Not published" in shown
    assert client.get("/assessment/districts/?period=nonsense").status_code == 400
