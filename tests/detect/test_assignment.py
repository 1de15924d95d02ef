"""The best pairs of rows and columns, against all that can be."""

from itertools import permutations

import numpy as np
import pytest

from windowpane.detect.assignment import assign


def best(gain):
    """The largest sum of gains, by trying all."""
    wide = gain if gain.shape[0] <= gain.shape[1] else gain.T
    rows = np.arange(len(wide))
    return max(wide[rows, list(columns)].sum() for columns in permutations(range(wide.shape[1]), len(wide)))


@pytest.mark.parametrize("seed", range(60))
def test_the_sum_of_gains_is_the_largest(seed):
    rng = np.random.default_rng(seed)
    gain = rng.random(rng.integers(1, 6, 2)) * (rng.random(2) < 0.7).any()
    gain[rng.random(gain.shape) < rng.choice([0, 0.5, 0.8])] = 0
    if seed % 3 == 0:
        gain = gain.round(1)  # with ties
    rows, columns = assign(gain)
    assert gain[rows, columns].sum() == pytest.approx(best(gain))
    assert len(set(rows)) == len(rows) == len(set(columns)) == len(columns)
    assert (gain[rows, columns] > 0).all()
    assert (np.diff(rows) > 0).all()


def test_a_pair_gives_way_where_both_then_have_a_partner():
    rows, columns = assign(np.array([[0.6, 0.55], [0.5, 0.0]]))
    assert list(zip(rows, columns, strict=True)) == [(0, 1), (1, 0)]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (2, 2)])
def test_where_nothing_is_gained_there_is_no_pair(shape):
    rows, columns = assign(np.zeros(shape))
    assert (len(rows), len(columns)) == (0, 0)


def test_a_crowd_that_hardly_moves_is_matched():
    gain = np.eye(150) * 0.8 + np.eye(150, k=1) * 0.3
    rows, columns = assign(gain)
    np.testing.assert_array_equal(rows, columns)
