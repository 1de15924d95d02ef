"""Corners: spread over the picture, and found again where it moved."""

import cv2
import numpy as np
import pytest

from windowpane.drive.localization.corners import find, follow

NONE = np.zeros((0, 2), np.float32)


@pytest.fixture(scope="module")
def picture():
    rough = np.random.default_rng(0).integers(0, 256, (30, 40), dtype=np.uint8)
    return cv2.resize(rough, (320, 240), interpolation=cv2.INTER_CUBIC)


def shifted(picture, x, y):
    return cv2.warpAffine(picture, np.array([[1, 0, x], [0, 1, y]], np.float64), (320, 240))


@pytest.mark.parametrize("size", [(320, 240), (640, 480)])  # the large one is searched at half its size
def test_a_corner_is_found_where_it_is(size):
    picture = np.zeros(size[::-1], np.uint8)
    picture[size[1] // 2 :, size[0] // 2 :] = 200
    found = find(picture, 12, NONE)
    assert np.abs(found - (size[0] / 2 - 0.5, size[1] / 2 - 0.5)).max(axis=1).min() <= 2.0


def test_corners_are_spread_and_known_ones_keep_their_cells(picture):
    found = find(picture, 100, NONE)
    assert 80 <= len(found) <= 120
    quarters = {(x > 160, y > 120) for x, y in found}
    assert len(quarters) == 4
    assert len(find(picture, 100, found)) == 0
    assert len(find(picture, 100, found[::2])) == len(found) - len(found[::2])


def test_no_corners_are_in_a_plain_picture_and_in_one_that_is_too_small():
    assert len(find(np.full((240, 320), 90, np.uint8), 100, NONE)) == 0
    assert find(np.zeros((3, 3), np.uint8), 1, NONE).shape == (0, 2)


def test_corners_are_followed_to_a_fraction_of_a_pixel(picture):
    corners = find(picture, 100, NONE)
    there, found = follow(picture, shifted(picture, 4.25, -2.5), corners)
    assert found.mean() > 0.7
    assert np.median(np.abs(there[found] - corners[found] - (4.25, -2.5))) < 0.1
    guess = corners + np.array([4, -2], np.float32)
    near, found_near = follow(picture, shifted(picture, 4.25, -2.5), corners, guess)
    both = found & found_near
    assert np.median(np.abs(near[both] - there[both])) < 0.1


def test_what_is_hidden_or_outside_is_not_found(picture):
    corners = find(picture, 100, NONE)
    other = picture.copy()
    other[:, :160] = 128
    _, found = follow(picture, other, corners)
    assert found[corners[:, 0] > 175].mean() > 0.9
    assert found[corners[:, 0] < 145].mean() < 0.1
    _, found = follow(picture, shifted(picture, 60, 0), corners)
    assert found[corners[:, 0] > 262].mean() < 0.1
    assert follow(picture, other, NONE)[1].shape == (0,)
