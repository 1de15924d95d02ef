"""Strips: a string cut out of a page lies level, whichever way it goes there."""

import math

import cv2
import numpy as np
import pytest

from windowpane.read.line import DIGIT_HEIGHT
from windowpane.read.pages.rows import Stretch
from windowpane.read.pages.strips import strip
from windowpane.read.reading import Digit, Reading


def bars(angle, height=40.0, count=4, size=400):
    """A page with upright bars in a row about its middle, and their place."""
    page = np.full((size, size), 240, np.uint8)
    along, down = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    middles = np.array(
        [size / 2 + along * (place - (count - 1) / 2) * 0.8 * height for place in range(count)]
    )
    for middle in middles:
        corners = [
            middle + along * a * 0.12 * height + down * b * height / 2
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        cv2.fillPoly(page, [np.round(np.array(corners)).astype(np.int32)], 20, cv2.LINE_AA)
    return page, Stretch(middles, height, angle, (80.0, 80.0))


@pytest.mark.parametrize("angle", [0.0, 0.4, -0.5, math.pi / 2, math.pi])
@pytest.mark.parametrize("height", [14.0, 40.0, 90.0])
def test_digits_stand_upright_in_the_line_at_the_readers_height(angle, height):
    page, place = bars(angle, height, size=round(height * 10))
    line = strip(page, place).writing.line()
    rows = np.flatnonzero(line.ink.max(axis=1) > 128)
    assert rows[-1] - rows[0] + 1 == pytest.approx(DIGIT_HEIGHT, abs=4)
    assert (rows[0] + rows[-1]) / 2 == pytest.approx(line.ink.shape[0] / 2, abs=2.5)
    count, *_ = cv2.connectedComponents((line.ink > 128).astype(np.uint8))
    assert count - 1 == 4


def test_colours_are_cut_out_as_well():
    page, place = bars(0.2)
    coloured = np.stack([page, 255 - page // 2, page], axis=2)
    rows = np.flatnonzero(strip(coloured, place).writing.line().ink.max(axis=1) > 128)
    assert len(rows) > 15


def test_boxes_are_brought_back_to_the_page():
    page, place = bars(math.pi / 2)
    cut = strip(page, place)
    line = cut.writing.line()
    x0, y0 = line.to_picture(24, 5)
    x1, y1 = line.to_picture(line.ink.shape[1] - 24, 27)
    box = (x0, y0, x1, y1)
    reading = Reading("1", 0.9, False, (Digit("1", box, 0.9),), (), box)
    moved = cut.to_page(reading)
    low, high = place.middles.min(axis=0), place.middles.max(axis=0)
    assert moved.box[0] == pytest.approx(low[0] - 20, abs=3)
    assert moved.box[2] == pytest.approx(high[0] + 20, abs=3)
    assert moved.box[1] == pytest.approx(low[1] - 20, abs=8)
    assert moved.box[3] == pytest.approx(high[1] + 20, abs=8)
    assert moved.digits[0].box == moved.box
    assert moved.angle == pytest.approx(math.pi / 2)


def test_the_next_digit_is_left_out():
    page, place = bars(0.0)
    near = Stretch(place.middles[1:3], 40.0, 0.0, (32.0, 32.0))
    count, *_ = cv2.connectedComponents((strip(page, near).writing.line().ink > 128).astype(np.uint8))
    assert count - 1 == 2


def test_a_string_at_the_edge_of_the_page_is_cut_out():
    page, place = bars(0.0)
    moved = Stretch(place.middles - [place.middles[0, 0] - 4, 195], 40.0, 0.0, (80.0, 80.0))
    assert strip(page, moved).writing.line().ink.shape[0] == 32
