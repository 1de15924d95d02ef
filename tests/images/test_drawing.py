"""What pictures are drawn with."""

import base64

import cv2
import numpy as np
import pytest

from windowpane.images.drawing import ACCENT, PAPER, blank, data_url, jpeg, png, resized, text_width, write

PICTURE = np.random.default_rng(0).integers(0, 255, (9, 12, 3), np.uint8)


def decoded(file):
    return cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)


def test_a_blank_picture_is_paper_and_may_have_no_rows():
    assert (blank(2, 3) == PAPER).all()
    assert (blank(2, 3, ACCENT) == ACCENT).all()
    assert blank(-4, 3).shape == (0, 3, 3)


def test_pictures_are_shrunk_by_the_mean_and_enlarged_as_told():
    checks = (200 * (np.indices((4, 4)).sum(0) % 2)).astype(np.uint8)
    assert (resized(checks, 0.5) == 100).all()
    squares = resized(checks, 3, cv2.INTER_NEAREST)
    np.testing.assert_array_equal(squares, np.kron(checks, np.ones((3, 3), np.uint8)))
    assert resized(checks, 0.01).shape == (1, 1)


def test_text_takes_the_room_that_it_is_said_to_take():
    image = blank(40, 300)
    write(image, "a line of text", 10, 25, ACCENT, 0.5)
    columns = np.flatnonzero((image != PAPER).any(axis=(0, 2)))
    assert columns[0] >= 9
    assert abs(columns[-1] - 10 - text_width("a line of text", 0.5)) <= 6


@pytest.mark.parametrize("effort", [None, 1, 9])
def test_a_png_keeps_every_pixel_in_the_order_red_green_blue(effort):
    np.testing.assert_array_equal(decoded(png(PICTURE, effort))[..., ::-1], PICTURE)
    np.testing.assert_array_equal(decoded(png(PICTURE[..., 0], effort)), PICTURE[..., 0])


def test_a_jpeg_of_better_quality_is_larger():
    assert len(jpeg(PICTURE, 30)) < len(jpeg(PICTURE, 95))
    assert decoded(jpeg(PICTURE, 95)).shape == PICTURE.shape


def test_a_data_url_holds_the_file():
    kind, data = data_url(jpeg(PICTURE, 80), "jpeg").split(",")
    assert kind == "data:image/jpeg;base64"
    assert base64.b64decode(data) == jpeg(PICTURE, 80)
