import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core import revisions
from grids import commands
from grids.directory import directory, find, find_id
from grids.models import Area, Boundary

DAY = dt.date(2026, 3, 1)


def test_paths_and_ancestors(town):
    known = directory()
    place = known.by_code[town.main_grid.code]
    assert place.path == (town.city.pk, town.district.pk, town.street.pk, town.community.pk, town.main_grid.pk)
    assert [one.level for one in known.path(place.id)] == ["city", "district", "street", "community", "grid"]
    assert known.ancestor(place.id, "street").code == town.street.code
    assert known.ancestor(place.id, "grid") is place
    assert known.ancestor(town.street.pk, "grid") is None
    assert list(known.by_id) == list(Area.objects.values_list("pk", flat=True))
    with pytest.raises(KeyError):
        known.path(0)


def test_one_statement_loads_all_and_none_is_needed_after(town):
    revisions.reset_all()
    with CaptureQueriesContext(connection) as queries:
        directory()
        for _ in range(20):
            directory()
    assert len([one for one in queries if "grids_area" in one["sql"]]) == 1


def test_changes_are_seen_at_once(town):
    assert find("620105006001003") is None
    area = commands.create_area(code="620105006001003", name="三", parent=town.community, kind="urban", starts=DAY)
    place = find("620105006001003")
    assert place.id == area.pk and find_id(area.pk) is place
    assert not place.is_active(DAY - dt.timedelta(days=1)) and place.is_active(DAY)
    commands.retire_area(area, on=DAY + dt.timedelta(days=1))
    assert not find(area.code).is_active(DAY + dt.timedelta(days=1))
    assert find_id(0) is None


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("area_code_has_12_15_or_17_digits", {"code": "6201050060010019"}),
        ("area_kind_fits_level", {"kind": "micro"}),
        ("area_kind_fits_level", {"kind": ""}),
        ("area_name_not_empty", {"name": ""}),
        ("area_only_cities_are_roots", {"parent": None}),
        ("area_ends_after_starts", {"starts": DAY, "ends": DAY - dt.timedelta(days=1)}),
        ("households", {"households": -1}),
    ],
)
def test_the_database_has_the_last_word_on_areas(town, name, change):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Area.objects.filter(pk=town.main_grid.pk).update(**change)


def test_the_database_allows_one_current_boundary(town):
    boundary = Boundary.objects.get(area=town.main_grid)
    boundary.pk, boundary.starts = None, DAY
    with pytest.raises(IntegrityError, match="boundary_one_current_per_area"), transaction.atomic():
        boundary.save(force_insert=True)
