"""Pictures of two cameras are paired by time; clocks that never agree are told, with the way out."""

import numpy as np
import pytest

from windowpane.drive.logs.pairing import check, never_agree, next_of, pair
from windowpane.errors import ArgumentError


@pytest.mark.parametrize(
    ("left", "right", "frames"),
    [
        ([0, 0.1, 0.2], [0.002, 0.102, 0.202], [(0, 0), (1, 1), (2, 2)]),
        ([0, 0.1, 0.2], [0.002, 0.201], [(0, 0), (1, None), (2, 1)]),
        ([0.1, 0.2], [0, 0.1, 0.2, 0.3], [(None, 0), (0, 1), (1, 2), (None, 3)]),
        ([], [0.1], [(None, 0)]),
        ([0, 1], [0.5], [(0, None), (None, 0), (1, None)]),
    ],
)
def test_pairs(left, right, frames):
    assert pair(left, right, 0.02) == frames


def test_the_nearest_is_taken_when_more_would_do():
    """33 ms from frame to frame, one lost, and 50 ms allowed."""
    left = [0.0, 0.033, 0.066]
    assert pair(left, [0.039, 0.072], 0.05) == [(0, None), (1, 0), (2, 1)]
    assert next_of([0.039, 0.072], [0.0, 0.033], 0.05) == (False, True)


def test_a_shift_within_a_frame_asks_for_a_tolerance():
    left = np.arange(10) * 0.1
    told = never_agree(left, left + 0.027, 0.02)
    assert "+27 ms after the left ones" in told
    assert "--tolerance 0.028" in told
    assert all(None not in one for one in pair([*left], [*left + 0.027], 0.028))


def test_another_clock_asks_for_an_offset():
    left = 1.7e9 + np.arange(10) * 0.1
    right = 12.0 + np.arange(10) * 0.1
    told = never_agree(left, right, 0.02)
    assert "--offset 1699999988.000" in told
    assert never_agree(left, right + 5, 0.02, 5.0).endswith("(--offset 1699999988.000), which is added to it")
    assert all(None not in one for one in pair([*left], [*right + 1699999988.0], 0.02))


def test_what_cannot_be_is_refused():
    check(0.0, -5.0)
    for tolerance, offset in ((-1.0, 0.0), (np.nan, 0.0), (0.02, np.inf)):
        with pytest.raises(ArgumentError, match="give seconds"):
            check(tolerance, offset)
