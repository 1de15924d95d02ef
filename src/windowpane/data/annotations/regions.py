"""Areas of pictures, drawn as labels (polygon rasterisation): polygons, and masks as run lengths or PNGs.

A pixel is within where its centre is. Points are x, y in pixels from the picture's upper left corner.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.errors import DataError, MissingExtraError, install

Points = NDArray[np.float64]
_FINE = 2  # a polygon is filled in pixels of half the size: then what cv2 adds at the edge has no centre
_FARTHEST = 1e5  # pixels from the picture: a point beyond is taken for one there
_SHIFT = 4  # bits behind the point in coordinates


@dataclass(frozen=True, slots=True)
class Region:
    """An area and the name of its class.

    Attributes
    ----------
    polygons
        (N, 2) each; the area is all of them together.
    mask
        (h, w) bool, whose upper left pixel is at ``corner``, or None.
    """

    name: str
    polygons: tuple[Points, ...] = ()
    mask: NDArray[np.bool_] | None = None
    corner: tuple[int, int] = (0, 0)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The box around it: x0, y0, x1, y1."""
        if self.mask is not None:
            rows, columns = np.nonzero(self.mask.any(axis=1))[0], np.nonzero(self.mask.any(axis=0))[0]
            if not len(rows):
                return (*self.corner, *self.corner)
            x, y = self.corner
            return (x + columns[0], y + rows[0], x + columns[-1] + 1, y + rows[-1] + 1)
        corners = np.concatenate(self.polygons)
        x0, y0, x1, y1 = (float(value) for value in (*corners.min(axis=0), *corners.max(axis=0)))
        return x0, y0, x1, y1

    @property
    def area(self) -> float:
        """About how many pixels it has."""
        if self.mask is not None:
            return float(self.mask.sum())
        return sum(abs(cv2.contourArea(points.astype(np.float32))) for points in self.polygons)


def draw(
    regions: Sequence[Region], class_ids: Mapping[str, int], height: int, width: int, outside: int
) -> NDArray[np.uint8]:
    """Return labels (height, width): the class of the last region over each pixel, or ``outside``."""
    labels = np.full((height, width), outside, np.uint8)
    for region in regions:
        value = class_ids[region.name]
        if region.mask is not None:
            x, y = region.corner
            part = labels[max(y, 0) : y + region.mask.shape[0], max(x, 0) : x + region.mask.shape[1]]
            inside = region.mask[max(-y, 0) :, max(-x, 0) :][: part.shape[0], : part.shape[1]]
            part[inside] = value
        for points in region.polygons:
            _fill(labels, points, value)
    return labels


def _fill(labels: NDArray[np.uint8], points: Points, value: int) -> None:
    height, width = labels.shape
    points = np.clip(points, -_FARTHEST, _FARTHEST)
    low = np.clip(np.floor(points.min(axis=0)), 0, (width, height)).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)), 0, (width, height)).astype(int)
    if not (low < high).all():
        return
    fine = np.zeros((_FINE * (high - low))[::-1], np.uint8)
    corners = np.round((_FINE * (points - low) - 0.5) * 2**_SHIFT).astype(np.int32)
    cv2.fillPoly(fine, [corners], 1, shift=_SHIFT)
    labels[low[1] : high[1], low[0] : high[0]][fine[1::_FINE, 1::_FINE] > 0] = value


def rectangle(points: Points) -> Points:
    """Return the polygon of the upright rectangle around points."""
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64)


def circle(centre: Points, edge: Points) -> Points:
    """Return the polygon of a circle, by its centre and a point on it."""
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    radius = float(np.hypot(*(edge - centre)))
    return np.asarray(centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def mask_of_png(name: str, data: Any, corners: Points) -> Region:
    """Return the region of a mask as labelme has it: a PNG in base64, and two of its corners."""
    try:
        pixels = cv2.imdecode(
            np.frombuffer(base64.b64decode(data, validate=True), np.uint8), cv2.IMREAD_GRAYSCALE
        )
    except (TypeError, ValueError, binascii.Error, cv2.error):
        pixels = None
    if pixels is None:
        raise DataError("has a mask that is no PNG in base64")
    x, y = np.clip(np.floor(corners.min(axis=0)), -_FARTHEST, _FARTHEST).astype(int).tolist()
    return Region(name, mask=np.asarray(pixels > 0), corner=(x, y))


def mask_of_runs(name: str, runs: Mapping[str, Any]) -> Region:
    """Return the region of COCO's run lengths (RLE), counted down the columns; as text they are compressed.

    Raises DataError for what is none, MissingExtraError where compressed ones need a library.
    """
    counts, size = runs.get("counts"), runs.get("size")
    if not (
        isinstance(size, list) and len(size) == 2 and all(type(side) is int and side > 0 for side in size)
    ):
        raise DataError("has run lengths without a size [height, width]")
    height, width = size
    if isinstance(counts, str):
        return Region(name, mask=_decompressed(counts, height, width))
    if not isinstance(counts, list) or not all(type(count) is int and count >= 0 for count in counts):
        raise DataError("has run lengths that are no list of whole numbers")
    if sum(counts) > height * width:
        raise DataError("has run lengths that do not fit their size")
    bits = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    bits = np.pad(bits, (0, height * width - len(bits)))  # some leave out the last run
    return Region(name, mask=np.ascontiguousarray(bits.reshape(width, height).T))


def _decompressed(counts: str, height: int, width: int) -> NDArray[np.bool_]:
    try:
        from pycocotools import mask
    except ImportError:
        raise MissingExtraError(
            f"compressed run lengths of COCO need pycocotools, not installed here: run {install('coco')}"
        ) from None
    try:
        found = mask.decode({"counts": counts.encode(), "size": [height, width]})
    except (ValueError, TypeError, OverflowError) as error:
        raise DataError(f"has run lengths that cannot be read: {error}") from None
    return np.asarray(found > 0)
