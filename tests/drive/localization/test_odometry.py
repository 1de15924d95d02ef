"""Motion through worlds where it is known, and what comes of frames that show none."""

import re
from itertools import pairwise

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.camera import load_calibration
from windowpane.drive.localization.odometry import Odometry
from windowpane.drive.logs.recording import Recording
from windowpane.errors import ArgumentError
from windowpane.evaluate.measures.trajectory import absolute, end_error, read_poses


def turned(T):
    """The angle of a motion, in degrees."""
    return np.degrees(np.linalg.norm(cv2.Rodrigues(T[:3, :3])[0]))


def off(given, true):
    """How far a pose is off: metres, degrees."""
    difference = np.linalg.inv(true) @ given
    return np.linalg.norm(difference[:3, 3]), turned(difference)


@pytest.fixture(scope="module")
def frames(scene):
    """Twelve frames of a way that bends to the right: poses and pairs."""
    world = scene.world(scene.ground(1.0), scene.wall(-3, 6, 2, -1), scene.wall(1.5, 9, 3, -2))
    poses = [scene.pose(x=0.02 * i, z=0.1 * i, yaw=0.01 * i) for i in range(12)]
    return [(pose, world.see(pose)) for pose in poses]


# -- The motion --------------------------------------------------------------------------------------------


def test_the_way_is_measured_to_a_centimetre(rig, frames):
    odometry = Odometry(rig)
    for i, (pose, pair) in enumerate(frames):
        motion = odometry.update(*pair, time=0.1 * i)
        assert motion.ok
        assert motion.reason == ""
        metres, degrees = off(motion.T_world_camera, pose)
        assert metres < 0.01
        assert degrees < 0.15
    assert motion.inliers > 50
    assert motion.quality > 0.8
    step = np.linalg.inv(frames[-2][0]) @ frames[-1][0]
    assert off(motion.T_last_this, step)[0] < 0.005


def test_the_covariance_tells_how_far_motions_are_off(rig, frames):
    odometry = Odometry(rig)
    ratios = []
    for (before, _), (pose, pair) in zip([frames[0], *frames], frames, strict=False):
        motion = odometry.update(*pair)
        if pair is not frames[0][1]:
            difference = motion.T_last_this @ np.linalg.inv(np.linalg.inv(before) @ pose)
            error = np.concatenate([cv2.Rodrigues(difference[:3, :3])[0].ravel(), difference[:3, 3]])
            ratios.append(error @ np.linalg.solve(motion.covariance, error) / 6)
    assert 0.1 < np.median(ratios) < 5


def test_a_start_and_a_reset_set_the_pose(rig, frames, scene):
    start = scene.pose(x=5, yaw=1.0)
    odometry = Odometry(rig, start=start)
    for _, pair in frames[:3]:
        motion = odometry.update(*pair)
    assert off(motion.T_world_camera, start @ frames[2][0])[0] < 0.01
    odometry.reset()
    with pytest.raises(ArgumentError, match=r"the shape \(3, 4\)"):
        Odometry(rig, start=start[:3])
    assert np.array_equal(odometry.update(*frames[0][1]).T_world_camera, np.eye(4))


def test_the_same_frames_give_the_same_motion(rig, frames):
    ways = []
    for _ in range(2):
        odometry = Odometry(rig)
        ways.append([odometry.update(*pair).T_world_camera for _, pair in frames[:5]])
    assert np.array_equal(*ways)


def test_standing_still_is_no_motion(rig, frames):
    odometry = Odometry(rig)
    for _ in range(5):
        motion = odometry.update(*frames[3][1])
    assert motion.ok
    assert off(motion.T_world_camera, np.eye(4)) == pytest.approx((0, 0), abs=1e-3)


def test_cameras_turned_against_each_other_are_noticed_and_corrected(rig, scene):
    """Their disparities all lack a quarter of a pixel; without correction the way is too long."""
    faces = scene.ground(1.0), scene.wall(-3, 6, 2, -1), scene.wall(1.5, 9, 3, -2)
    world = scene.world(*faces, lens=0.25)
    pairs = [world.see(scene.pose(z=0.12 * i)) for i in range(14)]
    corrected, plain = Odometry(rig), Odometry(rig, calibrate=False)
    for pair in pairs:
        ways = [odometry.update(*pair).T_world_camera[2, 3] for odometry in (corrected, plain)]
    assert 0.05 < corrected.offset < 0.4
    assert plain.offset == 0
    assert abs(ways[0] - 1.56) < 0.7 * abs(ways[1] - 1.56)


def test_a_motion_is_told_in_a_line(rig, frames):
    odometry = Odometry(rig)
    for _, pair in frames[:2]:
        motion = odometry.update(*pair)
    assert re.fullmatch(r"Motion\(0\.10\d m, 0\.\d\d degrees, \d+ inliers, quality \d\.\d\d\)", repr(motion))
    assert repr(odometry.update(None, pair[1])).endswith("degrees, guessed: there is no left picture)")


# -- Frames that show no motion ----------------------------------------------------------------------------


def black(left, right):
    return np.zeros_like(left), np.zeros_like(right)


def blurred(left, right):
    return cv2.GaussianBlur(left, (0, 0), 20), cv2.GaussianBlur(right, (0, 0), 20)


def sky(left, right):
    return np.full_like(left, 200), np.full_like(right, 200)


def noise(left, right):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, left.shape, np.uint8), rng.integers(0, 256, left.shape, np.uint8)


SPOILED = {
    "black": (black, "black"),
    "blurred": (blurred, "blurred|contrast"),
    "sky only": (sky, "no contrast"),
    "noise": (noise, "."),
    "swapped": (lambda left, right: (right, left), "swapped"),
    "unequal": (lambda left, right: (left, right[:-1]), "320x239"),
    "other size": (lambda left, right: (left[::2, ::2], right[::2, ::2]), "160x120"),
    "no left": (lambda left, right: (None, right), "no left picture"),
    "no right": (lambda left, right: (left, None), "no right picture"),
    "not bytes": (lambda left, right: (left / 255, right / 255), "float64"),
    "rows apart": (lambda left, right: (left, np.roll(right, 5, axis=0)), "rows of the two pictures"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_frame_is_bridged_and_leaves_no_error(rig, frames, name):
    spoil, reason = SPOILED[name]
    odometry = Odometry(rig)
    for i, (pose, pair) in enumerate(frames):
        motion = odometry.update(*(spoil(*pair) if i == 5 else pair), time=0.1 * i)
        assert motion.ok == (i != 5)
        if i == 5:
            assert re.search(reason, motion.reason)
            assert motion.covariance is None
            assert motion.quality == motion.inliers == 0
            # It goes on as before meanwhile.
            assert off(motion.T_world_camera, pose)[0] < 0.02
    assert off(motion.T_world_camera, pose)[0] < 0.015


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_beginning_is_waited_for(rig, frames, name):
    spoil, _ = SPOILED[name]
    odometry = Odometry(rig)
    assert not odometry.update(*spoil(*frames[0][1])).ok
    motions = [odometry.update(*pair) for _, pair in frames[1:5]]
    assert all(motion.ok for motion in motions[1:])
    way = np.linalg.inv(motions[0].T_world_camera) @ motions[-1].T_world_camera
    assert off(way, np.linalg.inv(frames[1][0]) @ frames[4][0])[0] < 0.01


def test_a_prior_carries_through_frames_without_sight(rig, frames):
    odometry = Odometry(rig)
    odometry.update(*frames[0][1])
    for (before, _), (pose, _) in pairwise(frames[:6]):
        motion = odometry.update(None, None, prior=np.linalg.inv(before) @ pose)
        assert not motion.ok
    assert off(motion.T_world_camera, frames[5][0]) == pytest.approx((0, 0), abs=1e-6)


def test_a_robot_that_sees_nothing_is_not_taken_to_go_on_for_ever(rig, frames):
    odometry = Odometry(rig)
    for _, pair in frames[:4]:
        odometry.update(*pair)
    places = [odometry.update(None, None).T_world_camera[2, 3] for _ in range(10)]
    assert places[0] > 0.35
    assert places[-1] == places[5] < 0.75


def test_time_that_does_not_go_on_skips_the_frame(rig, frames):
    odometry = Odometry(rig)
    for i, (_, pair) in enumerate(frames[:4]):
        odometry.update(*pair, time=0.1 * i)
    late = odometry.update(*frames[0][1], time=0.05)
    assert not late.ok
    assert "time does not go on, from 0.3 s to 0.05 s" in late.reason
    assert off(late.T_world_camera, frames[3][0])[0] < 0.01
    motion = odometry.update(*frames[5][1], time=0.5)
    assert motion.ok
    assert off(motion.T_world_camera, frames[5][0])[0] < 0.01


def test_a_jump_to_another_place_is_no_motion(rig, frames, scene):
    odometry = Odometry(rig)
    for _, pair in frames[:4]:
        odometry.update(*pair)
    elsewhere = scene.world(scene.wall(-6, 3, 12, -6, 6), grain=0.03)
    there = [odometry.update(*elsewhere.see(scene.pose(z=0.1 * i))) for i in range(4)]
    assert not there[0].ok
    assert there[0].reason
    assert there[-1].ok  # it goes on from there
    assert there[-1].T_last_this[2, 3] == pytest.approx(0.1, abs=0.02)


def test_no_order_of_bad_frames_raises(rig, frames):
    rng = np.random.default_rng(3)
    odometry = Odometry(rig)
    spoilers = [spoil for spoil, _ in SPOILED.values()]
    for _ in range(60):
        pair = frames[rng.integers(len(frames))][1]
        if rng.random() < 0.6:
            pair = spoilers[rng.integers(len(spoilers))](*pair)
        prior = [None, np.eye(4), np.full((4, 4), np.nan)][rng.integers(3)]
        motion = odometry.update(*pair, time=rng.choice([None, 1.0, np.nan, rng.random()]), prior=prior)
        assert np.isfinite(motion.T_world_camera).all()
        assert motion.ok == (motion.reason == "")


def test_something_in_motion_that_fills_the_view_is_unmasked_by_a_prior(rig, scene):
    """The robot stands; a wall right in front, over nearly all of the view, moves to the side."""
    walls = [scene.wall(-4 + 0.15 * i, 2.0, 8, -4, 0.85) for i in range(5)]
    pairs = [scene.world(scene.ground(1.0), wall).see() for wall in walls]
    alone, judged = Odometry(rig), Odometry(rig)
    for pair in pairs:
        guess = alone.update(*pair)
        motion = judged.update(*pair, prior=np.eye(4))
    assert off(guess.T_world_camera, np.eye(4))[0] > 0.1  # without wheels it believes its eyes
    assert off(motion.T_world_camera, np.eye(4))[0] < 0.02
    assert "in motion fills the view" in motion.reason
    assert not motion.ok


# -- Real drives -------------------------------------------------------------------------------------------


@pytest.mark.realdata
def test_kitti_06_ends_within_the_goal(data):
    folder = data / "robot/kitti06"
    recording = Recording(folder)
    odometry = Odometry(load_calibration(folder / "calib.txt", recording.size))
    motions = [odometry.update(frame.left, frame.right, frame.time) for frame in recording]
    assert all(motion.ok for motion in motions)
    way, true = [motion.T_world_camera for motion in motions], read_poses(folder / "poses.txt")
    assert end_error(way, true) < 0.008
    assert absolute(way, true, align=True).rms < 0.05


@pytest.mark.realdata
def test_the_backyard_is_walked_without_a_loss(data):
    folder = data / "robot/backyard"
    recording = Recording(folder)
    rig = load_calibration(folder / "stereo_params.xml")
    odometry = Odometry(rig)
    motions = [odometry.update(*rig.rectify(frame.left, frame.right), frame.time) for frame in recording]
    assert all(motion.ok for motion in motions)
    way = sum(np.linalg.norm(motion.T_last_this[:3, 3]) for motion in motions)
    assert 9 < way < 12


# -- Gaps in time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timed", [True, False])
def test_the_guess_after_a_gap_is_as_fast_as_before(rig, scene, timed):
    """Frames 4 and 5 never came, or came without a right picture; then 7 and 8 have none."""
    world = scene.world(scene.ground(1.0), scene.wall(-3, 6, 2, -1), scene.wall(1.5, 9, 3, -2))
    odometry = Odometry(rig)
    for number in range(9):
        left, right = world.see(scene.pose(z=0.1 * number))
        if number in (4, 5) and timed:
            continue
        right = None if number in (4, 5, 7, 8) else right
        motion = odometry.update(left, right, 0.1 * number if timed else None)
        assert motion.T_world_camera[2, 3] == pytest.approx(0.1 * number, abs=0.02)
    assert not motion.ok


def test_a_guess_goes_on_for_three_frames_time_and_no_longer(rig, frames):
    odometry = Odometry(rig)
    for number, (_, pair) in enumerate(frames[:3]):
        odometry.update(*pair, time=0.1 * number)
    first = odometry.update(None, None, time=0.4)
    assert np.linalg.norm(first.T_last_this[:3, 3]) == pytest.approx(0.2, abs=0.02)
    second = odometry.update(None, None, time=60.0)
    assert np.linalg.norm(second.T_last_this[:3, 3]) == pytest.approx(0.1, abs=0.02)
    third = odometry.update(None, None, time=60.1)
    assert np.allclose(third.T_last_this, np.eye(4))
