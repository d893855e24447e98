"""The demo city's tree: real areas down to communities, grids made below them, outlines that tile."""

import csv
import json
import re
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random

import shapely

import grids
from core import clock
from core.errors import NotAllowedNow
from grids.imports import import_areas, import_boundaries, import_grids
from grids.levels import Kind
from grids.tiling import densify, tile

DATA = Path(grids.__file__).resolve().parent / "data"
DISTRICTS = ("620105000000", "620102000000")
SEED = 20
STEP_M = 100.0
_SUFFIX = re.compile(r"(社区居民委员会|社区居委会|社区委会|村民委员会|村委会|居委会|社区)$")
_NUMBERS = ("一", "二", "三", "四", "五", "六")
# What a dedicated grid is made around; the names are made up from the community's.
PREMISES = ("农贸市场", "商业街", "产业园", "中学", "综合医院", "公园")


@dataclass(frozen=True)
class Row:
    """A grid to be made: a row of the file of grids."""

    code: str
    name: str
    kind: str
    parent_code: str
    households: int
    population: int
    phone: str


def load() -> None:
    """Import the division list, make the grids, and cut the districts' outlines down to them."""
    _checked(import_areas(DATA / "lanzhou.csv"))
    rows = _divisions()
    found = [grid for district in DISTRICTS for grid in grid_rows(rows, district)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "grids.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(Row.__dataclass_fields__)
            writer.writerows(tuple(vars(row).values()) for row in found)
        _checked(import_grids(file))
        file = Path(folder) / "boundaries.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": list(_features(rows, found))}))
        _checked(import_boundaries(file, on=clock.today()))


def short_name(name: str) -> str:
    """农大社区居委会 → 农大."""
    return _SUFFIX.sub("", name) or name


def is_village(name: str) -> bool:
    """Whether a community of the list is a village."""
    return name.endswith(("村委会", "村民委员会"))


def grid_rows(divisions: list[dict], district: str) -> list[Row]:
    """The grids of a district: two or three below every community, villages rural, some dedicated."""
    dice, numbers = Random(f"{SEED} {district}"), count(1)
    found = []
    for row in divisions:
        if row["level"] != "community" or not row["code"].startswith(district[:6]):
            continue
        name, village = short_name(row["name"]), is_village(row["name"])
        for serial in range(1, 4 if dice.random() < 0.12 else 3):
            grid_name = f"{name}第{_NUMBERS[serial - 1]}网格"
            found.append(
                _grid(row["code"], serial, grid_name, Kind.RURAL if village else Kind.URBAN, dice, next(numbers))
            )
        if not village and dice.random() < 0.1:
            found.append(
                _grid(row["code"], 801, f"{name}{dice.choice(PREMISES)}专属网格", Kind.DEDICATED, dice, next(numbers))
            )
    return found


def _grid(community: str, serial: int, name: str, kind: str, dice: Random, number: int) -> Row:
    households = dice.randint(300, 500)
    population = 1000 + dice.randint(0, 900) if kind == Kind.DEDICATED else round(households * dice.uniform(2.1, 2.9))
    # No telephone number in the country begins like this: district, then what tells its grids apart.
    phone = f"0931-000{community[5]}{number:04d}"
    return Row(f"{community}{serial:03d}", name, str(kind), community, households, population, phone)


def _divisions() -> list[dict]:
    with (DATA / "lanzhou.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _features(rows: list[dict], found: list[Row]):
    outlines = json.loads((DATA / "lanzhou_districts.geojson").read_text(encoding="utf-8"))
    below: dict[str, list[str]] = {}
    for row in rows:
        below.setdefault(row["parent_code"], []).append(row["code"])
    for grid in found:
        below.setdefault(grid.parent_code, []).append(grid.code)
    for feature in outlines["features"]:
        code = feature["properties"]["code"]
        if code in DISTRICTS:
            yield from _cut(code, densify(shapely.geometry.shape(feature["geometry"]), STEP_M), below)


def _cut(code: str, shape, below: dict[str, list[str]]):
    yield {"type": "Feature", "properties": {"code": code}, "geometry": json.loads(shapely.to_geojson(shape))}
    children = below.get(code, [])
    if children:
        for child, part in zip(children, tile(shape, len(children), SEED, step_m=STEP_M), strict=True):
            yield from _cut(child, part, below)


def _checked(report) -> None:
    if report.is_refused:
        words = " ".join(report.told(report.problems[:5]))
        raise NotAllowedNow("demo_areas_refused", words)
