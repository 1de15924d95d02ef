"""The grid of what the net saw far away."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.mapping.far_map import FarMap
from windowpane.drive.perception.far import FarView
from windowpane.drive.perception.ground import Ground, Plane
from windowpane.drive.perception.labels import Label
from windowpane.drive.perception.pixels import ground_distance

RIG = StereoRig(
    Pinhole(114.0, 114.0, 80.0, 60.0, 160, 120),
    0.2,
    np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0.9], [0, 0, 0, 1.0]]),
)
"""A camera 0.9 m above the ground that looks straight ahead."""


def sight(obstacle_from: float = np.inf) -> SimpleNamespace:
    """What the net sees of flat ground with something across it from a distance in metres on."""
    distance = ground_distance((120, 160), (0.0, 60.0), 114.0 * 0.9)
    below = np.isfinite(distance)
    hard = below & (distance > obstacle_from)
    labels = np.where(hard, Label.SUPER_OBSTACLE, np.where(below, Label.SUPER_GROUND, -1)).astype(np.int8)
    feet = np.where(hard, np.float32(min(obstacle_from, 1e6)), distance).astype(np.float32)
    sure = np.where(below, 0.95, 0).astype(np.float32)
    view = FarView(labels, sure, np.where(hard, 0.05, 0.95).astype(np.float32), feet)
    return SimpleNamespace(far=view, ground=Ground((Plane(np.array([0, -1.0, 0]), 0.9),), 1.0))


def likeliest(far: FarMap, x: float, y: float = 0.0) -> Label | None:
    weights = far.squares[-1].at("labels", (x, y))
    return Label(int(weights.argmax())) if weights.sum() > 0 else None


def test_labels_lie_where_the_picture_shows_them() -> None:
    far = FarMap()
    far.add(sight(20.0), RIG, np.eye(4), 0.0)
    assert likeliest(far, 12.0) == Label.SUPER_GROUND
    assert likeliest(far, 22.0) == Label.SUPER_OBSTACLE
    assert likeliest(far, -15.0) is None  # behind the robot
    assert likeliest(far, 60.0) is None  # hidden behind the obstacle's foot


def test_it_keeps_the_shortest_distance_and_the_last_time() -> None:
    far, nearer = FarMap(), np.eye(4)
    nearer[0, 3] = 8.0
    far.add(sight(), RIG, nearer, 1.0)
    far.add(sight(), RIG, np.eye(4), 2.0)
    square = far.squares[-1]
    assert square.at("nearest", (15.0, 0.0)) == pytest.approx(7.0, abs=2.0)
    assert square.at("seen", (15.0, 0.0)) == 2.0


def test_a_frame_without_ground_changes_nothing() -> None:
    far = FarMap()
    far.add(SimpleNamespace(far=FarView.blank(120, 160, "dark"), ground=Ground()), RIG, np.eye(4), 0.0)
    assert all(not square["labels"].any() for square in far.squares)


def test_a_rig_that_is_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="T_robot_camera"):
        FarMap().add(sight(), StereoRig(RIG.left, 0.2), np.eye(4), 0.0)
