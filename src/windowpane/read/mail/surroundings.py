"""What stands around a number (layout analysis): writing to its left and right, rows above and below it.

No letter is read for this. The part of the page is brought to one size, in which the number is `HEIGHT`
pixels high, and made a map of ink; what remains of it without frames, rules and specks counts as writing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.read.line import ink_map
from windowpane.read.reading import Box

HEIGHT = 12  # of the number, pixels
ACROSS, ABOVE, BELOW = 14, 9, 7  # what is looked at beside, above and below it, in its heights
GAP = 1.7  # heights: nearest writing that is farther away is none of the same words, or rows

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a number; lengths in heights of it.

    Attributes
    ----------
    left, right
        How much writing there is beside it, without a gap wider than between words.
    above, below
        How many rows stand over and under it, one after the other.
    aligned
        Whether the row over it begins where its own begins.
    """

    left: float
    right: float
    above: int
    below: int
    aligned: bool


def surroundings(page: NDArray[np.uint8], box: Box) -> Surroundings:
    """Return what stands around a number on a page, (H, W, 3) uint8, in a box of it."""
    writing, (x0, y0, x1, y1) = _writing(page, box)
    writing[y0:y1, x0:x1] = True
    columns: Mask = writing[y0 + HEIGHT // 6 : y1 - HEIGHT // 6].max(axis=0, initial=False)
    left, right = _run(columns[:x0][::-1]), _run(columns[x1:])
    begin = x0 - left
    # rows are counted near the number, where a page that lies a little askew has not yet left them
    near = slice(max(0, x0 - 6 * HEIGHT), x1 + 3 * HEIGHT)
    inked: Mask = writing[:, near].sum(axis=1) >= HEIGHT // 3
    above, below = _rows(inked[:y0][::-1]), _rows(inked[y1:])
    over: Mask = writing[max(0, y0 - round(2.4 * HEIGHT)) : max(0, y0 - HEIGHT // 4)]
    starts = np.flatnonzero(over[:, max(0, begin - 4 * HEIGHT) :].any(axis=0))
    start = starts[0] + max(0, begin - 4 * HEIGHT) if len(starts) else -ACROSS * HEIGHT
    return Surroundings(left / HEIGHT, right / HEIGHT, above, below, bool(abs(start - begin) < 1.3 * HEIGHT))


def _writing(page: NDArray[np.uint8], box: Box) -> tuple[Mask, tuple[int, int, int, int]]:
    """Return where there is writing around a box, and the box in that."""
    height, width = page.shape[:2]
    box = max(box[0], 0), max(box[1], 0), min(box[2], width), min(box[3], height)
    unit = max(1.0, box[3] - box[1])
    a, b = max(0, int(box[0] - ACROSS * unit)), min(width, int(box[2] + ACROSS * unit) + 1)
    c, d = max(0, int(box[1] - ABOVE * unit)), min(height, int(box[3] + BELOW * unit) + 1)
    scale = HEIGHT / unit
    size = max(8, round((b - a) * scale)), max(8, round((d - c) * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    part = np.asarray(cv2.resize(page[c:d, a:b], size, interpolation=way), np.uint8)
    ink = (ink_map(part, HEIGHT) > 110).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    wide, tall, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    kept = (tall < 2.2 * HEIGHT) & (wide < 12 * HEIGHT) & (area > HEIGHT // 2)
    kept &= (tall > 0.25 * HEIGHT) | (wide < HEIGHT)
    kept[0] = False
    x0, x1 = ((value - a) * scale for value in (box[0], box[2]))
    y0 = round((box[1] - c) * scale)
    return kept[labels], (round(x0), y0, max(round(x1), round(x0) + 1), y0 + HEIGHT)


def _run(inked: Mask) -> int:
    """Return how far writing goes from the beginning on, without a wide gap; 0 where it begins far off."""
    places = np.flatnonzero(inked)
    if not len(places) or places[0] > GAP * HEIGHT:
        return 0
    gaps = np.flatnonzero(np.diff(places) > GAP * HEIGHT)
    end = int(places[gaps[0]] if len(gaps) else places[-1])
    return end + 1 if inked[: end + 1].sum() > HEIGHT // 3 else 0


def _rows(inked: Mask) -> int:
    """Return how many rows follow each other from the beginning on."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    end, count = 0, 0
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if start - end > GAP * HEIGHT:
            break
        count += bool(stop - start > 0.45 * HEIGHT)
        end = stop
    return count
