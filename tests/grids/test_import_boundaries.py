import datetime as dt
import json

import pytest
import shapely
from django.core.management import CommandError, call_command

from grids import commands
from grids.imports import import_areas, import_boundaries
from grids.locate import grid_at
from grids.models import LONG_AGO, Area, AreaEvent, Boundary

DAY = dt.date(2026, 3, 1)
BEFORE = DAY - dt.timedelta(days=1)


def box(west, east, south=36.10, north=36.11):
    return shapely.box(west, south, east, north)


def codes_of(problems):
    return [(one.line, one.column, one.code) for one in sorted(problems)]


def state():
    rows = Boundary.objects.values_list("area__code", "starts", "ends", "geometry").order_by("pk")
    return list(rows), AreaEvent.objects.count()


@pytest.fixture
def bare(town):
    """The town without its outlines."""
    Boundary.objects.all().delete()
    return town


def test_outlines_of_every_level_are_imported_and_found_at_once(bare, geojson):
    path = geojson({
        bare.district.code: box(103.70, 103.76),
        bare.main_grid.code: box(103.70, 103.71),
        bare.next_grid.code: box(103.71, 103.72).difference(box(103.712, 103.714, 36.102, 36.104)),
        bare.grid3.code: shapely.MultiPolygon([box(103.72, 103.73), box(103.712, 103.714, 36.102, 36.104)]),
    })  # fmt: skip
    report = import_boundaries(path, on=DAY)
    assert (report.created, report.problems) == (4, [])
    assert grid_at(103.705, 36.105, DAY).code == bare.main_grid.code
    assert grid_at(103.713, 36.103, DAY).code == bare.grid3.code
    assert grid_at(103.705, 36.105, LONG_AGO).code == bare.main_grid.code
    assert Boundary.objects.get(area=bare.next_grid).geometry == shapely.geometry.mapping(
        box(103.71, 103.72).difference(box(103.712, 103.714, 36.102, 36.104))
    ) | {"coordinates": json.loads(path.read_text())["features"][2]["geometry"]["coordinates"]}


def test_a_second_run_changes_nothing_and_says_so(bare, geojson, capsys):
    path = geojson({bare.main_grid.code: box(103.70, 103.71), bare.next_grid.code: box(103.71, 103.72)})
    call_command("import_boundaries", str(path))
    before = state()
    call_command("import_boundaries", str(path))
    assert state() == before
    assert capsys.readouterr().out.splitlines() == [
        "2 new, 0 changed, 0 already as in the file.", "Nothing to change: 2 are already as in the file."
    ]  # fmt: skip


def test_a_changed_outline_is_a_new_version(town, geojson):
    # The neighbours change places in one file: judged by the outcome, not one after the other.
    shapes = {town.main_grid.code: box(103.71, 103.72), town.next_grid.code: box(103.70, 103.71)}
    report = import_boundaries(geojson(shapes), on=DAY)
    assert (report.created, report.updated, report.problems) == (0, 2, [])
    assert grid_at(103.705, 36.105, BEFORE).code == town.main_grid.code
    assert grid_at(103.705, 36.105, DAY).code == town.next_grid.code


def test_the_property_with_the_code_can_be_named_and_codes_may_be_numbers(bare, geojson):
    path = geojson([(int(bare.district.code), box(103.70, 103.76))], code_property="code12")
    call_command("import_boundaries", str(path), "--code-property", "code12")
    assert bare.district.boundaries.count() == 1


def test_overlapping_grids_are_named_with_their_square_metres(town, geojson):
    before = state()
    shapes = {town.main_grid.code: box(103.70, 103.7101), town.grid3.code: box(103.715, 103.73)}
    report = import_boundaries(geojson(shapes), on=DAY)
    assert codes_of(report.problems) == [(1, "geometry", "boundary_overlaps"), (2, "geometry", "boundary_overlaps")]
    assert "农大二网格 (620105006001002) by 9991 m²" in sorted(report.problems)[0].reason
    assert state() == before


def test_overlaps_inside_the_file_are_found_too(bare, geojson):
    shapes = {bare.main_grid.code: box(103.70, 103.712), bare.next_grid.code: box(103.71, 103.72)}
    report = import_boundaries(geojson(shapes), on=DAY)
    assert codes_of(report.problems) == [(1, "geometry", "boundary_overlaps")]
    assert not Boundary.objects.exists()


def test_slivers_of_rounding_are_let_in(bare, geojson):
    shapes = {bare.main_grid.code: box(103.70, 103.710003), bare.next_grid.code: box(103.71, 103.72)}
    assert import_boundaries(geojson(shapes), on=DAY).problems == []
    # In the sliver both contain the point: the smaller code has it.
    assert grid_at(103.7100015, 36.105, DAY).code == bare.main_grid.code


SWAPPED = {"type": "Polygon", "coordinates": [[[36.10, 103.70], [36.11, 103.70], [36.11, 103.71], [36.10, 103.70]]]}
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[103.7, 36.1], [103.8, 36.2], [103.8, 36.1], [103.7, 36.2], [103.7, 36.1]]],
}
METRES = {
    "type": "Polygon",
    "coordinates": [[[11544000, 4315000], [11545000, 4315000], [11545000, 4316000], [11544000, 4315000]]],
}


@pytest.mark.parametrize(
    ("code", "shape", "expected"),
    [
        ("620105006001003", box(103.80, 103.81), ("code", "code_unknown")),
        ("620105", box(103.80, 103.81), ("code", "code_length")),
        ("620105006001X01", box(103.80, 103.81), ("code", "code_not_digits")),
        ("", box(103.80, 103.81), ("code", "code_missing")),
        (None, box(103.80, 103.81), ("code", "code_missing")),
        (True, box(103.80, 103.81), ("code", "code_missing")),
        ("620105006001002", box(103.80, 103.81), ("code", "code_twice")),
        ("620105006001001", None, ("geometry", "geometry_missing")),
        ("620105006001001", shapely.Point(103.7, 36.1), ("geometry", "geometry_type")),
        ("620105006001001", SWAPPED, ("geometry", "coordinates_swapped")),
        ("620105006001001", METRES, ("geometry", "coordinates_out_of_range")),
        ("620105006001001", BOW_TIE, ("geometry", "geometry_self_crossing")),
    ],
)  # fmt: skip
def test_a_bad_feature_is_named_and_nothing_is_imported(town, geojson, code, shape, expected):
    before = state()
    path = geojson([(town.next_grid.code, box(103.71, 103.719)), (code, shape)])
    report = import_boundaries(path, on=DAY)
    assert codes_of(report.problems) == [(2, *expected)]
    assert state() == before


def test_several_problems_are_told_together(town, geojson):
    path = geojson([("620105006001009", box(103.8, 103.81)), (town.main_grid.code, BOW_TIE), ("7", None)])
    with pytest.raises(CommandError) as caught:
        call_command("import_boundaries", str(path))
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "Feature 1, column code", "Feature 2, column geometry", "Feature 3, column code", "Nothing was imported"
    ]  # fmt: skip


def test_closed_areas_keep_their_outline_and_newer_ones_stay(town, geojson):
    commands.retire_area(town.main_grid, on=DAY)
    commands.set_boundary(town.grid3, geometry=shapely.geometry.mapping(box(103.72, 103.729)), on=DAY)
    path = geojson({town.main_grid.code: box(103.70, 103.709), town.grid3.code: box(103.72, 103.728)})
    report = import_boundaries(path, on=BEFORE)
    assert codes_of(report.problems) == [(1, "code", "area_closed"), (2, "geometry", "boundary_in_past")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "json_malformed"),
        ("{]", "json_malformed"),
        ("[" * 100_000, "json_malformed"),
        ("[]", "not_a_feature_collection"),
        ('{"type": "Feature"}', "not_a_feature_collection"),
        ('{"type": "FeatureCollection", "features": {}}', "not_a_feature_collection"),
        (
            '{"type": "FeatureCollection", "features": [],'
            ' "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}}',
            "other_coordinate_system",
        ),
    ],
)
def test_an_unreadable_file_is_refused(db, tmp_path, text, code):
    path = tmp_path / "file.geojson"
    path.write_text(text, encoding="utf-8")
    assert [one.code for one in import_boundaries(path, on=DAY).problems] == [code]


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4490", "EPSG:4326"])
def test_the_names_of_wgs84_are_accepted(bare, geojson, name):
    path = geojson({bare.main_grid.code: box(103.70, 103.71)}, crs={"type": "name", "properties": {"name": name}})
    assert import_boundaries(path, on=DAY).created == 1


def test_a_list_of_no_features_and_things_that_are_none(bare, geojson, tmp_path):
    assert import_boundaries(geojson({}), on=DAY).problems == []
    path = tmp_path / "odd.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [1, {"type": "Feature", "properties": null}]}')
    assert codes_of(import_boundaries(path, on=DAY).problems) == [
        (1, "code", "not_a_feature"), (2, "code", "code_missing")
    ]  # fmt: skip


@pytest.mark.shared
@pytest.mark.django_db
def test_the_real_district_outlines_are_imported_unchanged(shared_data):
    for path in sorted((shared_data / "divisions").glob("*_*[0-9].csv")):
        assert import_areas(path).problems == []
    path = shared_data / "boundaries" / "districts.geojson"
    report = import_boundaries(path, on=DAY, code_property="code12")
    assert (report.created, report.problems) == (19, [])
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        boundary = Boundary.objects.get(area__code=feature["properties"]["code12"])
        assert boundary.geometry == feature["geometry"]
    again = import_boundaries(path, on=DAY, code_property="code12")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 19)


@pytest.mark.django_db
def test_the_shipped_files_are_imported():
    from pathlib import Path

    import grids

    data = Path(grids.__file__).parent / "data"
    assert import_areas(data / "lanzhou.csv").created == 1303
    assert import_boundaries(data / "lanzhou_districts.geojson", on=DAY).created == 2
    assert Area.objects.get(code="620105006001").name.startswith("农大社区")
