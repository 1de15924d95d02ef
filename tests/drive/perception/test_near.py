"""What is near: ground stays ground on any slope, and what stands is found where it stands."""

import numpy as np
import pytest

from windowpane.drive.geometry.transforms import rotation_from_rpy
from windowpane.drive.mapping.near_map import NearMap
from windowpane.drive.perception.near import ObstacleDetector
from windowpane.sim.planes import World, ground, slope, wall

T_world_odom = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]])


def look(rig, *faces, T=None):
    T = np.eye(4) if T is None else T
    pair = World(rig, (ground(0.0), *faces)).see(T_world_odom @ T @ rig.T_robot_camera)
    return ObstacleDetector([rig]).detect([pair], T)


def test_level_ground_is_free(mounted):
    view = look(mounted)
    assert len(view.points) > 2000
    assert not view.obstacle.any()
    assert np.abs(view.points[:, 2]).mean() < 0.05


@pytest.mark.parametrize("rise", [0.15, 0.3])
def test_a_hillside_is_no_obstacle(mounted, rise):
    view = look(mounted, slope(2.0, rise, bottom=0.0))
    assert view.points[:, 2].max() > 3 * rise
    assert view.obstacle.mean() < 0.02


def test_a_wall_is_one_and_the_ground_before_it_is_none(mounted):
    view = look(mounted, wall(-1.0, 4.0, 2.0, -1.2, 0.0))
    found = view.points[view.obstacle]
    assert np.percentile(found[:, 0], [5, 95]) == pytest.approx(4.0, abs=0.3)
    assert np.percentile(found[:, 1], [2, 98]) == pytest.approx([-1, 1], abs=0.3)
    assert not (view.obstacle & (view.points[:, 0] < 3.4)).any()


def test_a_thin_post_and_a_low_rock_are_found(mounted):
    post, rock = wall(-0.5, 3.0, 0.12, -1.2, 0.0), wall(0.4, 3.0, 0.5, -0.4, 0.0)
    view = look(mounted, post, rock)
    y = view.points[view.obstacle][:, 1]
    assert ((y > 0.3) & (y < 0.6)).any()
    assert ((y > -1.0) & (y < -0.3)).any()


def test_what_is_high_above_is_driven_under(mounted):
    view = look(mounted, wall(-1.0, 4.0, 2.0, -3.0, -1.9))
    assert not view.obstacle.any()


def test_points_are_in_odom_wherever_the_robot_stands(mounted):
    T = np.eye(4)
    T[:3, :3], T[:2, 3] = rotation_from_rpy(0, 0, 0.3), (1.0, -0.5)
    view = look(mounted, wall(-2.0, 5.0, 4.0, -1.2, 0.0), T=T)
    assert np.median(view.points[view.obstacle][:, 0]) == pytest.approx(5.0, abs=0.2)


def test_without_pictures_nothing_is_known_for_a_reason(mounted):
    view = ObstacleDetector([mounted]).detect([(None, None)], np.eye(4))
    assert view.points.shape == (0, 3)
    assert view.reasons == ("there is no left picture",)


def test_a_thinned_view_makes_the_same_map_of_fewer_points(mounted):
    view = look(mounted, wall(-1.0, 4.0, 2.0, -1.2, 0.0), slope(3.0, 0.2, bottom=0.0))
    thin, maps = view.thinned(0.2), (NearMap(), NearMap())
    for one, grid in zip((view, thin), maps, strict=True):
        grid.add(one.points[:, :2], one.obstacle, np.zeros(2), 0.0)
    assert len(thin.points) < len(view.points) / 3
    assert (maps[0].grid["odds"] > 0).any()
    assert np.array_equal(maps[0].grid["odds"], maps[1].grid["odds"])
