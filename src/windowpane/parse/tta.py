"""The ways in which a picture is looked at: as it is, mirrored, enlarged.

A net gives slightly different answers to each; their mean is better than any of them, and takes the time of
all. What a look sees of a place does not depend on the part of the picture that was cut out around it: parts
begin at pixels where cells of all levels begin, counted in the look's own picture.

Source: Krizhevsky, Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural
networks", section 4.1: answers averaged over mirrored and shifted views.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.parse.scales import Places

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at a picture; quarters: its size, 4 = as it is. mirrored: left for right."""

    quarters: int = 4
    mirrored: bool = False

    def part(
        self, picture: Picture, rows: slice, cols: slice, around: int, grid: int
    ) -> tuple[Picture, Places, Places]:
        """Return a part of a picture (H, W, 3) as this look sees it, and where the middles of the pixels of
        ``rows`` and ``cols`` lie in it.

        around: how many pixels of the picture belong to it on all sides, if there are so many. grid: pixels
        of the look from one place where cells of all levels begin to the next.
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


LOOKS: Mapping[int, tuple[Look, ...]] = {
    1: (Look(),),
    2: (Look(), Look(mirrored=True)),
    4: (Look(), Look(mirrored=True), Look(5), Look(5, mirrored=True)),
}
"""The looks that a parser takes, by their number."""
