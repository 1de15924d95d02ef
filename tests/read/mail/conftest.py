"""Readings that nothing was read for."""

import pytest

from windowpane.read.reading import Digit, Reading


@pytest.fixture
def said():
    """Return a reading of a text, its digits side by side from (x, y) on, each ``height`` pixels high."""

    def said(text, x, y, height=20.0, sure=0.99, step=0.7):
        wide = step * height
        boxes = [
            (x + wide * place, y, x + wide * place + 0.6 * height, y + height) for place in range(len(text))
        ]
        digits = tuple(Digit(one, box, sure) for one, box in zip(text, boxes, strict=True))
        return Reading(text, sure, False, digits, (), (x, y, boxes[-1][2], y + height))

    return said
