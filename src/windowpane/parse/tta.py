"""The views in which a picture is parsed: as it is, mirrored, enlarged (test-time augmentation, TTA).

A net gives slightly different answers to each; their mean is better than any of them, and takes the time of
all. What is seen of a place does not depend on the part of the picture that was cut out around it: parts
begin at pixels where cells of all levels begin, counted in the view's own picture.

Source: Krizhevsky, Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural
networks", section 4.1: answers averaged over mirrored and shifted views.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ArgumentError
from windowpane.parse.scales import Floats, Places, interpolated

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a picture.

    Attributes
    ----------
    quarters
        Its size, 4 = as it is.
    mirrored
        Left for right.
    """

    quarters: int = 4
    mirrored: bool = False

    def part(
        self, picture: Picture, rows: slice, cols: slice, around: int, grid: int
    ) -> tuple[Picture, Places, Places]:
        """Return a part of a picture in this view, and where the middles of its pixels lie in that: y, x.

        Parameters
        ----------
        picture
            (H, W, 3).
        rows, cols
            Of the part.
        around
            How many pixels of the picture belong to it on all sides, if there are so many.
        grid
            Pixels of the view from one place where cells of all levels begin to the next.
        """
        width = picture.shape[1]
        y, x = (np.arange(some.start, some.stop) + 0.5 for some in (rows, cols))
        if self.mirrored:
            picture, x = picture[:, ::-1], width - x
            cols = slice(width - cols.stop, width - cols.start)
        step = grid * 4 // gcd(4, self.quarters)
        top, left = (max(0, some.start - around) // step * step for some in (rows, cols))
        part = np.ascontiguousarray(picture[top : rows.stop + around, left : cols.stop + around])
        if self.quarters == 4:
            return part, y - top, x - left
        zoom = self.quarters / 4
        part = np.asarray(cv2.resize(part, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_LINEAR), np.uint8)
        return part, (y - top) * zoom, (x - left) * zoom


VIEWS: Mapping[int, tuple[View, ...]] = {
    1: (View(),),
    2: (View(), View(mirrored=True)),
    4: (View(), View(mirrored=True), View(5), View(5, mirrored=True)),
}
"""The views that a parser takes, by their number; the first is the picture as it is."""


def views(count: int) -> tuple[View, ...]:
    """Return so many views; raises ArgumentError where there are none of that number."""
    if count not in VIEWS:
        known = ", ".join(map(str, VIEWS))
        raise ArgumentError(f"a picture is looked at {known} times, not {count}: give one of these as tta")
    return VIEWS[count]


@dataclass(frozen=True, slots=True, eq=False)
class ViewScores:
    """What one view says of a part of a picture.

    Attributes
    ----------
    probabilities
        (K, r, c) of the classes, by the view's share in the answer.
    rows, cols
        Where among these the part's pixels lie, as `interpolated` takes it.
    """

    probabilities: Floats
    rows: Floats
    cols: Floats


def together(scores: Sequence[ViewScores], rows: slice, cols: slice) -> Floats:
    """Return the probabilities (K, h, w) that all views together give to pixels of the part."""
    each = (interpolated(one.probabilities, one.rows[rows], one.cols[cols]) for one in scores)
    return reduce(added, each)


def added(total: Floats, maps: Floats) -> Floats:
    """Return both added up, in the place of the second."""
    return np.add(total, maps, out=maps)
