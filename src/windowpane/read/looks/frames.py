"""The panel that a picture shows (rectangle detection): a display, a window of a counter, a label.

The digits of a meter or a pump stand on a panel, which is darker or lighter than its housing. Whoever crops a
picture by hand leaves some of the housing around it: a rim a few pixels wide, or most of the picture. Either
way the panel is a large region on one side of the picture's own threshold (Otsu 1979) that fills its box.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT = 96  # at which panels are looked for, pixels
SMALLEST = 0.05  # share of the picture that a panel covers at least
FILLED = 0.7  # share of its hull that it fills at least
TALLEST = 0.8  # height by width
STEEPEST = 0.35  # slope of its edges
INSET = 0.04  # of its height, at all sides: the edge itself is no writing

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel, whose upper and lower edges may be tilted.

    Attributes
    ----------
    pixels
        Of the panel, its edges level, at the size that it has in the picture.
    left, top
        Place of its upper left corner, in pixels of the picture.
    slope
        By how much a level line of the panel goes down in the picture, pixel by pixel.
    """

    pixels: Pixels
    left: float
    top: float
    slope: float


def panels(picture: Pixels) -> list[Panel]:
    """Return at most two panels of a picture (H, W, 3) or (H, W) uint8: the dark one and the light one."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture, np.uint8)
    scale = min(1.0, HEIGHT / grey.shape[0])
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    small = cv2.GaussianBlur(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), (5, 5), 0)
    _, light = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    regions = [_region(np.asarray(side, np.uint8)) for side in (cv2.bitwise_not(light), light)]
    return [_levelled(picture, region, scale) for region in regions if region is not None]


def _region(mask: Pixels) -> Pixels | None:
    """Return the largest region of a mask that may be a panel, filled, or None."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:2]:
        area = cv2.contourArea(cv2.convexHull(contour))
        _, _, width, height = cv2.boundingRect(contour)
        whole = height >= mask.shape[0] - 2 and width >= mask.shape[1] - 2
        if area < SMALLEST * mask.size or height > TALLEST * width or whole:
            continue
        if cv2.contourArea(contour) >= FILLED * area:
            return np.asarray(cv2.drawContours(np.zeros_like(mask), [contour], -1, 255, -1), np.uint8)
    return None


def _levelled(picture: Pixels, region: Pixels, scale: float) -> Panel:
    """Cut a region out of a picture, its upper and lower edge made level by a shear.

    Parameters
    ----------
    region
        (h, w) uint8, on the picture reduced by ``scale``.
    """
    columns = np.flatnonzero(region.any(axis=0))
    edges = [region[:, columns].argmax(axis=0), len(region) - region[::-1, columns].argmax(axis=0)]
    middle = columns.mean()
    slope = float(np.clip(np.median([_slope(columns, edge) for edge in edges]), -STEEPEST, STEEPEST))
    tilt = slope * (columns - middle)
    top, bottom = np.quantile(edges[0] - tilt, 0.75), np.quantile(edges[1] - tilt, 0.25)
    inset = INSET * (bottom - top)
    x0, x1 = float(columns[0]) + inset, float(columns[-1]) + 1 - inset
    y0, y1 = top + inset, bottom - inset
    left, upper = x0 / scale, (y0 + slope * (x0 - middle)) / scale
    size = max(8, round((x1 - x0) / scale)), max(8, round((y1 - y0) / scale))
    # cv2's warp works on pixel centres, ours are at half-integers
    matrix = np.array([[1, 0, left], [slope, 1, upper]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Panel(np.asarray(pixels, np.uint8), left, upper, slope)


def _slope(x: NDArray[np.intp], y: NDArray[np.intp]) -> float:
    """Return the slope of an edge, of which parts may be hidden (Theil-Sen over pairs half a width apart)."""
    half = len(x) // 2
    return float(np.median((y[half:][: half or 1] - y[: half or 1]) / max(half, 1))) if len(x) > 1 else 0.0
