"""Numbers found on pages, held against the text that stands there (end-to-end text spotting).

A reader's answer to a page is a list of `Number`. Where a page's text is known but not where each character
stands, answers are held against the text alone, each number of it for one answer; where cells are known, each
digit against the cell that it is in.

A number may be written with separators, and a reader of digits may give it in one or in its pieces: of
"03-5512 217" the right answers are 03, 5512, 217, and 035512, 5512217 and 035512217, with or without the
marks between them. A run is what stands without anything between its digits: 5512.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Floats = NDArray[np.float64]

CHAIN = re.compile(r"\d+(?:[^0-9A-Za-z]{1,3}\d+)*")
"""Runs with no letter between them and at most three marks or spaces: one number to a reader of digits."""
LONG = 3
"""Digits, from which a run is a number to find rather than a count."""


@dataclass(frozen=True, slots=True)
class Number:
    """A reader's answer to a part of a page.

    Attributes
    ----------
    text
        What it says: digits, and separators if the reader gives them.
    confidence
        Of the reader, 0..1.
    accepted
        Whether the reader gives it as a sure one.
    box
        x0, y0, x1, y1 in pixels of the page.
    digits
        The boxes of its digits; () = not known: they are taken to share the box evenly.
    """

    text: str
    confidence: float
    accepted: bool
    box: Box
    digits: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many numbers of a text were found, and how many of those given were in it.

    Attributes
    ----------
    asked, found
        Runs of the text that are long enough, and those of them that were given.
    given, right
        Numbers given, and those of them that are in the text.
    """

    asked: int = 0
    found: int = 0
    given: int = 0
    right: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.asked + other.asked,
            self.found + other.found,
            self.given + other.given,
            self.right + other.right,
        )

    @property
    def recall(self) -> float:
        """The share of the numbers asked for that was found."""
        return self.found / max(1, self.asked)

    @property
    def precision(self) -> float:
        """The share of the numbers given that is right."""
        return self.right / max(1, self.given)


def digits_of(text: str) -> str:
    """Return the digits of a text alone."""
    return re.sub("[^0-9]", "", text)


def in_text(given: Iterable[str], lines: Iterable[str], least: int = LONG) -> Counts:
    """Hold the numbers given against the lines of a text.

    Parameters
    ----------
    given
        What each number says.
    lines
        Of the text; no number goes over two of them.
    least
        Digits of the runs that are asked for.
    """
    runs: list[str] = []
    spans: dict[str, list[range]] = {}
    for line in lines:
        for chain in CHAIN.findall(line):
            pieces = re.findall(r"\d+", chain)
            for start in range(len(pieces)):
                for end in range(start + 1, len(pieces) + 1):
                    place = range(len(runs) + start, len(runs) + end)
                    spans.setdefault("".join(pieces[start:end]), []).append(place)
            runs += pieces
    found = np.zeros(len(runs), np.bool_)
    answers = sorted(filter(None, map(digits_of, given)), key=len, reverse=True)
    right = 0
    for answer in answers:
        places = spans.get(answer, [])
        right += bool(places)
        free = next((place for place in places if not found[place].any()), None)
        if free is not None:
            found[free] = True
    long = np.array([len(run) >= least for run in runs], np.bool_)
    return Counts(int(long.sum()), int((found & long).sum()), len(answers), right)


def in_cells(
    numbers: Iterable[Number], corners: Floats, texts: Sequence[str], *, between: bool = True
) -> Counts:
    """Hold each digit given against the cell (n, 4, 2) that its middle is in; a cell says one digit.

    A digit in no cell counts only in the convex hull of all, and only if all ``between`` them is known.
    """
    known = between and len(corners) > 0
    points = corners.reshape(-1, 2).astype(np.float32)
    hull = np.asarray(cv2.convexHull(points), np.float32) if known else None
    found = np.zeros(len(texts), np.bool_)
    given = right = 0
    for number in numbers:
        for digit, middle in zip(digits_of(number.text), digit_middles(number), strict=True):
            cell = next((place for place, quad in enumerate(corners) if within(quad, middle)), None)
            if cell is None and (hull is None or not within(hull, middle)):
                continue
            given += 1
            if cell is not None and texts[cell] == digit:
                right += 1
                found[cell] = True
    return Counts(len(texts), int(found.sum()), given, right)


def digit_middles(number: Number) -> Floats:
    """Return the middles (n, 2) of a number's digits, evenly along the longer side of a box without them."""
    count = len(digits_of(number.text))
    if len(number.digits) == count:
        boxes = np.reshape(np.array(number.digits, np.float64), (-1, 2, 2))
        return np.asarray(boxes.mean(axis=1))
    x0, y0, x1, y1 = number.box
    marks = [place for place, character in enumerate(number.text) if character.isdigit()]
    along = (np.array(marks, np.float64) + 0.5) / max(1, len(number.text))
    across = np.full(count, 0.5)
    upright = y1 - y0 > x1 - x0 and len(number.text) > 1
    x, y = (across, along) if upright else (along, across)
    return np.column_stack([x0 + x * (x1 - x0), y0 + y * (y1 - y0)])


def within(outline: Floats | NDArray[np.float32], point: Floats) -> bool:
    """Whether a point is within an outline (n, 2), or on it."""
    contour = np.asarray(outline, np.float32).reshape(-1, 1, 2)
    return cv2.pointPolygonTest(contour, (float(point[0]), float(point[1])), False) >= 0


def middle_of(number: Number) -> Floats:
    """Return the middle x, y of a number's box."""
    return np.asarray(np.reshape(np.array(number.box, np.float64), (2, 2)).mean(axis=0))


def row_text(numbers: Sequence[Number]) -> str:
    """Return the digits of the row of the tallest number, from left to right: what a display shows."""
    if not numbers:
        return ""
    tallest = max(numbers, key=lambda number: number.box[3] - number.box[1])
    top, bottom = tallest.box[1], tallest.box[3]
    row = [one for one in numbers if top <= (one.box[1] + one.box[3]) / 2 <= bottom]
    return digits_of("".join(one.text for one in sorted(row, key=lambda one: one.box[0])))


def shows(text: str, whole: str) -> bool:
    """Whether a display's digits are these whole units, with or without two more after the point."""
    return text == whole or (len(text) == len(whole) + 2 and text.startswith(whole))


def roll_error(text: str, value: str) -> float | None:
    """Return by how many steps a roll was misread, 0 to 5; None where there is no number in the text."""
    try:
        apart = abs(float(text) - float(value)) % 10
    except ValueError:
        return None
    return min(apart, 10 - apart)
