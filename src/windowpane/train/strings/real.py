"""Real pages to learn from (weak labels): of each line of text is known where it lies and what it says.

Where each character stands is not told. The ink says how high the digits of the line are and, by its widest
gaps, where each of its words begins and ends; within a word characters are taken to be equally wide, as they
nearly are on receipts. Where in a word a digit and a letter meet, either may be off by a character: that is
in doubt, and nothing is learned from it. The ends of a word are certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.pages import Page
from windowpane.data.writing.pages import DIGIT, LETTER, MARK
from windowpane.data.writing.pens import MARKS
from windowpane.images import load

Floats = NDArray[np.float64]

BLANK = -1
LEAST_HEIGHT = 5  # pixels: of a lower line nothing can be learned
UNEVEN = 1.6  # times as wide as usual, or as narrow, the characters of a word are at most
RULED = 0.9  # of a line's columns: a row with ink in more is a rule that it stands on
WORD_GAP = 0.45  # of a character's usual width, at least, between words

Word = tuple[int, int, float, float]  # its first character and the one after its last, and where in the line


@dataclass(frozen=True, slots=True)
class RealPage:
    """A page with all its text.

    Attributes
    ----------
    pixels
        (H, W) uint8 grey.
    middles, heights, class_ids
        (N, 2), (N,) and (N,) of the characters that are told: in the middle of their row, the height of a
        digit there.
    along
        (N, 2), the direction of reading, a unit vector.
    doubtful
        (M, 3) x, y and half the side of squares in which characters may be.
    """

    pixels: NDArray[np.uint8]
    middles: Floats
    heights: Floats
    class_ids: NDArray[np.intp]
    along: Floats
    doubtful: Floats


def of_page(page: Page) -> RealPage:
    """Return a page of lines with what is told of its characters."""
    pixels = np.asarray(cv2.cvtColor(load(page.path), cv2.COLOR_RGB2GRAY), np.uint8)
    told = [np.zeros((0, 6))]
    doubtful = [np.zeros((0, 3))]
    for corners, text in zip(page.corners, page.texts, strict=True):
        if not text.strip() or not np.isfinite(corners).all():
            continue
        sure, unsure = _of_line(pixels, corners, text.strip())
        told.append(sure)
        doubtful.append(unsure)
    all_told = np.concatenate(told)
    return RealPage(
        pixels,
        all_told[:, :2],
        all_told[:, 2],
        all_told[:, 3].astype(np.intp),
        all_told[:, 4:],
        np.concatenate(doubtful),
    )


def _of_line(pixels: NDArray[np.uint8], corners: Floats, text: str) -> tuple[Floats, Floats]:
    """Return the characters that are told, (n, 6): x, y, height, class, direction; and doubtful squares."""
    right, down = corners[1] - corners[0], corners[3] - corners[0]
    width, height = max(1, round(float(np.hypot(*right)))), max(1, round(float(np.hypot(*down))))
    along = right / np.hypot(*right)
    to_line = cv2.getAffineTransform(
        corners[[0, 1, 3]].astype(np.float32), np.array([[0, 0], [width, 0], [0, height]], np.float32)
    )
    line = cv2.warpAffine(pixels, to_line, (width, height), borderMode=cv2.BORDER_REPLICATE)
    columns, (y0, y1) = _ink(np.asarray(line, np.uint8))
    words = _words(columns, text)
    x, pitch = np.zeros(len(text)), np.zeros(len(text))
    for start, end, left, right_end in words:
        pitch[start:end] = (right_end - left) / (end - start)
        x[start:end] = left + (np.arange(end - start) + 0.5) * pitch[start:end]
    written = pitch > 0
    y, high = (y0 + y1) / 2, y1 - y0
    middles = corners[0] + np.outer(x / width, right) + down * y / height
    heights = np.full(len(text), high)
    sure = _certain(text, words) & (high >= LEAST_HEIGHT)
    classes = np.array([_class(character) for character in text])
    told = np.column_stack([middles, heights, classes, np.tile(along, (len(text), 1))])
    # the whole line is in doubt but for the characters that are told
    squares = np.column_stack([middles, np.maximum(0.75 * heights, pitch)])
    return told[sure], squares[written]


def _words(columns: NDArray[np.bool_], text: str) -> list[Word]:
    """Return the words of a line, by the ink in its columns; where these do not agree, the line as one.

    The widest gaps are between words, if then the characters of all words are about equally wide.
    """
    ink = np.flatnonzero(columns)
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    gaps = np.diff(ink)
    wide = np.sort(np.argsort(-gaps, kind="stable")[: len(spans) - 1])
    lefts, rights = ink[np.append(0, wide + 1)], ink[np.append(wide, len(ink) - 1)] + 1
    usual = (lefts[0] - rights[-1]) / -len(text)
    words = [(*span, float(x0), float(x1)) for span, x0, x1 in zip(spans, lefts, rights, strict=False)]
    even = all(1 / UNEVEN < (x1 - x0) / (end - start) / usual < UNEVEN for start, end, x0, x1 in words)
    if len(words) == len(spans) and even and (gaps[wide] > WORD_GAP * usual).all():
        return words
    return [(0, len(text), float(ink[0]), float(ink[-1] + 1))]


def _certain(text: str, words: list[Word]) -> NDArray[np.bool_]:
    """Return which characters stand where they are taken to be: those amid others of their class."""
    classes = np.array([_class(character) for character in text])
    certain = np.asarray((classes != BLANK) & (classes != MARK))
    for start, end, *_ in words:
        meet = start + np.flatnonzero(np.diff(classes[start:end])) + 1  # the first of another class
        certain[meet] = certain[meet - 1] = False
    return certain


def _class(character: str) -> int:
    if character == " ":
        return BLANK
    return DIGIT if character.isdigit() else MARK if character in MARKS else LETTER


def _ink(line: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], tuple[float, float]]:
    """Return which columns of a line of dark text have ink, and its rows without what hangs out of it."""
    height, width = line.shape
    ink = np.clip(np.percentile(line, 85) - line.astype(np.float64) - 12, 0, None)
    ruled = (ink > 0).mean(axis=1) > RULED
    ink[ruled & ~ruled.all()] = 0
    down, across = ink.sum(axis=1), ink.max(axis=0)
    rows = np.flatnonzero(down > 0.3 * down.max(initial=0)) if down.any() else np.arange(height)
    columns = across > 0.3 * across.max(initial=0) if across.any() else np.ones(width, np.bool_)
    return columns, (float(rows[0]), float(rows[-1] + 1))
