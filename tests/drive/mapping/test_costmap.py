"""The cost map: what near stereo, the net's labels and the bumper do to it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.mapping.cell_report import explained
from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.mapping.inflation import UNSEEN
from windowpane.drive.perception.far import FarView
from windowpane.drive.perception.ground import Ground, Plane
from windowpane.drive.perception.labels import Label
from windowpane.drive.perception.pixels import ground_distance
from windowpane.drive.vehicle import Vehicle


def pose(x: float, y: float = 0.0, yaw: float = 0.0) -> np.ndarray:
    T = np.eye(4)
    T[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
    T[:2, 3] = x, y
    return T


def patch(x: float, y: float, half: float = 0.5) -> np.ndarray:
    """Points (N, 3) all over a square of ground."""
    along = np.arange(-half, half, 0.04)
    return np.array([(x + a, y + b, 0.0) for a in along for b in along])


def cost_at(costmap: CostMap, x: float, y: float, now: float = 0.0) -> float:
    angle, ring, _ = costmap.polar.cells_of(np.array([x, y]) - costmap.robot)
    return float(costmap.costs(now)[angle, ring])


RIG = StereoRig(
    Pinhole(114.0, 114.0, 80.0, 60.0, 160, 120),
    0.2,
    np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0.9], [0, 0, 0, 1.0]]),
)
"""A camera 0.9 m above the ground that looks straight ahead."""


def sight(obstacle_from: float = np.inf, left_only: bool = False) -> SimpleNamespace:
    """What the net sees of flat ground with something across it from a distance in metres on."""
    distance = ground_distance((120, 160), (0.0, 60.0), 114.0 * 0.9)
    below = np.isfinite(distance)
    hard = below & (distance > obstacle_from)
    if left_only:
        hard[:, 80:] = False
    labels = np.where(hard, Label.SUPER_OBSTACLE, np.where(below, Label.SUPER_GROUND, -1)).astype(np.int8)
    feet = np.where(hard, np.float32(min(obstacle_from, 1e6)), distance).astype(np.float32)
    sure = np.where(below, 0.95, 0).astype(np.float32)
    view = FarView(labels, sure, np.where(hard, 0.05, 0.95).astype(np.float32), feet)
    return SimpleNamespace(far=view, ground=Ground((Plane(np.array([0, -1.0, 0]), 0.9),), 1.0))


def test_ground_nobody_saw_has_its_cost_but_can_be_driven() -> None:
    assert (CostMap().costs(0.0) == UNSEEN).all()


def test_stereo_makes_ground_cheap_and_obstacles_blocked_with_room_around_them() -> None:
    costmap = CostMap()
    costmap.add_near(patch(5, 0, 2.0), np.zeros(len(patch(5, 0, 2.0)), bool), 0.0)
    costmap.add_near(patch(5, 1, 0.3), np.ones(len(patch(5, 1, 0.3)), bool), 0.1)
    assert cost_at(costmap, 5, -1.0) == pytest.approx(1.0, abs=0.2)
    assert np.isinf(cost_at(costmap, 5, 1))
    assert np.isinf(cost_at(costmap, 5, 0.45))  # free, but the robot's side would touch
    assert np.isfinite(cost_at(costmap, 5, -0.2))


def test_whoever_walks_on_leaves_the_way_free() -> None:
    costmap, person = CostMap(), patch(4, 0, 0.2)
    costmap.add_near(person, np.ones(len(person), bool), 0.0)
    assert np.isinf(cost_at(costmap, 4, 0, 0.0))
    for frame in range(1, 10):
        costmap.add_near(patch(4, 0), np.zeros(len(patch(4, 0)), bool), 0.1 * frame)
    assert cost_at(costmap, 4, 0, 0.9) < 1.5


def test_a_single_wrong_point_blocks_nothing() -> None:
    costmap = CostMap()
    costmap.add_near([[4.0, 0.0, 0.5]], [True], 0.0)
    assert np.isfinite(cost_at(costmap, 4, 0))


def test_what_is_no_number_changes_nothing() -> None:
    costmap = CostMap()
    costmap.add_near([[np.nan, 0.0, 0.0], [np.inf, 1.0, 0.0]], [True, True], 0.0)
    costmap.move(np.full((4, 4), np.nan))
    assert (costmap.costs(0.0) == UNSEEN).all()
    assert costmap.robot.tolist() == [0, 0]


def test_obstacles_stay_where_they_are_while_the_robot_drives_and_turns() -> None:
    costmap, thing = CostMap(), patch(6.1, 0.1, 0.2)
    costmap.add_near(thing, np.ones(len(thing), bool), 0.0)
    for step in range(40):
        costmap.move(pose(0.1 * step, 0.02 * step, 0.1 * step))
    assert np.isinf(cost_at(costmap, 6.1, 0.1))
    assert np.isfinite(cost_at(costmap, 6.1, 1.2))


def test_labels_from_afar_make_a_barrier_costly_and_the_gap_in_it_cheap() -> None:
    costmap = CostMap()
    for second in range(4):
        costmap.add_far(sight(20.0, left_only=True), RIG, pose(0), float(second))
    assert cost_at(costmap, 22, 4, 3.0) > 5  # the left of the picture
    assert cost_at(costmap, 22, -4, 3.0) < 1.5
    assert cost_at(costmap, 12, 4, 3.0) < 1.5  # before it
    assert cost_at(costmap, -20, 0, 3.0) == UNSEEN  # behind the robot


def test_labels_go_to_where_the_picture_was_taken() -> None:
    costmap = CostMap()
    costmap.move(pose(0, 0, np.pi / 2))
    costmap.add_far(sight(20.0), RIG, pose(0, 0, np.pi / 2), 0.0)
    assert cost_at(costmap, 0, 22) > 5
    assert cost_at(costmap, 22, 0) == UNSEEN


def test_near_stereo_overrules_labels() -> None:
    costmap = CostMap()
    costmap.add_far(sight(4.0), RIG, pose(0), 0.0)
    assert cost_at(costmap, 5, 0) > 5
    costmap.add_near(patch(5, 0, 1.0), np.zeros(len(patch(5, 0, 1.0)), bool), 0.1)
    assert cost_at(costmap, 5, 0, 0.1) == pytest.approx(1, abs=0.1)


def test_what_the_net_said_fades() -> None:
    costmap = CostMap()
    costmap.add_far(sight(20.0), RIG, pose(0), 0.0)
    before = cost_at(costmap, 22, 0, 0.0)
    blind = SimpleNamespace(far=FarView.blank(120, 160, "dark"), ground=Ground())
    for minute in range(1, 8):
        costmap.add_far(blind, RIG, pose(0), 60.0 * minute)
    assert UNSEEN <= cost_at(costmap, 22, 0, 420.0) < 0.6 * before


def test_the_bumper_blocks_what_stereo_takes_for_free() -> None:
    costmap = CostMap()
    ground = patch(0.6, 0, 1.0)
    costmap.bump(pose(0), 0.0)
    costmap.add_near(ground, np.zeros(len(ground), bool), 0.1)
    assert np.isinf(cost_at(costmap, 0.45, 0, 0.1))


def test_the_bumper_is_where_the_vehicles_front_is() -> None:
    long = CostMap(vehicle=Vehicle(length=2.0))
    long.bump(pose(0), 0.0)
    assert long.bumped(0.1, np.array([[1.1, 0.0], [0.45, 0.0]])).tolist() == [True, False]


def test_obstacles_are_larger_for_a_wider_robot() -> None:
    for width, free in ((0.5, True), (1.2, False)):
        costmap = CostMap(vehicle=Vehicle(width=width))
        costmap.add_near(patch(5, 1, 0.3), np.ones(len(patch(5, 1, 0.3)), bool), 0.1)
        assert np.isfinite(cost_at(costmap, 5, 0.1)) == free


def test_the_radius_by_its_old_name_is_taken_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="vehicle"):
        costmap = CostMap(robot_radius=0.75)
    costmap.add_near(patch(5, 1, 0.3), np.ones(len(patch(5, 1, 0.3)), bool), 0.1)
    assert np.isinf(cost_at(costmap, 5, 0.1))


def test_it_tells_in_a_line_what_it_is() -> None:
    assert repr(CostMap()) == f"CostMap(200 m around (0.0, 0.0), {CostMap().nbytes / 2**20:.0f} MiB)"


def test_a_restored_map_is_the_same_map() -> None:
    costmap, other = CostMap(), CostMap()
    costmap.move(pose(3, 1, 0.2))
    costmap.add_near(patch(6, 0, 0.2), np.ones(len(patch(6, 0, 0.2)), bool), 1000.0)
    costmap.add_far(sight(20.0), RIG, pose(3, 1, 0.2), 1000.0)
    other.restore(costmap.state())
    assert np.array_equal(other.costs(1001.0), costmap.costs(1001.0))
    assert explained(other, 25.0, 1.0).text == explained(costmap, 25.0, 1.0).text
    assert other.near_age(1001.0) == 1.0


def test_two_hundred_metres_take_less_than_64_megabytes() -> None:
    assert CostMap().nbytes < 64e6


def test_the_way_waits_for_who_walks_into_it_and_not_for_ever():
    costmap = CostMap()
    ground = patch(3.0, 0.0)
    for k in range(5):
        costmap.add_near(ground, np.zeros(len(ground), np.bool_), 0.1 * k)
    costmap.add_near(ground, np.ones(len(ground), np.bool_), 0.5)
    assert costmap.near.blocked(0.5).any()  # the arcs keep off
    assert np.isfinite(cost_at(costmap, 3.0, 0.0, 0.6))
    for k in range(80):
        costmap.add_near(ground, np.ones(len(ground), np.bool_), 0.6 + 0.1 * k)
    assert cost_at(costmap, 3.0, 0.0, 8.6) == np.inf
