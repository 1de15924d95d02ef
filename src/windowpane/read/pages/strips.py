"""Cuts rows and numbers out of a page as level strips (rectification): the reader sees lines as ever.

A strip is as long as its row or number with a little paper around; what stands there is seen too, but not the
next digit. It runs level, whichever way it goes on the page. Its `Writing` is that of a picture of one
number, but where the digits stand is known, not looked for once more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.pyramids import Image
from windowpane.read.line import Writing, ink_map
from windowpane.read.pages.characters import Floats, Pixels
from windowpane.read.pages.rows import Stretch
from windowpane.read.reading import Box, Reading

WORKING = 30.0  # height of the digits in a strip, at most, pixels
ABOVE = 0.95  # heights, of paper above and below the middle of the row
MARGIN = 1.6  # heights, of paper before the first digit's middle and after the last one's, where there is
OTHER = 0.45  # heights, from the middle of the next digit that is not its own, which is left out
HALF = 0.5  # heights from a digit's middle to its side, at least


@dataclass(frozen=True, slots=True)
class Strip:
    """A stretch cut out of a page.

    Attributes
    ----------
    writing
        Its ink, and the band of its digits.
    matrix
        (2, 3), from pixels of the strip to pixels of the page.
    """

    writing: Writing
    matrix: Floats

    def to_page(self, reading: Reading) -> Reading:
        """Return a reading of the strip with its boxes, upright ones, in pixels of the page."""
        digits = tuple(replace(digit, box=self._moved(digit.box)) for digit in reading.digits)
        return replace(reading, digits=digits, box=self._moved(reading.box), angle=self._angle)

    @property
    def _angle(self) -> float:
        return math.atan2(self.matrix[1, 0], self.matrix[0, 0])

    def _moved(self, box: Box) -> Box:
        x0, y0, x1, y1 = box
        corners = (
            np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) @ self.matrix[:, :2].T + self.matrix[:, 2]
        )
        low, high = corners.min(axis=0), corners.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def strip(page: Pixels, stretch: Stretch) -> Strip:
    """Cut a stretch out of a page, (H, W, 3) or (H, W) uint8."""
    scale = min(1.0, WORKING / stretch.height)
    height = stretch.height
    along, down = stretch.along, stretch.along[::-1] * [-1, 1]
    left, right = (_room(reach, height) for reach in stretch.reach)
    first, last = (float(stretch.middles[end] @ along) for end in (0, -1))
    x0, x1 = first - left, max(last, first) + right
    middle = float(np.median(stretch.middles @ down))
    y0 = middle - ABOVE * height
    width, tall = max(4, round((x1 - x0) * scale)), max(4, round(2 * ABOVE * height * scale))
    corner = along * x0 + down * y0
    matrix = np.column_stack([along / scale, down / scale, corner])
    ink = ink_map(_warped(page, matrix, width, tall, scale))
    band = (
        max(0, math.floor((left - HALF * height) * scale)),
        round((ABOVE - 0.5) * height * scale),
        min(width, math.ceil((x1 - x0 - right + HALF * height) * scale)),
        round((ABOVE + 0.5) * height * scale),
    )
    return Strip(Writing(ink, band, 1.0), matrix)


def _room(reach: float, height: float) -> float:
    """Return how much of a strip lies before a stretch's first middle, or after its last, page pixels."""
    return max(min(MARGIN * height, reach - OTHER * height), 0.28 * height)


def _warped(page: Pixels, matrix: Floats, width: int, height: int, scale: float) -> NDArray[np.uint8]:
    """Return the pixels of a strip; only the part of the page that it lies on is touched."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ matrix[:, :2].T + matrix[:, 2]
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 2, 0)
    high = np.maximum(np.ceil(corners.max(axis=0)).astype(int) + 3, low + 1)
    part: Image = page[low[1] : high[1], low[0] : high[0]]
    if not part.size:
        return np.full((height, width), 255, np.uint8)
    shift = matrix[:, 2] - low
    if scale < 0.7:  # a plain warp would skip pixels: reduce by area first
        size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
        ratio = np.array([size[0] / part.shape[1], size[1] / part.shape[0]])
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    else:
        ratio = np.ones(2)
    # cv2's warp works on pixel centres
    to_part = np.column_stack(
        [matrix[:, :2] * ratio[:, None], (shift + matrix[:, :2].sum(axis=1) / 2) * ratio - 0.5]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(
            np.ascontiguousarray(part), to_part, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )
