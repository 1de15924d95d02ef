"""Ground that need not be flat: slopes stay, what stands on them goes, and heights are above it."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.perception.elevation_map import (
    CELL,
    REACH,
    ElevationMap,
    ElevationMapper,
    cell_of,
    points_of,
    surface_of,
)
from windowpane.drive.perception.ground import Ground, Plane
from windowpane.drive.perception.stereo import Depth


def hill(rise: float, thing: float = 0.0) -> np.ndarray:
    """Points (N, 3) of ground that rises along x, with something narrow on it 3 m ahead."""
    x, y = np.meshgrid(np.arange(-4, 4, 0.05), np.arange(-4, 4, 0.05))
    z = rise * np.maximum(x - 1, 0)
    z = np.where(np.hypot(x - 3, y) < 0.4, z + thing, z)
    return np.stack([x, y, z], axis=-1).reshape(-1, 3).astype(np.float32)


@pytest.mark.parametrize("rise", [0.0, 0.2, 0.4])
@pytest.mark.parametrize("thing", [0.0, 1.0])
def test_the_surface_is_the_ground_under_what_stands_on_it(rise: float, thing: float) -> None:
    points = hill(rise, thing)
    surface, cells = surface_of(points, np.eye(3), REACH)
    under = surface.ravel()[cells]
    here = np.hypot(points[:, 0] - 3, points[:, 1]) < 0.3
    expected = rise * (points[here, 0] - 1)
    assert np.abs(under[here] - expected).max() < 0.1 + CELL * rise


def test_who_sees_farther_has_larger_cells() -> None:
    assert cell_of(REACH) == pytest.approx(CELL)
    assert cell_of(2 * REACH) == pytest.approx(2 * CELL)


def test_heights_are_above_the_surface_and_beyond_it_above_the_plane() -> None:
    surface = np.full((5, 5), 0.3, np.float32)
    camera = np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 1.0], [0, 0, 0, 1.0]])
    plane = Plane(np.array([0.0, -1.0, 0.0]), 1.0)
    ground = ElevationMap((plane,), 1.0, "", surface, 1.0, camera)
    heights = ground.heights([[0.0, 0.0, 1.0], [0.0, 0.0, 9.0]])
    np.testing.assert_allclose(heights, [0.7, 1.0], atol=1e-6)


def depth_of(points: np.ndarray) -> Depth:
    return Depth(
        np.ones(points.shape[:-1], np.float32), points.astype(np.float32), np.ones(points.shape[:-1])
    )


def test_a_mapper_refines_ground_and_leaves_none_as_it_is() -> None:
    mapper = ElevationMapper(np.eye(4), np.eye(4), REACH)
    depth = depth_of(hill(0.2)[None])
    nothing = Ground((), 0.0, "dark")
    assert mapper.refined(depth, nothing) is nothing
    ground = Ground((Plane(np.array([0.0, -1.0, 0.0]), 1.0),), 0.8)
    refined = mapper.refined(depth, ground)
    assert isinstance(refined, ElevationMap)
    assert refined.planes == ground.planes
    assert refined.quality == 0.8


def test_points_are_those_with_a_distance_that_are_near_enough() -> None:
    depth = depth_of(np.array([[[0.0, 0.0, 2.0], [0.0, 0.0, 7.0], [0.0, 0.0, np.nan]]]))
    depth.disparity[0, 2] = np.nan
    assert points_of(depth, np.eye(4), 6.0).tolist() == [[0.0, 0.0, 2.0]]
