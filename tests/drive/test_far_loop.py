"""The slow loop: answers when it is ready, learns for all pairs at once, and ends when it is told to."""

import numpy as np
import pytest

from windowpane.drive.far_loop import FarLoop, stereo_reach
from windowpane.drive.geometry.transforms import rotation_from_rpy
from windowpane.errors import ArgumentError
from windowpane.sim.planes import World, ground

pytest.importorskip("scipy")
pytest.importorskip("threadpoolctl")
T_world_odom = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]])


@pytest.fixture(scope="module")
def large(mounted):
    return mounted.scaled(2.0)


@pytest.fixture(scope="module")
def pair(large):
    return World(large, (ground(0.0),)).see(T_world_odom @ large.T_robot_camera)


def test_an_answer_is_kept_back_for_its_latency_and_given_once(large, pair):
    loop = FarLoop([large], latency=0.5)
    assert loop.offer([pair], np.eye(4), 0.0, 0.0)
    assert loop.busy
    assert not loop.offer([pair], np.eye(4), 0.1, 0.1)
    assert loop.answer(0.4) is None
    answer = loop.answer(0.5)
    assert len(answer.sights) == 1
    assert answer.fault == ""
    assert loop.answer(0.6) is None
    assert not loop.busy


def test_in_a_thread_of_its_own_it_is_done_when_it_is_closed(large, pair):
    with FarLoop([large]) as loop:
        loop.offer([pair], np.eye(4), 0.0, 0.0)
    answer = loop.answer(0.0)
    assert answer.fault == ""
    assert len(answer.stereo.points) > 100


def test_all_pairs_have_one_learner(large, pair):
    loop = FarLoop([large, large], latency=0.0)
    loop.offer([pair, pair], np.eye(4), 0.0, 0.0)
    assert all(driver.learner is loop.learner for driver in loop.drivers)
    fresh = FarLoop([large], latency=0.0).learner
    loop.learner = fresh
    assert all(driver.learner is fresh for driver in loop.drivers)
    assert loop.window == loop.drivers[0].window


def test_what_fails_is_told_and_not_raised(large):
    loop = FarLoop([large], latency=0.0)
    loop.offer(["no pair"], np.eye(4), 0.0, 0.0)
    answer = loop.answer(0.0)
    assert "far vision failed" in answer.fault
    assert answer.sights == ()
    assert answer.stereo is None


@pytest.mark.parametrize(("measured", "off"), [(True, 0.0), (False, 3.0)])
def test_far_ground_is_taken_for_level_if_it_is_known_what_level_is(large, measured, off):
    tilt = np.eye(4)
    tilt[:3, :3] = rotation_from_rpy(
        0, np.radians(3), 0
    )  # the ground rises, and the robot stands level on it
    pair = World(large, (ground(0.0),)).see(T_world_odom @ tilt @ large.T_robot_camera)
    loop = FarLoop([large], latency=0.0)
    loop.offer([pair], np.eye(4), 0.0, 0.0, upright=measured)
    plane = loop.answer(0.0).sights[0].ground.plane
    up = large.T_robot_camera[2, :3]
    assert np.degrees(np.arccos(min(1.0, plane.normal @ up))) == pytest.approx(off, abs=0.3)


def test_a_pair_reaches_as_far_as_its_distances_are_right_enough(large):
    assert stereo_reach(large) == pytest.approx(large.left.fx * large.baseline / 3)


def test_arguments_that_cannot_be_are_refused_at_once(large):
    with pytest.raises(ArgumentError, match="no cameras"):
        FarLoop([])
    with pytest.raises(ArgumentError, match="-1"):
        FarLoop([large], latency=-1)
