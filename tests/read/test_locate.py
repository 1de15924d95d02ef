"""Where strings of digits are on a page, with a look that takes every blot of one size for a digit."""

import cv2
import numpy as np
import pytest

from windowpane.read.lattice import NONE
from windowpane.read.line import DIGIT_HEIGHT, HEIGHT
from windowpane.read.locate import locate
from windowpane.windows import Window

WINDOW = Window(height=HEIGHT, width=48, stride=(4, 4))
WIDE = 10  # a blot, in pixels of the level where it is a digit


def look(ink):
    """A net that sees a whole digit where a blot of its height stands alone in the middle of the window."""
    covered = cv2.boxFilter(ink / 255, -1, (WIDE - 4, DIGIT_HEIGHT - 4), borderType=cv2.BORDER_CONSTANT)
    edge = np.maximum(np.roll(ink, HEIGHT // 2 - 2, 0), np.roll(ink, 2 - HEIGHT // 2, 0)) / 255
    clear = 1 - cv2.boxFilter(edge, -1, (WIDE, 3), borderType=cv2.BORDER_CONSTANT)
    alone = covered * clear
    rows, columns = WINDOW.map_size(*ink.shape)
    y, x = (int(value) for value in WINDOW.centre(0, 0)[::-1])
    digit = alone[y : y + 4 * rows : 4, x : x + 4 * columns : 4].clip(0.01, 0.99)
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
