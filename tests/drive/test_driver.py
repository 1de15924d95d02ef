"""The robot's loop: whatever the cameras give, a step comes out, and a reason where it is a poor one."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from windowpane.drive.driver import Driver
from windowpane.drive.perception.stereo import Matcher
from windowpane.errors import ArgumentError


@pytest.fixture(scope="module")
def walk(scene):
    """Eight frames on level ground, towards walls."""
    world = scene.world(scene.ground(1.0), scene.wall(-3.0, 9.0, 2.5, -0.5), scene.wall(1.5, 6.0, 1.5, -0.8))
    return [world.see(scene.pose(z=0.1 * number)) for number in range(8)]


@pytest.fixture
def driver(rig):
    return Driver(rig, trust=5.0)


def test_a_step_knows_the_ground_the_motion_and_what_is_ahead(driver, walk):
    steps = [driver.step(left, right, time=0.1 * number) for number, (left, right) in enumerate(walk)]
    last = steps[-1]
    assert last.reasons == ()
    assert last.frame == 7
    assert last.motion.T_world_camera[2, 3] == pytest.approx(0.7, abs=0.03)
    assert last.ground.planes[0].height == pytest.approx(1.0, abs=0.02)
    assert last.far.learned > 50
    x, y = (int(v) for v in driver.rig.left.project([0.0, 1.0, 3.0]))
    assert last.far.traversable[y, x] > 0.5
    assert last.far.distance[y, x] == pytest.approx(3.0, rel=0.05)
    assert driver.travelled == pytest.approx(0.7, abs=0.05)


def test_two_pairs_of_cameras_learn_one_thing_together(rig, driver, walk):
    beside = Driver(rig, trust=5.0, learner=driver.learner)
    alone = Driver(rig, trust=5.0, learn=False)
    before = alone.step(*walk[-1]).far
    for left, right in walk[:4]:
        driver.step(left, right)
    after = beside.step(*walk[-1]).far
    both = (before.labels >= 0) & (after.labels >= 0)
    assert (
        np.abs(before.traversable - after.traversable)[both].mean() > 0.02
    )  # it knows what the other learned


def test_a_step_can_be_written_as_json(driver, walk):
    for left, right in walk[:2]:
        step = driver.step(left, right)
    record = json.loads(json.dumps(step.to_dict()))
    assert record["frame"] == 1
    assert np.shape(record["pose"]) == (3, 4)
    assert record["plane"]["height"] == pytest.approx(1.0, abs=0.03)
    assert 0 < record["ground_share"] <= 1
    assert record["far_m"] > 5
    assert record["ms"]["all"] >= record["ms"]["stereo"] > 0


def black(left, right):
    return np.zeros_like(left), np.zeros_like(right)


def blurred(left, right):
    return cv2.GaussianBlur(left, (0, 0), 25), cv2.GaussianBlur(right, (0, 0), 25)


def filled(left, right):
    """Something plain is right before the cameras."""
    return np.full_like(left, 128), np.full_like(right, 140)


FAULTS = {
    "black": black,
    "blurred": blurred,
    "filled": filled,
    "sky only": lambda left, right: (np.full_like(left, 220), np.full_like(right, 220)),
    "swapped": lambda left, right: (right, left),
    "no right": lambda left, right: (left, None),
    "no left": lambda left, right: (None, right),
    "none": lambda left, right: (None, None),
    "unequal": lambda left, right: (left, right[:-20]),
    "another size": lambda left, right: (left[::2, ::2], right[::2, ::2]),
    "empty": lambda left, right: (left[:0], right[:0]),
    "no bytes": lambda left, right: (left.astype(float), right.astype(float)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_frame_has_a_reason_teaches_nothing_and_is_got_over(driver, walk, fault):
    for left, right in walk[:3]:
        driver.step(left, right)
    layer = driver.learner.layer.weights
    bad = driver.step(*FAULTS[fault](*walk[3]))
    assert bad.reasons, "why it is a poor one"
    assert all(reason and "\n" not in reason for reason in bad.reasons)
    assert bad.far.learned == 0
    np.testing.assert_array_equal(driver.learner.layer.weights, layer)
    json.dumps(bad.to_dict())
    good = driver.step(*walk[4])
    assert good.far.learned > 50
    assert good.motion.T_world_camera[2, 3] == pytest.approx(0.4, abs=0.05)


def test_a_bad_first_frame_is_got_over_as_well(driver, walk):
    first = driver.step(None, None)
    assert first.reasons
    assert not first.ground
    assert (first.far.labels == -1).all()
    for left, right in walk[:2]:
        step = driver.step(left, right)
    assert step.ground
    assert step.far.learned > 50


def test_time_that_goes_back_is_told_of(driver, walk):
    driver.step(*walk[0], time=5.0)
    step = driver.step(*walk[1], time=4.0)
    assert any("time" in reason for reason in step.reasons)


def test_where_no_ground_is_seen_for_a_while_the_last_is_still_looked_by(driver, walk):
    for left, right in walk[:3]:
        driver.step(left, right)
    step = driver.step(walk[3][0], None)
    assert step.ground.reason
    assert (step.far.labels >= 0).any()
    for _ in range(40):
        step = driver.step(walk[3][0], None)
    assert not step.ground
    assert (step.far.labels == -1).all()


def test_grey_pictures_are_as_good(rig, walk):
    grey = Driver(rig, trust=5.0)
    step = grey.step(walk[0][0][..., 0], walk[0][1][..., 0])
    assert step.picture.shape == (240, 320, 3)
    assert step.far.learned > 50


def test_the_same_frames_give_the_same_steps(rig, walk):
    one, other = (Driver(rig, trust=5.0, seed=3) for _ in range(2))
    for left, right in walk[:3]:
        first, second = one.step(left, right), other.step(left, right)
    np.testing.assert_array_equal(first.far.traversable, second.far.traversable)
    np.testing.assert_array_equal(first.motion.T_world_camera, second.motion.T_world_camera)


def test_a_driver_that_does_not_learn_keeps_its_last_layer(rig, walk):
    driver = Driver(rig, trust=5.0, learn=False)
    before = driver.learner.layer.weights
    assert driver.step(*walk[0]).far.learned == 0
    np.testing.assert_array_equal(driver.learner.layer.weights, before)


@pytest.mark.parametrize("wrong", [{"trust": 0.0}, {"trust": np.nan}, {"metre": -1.0}, {"start": np.eye(3)}])
def test_arguments_that_cannot_be_are_refused_at_once(rig, wrong):
    with pytest.raises(ArgumentError):
        Driver(rig, **wrong)


def test_it_tells_in_a_line_what_it_is(rig, walk):
    driver = Driver(rig, trust=5.0)
    step = driver.step(*walk[0])
    assert repr(driver).startswith("Driver(320x240, FarVision(Backbone('ground', 100 features), trust=5")
    assert len(repr(driver)) < 150
    assert repr(step).startswith("Sight(frame=0, ground seen up to ")
    assert len(repr(step)) < 150


def test_a_matcher_may_be_given_and_disparities_still_are(rig):
    matcher = Matcher(rig, disparities=32)
    assert Driver(rig, matcher=matcher).matcher is matcher
    with pytest.warns(DeprecationWarning, match="matcher"):
        assert Driver(rig, disparities=32).matcher.disparities == 32
