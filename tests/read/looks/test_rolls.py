"""How far the last roll of a counter has turned on."""

import cv2
import numpy as np
import pytest

from windowpane import Reader
from windowpane.read.looks.rolls import HIGHER, PITCH, SHIFTS, turned_on


def views_of(place):
    """What a faultless reader would see of a roll at a place, in tenths, in each view."""
    seen = np.zeros((len(SHIFTS), 10))
    for step in (-1, 0, 1, 2):
        digit = place // 10 + step
        middle = HIGHER + (digit - place / 10) * PITCH
        for view, shift in enumerate(SHIFTS):
            if abs(middle + shift) <= 2:
                seen[view, digit % 10] = 0.9
    return seen


@pytest.mark.parametrize("place", [0, 3, 17, 45, 58, 83, 97, 99])
def test_a_place_is_told_from_where_its_digits_are_seen(place):
    found = turned_on(views_of(place))
    assert min((found - place) % 100, (place - found) % 100) <= 1


@pytest.fixture(scope="module")
def strip():
    """Five rolls' digits one below the other, as on a roll."""
    digit, height = 60, 82
    roll = np.full((height * 10, 60, 3), 30, np.uint8)
    for number in range(10):
        at = (8, number * height + (height + digit) // 2 - 6)
        cv2.putText(roll, str(number), at, cv2.FONT_HERSHEY_DUPLEX, 2.0, (235, 235, 235), 5, cv2.LINE_AA)
    return np.concatenate([roll, roll, roll]), height


def counter(strip, *places):
    """The window of a counter whose rolls are at some places, steps."""
    rolls, height = strip
    pieces = []
    for place in places:
        top = round((10 + place) * height)
        pieces.append(rolls[top : top + height])
    return np.concatenate(pieces, axis=1)


@pytest.mark.parametrize(("last", "expected"), [(3.0, 3.0), (4.3, 4.3), (7.2, 7.2)])
def test_a_counter_is_read_with_tenths(strip, last, expected):
    reading = Reader(counter=True).read(counter(strip, 0, 2, 5, last))
    whole, _, tenths = reading.text.partition(".")
    assert whole[:3] == "025"
    assert float(f"{whole[3:]}.{tenths}") == pytest.approx(expected, abs=0.21)


def test_without_being_asked_there_are_none(strip):
    assert "." not in Reader().read(counter(strip, 0, 2, 5, 3.0)).text
