"""Where strings of digits are on a page, with a look that takes every blot of one size for a digit."""

import cv2
import numpy as np
import pytest

from windowpane.core.windows import Window
from windowpane.read.lattice import NONE
from windowpane.read.line import DIGIT_HEIGHT, HEIGHT
from windowpane.read.locate import locate

WINDOW = Window(height=HEIGHT, width=48, stride=(4, 4))
WIDE = 10  # a blot, in pixels of the level where it is a digit


def look(ink):
    """A net that sees a whole digit where a blot of about a digit's height is about in the window's middle.

    Like the net that ships it bears with shifts of some pixels and with four fifths to five quarters in size.
    """
    rows, columns = WINDOW.map_size(*ink.shape)
    digit = np.full((rows, columns), 0.01)
    _, _, blots, middles = cv2.connectedComponentsWithStats((ink > 110).astype(np.uint8))
    for (_, _, _, height, _), (x, y) in zip(blots[1:], middles[1:], strict=True):
        if 0.8 * DIGIT_HEIGHT < height < 1.25 * DIGIT_HEIGHT:
            row, column = ((at - middle) / 4 for at, middle in zip((y, x), (16, 24), strict=True))
            for r in range(max(0, round(row) - 1), min(rows, round(row) + 2)):
                for c in range(max(0, round(column) - 1), min(columns, round(column) + 2)):
                    digit[r, c] = 0.99 if (r, c) == (round(row), round(column)) else 0.9
    scores = np.full((NONE + 1, rows, columns), np.log(digit / 10), np.float32)
    scores[NONE] = np.log(1 - digit)
    return scores, WINDOW


def page(*strings, size=(260, 420), paper=240):
    """A page with strings of blots: (x, y, height, count) each; and the boxes of the strings."""
    pixels = np.full((*size, 3), paper, np.uint8)
    boxes = []
    for x, y, height, count in strings:
        width = round(WIDE * height / DIGIT_HEIGHT)
        pitch = round(0.9 * height)
        for place in range(count):
            left = x + place * pitch
            pixels[y : y + height, left : left + width] = 20
        boxes.append((x, y, x + (count - 1) * pitch + width, y + height))
    return pixels, boxes


def finds(found, box, height):
    """Whether one of the found boxes is this one with a margin of up to two thirds of a digit."""
    return any(
        all(0 <= (b - f) * sign <= 0.9 * height for b, f, sign in zip(box, one, (1, 1, -1, -1), strict=True))
        for one in found
    )


@pytest.mark.parametrize("height", [11, 16, 22, 31, 62])
def test_strings_of_every_size_are_found(height):
    pixels, (box,) = page((60, 50, height, 5))
    assert finds(locate(pixels, look), box, height)


def test_strings_that_are_far_apart_are_two():
    pixels, boxes = page((40, 40, 22, 3), (220, 40, 22, 4), (40, 140, 22, 2))
    found = locate(pixels, look)
    assert all(finds(found, box, 22) for box in boxes)


def test_strings_of_different_sizes_side_by_side_are_two():
    pixels, boxes = page((30, 60, 22, 4), (130, 40, 62, 3))
    found = locate(pixels, look)
    assert finds(found, boxes[0], 22)
    assert finds(found, boxes[1], 62)


def test_a_string_at_the_very_edge_is_found_and_boxes_stay_on_the_page():
    pixels, boxes = page((0, 0, 22, 4), (340, 238, 22, 4), size=(260, 410))
    found = locate(pixels, look)
    assert finds(found, boxes[0], 22)
    assert finds(found, boxes[1], 22)
    corners = np.array(found)
    assert corners.min() >= 0
    assert corners[:, 2].max() <= 410
    assert corners[:, 3].max() <= 260


def test_nothing_is_found_on_blank_and_tiny_pages():
    assert locate(page()[0], look) == []
    assert locate(np.full((3, 5, 3), 200, np.uint8), look) == []
