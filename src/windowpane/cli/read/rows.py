"""Whether a picture is rather a page than a line (layout analysis): it has several rows of writing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.read.line import ink_map

SIDE = 900  # of the picture that is looked at, at most, pixels
LEAST = 3  # rows of a page, and characters of a row
REACH = 15  # over which paper is taken to be even, pixels


def looks_like_page(picture: NDArray[np.uint8]) -> bool:
    """Return whether a picture, (H, W, 3) uint8, has three rows of writing or more."""
    scale = min(1.0, SIDE / max(picture.shape[:2]))
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    ink = (ink_map(small, REACH) > 110).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    tall, wide = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    like_writing = (tall >= 5) & (tall < size[1] / 6) & (wide < 4 * tall) & (wide > 1)
    if like_writing.sum() < 0.3 * len(tall):  # grain, leaves, grass: mostly specks
        return False
    kept = stats[1:][like_writing]
    middles, heights = kept[:, cv2.CC_STAT_TOP] + kept[:, cv2.CC_STAT_HEIGHT] / 2, kept[:, cv2.CC_STAT_HEIGHT]
    rows = 0
    while len(middles):  # from the tallest character on, all that stand on its row
        first = int(heights.argmax())
        level = np.abs(middles - middles[first]) < 0.6 * heights[first]
        like = level & (heights > 0.4 * heights[first])
        rows += bool(like.sum() >= LEAST)
        middles, heights = middles[~level], heights[~level]
    return rows >= LEAST
