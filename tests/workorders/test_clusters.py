"""Hot spots: the statistic on fields whose answer is known, and cells that do not depend on who counts."""

import numpy as np
import pytest

from workorders import clusters
from workorders.clusters import CLEAR, gi_star


def field(side=11):
    return np.zeros((side, side), dtype=int), np.ones((side, side), dtype=bool)


def test_a_heap_in_the_middle_is_hot_and_the_rest_is_not():
    counts, valid = field()
    counts[5, 5] = 40
    around, scores = gi_star(counts, valid)
    assert scores[5, 5] > CLEAR and around[5, 5] == 40 and around[5, 6] == 40
    assert scores[0, 0] < 0


def test_the_statistic_of_a_small_field_by_hand():
    # Nine cells, one order in the middle: mean 1/9, the middle's neighbourhood is everything, so it says nothing.
    counts, valid = field(3)
    counts[1, 1] = 1
    _around, scores = gi_star(counts, valid)
    assert scores[1, 1] == 0
    # A corner's neighbourhood has 4 of 9 cells: (1 - 4/9) / (sqrt(8)/9 * sqrt((36 - 16) / 8)) = 1.118…
    assert scores[0, 0] == pytest.approx((1 - 4 / 9) / (np.sqrt(8) / 9 * np.sqrt((9 * 4 - 16) / 8)))


def test_an_even_field_has_no_hot_spot():
    counts, valid = field()
    _around, scores = gi_star(counts + 3, valid)
    assert not scores.any()


def test_cells_outside_the_area_are_nobodys_neighbours():
    counts, valid = field()
    counts[5, 5], counts[5, 6] = 40, 99
    valid[5, 6] = False
    around, scores = gi_star(counts, valid)
    assert around[5, 5] == 40 and scores[5, 6] == 0


@pytest.mark.django_db
def test_far_away_orders_do_not_make_a_field_of_a_continent():
    found = {(0, 0): 3, (1, 0): 2, (9_000_000, 9_000_000): 1}
    counts, left, bottom = clusters._field(found)
    assert counts.size <= 4_000_000 and counts.sum() == 5 and (9_000_000, 9_000_000) not in found
    assert (left, bottom) == (-999, -1000) or counts[0 - bottom, 0 - left] == 3
