"""Portraits made harder: what is done to the picture is done to the face's box too."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.evaluate.measures.photographs import SIDE, SMALLEST, sizes
from windowpane.evaluate.stress import FACE, STRESSES, Portrait, portraits, stressed

BOX = np.array([90.0, 70.0, 210.0, 220.0])
MIDDLE = 20  # pixels of a red square in the middle of the face


@pytest.fixture
def portrait():
    """A grey picture with a red square in the middle of the face."""
    pixels = np.full((320, 300, 3), 120, np.uint8)
    pixels[145 - MIDDLE // 2 : 145 + MIDDLE // 2, 150 - MIDDLE // 2 : 150 + MIDDLE // 2] = (250, 20, 20)
    return Portrait(pixels, BOX)


def red(pixels):
    """The middle of what is red, x and y."""
    rows, columns = np.nonzero(pixels[..., 0].astype(int) - pixels[..., 1] > 60)
    return np.array([columns.mean(), rows.mean()]) + 0.5


@pytest.mark.parametrize("name", [name for name in STRESSES if "cut" not in name and "dark" not in name])
def test_the_box_stays_about_the_middle_of_the_face(portrait, name):
    for one in stressed([portrait] * 4, name):
        assert red(one.pixels) == pytest.approx((one.box[:2] + one.box[2:]) / 2, abs=1.5)


def test_turned_by_a_right_angle_the_box_lies_and_upside_down_it_is_as_before(portrait):
    for name, sides in (("turned by 90 degrees", (150, 120)), ("turned by 180 degrees", (120, 150))):
        (one,) = stressed([portrait], name)
        assert (one.box[2:] - one.box[:2]) == pytest.approx(sides)


def test_of_a_face_that_is_cut_the_box_is_what_is_left(portrait):
    for one in stressed([portrait] * 8, "cut at the side by 40 %"):
        assert one.box[2] - one.box[0] == pytest.approx(0.6 * 120)
        assert one.box[0] == 0 or one.box[2] == one.pixels.shape[1]
    edges = {one.box[0] == 0 for one in stressed([portrait] * 8, "cut at the side by 40 %")}
    assert edges == {True, False}
    (one,) = stressed([portrait], "cut at the top by 30 %")
    assert (one.box[1], one.box[3]) == (0, pytest.approx(0.7 * 150))
    assert one.pixels.shape[0] == 320 - (70 + 45)


def test_a_dark_picture_has_a_sixteenth_of_the_light(portrait):
    (one,) = stressed([portrait], "dark")
    light = ((one.pixels / 255.0) ** 2.2)[:, :40].mean() / ((portrait.pixels / 255.0) ** 2.2)[:, :40].mean()
    assert light == pytest.approx(1 / 16, rel=0.15)


def test_a_small_face_lies_in_a_picture_of_the_usual_size(portrait):
    large = Portrait(portrait.pixels, BOX * FACE / sizes(BOX)[0])
    (one,) = stressed([large], "reduced to 16 pixels")
    assert one.pixels.shape == (480, SIDE, 3)
    assert sizes(one.box)[0] == pytest.approx(SMALLEST)


def test_the_same_seed_makes_the_same_pictures(portrait):
    for name in ("dark", "turned by 45 degrees", "cut at the side by 40 %"):
        first, again = ([one.pixels for one in stressed([portrait] * 3, name)] for _ in range(2))
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


@pytest.mark.realdata
def test_portraits_are_of_one_large_face_each(data):
    if not (data / "faces_caltech_webfaces").is_dir():
        pytest.skip("the whole pictures of the web faces are not there")
    given = portraits(data, count=6)
    assert len(given) == 6
    for one in given:
        assert sizes(one.box)[0] == pytest.approx(FACE)
        assert (one.box[2:] <= [one.pixels.shape[1] + 1, one.pixels.shape[0] + 1]).all()
        assert one.box.min() >= -1
