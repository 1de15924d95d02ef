"""Rule 6 of the house: the conventions that every room relies on, each pinned by what a user would see."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from windowpane import images
from windowpane.core import boxes
from windowpane.core.windows import Window


def png(pixels: np.ndarray, orientation: int = 1, kind: str = "PNG") -> bytes:
    exif, buffer = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(buffer, kind, exif=exif)
    return buffer.getvalue()


def test_colours_are_red_green_blue() -> None:
    red = np.full((2, 3, 3), [255, 0, 0], np.uint8)
    assert images.load(png(red)).tolist() == red.tolist()
    assert images.load(red).tolist() == red.tolist()
    assert images.load(Image.new("RGB", (3, 2), "red")).tolist() == red.tolist()


def test_images_are_height_width_three_bytes() -> None:
    loaded = images.load(png(np.zeros((2, 5), np.uint8)))
    assert loaded.shape == (2, 5, 3)
    assert loaded.dtype == np.uint8


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_images_are_upright(kind: str) -> None:
    stored = np.zeros((20, 40, 3), np.uint8)
    stored[0, 0] = (
        255  # orientation 6: the camera was turned, the first stored pixel belongs to the upper right
    )
    upright = images.load(png(stored, 6, kind))
    assert upright.shape == (40, 20, 3)
    assert np.argwhere(upright[..., 0]).tolist() == [[0, 19]]


def test_boxes_are_left_top_right_bottom_with_edges_between_pixels() -> None:
    # The box of the pixels of rows 2, 3 and columns 5, 6, 7 of an image.
    assert boxes.area([[5, 2, 8, 4]]).tolist() == [6.0]
    assert boxes.overlap([[5, 2, 8, 4]], [[8, 2, 9, 4]]).tolist() == [[0.0]]  # neighbours share no pixel


def test_windows_speak_of_the_same_boxes_with_pixel_centres_at_half_integers() -> None:
    window = Window(height=3, width=5, stride=(2, 4))
    assert window.box(0, 0) == (0, 0, 5, 3)
    assert window.box(1, 0) == (0, 2, 5, 5)  # rows go down: y
    assert window.box(0, 1) == (4, 0, 9, 3)  # columns go right: x
    assert Window(height=1, width=1).centre(row=7, col=2) == (2.5, 7.5)
    assert boxes.area([window.box(3, 4)]).tolist() == [15]


def test_a_window_cut_from_the_image_has_the_pixels_of_its_box() -> None:
    picture = np.zeros((10, 12, 3), np.uint8)
    x0, y0, x1, y1 = Window(height=2, width=3, offset=(1, 4)).box(0, 0)
    picture[1:3, 4:7] = 9
    assert picture[int(y0) : int(y1), int(x0) : int(x1)].min() == 9
    assert picture.sum() == 9 * 3 * boxes.area([(x0, y0, x1, y1)])[0]
