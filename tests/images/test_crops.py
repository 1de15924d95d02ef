"""Windows cut out of a picture: each shows what lies at its place, in its size, turned and mirrored."""

import math

import numpy as np
import pytest

from windowpane.images.crops import CropPose, cut

SIDE = 16


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(0).integers(0, 256, (60, 80), np.uint8)


def test_a_window_of_the_pictures_scale_has_its_pixels(picture):
    np.testing.assert_array_equal(cut(picture, CropPose(30, 20, 1), SIDE), picture[12:28, 22:38])


def test_colours_stay(picture):
    colours = np.dstack([picture, picture // 2, picture // 3])
    np.testing.assert_array_equal(cut(colours, CropPose(30, 20, 1), SIDE), colours[12:28, 22:38])


def test_a_mirrored_window_has_left_and_right_changed(picture):
    window = cut(picture, CropPose(30, 20, 1, mirror=True), SIDE)
    np.testing.assert_array_equal(window, picture[12:28, 22:38][:, ::-1])


def test_a_window_is_turned_clockwise_about_its_middle(picture):
    window = cut(picture, CropPose(30, 20, 1, turn=math.pi / 2), SIDE)
    np.testing.assert_array_equal(window, np.rot90(picture[12:28, 22:38]))


def test_beyond_the_edges_the_last_pixels_go_on(picture):
    window = cut(picture, CropPose(0, 20, 1), SIDE)
    np.testing.assert_array_equal(window[:, 8:], picture[12:28, :8])
    assert (window[:, :8] == picture[12:28, :1]).all()


def test_a_shrunk_window_has_the_mean_of_what_it_covers():
    stripes = np.tile(np.uint8([0, 200]), (64, 32))
    window = cut(stripes, CropPose(32, 32, 0.25), SIDE)
    assert np.abs(window[2:-2, 2:-2].astype(int) - 100).max() < 30


@pytest.mark.parametrize(
    "pose",
    [
        CropPose(31.5, 22, 0.7),
        CropPose(10, 50, 2, turn=0.4),
        CropPose(40, 9, 1.3, mirror=True),
        CropPose(5, 5, 1, stretch=1.5),
    ],
)
def test_points_of_the_picture_are_where_the_window_shows_them(pose):
    corners = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE], [SIDE / 2, SIDE / 2]])
    matrix = pose.matrix(SIDE)
    there = corners @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(pose.to_window(there, SIDE), corners, atol=1e-9)
    np.testing.assert_allclose(there[-1], [pose.x, pose.y])


def test_a_stretched_window_shows_more_of_the_height_than_of_the_width():
    matrix = CropPose(0, 0, 1, stretch=4).matrix(SIDE)
    assert (matrix[0, 0], matrix[1, 1]) == (0.5, 2)
