"""The cast stands on sound ground."""

import pytest
import shapely

from grids.directory import directory
from grids.models import Area, Boundary
from personnel.jurisdiction import standing_of


@pytest.mark.django_db
def test_tree_of_the_town_is_what_a_rebuild_makes_of_it(town):
    rows = list(Area.objects.order_by("pk").values_list("code", "lft", "rght", "depth", "parent__code"))
    Area.objects.rebuild()
    assert list(Area.objects.order_by("pk").values_list("code", "lft", "rght", "depth", "parent__code")) == rows


def test_grids_tile_a_rectangle(town):
    squares = [shapely.from_wkb(bytes(row.wkb)) for row in Boundary.objects.all()]
    whole = shapely.union_all(squares)
    assert len(squares) == 6 and whole.geom_type == "Polygon"
    assert whole.area == pytest.approx(sum(square.area for square in squares))
    for grid in town.grids:
        point = shapely.Point(town.inside(grid))
        assert [s.contains(point) for s in squares].count(True) == 1


def test_everybody_holds_one_post_today_but_the_former_officer_and_the_administrator(town):
    assert all(len(standing_of(person, town.on).posts) == 1 for person in town.people)
    assert not standing_of(town.former, town.on).posts
    assert not standing_of(town.admin, town.on).posts
    assert directory().by_code["620105006001001"].path[0] == town.city.pk
