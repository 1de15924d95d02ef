"""Boxes ``x0, y0, x1, y1``: area, overlap (IoU), and non-maximum suppression (NMS).

A box is a row of floats in pixels of the caller's image: left, top, right, bottom. The edges lie between
pixels (pixel centres are at half-integers): ``(0, 0, 1, 1)`` is the first pixel, a width is ``x1 - x0``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
_FAR = 1e100  # coordinates beyond it, infinities and NaN are no place in an image


def area(boxes: ArrayLike) -> Floats:
    """Return the area of each box ``(N, 4)``: ``(N,)`` float64 in square pixels, 0 for boxes inside out."""
    x0, y0, x1, y1 = _columns(boxes)
    return np.asarray(np.maximum(x1 - x0, 0) * np.maximum(y1 - y0, 0))


def overlap(a: ArrayLike, b: ArrayLike) -> Floats:
    """Return intersection over union of all pairs of ``(N, 4)`` and ``(M, 4)``: ``(N, M)`` float64 in 0..1.

    A box without area, or with NaN in it, overlaps nothing: 0.
    """
    first, second = _columns(a), _columns(b)
    return _overlap(first[:, :, None], area(a)[:, None], second[:, None, :], area(b)[None, :])


def suppress(
    boxes: ArrayLike, scores: ArrayLike, *, overlap: float = 0.5, classes: ArrayLike | None = None
) -> Indices:
    """Return the indices of the boxes that greedy non-maximum suppression keeps, highest score first.

    From the highest score down (equal scores: lower index first) a box is kept unless its intersection over
    union with one kept before is more than ``overlap``.

    The result is exactly that of comparing all pairs, but of many boxes only pairs that can overlap that much
    are looked at (`_Grid`), the best boxes first. Boxes without area, with a coordinate that is not finite or
    with a NaN score are no detections and never kept.

    Parameters
    ----------
    boxes
        ``(N, 4)`` in pixels.
    scores
        ``(N,)``.
    overlap
        0..1.
    classes
        ``(N,)``, any labels; boxes of different classes do not compete.

    Raises
    ------
    ValueError
        For other shapes.
    """
    columns, ranks = _columns(boxes), np.asarray(scores, np.float64)
    class_ids = np.zeros(ranks.shape, np.intp) if classes is None else np.asarray(classes)
    if ranks.shape != columns.shape[1:] or class_ids.shape != ranks.shape:
        raise ValueError(
            f"{columns.shape[1]} boxes need as many scores and classes, not {ranks.shape}, {class_ids.shape}"
        )
    if not 0 <= overlap <= 1:
        raise ValueError(f"overlap is {overlap}; expected 0 to 1")
    valid = (np.abs(columns) < _FAR).all(axis=0) & (area(columns.T) > 0) & ~np.isnan(ranks)
    order = np.flatnonzero(valid)
    order = order[np.argsort(-ranks[order], kind="stable")]
    if not order.size:
        return order
    chosen = _greedy if len(order) > _FEW else _compare_all
    return order[chosen(columns[:, order], class_ids[order], overlap)]


def _columns(boxes: ArrayLike) -> Floats:
    array = np.asarray(boxes, np.float64)
    if array.size == 0:
        array = array.reshape(0, 4)
    if array.ndim != 2 or array.shape[1] != 4:
        raise ValueError(f"boxes have the shape {array.shape}; expected (N, 4): x0, y0, x1, y1")
    return np.ascontiguousarray(array.T)


def _overlap(a: Floats, area_a: Floats, b: Floats, area_b: Floats) -> Floats:
    """Intersection over union of boxes ``(4, ...)`` that broadcast; the one formula, so all results agree."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        width = np.minimum(a[2], b[2]) - np.maximum(a[0], b[0])
        height = np.minimum(a[3], b[3]) - np.maximum(a[1], b[1])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        ratio = shared / (area_a + area_b - shared)
    return np.where(ratio > 0, ratio, 0.0)


_FEW = 128  # boxes: up to so many, comparing all pairs takes less time than finding those that matter


def _compare_all(boxes: Floats, class_ids: Indices, threshold: float) -> Indices:
    """Return the places of the kept boxes in ``(4, N)``, which is sorted by falling score."""
    areas = area(boxes.T)
    rivals = _overlap(boxes[:, :, None], areas[:, None], boxes[:, None], areas) > threshold
    rivals &= class_ids[:, None] == class_ids
    alive, kept = np.ones(len(areas), np.bool_), []
    while alive.any():
        best = int(alive.argmax())
        kept.append(best)
        alive &= ~rivals[best]
        alive[best] = False  # two equal boxes overlap by no more than 1
    return np.array(kept, np.intp)


_PAIRS = 1 << 18  # compared at a time, some megabytes


def _greedy(boxes: Floats, class_ids: Indices, threshold: float) -> Indices:
    """Return the places of the kept boxes in ``(4, N)``, which is sorted by falling score.

    It goes in blocks, best boxes first. Where many boxes sit on one object, a small first block already takes
    most of them away; where boxes are spread out there are few pairs, and the blocks grow.
    """
    areas = area(boxes.T)
    grid = _Grid(boxes, np.unique(class_ids, return_inverse=True)[1], threshold)
    alive = np.ones(len(areas), np.bool_)
    start, size = 0, 16
    while start < len(areas):
        end = start + size
        better, worse = grid.pairs(np.flatnonzero(alive[start:end]) + start)
        compared = better.size
        hit = worse > better
        better, worse = better[hit], worse[hit]
        hit = _overlap(boxes[:, better], areas[better], boxes[:, worse], areas[worse]) > threshold
        better, worse = better[hit], worse[hit]
        inside = np.flatnonzero(worse < end)
        inside = inside[np.argsort(better[inside], kind="stable")]
        # When it is a box's turn to take others away, all better boxes had theirs: its own fate is decided.
        for one, other in zip(better[inside].tolist(), worse[inside].tolist(), strict=True):
            if alive[one]:
                alive[other] = False
        alive[worse[alive[better]]] = False
        grid.forget(~alive, end)
        start = end
        size = int(np.clip(size * _PAIRS // (compared + 1), 1, 8 * size))
    return np.flatnonzero(alive)


class _Grid:
    """Finds the boxes that can overlap a given one by more than a threshold t.

    Two boxes above t have sides in a ratio above t, and on each axis their centres are nearer than
    (1 - t) / (1 + t) of the mean of the two sides (two equal intervals, shifted so far, overlap by just t).
    So the boxes are sorted into levels by their longer side, a factor t each, and on its level each into a
    square cell of twice that distance: partners are on the same or the next levels, in a few rows of cells.
    """

    levels = 64  # the last one takes all smaller boxes
    cells = 1 << 18  # along an axis; together with the levels and the classes they make an int64 key

    def __init__(self, boxes: Floats, class_ids: Indices, threshold: float) -> None:
        t = 0.99 * min(threshold, 0.9)  # 1 % and below 1.01: room for rounding
        self.class_ids = class_ids
        self.reach = 1.01 * (1 - t) / (1 + t)
        self.centres = (boxes[:2] + boxes[2:]) / 2
        self.centres -= self.centres.min(axis=1, keepdims=True)
        self.sides = (boxes[2:] - boxes[:2]).max(axis=0)
        step = -np.log(t) if t > 0 else np.inf
        depth = np.log(self.sides.max() / self.sides) / step
        self.level = np.minimum(depth, self.levels - 1).astype(np.int64)
        self.longest = self.sides.max() * t ** np.arange(self.levels)
        self.cell = np.maximum(2 * self.reach * self.longest, self.centres.max() / (self.cells - 1))
        column, row = (self.centres / self.cell[self.level]).astype(np.int64)
        keys = self._key(class_ids, self.level, row, column)
        self.members = np.argsort(keys, kind="stable")
        self.keys = keys[self.members]

    def _key(self, class_id: Indices, level: Indices, row: Indices, column: Indices) -> Indices:
        return ((class_id * self.levels + level) * self.cells + row) * self.cells + column

    def pairs(self, block: Indices) -> tuple[Indices, Indices]:
        """Return all (box of the block, candidate), as two arrays of indices."""
        none = np.zeros(0, np.intp)
        boxes, firsts, ends = [none], [none], [none]
        for step in (-1, 0, 1):
            level = self.level[block] + step
            known = (level >= 0) & (level <= self.level.max())
            mine, level = block[known], level[known]
            far = self.reach * (self.sides[mine] + self.longest[level]) / 2
            low = ((self.centres[:, mine] - far) / self.cell[level]).clip(0, self.cells - 1).astype(np.int64)
            high = ((self.centres[:, mine] + far) / self.cell[level]).clip(0, self.cells - 1).astype(np.int64)
            for row in range((high[1] - low[1]).max(initial=-1) + 1):
                has = low[1] + row <= high[1]
                left = self._key(self.class_ids[mine], level, low[1] + row, low[0])[has]
                boxes.append(mine[has])
                firsts.append(np.searchsorted(self.keys, left))
                ends.append(np.searchsorted(self.keys, left + (high[0] - low[0])[has], side="right"))
        first, counts = np.concatenate(firsts), np.concatenate(ends) - np.concatenate(firsts)
        before = np.cumsum(counts) - counts
        places = np.arange(counts.sum()) + np.repeat(first - before, counts)
        return np.repeat(np.concatenate(boxes), counts), self.members[places]

    def forget(self, gone: NDArray[np.bool_], start: int) -> None:
        """Offer neither the boxes that are gone nor those before ``start`` as candidates any more."""
        stay = ~gone[self.members] & (self.members >= start)
        self.members, self.keys = self.members[stay], self.keys[stay]
