"""Files and areas for the tests of the tree."""

import csv
import json
from pathlib import Path

import pytest
import shapely
from django.utils import translation

# The real division lists lie beside the checkout on the machines of those who build this; elsewhere small twins do.
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def pytest_collection_modifyitems(config, items):
    """Leave out the tests that need the shared data where there is none."""
    if SHARED.is_dir():
        return
    gone = [item for item in items if item.get_closest_marker("shared") and Path(__file__).parent in item.path.parents]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in gone]


@pytest.fixture(autouse=True)
def _in_english():
    """What imports and commands say is compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def shared_data():
    """The folder with the real data."""
    return SHARED


@pytest.fixture
def table(tmp_path):
    """Write a CSV file: a head line and rows as given; returns its path."""

    def write(head: str, *rows: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([head, *rows]) + "\n", encoding=encoding, newline="")
        return path

    return write


@pytest.fixture
def workbook(tmp_path):
    """Write an .xlsx file with the given rows, the head first; returns its path."""

    def write(*rows, name: str = "file.xlsx") -> Path:
        from openpyxl import Workbook

        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def geojson(tmp_path):
    """Write a FeatureCollection from {code: geometry or shape}; returns its path."""

    def write(shapes, *, code_property: str = "code", name: str = "file.geojson", **more) -> Path:
        features = [
            {
                "type": "Feature",
                "properties": {code_property: code},
                "geometry": shape if shape is None or isinstance(shape, dict) else shapely.geometry.mapping(shape),
            }
            for code, shape in (shapes.items() if isinstance(shapes, dict) else shapes)
        ]
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), encoding="utf-8")
        return path

    return write


@pytest.fixture
def read_rows():
    """The rows of a CSV file as dicts."""

    def read(path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    return read
