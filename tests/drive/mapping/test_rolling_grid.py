"""The square that goes along: what is in a cell stays at its place on the ground, to the last bit."""

from __future__ import annotations

import numpy as np

from windowpane.drive.mapping.rolling_grid import RollingGrid


def test_driving_around_and_back_smears_nothing() -> None:
    scroll = RollingGrid(64, 0.2, {"value": 0.0})
    place = np.array([1.23, -2.1])
    (i, j), inside = scroll.cells_of(place)
    assert inside
    scroll["value"][i, j] = 7
    rng = np.random.default_rng(0)
    for step in rng.normal(0, 0.7, (200, 2)):
        scroll.centre(np.clip(step, -2, 2))
    scroll.centre([0.07, 0.03])
    assert scroll.at("value", place) == 7
    assert np.count_nonzero(scroll["value"]) == 1


def test_what_leaves_the_square_is_forgotten() -> None:
    scroll = RollingGrid(64, 0.2, {"value": -1.0})
    scroll["value"][:] = 5
    scroll.centre([6.0, 0.0])
    assert (scroll["value"] == 5).sum() == 34 * 64
    scroll.centre([100.0, 0.0])
    assert (scroll["value"] == -1).all()
    assert scroll.at("value", [0.0, 0.0]) == -1
