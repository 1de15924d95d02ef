"""Stereo against worlds whose distances are known, and what it says of pairs that show none."""

import re

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.perception.stereo import Matcher
from windowpane.images import load


def true_depth(rig, scene):
    """z of level ground one metre below, and of a wall 3 m ahead over the middle of the picture."""
    rays = rig.left.rays()
    with np.errstate(divide="ignore"):
        z = np.where(rays[..., 1] > 0, 1 / rays[..., 1], np.inf)
    on_wall = (np.abs(rays[..., 0] * 3 - 0.0) <= 0.5) & (rays[..., 1] * 3 >= -0.5) & (rays[..., 1] * 3 <= 1)
    return np.where(on_wall, np.minimum(z, 3), z), on_wall


@pytest.fixture(scope="module")
def pair(scene):
    return scene.world(scene.ground(1.0), scene.wall(-0.5, 3.0, 1.0, -0.5)).see()


def test_distances_are_right_within_their_uncertainty(rig, scene, pair):
    depth = Matcher(rig).match(*pair)
    z, on_wall = true_depth(rig, scene)
    error = depth.points[..., 2] - z
    near = depth.valid & (z < 12)
    assert near.sum() > 0.9 * (z[:, 20:] < 12).sum()
    assert np.mean(np.abs(error[near]) > 4 * depth.sigma[near]) < 0.05
    assert abs(np.median(error[on_wall & depth.valid])) < 0.05
    assert depth.reason == ""


def test_points_lie_on_the_rays_of_their_pixels_and_sigma_grows_with_the_square(rig, pair):
    depth = Matcher(rig).match(*pair)
    rows, cols = np.nonzero(depth.valid)
    projected = rig.left.project(depth.points[depth.valid])
    assert np.abs(projected - np.stack([cols + 0.5, rows + 0.5], axis=1)).max() < 0.01
    assert depth.disparity.dtype == depth.points.dtype == depth.sigma.dtype == np.float32
    z = depth.points[..., 2][depth.valid]
    assert np.allclose(depth.sigma[depth.valid] / z**2, depth.sigma[depth.valid][0] / z[0] ** 2, rtol=1e-3)
    assert np.isinf(depth.sigma[~depth.valid]).all()
    assert np.isnan(depth.points[~depth.valid]).all()


def test_sky_has_no_distance(rig, pair):
    depth = Matcher(rig).match(*pair)
    _, on_wall = true_depth(rig, None)
    sky = np.zeros(depth.valid.shape, bool)
    sky[:110] = True
    sky &= cv2.dilate(on_wall.astype(np.uint8), np.ones((25, 25))) == 0
    assert depth.valid[sky].mean() < 0.02


def test_what_only_the_left_camera_sees_is_not_guessed(rig, pair):
    depth = Matcher(rig).match(*pair)
    column = np.arange(320)
    assert (depth.disparity[depth.valid] <= np.broadcast_to(column, (240, 320))[depth.valid]).all()


def test_grey_pictures_do_as_well(rig, pair):
    grey = [np.ascontiguousarray(one[..., 0]) for one in pair]
    same = Matcher(rig).match(*grey).disparity, Matcher(rig).match(*pair).disparity
    assert np.array_equal(*same, equal_nan=True)


# -- Bad input ---------------------------------------------------------------------------------------------


def blurred(picture):
    return cv2.GaussianBlur(picture, (0, 0), 25)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda left, right: (right, left), "swapped"),
        (lambda left, right: (left, None), "no right picture"),
        (lambda left, right: (None, right), "no left picture"),
        (lambda left, right: (left, right[:-2]), "320x238"),
        (lambda left, right: (left.astype(np.float32), right), "float32"),
        (lambda left, right: (left, np.zeros_like(right)), "black"),
        (lambda left, right: (np.full_like(left, 200), np.full_like(right, 200)), "no contrast"),
        (lambda left, right: (np.roll(left, 6, axis=0), right), "rows of the two pictures"),
        (lambda left, right: (blurred(left), blurred(right)), "texture|blurred|contrast"),
        (lambda left, right: (left, right[::-1, ::-1]), "."),
    ],
)
def test_bad_pairs_give_little_and_a_reason(rig, pair, spoil, reason):
    depth = Matcher(rig).match(*spoil(*pair))
    assert re.search(reason, depth.reason)
    assert depth.disparity.shape == (240, 320)
    assert depth.share < 0.35


def test_the_matcher_goes_on_after_a_bad_pair(rig, pair):
    matcher = Matcher(rig)
    before = matcher.match(*pair).disparity
    matcher.match(None, None)
    assert np.array_equal(before, matcher.match(*pair).disparity, equal_nan=True)


@pytest.mark.realdata
def test_few_pixels_of_the_cones_are_bad(data):
    folder = data / "robot/pairs"
    left, right = (load(folder / f"cones_{side}.png") for side in ("left", "right"))
    true = cv2.imread(str(folder / "cones_gt.png"), cv2.IMREAD_UNCHANGED).astype(float)
    height, width = true.shape
    rig = StereoRig(Pinhole(500, 500, width / 2, height / 2, width, height), 0.16)
    depth = Matcher(rig).match(left, right)
    known = depth.valid & (true > 0)
    assert known.sum() > 0.85 * (true > 0).sum()
    assert np.mean(np.abs(depth.disparity - true)[known] > 2) < 0.05
