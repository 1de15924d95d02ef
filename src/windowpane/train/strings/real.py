"""Real pages to learn from (weak labels): of each line of text is known where it lies and what it says.

Where each character stands is not told. The ink says where the line begins and ends, how high its digits are;
between these its characters are taken to be equally wide, as they nearly are on receipts. What may be off by
a character where a digit and a letter meet is in doubt there, and nothing is learned from it.
"""

from __future__ import annotations

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
    x0, y0, x1, y1 = _ink(np.asarray(line, np.uint8))
    pitch = (x1 - x0) / len(text)
    classes = np.array([_class(character) for character in text])
    x, y, high = x0 + (np.arange(len(text)) + 0.5) * pitch, (y0 + y1) / 2, y1 - y0
    middles = corners[0] + np.outer(x / width, right) + down * y / height
    before, after = np.append(classes[0], classes[:-1]), np.append(classes[1:], classes[-1])
    sure = (classes != BLANK) & (classes != MARK) & (classes == before) & (classes == after)
    sure &= high >= LEAST_HEIGHT
    heights = np.full(len(text), high)
    told = np.column_stack([middles, heights, classes, np.tile(along, (len(text), 1))])
    # the whole line is in doubt but for the characters that are told
    squares = np.column_stack([middles, np.maximum(0.75 * heights, pitch)])
    return told[sure], squares


def _class(character: str) -> int:
    if character == " ":
        return BLANK
    return DIGIT if character.isdigit() else MARK if character in MARKS else LETTER


def _ink(line: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Return where the ink of a line of dark text is, x0, y0, x1, y1, without what hangs below or above."""
    height, width = line.shape
    ink = np.clip(np.percentile(line, 85) - line.astype(np.float64) - 12, 0, None)
    down, across = ink.sum(axis=1), ink.max(axis=0)
    rows = np.flatnonzero(down > 0.3 * down.max(initial=0)) if down.any() else np.arange(height)
    columns = np.flatnonzero(across > 0.3 * across.max(initial=0)) if across.any() else np.arange(width)
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
