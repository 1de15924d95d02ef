"""A large picture cut into parts that are parsed one after the other (tiling), so that memory stays level."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Part = tuple[slice, slice]  # rows and columns of a picture, from where to where


def tiles(size: tuple[int, int], side: int) -> Iterator[Part]:
    """Yield the parts, of so many pixels a side at most, that make up a picture of a size (H, W)."""
    height, width = size
    for y in range(0, height, side):
        for x in range(0, width, side):
            yield slice(y, min(y + side, height)), slice(x, min(x + side, width))


def widened(part: Part, size: tuple[int, int], around: int) -> Part:
    """Return a part of a picture of a size (H, W) and so many pixels around it, where there are so many."""
    rows, cols = (
        slice(max(0, some.start - around), min(some.stop + around, length))
        for some, length in zip(part, size, strict=True)
    )
    return rows, cols


def within(place: Part, part: Part) -> Part:
    """Return where in a part of a picture a place of it lies."""
    rows, cols = (
        slice(one.start - whole.start, one.stop - whole.start) for one, whole in zip(place, part, strict=True)
    )
    return rows, cols


def reduced(picture: Picture, longest: int | None) -> Picture:
    """Return a picture whose longer side has so many pixels at most; none = as it is."""
    height, width = picture.shape[:2]
    if longest is None or max(height, width) <= longest:
        return picture
    size = (max(1, round(side * longest / max(height, width))) for side in (width, height))
    return np.asarray(cv2.resize(picture, tuple(size), interpolation=cv2.INTER_AREA), np.uint8)
