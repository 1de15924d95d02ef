from itertools import pairwise
from math import sqrt

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windowpane.core.pyramids import (
    distance_normalized,
    gaussian,
    halves,
    laplacian,
    locally_normalized,
    reconstruct,
    sqrt2,
)

SIZES = st.tuples(st.integers(1, 150), st.integers(1, 150), st.sampled_from([1, 3, 4]))


def noise(shape, dtype=np.uint8):
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    return image if dtype == np.uint8 else (image / 255).astype(dtype)


def scene(height, width):
    """A smooth grey scene, brighter to the right and wavy downwards."""
    y, x = np.mgrid[:height, :width]
    wave = 100 + 100 * x / width + 50 * np.sin(y / 9)
    return wave.astype(np.uint8)[..., None]


def bright_spot(image):
    """The centre ``(x, y)`` of mass of an image, pixel centres at half-integers."""
    weight = image[..., 0].astype(float)
    y, x = np.mgrid[: weight.shape[0], : weight.shape[1]] + 0.5
    return (x * weight).sum() / weight.sum(), (y * weight).sum() / weight.sum()


# -- Factor sqrt 2 -----------------------------------------------------------------------------------------


@settings(deadline=None)
@given(SIZES, st.floats(0.3, 2.5), st.integers(8, 40))
def test_scales_fall_by_sqrt_2_while_the_window_fits(shape, largest, window):
    levels = list(sqrt2(noise(shape), smallest_size=window, largest_scale=largest))
    for step, level in enumerate(levels):
        nominal = largest / sqrt(2) ** step
        height, width, channels = level.image.shape
        assert abs(height - shape[0] * nominal) <= 0.5 + 1e-6
        assert abs(width - shape[1] * nominal) <= 0.5 + 1e-6
        assert channels == shape[2]
        assert level.image.dtype == np.uint8
        assert min(height, width) >= window
    beyond = largest / sqrt(2) ** len(levels)
    assert min(round(shape[0] * beyond), round(shape[1] * beyond)) < window


@settings(deadline=None, max_examples=30)
@given(st.tuples(st.integers(40, 300), st.integers(40, 300), st.just(3)), st.floats(0.5, 1.5))
def test_all_levels_together_have_twice_the_pixels_of_the_first(shape, largest):
    pixels = [level.image.size for level in sqrt2(noise(shape), smallest_size=16, largest_scale=largest)]
    assert sum(pixels) <= 2.1 * pixels[0]


def test_the_window_may_be_wider_than_high():
    levels = list(sqrt2(noise((100, 400, 1)), smallest_size=(20, 200)))
    assert [level.image.shape[:2] for level in levels] == [(100, 400), (71, 283), (50, 200)]


def test_the_first_level_is_the_image_itself():
    image = noise((50, 60, 3))
    level = next(sqrt2(image, smallest_size=20))
    np.testing.assert_array_equal(level.image, image)
    assert level.scale == (1, 1)


def test_levels_look_like_the_image_shrunk_by_area():
    image = scene(301, 403)
    for level in sqrt2(image, smallest_size=20):
        height, width = level.image.shape[:2]
        expected = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        assert np.abs(expected - level.image[..., 0].astype(float)).max() <= 4  # of 255: levels are rounded


def test_float_images_stay_float():
    for level in sqrt2(noise((60, 60, 3), np.float32), smallest_size=20, largest_scale=1.5):
        assert level.image.dtype == np.float32
        assert 0 <= level.image.min() <= level.image.max() <= 1


# -- Places ------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(SIZES, st.lists(st.tuples(*[st.floats(-50, 500)] * 4), max_size=3))
def test_boxes_come_back_from_every_level(shape, boxes):
    boxes = np.array(boxes).reshape(-1, 4)
    image = noise(shape)
    for level in [*sqrt2(image, smallest_size=8, largest_scale=1.3), *laplacian(image)]:
        np.testing.assert_allclose(level.to_image(level.from_image(boxes)), boxes, atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(SIZES, st.floats(0.3, 2))
def test_a_whole_level_is_the_whole_image(shape, largest):
    for level in sqrt2(noise(shape), smallest_size=4, largest_scale=largest):
        height, width = level.image.shape[:2]
        whole = level.to_image([0, 0, width, height])
        np.testing.assert_allclose(whole, [0, 0, shape[1], shape[0]], atol=1e-9)


def spot():
    """A disc around the pixel (80, 90), whose centre is (80.5, 90.5)."""
    y, x = np.mgrid[:163, :201]
    return (255 * (np.hypot(x - 80, y - 90) < 20)).astype(np.uint8)[..., None]


def test_a_spot_is_mapped_to_its_place_from_levels_of_factor_sqrt_2():
    for level in sqrt2(spot(), smallest_size=30, largest_scale=1.5):
        x, y = bright_spot(level.image)
        np.testing.assert_allclose(level.to_image([x, y, x, y]), [80.5, 90.5] * 2, atol=0.1)


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_a_spot_is_mapped_to_its_place_from_laplacian_levels(levels):
    low = laplacian(spot(), levels)[-1]
    x, y = bright_spot(low.image)
    np.testing.assert_allclose(low.to_image([x, y, x, y]), [80.5, 90.5] * 2, atol=0.1)


# -- Laplacian ---------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(SIZES, st.integers(1, 5))
def test_the_laplacian_pyramid_gives_its_image_back(shape, levels):
    image = noise(shape)
    pyramid = laplacian(image, levels)
    assert len(pyramid) == levels
    assert all(level.image.dtype == np.float32 for level in pyramid)
    again = reconstruct(pyramid)
    assert again.shape == image.shape
    assert np.abs(again - image / 255).max() < 1e-5


def test_laplacian_levels_have_the_factors_1_2_4_and_round_sizes_up():
    pyramid = laplacian(noise((101, 54, 3)))
    assert [level.image.shape for level in pyramid] == [(101, 54, 3), (51, 27, 3), (26, 14, 3)]
    assert [level.scale for level in pyramid] == [(1, 1), (0.5, 0.5), (0.25, 0.25)]


def test_a_flat_image_has_no_detail():
    *bands, low = laplacian(np.full((40, 50, 3), 51, np.uint8))
    assert max(np.abs(band.image).max() for band in bands) < 1e-6
    np.testing.assert_allclose(low.image, 0.2, atol=1e-6)


def test_float_and_uint8_images_have_the_same_pyramid():
    for one, other in zip(
        laplacian(noise((33, 40, 3))), laplacian(noise((33, 40, 3), np.float32)), strict=True
    ):
        np.testing.assert_allclose(one.image, other.image, atol=1e-6)


# -- The picture itself, smaller and smaller ---------------------------------------------------------------


@pytest.mark.parametrize("levels", [1, 3, 4])
def test_gaussian_levels_have_the_sizes_and_places_of_the_laplacian_ones(levels):
    image = noise((37, 50, 3))
    one, other = gaussian(image, levels), laplacian(image, levels)
    assert [level.image.shape for level in one] == [level.image.shape for level in other]
    assert [(level.scale, level.shift) for level in one] == [(level.scale, level.shift) for level in other]
    np.testing.assert_array_equal(one[-1].image, other[-1].image)


def test_gaussian_levels_look_like_the_picture():
    image = scene(96, 128)
    for level in gaussian(image, 3):
        height, width = level.image.shape[:2]
        shrunk = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA) / 255
        assert np.abs(level.image[2:-2, 2:-2, 0] - shrunk[2:-2, 2:-2]).mean() < 0.02


def test_local_normalization_takes_light_and_contrast_away():
    pattern = noise((60, 80, 3), np.float32)
    plain = locally_normalized(pattern)
    np.testing.assert_allclose(locally_normalized(0.3 * pattern + 0.5), plain, atol=1e-3)
    assert abs(plain.mean()) < 0.05
    assert plain.std() == pytest.approx(1, abs=0.05)


def test_local_normalization_does_not_amplify_noise():
    faint = 0.5 + 0.001 * (noise((60, 80, 1), np.float32) - 0.5)
    assert np.abs(locally_normalized(faint)).max() < 0.1


# -- Distance-normalized -----------------------------------------------------------------------------------

FOCAL, HEIGHT = 400.0, 1.5
ROAD = {"drop": FOCAL * HEIGHT, "metre": 10.0, "focal": FOCAL}


def road(distances, roll=0.0, tall=1.0):
    """A dark picture of 480 x 360 with white boards, one metre wide and so tall, that stand at distances in
    the middle of the view; the horizon's middle is at row 150. Boards at angles of `roll`."""
    picture = np.full((360, 480, 3), 40, np.uint8)
    feet = []
    for distance in sorted(distances, reverse=True):
        foot, size = 150 + FOCAL * HEIGHT / distance, FOCAL / distance
        corners = np.array([[-size / 2, foot - 150], [size / 2, foot - 150]])
        corners = np.vstack([corners, corners[::-1] - [0, tall * size]])
        turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
        points = corners @ turn.T + [240, 150]
        cv2.fillPoly(picture, [np.round(points * 16 - 8).astype(np.int32)], (255, 255, 255), shift=4)
        feet.append(points[:2].mean(axis=0))
    return picture, feet[::-1]


@pytest.mark.parametrize("roll", [0.0, 0.12, -0.2])
@pytest.mark.parametrize("number", [0, 1, 3, 5])
def test_an_object_has_the_same_size_in_the_band_of_its_distance(roll, number):
    distance = FOCAL / 10 / sqrt(2) ** number
    picture, _ = road([distance], roll)
    slope = np.tan(roll)
    bands = distance_normalized(picture, horizon=(slope, 150 - slope * 240), **ROAD)
    band = bands[number]
    assert band.distance == pytest.approx(distance)
    bright = np.abs(cv2.Sobel(band.cut(halves(picture))[..., 0].astype(np.float32), cv2.CV_32F, 0, 1))
    column = band.cut(halves(picture))[:, band.image.shape[1] // 2, 0]
    assert bright.max() > 100, "upright edges stay sharp"
    shown = column[int(band.horizon + 5) :]  # the board is a metre high, and its foot 1.5 m below the eye
    assert (shown > 150).sum() == pytest.approx(10, abs=1)
    foot = np.flatnonzero(column > 150).max() + 1
    assert foot == pytest.approx(band.horizon + 15, abs=1), "its foot is as far below the horizon in each"


def test_every_row_of_a_band_knows_its_distance_and_its_place():
    distances = [4.0, 7.0, 13.0, 30.0]
    picture, feet = road(distances, roll=0.1)
    slope = np.tan(0.1)
    bands = distance_normalized(picture, horizon=(slope, 150 - slope * 240), **ROAD)
    for distance, foot in zip(distances, feet, strict=True):
        band = next(one for one in bands if one.near <= distance < one.far)
        x, y = band.from_image(foot)
        np.testing.assert_allclose(band.to_image([x, y]), foot, atol=1e-9)
        assert np.interp(y - 0.5, np.arange(len(band.rows)), band.rows) == pytest.approx(distance, rel=0.03)
        assert y == pytest.approx(band.horizon + ROAD["drop"] / distance * band.scale, abs=0.01)


def test_bands_follow_each_other_without_a_gap_and_the_farthest_shows_the_horizon():
    picture, _ = road([5.0])
    bands = distance_normalized(picture, horizon=(0.0, 150.0), **ROAD)
    assert bands[0].far == np.inf
    assert bands[0].scale == 1
    for far, near in pairwise(bands):
        assert far.near == pytest.approx(near.far)
        assert far.scale == pytest.approx(near.scale * sqrt(2))
    assert bands[-1].near < ROAD["drop"] / (360 - 150), "the nearest ground of the picture is in the last"
    for band in bands:
        inner = band.rows[6:-6]
        assert inner.min() <= band.near
        assert band.far <= inner.max() or band is bands[0]
    more = distance_normalized(picture, horizon=(0.0, 150.0), more=2, **ROAD)
    assert len(more) == len(bands) + 2
    np.testing.assert_array_equal(more[1].image, bands[1].image)


def test_a_band_is_in_yuv_with_its_light_normalized():
    picture = noise((240, 320, 3)) // 4 + np.array([100, 60, 20], np.uint8)
    bands = distance_normalized(picture, horizon=(0.0, 80.0), drop=300.0, metre=8.0, focal=200.0)
    for band in bands:
        assert band.image.dtype == np.float32
        assert abs(band.image[..., 0].mean()) < 0.1
    assert all(band.image[..., 0].std() == pytest.approx(1, abs=0.15) for band in bands[:3])
    brighter = distance_normalized(picture + 40, horizon=(0.0, 80.0), drop=300.0, metre=8.0, focal=200.0)
    np.testing.assert_allclose(brighter[1].image, bands[1].image, atol=0.02)
    grey = np.repeat(picture[..., :1], 3, axis=2)
    for band in distance_normalized(grey, horizon=(0.0, 80.0), drop=300.0, metre=8.0, focal=200.0):
        np.testing.assert_allclose(band.image[..., 1:], 0, atol=1e-3)


@pytest.mark.parametrize("horizon", [(0.0, -50.0), (0.0, 500.0), (0.3, 10.0), (-0.4, 300.0)])
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (240, 320)])
def test_bands_of_any_picture_and_horizon_can_be_cut(horizon, size):
    bands = distance_normalized(noise((*size, 3)), horizon=horizon, **ROAD)
    assert bands
    assert all(np.isfinite(band.image).all() for band in bands)


@pytest.mark.parametrize("wrong", ["drop", "metre", "focal"])
def test_what_cannot_be_a_camera_above_the_ground_is_refused(wrong):
    with pytest.raises(ValueError, match="above 0"):
        distance_normalized(noise((90, 120, 3)), horizon=(0.0, 30.0), **(ROAD | {wrong: 0.0}))
