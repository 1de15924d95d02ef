"""Envelopes that lie askew are laid level."""

import math

import cv2
import numpy as np
import pytest

from windowpane.read.mail.level import levelled, tilt
from windowpane.read.reading import Digit, Reading


def reading(angle, text="94720", confidence=0.9):
    box = (0.0, 0.0, 9.0, 9.0)
    return Reading(text, confidence, False, tuple(Digit(one, box, 1.0) for one in text), (), box, angle)


def test_most_digits_say_how_an_envelope_lies():
    assert tilt([]) == 0
    assert tilt([reading(0.01), reading(-0.02)]) == 0  # next to nothing
    assert tilt([reading(0.2), reading(0.22), reading(1.6, "12")]) == pytest.approx(0.21)
    assert abs(tilt([reading(math.pi - 0.01), reading(-math.pi + 0.01)])) == pytest.approx(math.pi)
    assert tilt([reading(1.5, confidence=0.1), reading(0.3, "12")]) == pytest.approx(0.3)


@pytest.mark.parametrize("angle", [0.0, 0.3, -0.4, math.pi / 2, math.pi, -math.pi / 2])
def test_a_bar_is_laid_level_and_its_box_brought_back(angle):
    page = np.full((300, 500, 3), 255, np.uint8)
    along = np.array([math.cos(angle), math.sin(angle)])
    ends = [(np.array([250, 150]) + step * along).round().astype(int).tolist() for step in (-60, 60)]
    cv2.line(page, ends[0], ends[1], (0, 0, 0), 9)
    level, back = levelled(page, angle)
    y, x = np.nonzero(level[:, :, 0] < 128)
    assert np.ptp(x) > 110
    assert np.ptp(y) < 15
    x0, y0, x1, y1 = back((float(x.min()), float(y.min()), float(x.max() + 1), float(y.max() + 1)))
    there_y, there_x = np.nonzero(page[:, :, 0] < 128)
    assert [x0, y0] == pytest.approx([there_x.min(), there_y.min()], abs=8)
    assert [x1, y1] == pytest.approx([there_x.max(), there_y.max()], abs=8)
