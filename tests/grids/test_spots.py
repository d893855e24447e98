"""Spots and their codes: every slip of the finger shows, names are unique in a grid, what happened is written down."""

import datetime as dt

import pytest

from core import clock
from core.errors import Invalid, NotAllowedNow
from grids import spots
from grids.models import AreaEvent, Spot

pytestmark = pytest.mark.django_db


def test_every_wrong_figure_and_every_swap_shows():
    for serial in (1, 12, 4711, 9_999_999):
        code = spots.code_of(serial)
        assert len(code) == spots.LENGTH and spots.is_code(code)
        for place in range(spots.LENGTH):
            for figure in "0123456789":
                slip = code[:place] + figure + code[place + 1 :]
                assert spots.is_code(slip) == (slip == code)
        for place in range(spots.LENGTH - 1):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert spots.is_code(swapped) == (swapped == code)


@pytest.mark.parametrize("text", ["", "12345678", "1234567890", "12345678x", "１２３４５６７８９", "620105006001001"])
def test_other_texts_are_no_codes(text):
    assert not spots.is_code(text) and spots.find(text) is None


def test_a_code_is_read_out_in_threes():
    assert spots.spoken("000001262") == "000 001 262"


def test_a_spot_is_opened_found_and_closed(town):
    spot = spots.open_spot(town.main_grid, name=" 3号楼一单元 ", lon=103.7, lat=36.1, on=town.on, by=town.chief)
    assert spots.is_code(spot.code) and spots.find(spot.code) == spot and spot.name == "3号楼一单元"
    other = spots.open_spot(town.main_grid, name="北门", on=town.on)
    assert other.code != spot.code
    spots.close_spot(spot, on=town.on, by=town.chief)
    assert not spots.find(spot.code).is_active(town.on), "an old sign still leads somewhere"
    kinds = AreaEvent.objects.filter(area=town.main_grid).order_by("sequence").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["spot_opened", "spot_opened", "spot_closed"]
    with pytest.raises(NotAllowedNow):
        spots.close_spot(spot, on=town.on)
    assert spots.open_spot(town.main_grid, name="3号楼一单元", on=town.on).code != spot.code


REFUSED = {
    "no grid": ("community", {"name": "门口"}, "not_a_grid"),
    "no name": ("main_grid", {"name": "  "}, "bad_name"),
    "a long name": ("main_grid", {"name": "字" * 61}, "bad_name"),
    "half a position": ("main_grid", {"name": "门口", "lon": 103.7}, "half_position"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(town, case):
    where, given, code = REFUSED[case]
    with pytest.raises(Invalid) as refused:
        spots.open_spot(getattr(town, where), on=town.on, **given)
    assert refused.value.code == code and not Spot.objects.exists()


def test_a_name_is_taken_once_in_a_grid(town):
    spots.open_spot(town.main_grid, name="北门", on=town.on)
    with pytest.raises(Invalid) as refused:
        spots.open_spot(town.main_grid, name="北门", on=town.on)
    assert refused.value.code == "name_taken"
    assert spots.open_spot(town.next_grid, name="北门", on=town.on).area == town.next_grid


def test_a_spot_that_closed_before_it_began_is_closed_at_once(town):
    spot = spots.open_spot(town.main_grid, name="北门", on=clock.today())
    assert spots.close_spot(spot, on=clock.today() - dt.timedelta(days=3)).ends == spot.starts
