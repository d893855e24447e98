"""Outlines divided along a line: the pieces are the whole, whatever its shape; codes and people shared out."""

import math
import random

import pytest
import shapely

from core.errors import Invalid
from grids import cutting
from grids.levels import Level


def blob(seed, corners=9):
    """A star-shaped outline with crooked corners around a point in Lanzhou."""
    dice = random.Random(seed)
    ring = []
    for at in range(corners):
        far, angle = dice.uniform(0.004, 0.01), 2 * math.pi * (at + dice.uniform(0, 0.6)) / corners
        ring.append((103.8 + far * math.cos(angle), 36.1 + far * math.sin(angle)))
    return shapely.Polygon(ring)


def line(*points):
    return shapely.MultiLineString([points])


@pytest.mark.parametrize("seed", range(25))
def test_pieces_along_a_crooked_line_are_the_whole(seed):
    dice, whole = random.Random(seed), blob(seed)
    drawn = line(
        (103.78, 36.1 + dice.uniform(-0.003, 0.003)), (103.8, 36.1), (103.82, 36.1 + dice.uniform(-0.01, 0.01))
    )
    parts = cutting.cut(whole, drawn)
    assert len(parts) >= 2
    assert cutting.coverage(whole, parts).fits
    cutting.check_covers(whole, parts)


def test_pieces_come_from_west_to_east_and_islands_go_with_the_nearest():
    whole = shapely.MultiPolygon([shapely.box(103.80, 36.10, 103.82, 36.11), shapely.box(103.83, 36.10, 103.84, 36.11)])
    parts = cutting.cut(whole, line((103.81, 36.0), (103.81, 36.2)))
    assert [round(part.bounds[0], 6) for part in parts] == [103.80, 103.81]
    assert parts[1].geom_type == "MultiPolygon" and cutting.coverage(whole, parts).fits


@pytest.mark.parametrize("points", [((103.7, 36.0), (103.7, 36.2)), ((103.805, 36.105), (103.9, 36.105))])
def test_a_line_beside_or_one_that_ends_inside_divides_nothing(points):
    with pytest.raises(Invalid) as refusal:
        cutting.cut(shapely.box(103.80, 36.10, 103.82, 36.11), line(*points))
    assert refusal.value.code == "line_divides_nothing"


def test_people_are_shared_out_by_land_and_none_is_lost():
    assert cutting.shares(10, [1, 1, 1]) == [4, 3, 3]
    assert cutting.shares(500, [3.0, 1.0]) == [375, 125]
    assert cutting.shares(None, [1, 1]) == [None, None] and cutting.shares(0, [1, 2]) == [0, 0]


def test_the_next_codes_are_never_used_ones():
    taken = ["620105006001", "620105006001001", "620105006001007", "62010500600100701", "620105006001900"]
    assert cutting.free_codes("620105006001", Level.GRID, taken, 2) == ["620105006001008", "620105006001009"]
    full = [f"620105006001{serial:03d}" for serial in range(1, 600) if serial != 5]
    assert cutting.free_codes("620105006001", Level.GRID, full, 2) == ["620105006001005"]
    assert cutting.free_codes("620105006001007", Level.MICRO, taken, 1) == ["62010500600100702"]
    assert cutting.free_codes("620105000000", Level.STREET, ["620105006000"], 1) == ["620105007000"]
