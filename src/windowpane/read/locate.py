"""Finds strings of digits on a whole page, by the reader's own net: the same windows over a pyramid.

Every level of the pyramid (factor sqrt 2, as for faces) is made a map of ink and run through the net. Where
the vote says "a whole digit here", the cell's window gives a box; non-maximum suppression over places and
scales leaves one box a digit; neighbours of like size on one row are joined to strings.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from windowpane.boxes import overlap, suppress
from windowpane.pyramids import sqrt2
from windowpane.read.lattice import NONE
from windowpane.read.line import DIGIT_HEIGHT, HEIGHT, ink_map
from windowpane.windows import Window

SMALLEST = 10  # digits that are looked for, pixels
ENLARGED_PIXELS = 3_000_000  # a page is not enlarged beyond this
REACH = 15  # over which paper is taken to be even, in level pixels: wider than the strokes of a digit
SURE = 0.5  # probability of a whole digit above which a cell counts
SUPPORT = 5.0  # cells that must see a digit, together, for it to count
WIDTH = 0.7  # of a digit's box, in heights
Box = tuple[int, int, int, int]
Look = Callable[[NDArray[np.uint8]], tuple[NDArray[np.float32], Window]]


def locate(page: NDArray[np.uint8], look: Look) -> list[Box]:
    """Return the boxes (x0, y0, x1, y1), in pixels of the page, of what may be strings of digits.

    page: (H, W, 3) uint8. look: gives for a map of ink (H, W) uint8 the voted log-probabilities (11, rows,
    columns) of the net and the window of a cell. The boxes have a margin of a third of a digit's height.
    """
    boxes = _merged(*_digits(page, look))
    return [_with_margin(boxes[members], page.shape) for members in _strings(boxes)]


def _digits(page: NDArray[np.uint8], look: Look) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return boxes (N, 4) in page pixels and scores (N,) of every cell that sees a whole digit."""
    height, width = page.shape[:2]
    enlarge = min(DIGIT_HEIGHT / SMALLEST, (ENLARGED_PIXELS / (height * width)) ** 0.5)
    boxes, scores = [np.zeros((0, 4))], [np.zeros(0)]
    for level in sqrt2(page, smallest_size=HEIGHT, largest_scale=max(1.0, enlarge)):
        # digits at the edge of a page are seen whole only with some paper around it
        ink = np.pad(ink_map(np.ascontiguousarray(level.image), REACH), HEIGHT)
        voted, window = look(ink)
        digit = 1 - np.exp(voted[NONE].astype(np.float64))
        rows, columns = np.nonzero(digit > SURE)
        if len(rows):
            middles = window.boxes(rows, columns).reshape(-1, 2, 2).mean(axis=1) - HEIGHT
            half = np.array([WIDTH, 1.0]) * DIGIT_HEIGHT / 2
            boxes.append(level.to_image(np.concatenate([middles - half, middles + half], axis=1)))
            scores.append(digit[rows, columns])
    return np.concatenate(boxes), np.concatenate(scores)


def _merged(boxes: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one box a digit, (M, 4): the mean of all that overlap the best, where these are many.

    The net knows a digit over some shifts and sizes, so a digit is seen by many cells, a stroke that only
    looks like one by few.
    """
    kept = boxes[suppress(boxes, scores, overlap=0.2)]
    weights = np.where(overlap(kept, boxes) > 0.3, scores, 0.0)
    support = weights.sum(axis=1)
    enough = support >= SUPPORT
    return (weights[enough] @ boxes) / support[enough, None]


def _strings(boxes: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Join digits (N, 4) of like height that stand side by side; return the members of each string."""
    height = boxes[:, 3] - boxes[:, 1]
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    larger = np.maximum(height[:, None], height[None])
    alike = larger < 2.1 * np.minimum(height[:, None], height[None])
    level = np.abs(y[:, None] - y[None]) < 0.4 * larger
    beside = np.abs(x[:, None] - x[None]) < 1.7 * larger
    linked = alike & level & beside
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
