"""Finds strings of digits on a whole page (text detection): the reader's own windows over a pyramid.

Every level of the pyramid (factor sqrt 2, as for faces) is made a map of ink and run through the net. Where
the vote says "a whole digit here", the cell's window gives a box; non-maximum suppression leaves one box a
digit; neighbours on one row are joined to strings. A string may be seen on more than one level, and parts of
it on others: all are proposed, and the reader, which can tell a good look from a bad one, keeps the best.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from windowpane.core.boxes import overlap, suppress
from windowpane.core.pyramids import sqrt2
from windowpane.core.windows import Window
from windowpane.read.lattice import NONE
from windowpane.read.line import DIGIT_HEIGHT, HEIGHT, ink_map

SMALLEST = 10  # digits that are looked for, pixels
ENLARGED_PIXELS = 3_000_000  # a page is not enlarged beyond this
REACH = 15  # over which paper is taken to be even, in level pixels: wider than the strokes of a digit
SURE = 0.5  # probability of a whole digit above which a cell counts
SUPPORT = 5.0  # cells of all levels that must see a digit, together, for it to count
WIDTH = 0.7  # of a digit's box, in heights
Box = tuple[int, int, int, int]
Look = Callable[[NDArray[np.uint8]], tuple[NDArray[np.float32], Window]]


def locate(page: NDArray[np.uint8], look: Look) -> list[Box]:
    """Return the boxes (x0, y0, x1, y1), in pixels of the page, of what may be strings of digits.

    The boxes have a margin of a third of a digit's height; the same string may be in several.

    Parameters
    ----------
    page
        (H, W, 3) uint8.
    look
        Gives for a map of ink (H, W) uint8 the voted log-probabilities (11, rows, columns) of the net and the
        window of a cell.
    """
    height, width = page.shape[:2]
    enlarge = min(DIGIT_HEIGHT / SMALLEST, (ENLARGED_PIXELS / (height * width)) ** 0.5)
    levels = [(np.zeros((0, 4)), np.zeros(0))]  # a tiny page has no level
    for level in sqrt2(page, smallest_size=HEIGHT, largest_scale=max(1.0, enlarge)):
        boxes, scores = _digits(level.image, look)
        levels.append((level.to_image(boxes), scores))
    everywhere, weights = (np.concatenate(parts) for parts in zip(*levels, strict=True))
    found = []
    for boxes, scores in levels:
        best = boxes[suppress(boxes, scores, overlap=0.25)]
        # the net knows a digit over some shifts and sizes: what is seen by few cells only looks like one
        support = (overlap(best, everywhere) > 0.3) @ weights
        digits = best[support >= SUPPORT]
        found += [_with_margin(digits[members], page.shape) for members in _strings(digits)]
    return found


def _digits(image: NDArray[np.uint8], look: Look) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return boxes (N, 4) in pixels of a level and scores (N,) of every cell that sees a whole digit."""
    # digits at the edge of a page are seen whole only with some paper around it
    ink = np.pad(ink_map(np.ascontiguousarray(image), REACH), HEIGHT)
    voted, window = look(ink)
    digit = 1 - np.exp(voted[NONE].astype(np.float64))
    rows, columns = np.nonzero(digit > SURE)
    middles = window.boxes(rows, columns).reshape(-1, 2, 2).mean(axis=1) - HEIGHT
    half = np.array([WIDTH, 1.0]) * DIGIT_HEIGHT / 2
    return np.concatenate([middles - half, middles + half], axis=1), digit[rows, columns]


def _strings(boxes: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Join digits (N, 4) of one height that stand side by side; return the members of each string."""
    height = boxes[:, 3] - boxes[:, 1]
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    level = np.abs(y[:, None] - y[None]) < 0.4 * height
    beside = np.abs(x[:, None] - x[None]) < 1.6 * height
    linked = level & beside
    group = np.arange(len(boxes))
    while True:  # every digit takes the least number among its neighbours until nothing changes
        least = np.where(linked, group[None], len(boxes)).min(axis=1, initial=len(boxes))
        if np.array_equal(least, group):
            return [np.flatnonzero(group == number) for number in np.unique(group)]
        group = least


def _with_margin(boxes: NDArray[np.float64], shape: tuple[int, ...]) -> Box:
    margin = 0.33 * float(np.median(boxes[:, 3] - boxes[:, 1]))
    x0, y0 = np.maximum(np.floor(boxes[:, :2].min(axis=0) - margin), 0).astype(int)
    x1, y1 = np.ceil(boxes[:, 2:].max(axis=0) + margin).astype(int)
    return int(x0), int(y0), min(int(x1), shape[1]), min(int(y1), shape[0])
