"""The shortest way is the one that a string would take."""

from __future__ import annotations

from math import hypot

import numpy as np
import pytest

pytest.importorskip("scipy")

from windowpane.sim.world.shortest import length, shortest


def test_around_a_wall_it_touches_the_corner() -> None:
    free = np.ones((400, 400), np.bool_)
    free[200:203, 50:] = False  # y = 0 to 0.3, from x = -15 on
    line = shortest(free, 0.1, (-20, -20), (0, -10), (3, 12))
    assert line is not None
    assert length(line) == pytest.approx(hypot(15, 10) + 0.3 + hypot(18, 11.7), rel=0.005)
    assert line[0] == (0, -10)
    assert line[-1] == (3, 12)


def test_it_is_straight_where_nothing_is_in_the_way() -> None:
    line = shortest(np.ones((300, 300), np.bool_), 0.1, (-15, -15), (-10, -7.3), (12.1, 3))
    assert line == [(-10, -7.3), (12.1, 3)]


def test_there_is_none_through_a_closed_wall() -> None:
    free = np.ones((300, 300), np.bool_)
    free[150:154] = False
    assert shortest(free, 0.1, (-15, -15), (0, -5), (0, 5)) is None
