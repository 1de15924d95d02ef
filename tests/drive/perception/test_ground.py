"""The ground in worlds where it is known: angle, height, horizon, slopes, and when it cannot be seen."""

import numpy as np
import pytest

from windowpane.drive.perception.ground import Ground, GroundFinder, Plane
from windowpane.drive.perception.stereo import Depth, Matcher
from windowpane.sim.planes import Surface


def angle(one, other):
    """Between two directions, in degrees."""
    return np.degrees(np.arccos(np.clip(np.dot(one, other), -1, 1)))


def up_of(pose):
    """The world's up (y is down) in the camera's frame."""
    return pose[:3, :3].T @ np.array([0, -1, 0])


@pytest.fixture(scope="module")
def matcher(rig):
    return Matcher(rig)


# -- Exactness ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("height", "pitch", "roll"),
    [(1.0, 0, 0), (1.0, 0.2, 0), (1.0, 0.15, 0.1), (1.0, -0.05, -0.15), (0.5, 0.3, 0), (1.5, 0.1, 0.05)],
)
def test_the_plane_is_right_to_half_a_degree_and_two_centimetres(scene, matcher, height, pitch, roll):
    pose = scene.pose(pitch=pitch, roll=roll)
    world = scene.world(scene.ground(height), scene.wall(0.5, 4, 1, -0.5, height))
    ground = GroundFinder().update(matcher.match(*world.see(pose)))
    assert ground
    assert ground.reason == ""
    assert ground.quality > 0.8
    assert angle(ground.plane.normal, up_of(pose)) < 0.5
    assert ground.plane.height == pytest.approx(height, abs=0.02)
    assert (ground.plane.pitch, ground.plane.roll) == pytest.approx((pitch, roll), abs=np.radians(0.5))


def test_heights_above_the_ground(scene, matcher):
    depth = matcher.match(*scene.world(scene.ground(1.0), scene.wall(-0.5, 3, 1, -0.5)).see())
    heights = GroundFinder().update(depth).heights(depth.points)
    assert heights.shape == (240, 320)
    on_wall = np.abs(depth.points[..., 2] - 3) < 0.15
    on_wall[:, :110] = on_wall[:, 210:] = False
    on_wall[200:] = False  # the ground at the same distance
    assert np.nanmax(heights[on_wall]) == pytest.approx(1.5, abs=0.15)
    below = np.zeros_like(on_wall)
    below[215:, 30:] = True
    assert np.nanmedian(np.abs(heights[below])) < 0.02


def test_the_horizon_is_where_the_ground_ends(scene, rig, matcher):
    pose = scene.pose(pitch=0.15, roll=0.1)
    left, right = scene.world().see(pose)
    a, b = GroundFinder().update(matcher.match(left, right)).plane.horizon(rig.left)
    for x in (40, 160, 280):
        seen = np.argmax(left[:, x, 0] != 200)  # the first row that is no sky
        assert a * (x + 0.5) + b == pytest.approx(seen, abs=3)


def test_roll_and_pitch_have_the_signs_they_say():
    level = Plane(np.array([0, -1.0, 0]), 1.0)
    assert (level.roll, level.pitch) == (0, 0)
    assert level.above([[0, 1, 5], [0, 0.5, 2]]).tolist() == [0, 0.5]
    looks_down = Plane(np.array([0, -np.cos(0.3), -np.sin(0.3)]), 1.0)
    assert looks_down.pitch == pytest.approx(0.3)
    right_side_low = Plane(np.array([-np.sin(0.2), -np.cos(0.2), 0]), 1.0)
    assert right_side_low.roll == pytest.approx(0.2)


# -- Uneven ground, and what is no ground ------------------------------------------------------------------


def test_a_slope_ahead_is_a_second_plane_and_no_obstacle(scene, matcher):
    depth = matcher.match(*scene.world(scene.ground(1.0), scene.slope(5.0, 0.3)).see())
    ground = GroundFinder().update(depth)
    assert len(ground.planes) >= 2
    z = depth.points[..., 2]
    on_slope = depth.valid & (z > 7) & (z < 10)
    alone = Ground(ground.planes[:1], 1.0)
    assert np.median(alone.heights(depth.points)[on_slope]) > 0.5
    assert abs(np.median(ground.heights(depth.points)[on_slope])) < 0.15


def test_a_table_is_not_taken_for_the_ground(scene, matcher):
    table = Surface((-0.9, 0.4, 1.6), ((1.8, 0, 0), (0, 0, 1.5)), 1)
    front = Surface((-0.9, 0.4, 1.6), ((1.8, 0, 0), (0, 0.6, 0)), 1)
    depth = matcher.match(*scene.world(scene.ground(1.0), table, front).see(scene.pose(pitch=0.2)))
    ground = GroundFinder().update(depth)
    assert ground.plane.height == pytest.approx(1.0, abs=0.05)
    assert all(plane.height > 0.8 for plane in ground.planes)


def test_points_go_to_the_plane_that_is_nearest_below_where_it_was_seen():
    low = Plane(np.array([0, -1.0, 0]), 1.0)
    step = Plane(np.array([0, -1.0, 0]), 0.8, near=4, far=6)
    ground = Ground((low, step), 1.0)
    points = np.array([[0, 0.8, 5], [0, 0.8, 8], [0, 1.0, 5], [0, 0.3, 5], [0, 1.3, 5]], np.float32)
    assert ground.heights(points).tolist() == pytest.approx([0, 0.2, 0, 0.5, -0.3], abs=1e-6)


# -- Over time ---------------------------------------------------------------------------------------------


def nothing(rig, reason=""):
    none = np.full(rig.left.size, np.nan, np.float32)
    return Depth(
        none, np.repeat(none[..., None], 3, axis=2), np.full(rig.left.size, np.inf, np.float32), reason
    )


def test_without_ground_the_last_one_fades_and_is_then_forgotten(scene, rig, matcher):
    finder = GroundFinder()
    seen = finder.update(matcher.match(*scene.world().see()))
    grounds = [finder.update(nothing(rig, "a picture is black")) for _ in range(20)]
    assert grounds[0]
    assert grounds[0].plane.height == pytest.approx(seen.plane.height)
    qualities = [ground.quality for ground in grounds]
    assert seen.quality > qualities[0] > qualities[3] > qualities[-1] == 0
    assert not grounds[-1]
    assert {ground.reason for ground in grounds} == {"a picture is black"}
    assert np.isnan(grounds[-1].heights(np.zeros((2, 3)))).all()
    assert finder.update(matcher.match(*scene.world().see())).quality > 0.8


def test_a_wall_that_fills_the_view_is_no_ground(scene, matcher):
    depth = matcher.match(*scene.world(scene.wall(-5, 1.5, 10, -5, 5)).see())
    ground = GroundFinder().update(depth)
    assert not ground
    assert "below the camera" in ground.reason


def test_sky_alone_has_a_reason(scene, matcher):
    ground = GroundFinder().update(matcher.match(*scene.world().see(scene.pose(pitch=-1.2))))
    assert not ground
    assert ground.reason


def test_while_the_ground_is_out_of_sight_it_moves_with_the_camera(scene, rig, matcher):
    finder = GroundFinder()
    finder.update(matcher.match(*scene.world().see()))
    motion = scene.pose(z=0.5, y=-0.2, pitch=0.1)
    ground = finder.update(nothing(rig), motion)
    assert ground.plane.height == pytest.approx(1.2, abs=0.02)
    assert ground.plane.pitch == pytest.approx(0.1, abs=0.01)
    assert np.linalg.norm(ground.plane.normal) == pytest.approx(1)


def test_the_same_frames_give_the_same_ground(scene, matcher):
    depth = matcher.match(*scene.world(scene.ground(1.0), scene.wall(0.5, 4, 1, -0.5)).see())
    first, second = (GroundFinder().update(depth) for _ in range(2))
    assert np.array_equal(first.plane.normal, second.plane.normal)


# -- How it goes on farther than it is seen ----------------------------------------------------------------


@pytest.mark.parametrize(("rises", "left"), [(0.0, 0.0), (3.0, 0.0), (-2.5, 0.0), (15.0, 11.0)])
def test_far_away_the_ground_is_level_but_for_what_is_steep(rises, left):
    slope = np.radians(rises)
    up = np.array([0, -1.0, 0])
    plane = Plane(np.array([0, -np.cos(slope), -np.sin(slope)]), 1.0, 2.0, 9.0)
    far = Ground((plane,), 0.9).levelled(up).plane
    assert angle(far.normal, up) == pytest.approx(left, abs=0.05)
    assert np.linalg.norm(far.normal) == pytest.approx(1)
    on_it = [0, -(1.0 + plane.normal[2] * 6.0) / plane.normal[1], 6.0]
    assert plane.above(on_it) == pytest.approx(0)
    assert far.above(on_it) == pytest.approx(0)  # six metres ahead both are one
    assert (far.near, far.far) == (2.0, 9.0)


def test_no_ground_is_none_levelled_either():
    assert not Ground(reason="it is dark").levelled(np.array([0, -1.0, 0]))
