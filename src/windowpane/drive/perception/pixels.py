"""From the windows of bands to the pixels of the picture (dense labels): what they are, how sure, how far.

Each pixel below the horizon asks the band in which the ground that it would show has its best size. What is
between four windows is interpolated linearly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, inf

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.pyramids import Band
from windowpane.core.windows import Window
from windowpane.drive.perception.labels import UNLABELLED, Floats, Label, LabelsOf


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """What is known of the pixels of a picture, (H, W) each; see `FarView`."""

    labels: LabelsOf
    confidence: Floats
    traversable: Floats
    distance: Floats

    @classmethod
    def blank(cls, size: tuple[int, int]) -> Pixels:
        """Return pixels of which nothing is known.

        Parameters
        ----------
        size
            (H, W).
        """
        return cls(
            np.full(size, UNLABELLED, np.int8),
            np.zeros(size, np.float32),
            np.full(size, np.nan, np.float32),
            np.full(size, inf, np.float32),
        )


def to_pixels(
    bands: Sequence[Band],
    probabilities: Sequence[Floats],
    window: Window,
    horizon: tuple[float, float],
    drop: float,
    size: tuple[int, int],
) -> Pixels:
    """Return what the windows of bands say about the pixels of the picture.

    Parameters
    ----------
    bands, probabilities
        The bands, and for each (rows, cols, 5), the probabilities of the labels of its windows.
    window
        Of the net.
    horizon, drop
        As of `windowpane.core.pyramids.distance_normalized`.
    size
        (H, W) of the picture.
    """
    pixels, ends = Pixels.blank(size), (horizon[1], horizon[0] * size[1] + horizon[1])
    first = int(np.clip(min(ends), 0, size[0]))  # above this row there is nothing but sky
    distance = ground_distance(size, horizon, drop, first)
    labels, traversable = pixels.labels[first:], pixels.traversable[first:]
    for band, each in zip(bands, probabilities, strict=True):
        nearest = 0.0 if band is bands[-1] else band.near
        mine = (distance >= nearest) & (distance < band.far)
        rows = np.flatnonzero(mine.any(axis=1))
        if not len(rows) or not each.size:
            continue
        part = slice(rows[0], rows[-1] + 1)
        place = slice(first + part.start, first + part.stop)
        planes = _interpolated(each, band, window, place, size[1])
        np.copyto(labels[part], _likeliest(planes), where=mine[part])
        np.copyto(traversable[part], _drivable(*planes[: Label.FOOTLINE + 1]), where=mine[part])
    # The label and the probability that it is given shall not contradict each other.
    is_ground, known = traversable >= 0.5, labels >= 0
    np.minimum(labels, Label.GROUND, out=labels, where=is_ground & (labels >= Label.OBSTACLE))
    np.maximum(labels, Label.OBSTACLE, out=labels, where=known & ~is_ground & (labels <= Label.GROUND))
    np.copyto(pixels.confidence[first:], np.maximum(traversable, 1 - traversable), where=known)
    pixels.distance[first:] = _feet_distance(labels, distance)
    return pixels


def _drivable(super_ground: Floats, ground: Floats, footline: Floats) -> Floats:
    """Return the probability of ground; a foot-line is the border of both: it counts half."""
    return np.asarray(super_ground + ground + np.float32(0.5) * footline)


def _likeliest(planes: Sequence[Floats]) -> LabelsOf:
    """Return the place of the largest of some planes at each pixel (argmax), int8."""
    best, labels = planes[0].copy(), np.zeros(planes[0].shape, np.int8)
    for label, plane in enumerate(planes[1:], start=1):
        np.copyto(labels, label, where=plane > best)
        np.maximum(best, plane, out=best)
    return labels


def ground_distance(
    size: tuple[int, int], horizon: tuple[float, float], drop: float, first: int = 0
) -> Floats:
    """Return how far the ground is in each pixel of a picture, metres; infinite above the horizon.

    Parameters
    ----------
    size
        (H, W) of the picture.
    horizon, drop
        As of `windowpane.core.pyramids.distance_normalized`.
    first
        The row to begin with.
    """
    (height, width), (slope, offset) = size, horizon
    line = (slope * (np.arange(width) + 0.5) + offset).astype(np.float32)
    rows = np.arange(first, height, dtype=np.float32) + np.float32(0.5)
    below = (rows[:, None] - line) * np.float32(1 / hypot(1, slope))
    return np.where(below > 0, np.float32(drop) / np.maximum(below, np.float32(1e-6)), np.float32(inf))


def _interpolated(
    probabilities: Floats, band: Band, window: Window, rows: slice, width: int
) -> list[NDArray[np.float32]]:
    """Return the probabilities of a band's windows at a picture's pixels in some rows, a plane a label."""
    # From a pixel of these rows (OpenCV: centres at whole numbers) to the picture, the band, the cell.
    to_picture = np.array([[1, 0, 0.5], [0, 1, rows.start + 0.5], [0, 0, 1]])
    to_band = np.linalg.inv(np.vstack([band.matrix, [0, 0, 1]]))
    (x, y), (step_y, step_x) = window.centre(0, 0), window.stride
    to_cell = np.array([[1 / step_x, 0, -x / step_x], [0, 1 / step_y, -y / step_y]])
    matrix, size = to_cell @ to_band @ to_picture, (width, rows.stop - rows.start)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return [
        np.asarray(cv2.warpAffine(plane, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))
        for plane in cv2.split(probabilities)
    ]


def _feet_distance(labels: LabelsOf, distance: Floats) -> Floats:
    """Return distances (H, W) in which an obstacle has that of its foot: of the ground below it.

    A foot-line is as thick as the middle of a window; the foot is half-way between its rows.
    """
    near, far = (_from_below(distance, labels >= kind) for kind in (Label.FOOTLINE, Label.OBSTACLE))
    stands = (labels >= Label.OBSTACLE) & np.isfinite(far)
    near[stands] = 2 / (1 / near[stands] + 1 / far[stands])
    return np.where(stands, near, distance)


def _from_below(distance: Floats, stands: NDArray[np.bool_]) -> Floats:
    """Return distances (H, W) in which what stands has that of the pixel under it."""
    feet = distance.copy()
    stands = stands & np.isfinite(distance)
    for row in range(len(feet) - 2, -1, -1):
        np.copyto(feet[row], feet[row + 1], where=stands[row])
    return feet
