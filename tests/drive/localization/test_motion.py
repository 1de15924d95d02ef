"""The motion between two frames, from points whose true places and noise are known."""

import numpy as np
import pytest

from windowpane.drive.geometry.transforms import small_motion, transformed, vector_from_rotation
from windowpane.drive.localization.motion import (
    DISPARITY_SIGMA,
    LIMIT,
    PIXEL_SIGMA,
    TrackedPoints,
    disparity_bias,
    p3p_ransac,
    pixels_of,
    places_of,
    refined,
)

MOTION = small_motion(np.array([0.01, -0.03, 0.005, 0.05, -0.02, -0.3]))


def off(T, true=MOTION):
    """How far a motion is off: radians, metres."""
    difference = T @ np.linalg.inv(true)
    return float(np.linalg.norm(vector_from_rotation(difference[:3, :3]))), float(
        np.linalg.norm(difference[:3, 3])
    )


def scattered(rig, count=200, *, seed=0, noise=1.0, bias=0.0, far=12):
    """Points in front of a rig, as they are seen before and after the motion; noise in its own unit."""
    rng = np.random.default_rng(seed)
    true = rng.uniform((-2, -1, 2), (2, 1, far), (count, 3))
    last = pixels_of(true, rig) - (0, 0, bias)
    last[:, 2] += noise * rng.normal(0, DISPARITY_SIGMA, count)
    here = pixels_of(transformed(MOTION, true), rig) - (0, 0, bias)
    here += noise * rng.normal(0, (PIXEL_SIGMA, PIXEL_SIGMA, DISPARITY_SIGMA), (count, 3))
    return TrackedPoints(places_of(last, rig), np.full(count, DISPARITY_SIGMA), here)


def test_pixels_and_places_are_each_others_inverse(rig):
    places = np.array([[0.5, -0.2, 3.0], [0, 0, 10]])
    np.testing.assert_allclose(places_of(pixels_of(places, rig), rig), places)
    x, y, disparity = pixels_of(places, rig)[1]
    assert (x + 0.5, y + 0.5) == (rig.left.cx, rig.left.cy)
    assert disparity == pytest.approx(247 * 0.12 / 10)


def test_without_noise_the_motion_is_exact(rig):
    seen = scattered(rig, noise=0.0)
    assert off(p3p_ransac(seen, rig)) == pytest.approx((0, 0), abs=1e-6)
    T, _, errors = refined(seen, rig, np.eye(4))
    assert off(T) == pytest.approx((0, 0), abs=1e-6)
    assert errors.max() < 1e-3


def test_most_points_outvote_wrong_ones(rig):
    seen = scattered(rig)
    seen.pixels[:60] += np.random.default_rng(1).uniform(10, 40, (60, 3))
    guess = p3p_ransac(seen, rig)
    assert off(guess)[1] < 0.1
    T, _, errors = refined(seen, rig, guess)
    assert off(T)[0] < 0.002
    assert off(T)[1] < 0.03
    assert (errors[:60] > LIMIT).all()
    assert (errors[60:] < LIMIT).mean() > 0.95


def test_the_covariance_is_that_of_many_tries_within_a_factor_of_two(rig):
    """Wrong points cost: the weights against them make the motion less exact than the covariance says."""
    squares = []
    for seed in range(60):
        T, covariance, _ = refined(scattered(rig, seed=seed, far=6), rig, np.eye(4))
        difference = T @ np.linalg.inv(MOTION)
        error = np.concatenate([vector_from_rotation(difference[:3, :3]), difference[:3, 3]])
        squares.append(error @ np.linalg.solve(covariance, error))
    assert 3 < np.mean(squares) < 12  # 6 would be exact: chi squared of 6 degrees of freedom


def test_a_bias_of_the_disparities_is_told_with_its_deviation(rig):
    found = []
    for seed in range(30):
        seen = scattered(rig, 400, seed=seed, noise=0.3, bias=0.2)
        bias, sigma = disparity_bias(seen, rig, refined(seen, rig, np.eye(4))[0])
        found.append(bias)
    assert np.mean(found) == pytest.approx(0.2, abs=0.06)
    assert 0 < sigma < 0.5


def test_points_that_show_no_motion_give_none(rig):
    alike = TrackedPoints(np.tile([[0.0, 0, 5]], (20, 1)), np.ones(20), np.tile([[9.0, 9, 2]], (20, 1)))
    assert p3p_ransac(alike, rig) is None


def test_some_of_the_points_are_chosen_together(rig):
    seen = scattered(rig, 10)
    some = seen.some(np.arange(10) % 2 == 0)
    assert (len(seen), len(some)) == (10, 5)
    assert some.places.tolist() == seen.places[::2].tolist()
