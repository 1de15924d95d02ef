"""What is hidden cannot be seen, and all else is as it was."""

import numpy as np
import pytest

from windowpane.errors import ArgumentError
from windowpane.show.anonymize import GROWN, blurred

BOX = (40, 30, 80, 80)


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)


def ellipse(shape, box, grown=1.0):
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    x0, y0, x1, y1 = box
    return ((x - (x0 + x1) / 2) / (x1 - x0)) ** 2 + ((y - (y0 + y1) / 2) / (y1 - y0)) ** 2 <= grown**2 / 4


def test_outside_the_ellipse_no_pixel_changes_and_the_whole_box_does(noise):
    before = noise.copy()
    changed = (blurred(noise, [BOX]) != noise).any(axis=-1)
    np.testing.assert_array_equal(noise, before)
    assert not changed[~ellipse(noise.shape, BOX, GROWN)].any()
    assert changed[30:80, 40:80].mean() > 0.99


@pytest.mark.parametrize("size", [8, 20, 60, 200])
def test_hardly_anything_is_left_of_what_was_there(size):
    """Of stripes, four across what is hidden, which would be seen in a face, less than 4 % stays."""
    across = np.arange(400) * 8 * np.pi / (GROWN * size)
    picture = np.tile((127 + 120 * np.sin(across)).astype(np.uint8)[None, :, None], (400, 1, 3))
    middle = slice(200 - size // 4, 200 + size // 4)
    box = (200 - size / 2, 200 - size / 2, 200 + size / 2, 200 + size / 2)
    before, after = picture[middle, middle], blurred(picture, [box])[middle, middle]
    assert np.ptp(before.astype(float)) > 100
    assert np.ptp(after.astype(float)) < 0.04 * 240


def test_about_the_colour_stays():
    picture = np.full((100, 100, 3), (200, 150, 120), np.uint8)
    np.testing.assert_allclose(blurred(picture, [(20, 20, 60, 60)]), picture, atol=1)


@pytest.mark.parametrize(
    "box", [(-30, -30, 20, 20), (150, 100, 400, 400), (-9, -9, 999, 999), (3, 3, 3.4, 3.4)]
)
def test_boxes_may_reach_beyond_the_picture_and_be_of_any_size(noise, box):
    assert blurred(noise, [box]).shape == noise.shape


@pytest.mark.parametrize("box", [(500, 500, 600, 600), (10, 10, 10, 10)])
def test_a_box_elsewhere_changes_nothing(noise, box):
    np.testing.assert_array_equal(blurred(noise, [box]), noise)


def test_no_box_gives_an_equal_picture(noise):
    np.testing.assert_array_equal(blurred(noise, []), noise)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_every_kind_of_pixels_is_taken(kind, channels):
    picture = (np.random.default_rng(0).random((60, 60, *channels)) * 200).astype(kind)
    after = blurred(picture, [(20, 20, 40, 40)])
    assert (after.dtype, after.shape) == (picture.dtype, picture.shape)
    assert (after != picture).any()
    if channels == (4,):
        np.testing.assert_array_equal(after[..., 3], picture[..., 3])


@pytest.mark.parametrize("boxes", [[1, 2, 3, 4], [[1, 2, 3]]])
def test_what_are_no_boxes_is_refused(noise, boxes):
    with pytest.raises(ArgumentError, match="give"):
        blurred(noise, boxes)
