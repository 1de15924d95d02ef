"""The hyperbolic-polar cells: how large they are, and which one a place is in."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.mapping.polar import HyperbolicPolar

POLAR = HyperbolicPolar()


def test_cells_are_of_one_size_to_fifteen_metres_and_then_grow_to_the_rim() -> None:
    depths = np.diff(POLAR.edges)
    inner = POLAR.edges[1:] <= 15 + 1e-9
    assert np.allclose(depths[inner], 0.2)
    assert (np.diff(depths[~inner][:-1]) > 0).all()
    assert POLAR.edges[-1] == 200
    assert POLAR.rings < 120


def test_every_middle_lies_in_its_own_cell() -> None:
    angle, ring, inside = POLAR.cells_of(POLAR.places)
    assert inside.all()
    assert (angle == np.arange(POLAR.angles)[:, None]).all()
    assert (ring == np.arange(POLAR.rings)).all()


def test_angle_0_is_ahead_and_bearings_count_to_the_left() -> None:
    angle, _, _ = POLAR.cells_of([[10.0, 0.01], [0.01, 10.0], [-10.0, -0.01]])
    assert angle.tolist() == [0, 99, 200]


def test_the_areas_fill_the_disc() -> None:
    assert POLAR.areas.sum() * POLAR.angles == pytest.approx(np.pi * 200**2)


def test_what_is_beyond_the_rim_is_not_inside() -> None:
    assert not POLAR.cells_of([250.0, 0.0])[2]


def test_a_map_without_size_is_refused() -> None:
    with pytest.raises(ValueError, match="0 < cell <= constant_to < radius"):
        HyperbolicPolar(radius=10, constant_to=15)
