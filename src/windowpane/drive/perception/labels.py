"""The five labels of the lecture (terrain classes): stereo gives them to what is near, the net to all.

    SUPER_GROUND     nothing but ground in the window, and no doubt about it
    GROUND           ground in its middle; something else too, or less sure
    FOOTLINE         the foot of an obstacle in its middle: the place where a robot has to stop
    OBSTACLE         an obstacle in its middle; something else too, or less sure
    SUPER_OBSTACLE   nothing but obstacle

Every pixel with a range is ground or obstacle by its height above the ground (`stereo_labels`); every window
of a band has the label of the pixels in it (`label_windows`).

Sources: lecture 6.1 (figure 4); Hadsell et al., IROS 2008, "Deep belief net learning in a long-range vision
system for autonomous off-road driving".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import inf
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.pyramids import Band, halves
from windowpane.core.windows import Window
from windowpane.drive.geometry.camera import Pinhole
from windowpane.drive.perception.ground import Ground
from windowpane.drive.perception.stereo import Depth

Floats = NDArray[np.float32]
LabelsOf = NDArray[np.int8]

UNLABELLED = -1
"""What a window has instead of a label, where too little is known of it."""


class Label(IntEnum):
    """One of the five labels; the numbers are the places in the net's last layer."""

    SUPER_GROUND = 0
    GROUND = 1
    FOOTLINE = 2
    OBSTACLE = 3
    SUPER_OBSTACLE = 4


NAMES = tuple(label.name.lower().replace("_", "-") for label in Label)

COLOURS: NDArray[np.uint8] = np.array(
    [(40, 190, 60), (150, 215, 120), (150, 40, 160), (240, 130, 110), (215, 30, 40)], np.uint8
)
"""RGB of each label, as in the lecture's figure 4: green, purple, red; the paler, the less sure."""

KNOWN = 0.25  # so much of a window must be known for a label
WHOLE = 0.6  # and so much for a super label
PURE = 0.95  # of which so much must be of one kind


class Shares(NamedTuple):
    """What is in windows: arrays of one shape, shares of pixels 0..1; what is missing to 1 is not known.

    Attributes
    ----------
    ground, obstacle
        Of the whole window.
    middle_ground, middle_obstacle
        Of its middle, 4 x 9 pixels of 12 x 25.
    foot
        Bool: an obstacle's foot is in the middle.
    """

    ground: Floats
    obstacle: Floats
    middle_ground: Floats
    middle_obstacle: Floats
    foot: NDArray[np.bool_]


def five_labels(shares: Shares) -> tuple[LabelsOf, Floats]:
    """Return the label of each window, `UNLABELLED` where less than a quarter is known, and how sure it is.

    Both have the shape of the shares, int8 and float32; the confidence is the share that is known and of the
    label's kind, 0..1.
    """
    known = shares.ground + shares.obstacle
    purity = shares.ground / np.maximum(known, 1e-6)
    middle = shares.middle_ground - shares.middle_obstacle
    # Where the middle is not known the rest of the window speaks for it.
    is_ground = np.where(middle == 0, purity >= 0.5, middle > 0)
    labels = np.where(is_ground, Label.GROUND, Label.OBSTACLE).astype(np.int8)
    labels[(purity >= PURE) & (known >= WHOLE)] = Label.SUPER_GROUND
    labels[(purity <= 1 - PURE) & (known >= WHOLE)] = Label.SUPER_OBSTACLE
    labels[shares.foot] = Label.FOOTLINE
    labels[known < KNOWN] = UNLABELLED
    agreeing = np.where(labels <= Label.GROUND, shares.ground, shares.obstacle)
    confidence = np.where(labels == Label.FOOTLINE, known, agreeing)
    return labels, np.where(labels == UNLABELLED, 0, confidence).astype(np.float32)


# -- Pixels: by their height above the ground --------------------------------------------------------------

FLAT, HIGH = 0.2, 0.3
"""Metres above the ground: up to the first is ground, from the second on obstacle, between them neither."""
OVERHEAD = 2.5
"""Metres; what is higher is an obstacle, but has no foot: branches do not stand on the ground below."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What stereo says about the pixels of a picture.

    Attributes
    ----------
    ground, obstacle
        (H, W) bool; a pixel may be neither.
    foot
        (H, W) bool, where obstacles stand on the ground.
    heights
        (H, W) float32, metres above the ground, 0 where not known.
    distance
        (H, W) float32, metres in front of the camera, NaN where not known.
    """

    ground: NDArray[np.bool_]
    obstacle: NDArray[np.bool_]
    foot: NDArray[np.bool_]
    heights: Floats
    distance: Floats


def stereo_labels(
    depth: Depth,
    ground: Ground,
    camera: Pinhole,
    *,
    farthest: float = inf,
) -> Evidence:
    """Return which pixels are ground and which are obstacles, and where obstacles have their feet.

    Parameters
    ----------
    depth, ground
        Of one frame. Without ground nothing is known.
    camera
        Of the depth's pictures.
    farthest
        Metres; what is farther away says nothing.
    """
    distance = depth.points[..., 2]
    known = np.isfinite(distance) & (distance <= farthest) & bool(ground)
    heights = np.zeros(distance.shape, np.float32)
    if known.any():
        heights[known] = ground.heights(depth.points[known])
    flats = known & (np.abs(heights) <= FLAT)
    obstacles = known & (heights >= HIGH)
    foot = np.zeros(distance.shape, np.bool_)
    standing = obstacles & (heights < OVERHEAD)
    if standing.any():
        foot = _feet(depth.points[standing], heights[standing], ground.planes[0].normal, camera)
    return Evidence(flats, obstacles, foot, heights * (flats | obstacles), distance)


def _feet(points: Floats, heights: Floats, up: NDArray[np.floating], camera: Pinhole) -> NDArray[np.bool_]:
    """Return the pixels (H, W) of the ground on which at least two points (N, 3) stand."""
    pixels = np.floor(camera.project(points - heights[:, None] * up))
    x, y = np.nan_to_num(pixels, nan=-1).astype(np.int64).T
    inside = (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
    counts = np.bincount((y * camera.width + x)[inside], minlength=camera.width * camera.height)
    return np.asarray(counts.reshape(camera.height, camera.width) >= 2)


# -- Windows: by the pixels in them ------------------------------------------------------------------------

MIDDLE = (4, 9)
"""Rows and columns of what counts as a window's middle."""

FOOT = 0.2
"""So much of a window's middle must be feet, and of what is above it obstacle, for a foot-line."""


def label_windows(bands: Sequence[Band], evidence: Evidence, window: Window) -> list[tuple[LabelsOf, Floats]]:
    """Return for each band the label of each of a net's windows, (rows, cols) int8, and how sure it is.

    Parameters
    ----------
    window
        Of the net. A window has the same size in metres in each band, so the rule is the same in all.
    """
    kinds = halves(_stacked(evidence.ground, evidence.obstacle, evidence.foot))
    heights = halves(np.dstack([evidence.heights, evidence.heights**2]))
    results = []
    for band in bands:
        shares = band.cut(kinds).astype(np.float32) * np.float32(1 / 255)
        ground, obstacle, foot = (np.ascontiguousarray(shares[..., kind]) for kind in range(3))
        # In the picture a foot is a line of one pixel: shrunk, it is as faint as the band is small.
        foot = (foot > 0.5 * band.scale).astype(np.float32)
        low = _is_low(ground + obstacle, band.cut(heights), window)
        results.append(five_labels(_shares(ground, obstacle, foot, low, window)))
    return results


def _shares(ground: Floats, obstacle: Floats, foot: Floats, low: NDArray[np.bool_], window: Window) -> Shares:
    """Return what is in a band's windows; low: those whose obstacles are none."""
    middle = (window.height - MIDDLE[0]) // 2, (window.width - MIDDLE[1]) // 2
    size, inner = (window.height, window.width), (MIDDLE, middle)
    above = _means(obstacle, window, (window.height // 2, MIDDLE[1]), (0, middle[1]))
    stands = (_means(foot, window, *inner) > FOOT) & (above > FOOT)
    parts = []
    for part in ((size, (0, 0)), inner):
        flat, high = (_means(plane, window, *part) for plane in (ground, obstacle))
        parts += [flat + high * low, high * ~low]
    whole_ground, whole_obstacle, middle_ground, middle_obstacle = parts
    return Shares(whole_ground, whole_obstacle, middle_ground, middle_obstacle, stands & ~low)


def _is_low(known: Floats, heights: Floats, window: Window) -> NDArray[np.bool_]:
    """Return the windows whose obstacles are taken for ground: a slope or a rut, not a thing that stands.

    They lie near the plane on average: below half a metre and all at one height, or within a hand's breadth
    and rougher. Source: the filter of Hadsell et al., IROS 2008.
    """
    size = (window.height, window.width)
    count = np.maximum(_means(known, window, size), 1e-3)
    mean = _means(heights[..., 0], window, size) / count
    variance = np.maximum(_means(heights[..., 1], window, size) / count - mean * mean, 0)
    return np.asarray(((mean < 0.5) & (variance < 0.05**2)) | ((mean < 0.1) & (variance < 0.15**2)))


def _means(plane: Floats, window: Window, size: tuple[int, int], offset: tuple[int, int] = (0, 0)) -> Floats:
    """Return the mean of a plane (H, W) over a part, of a size and at an offset, of each window."""
    rows, cols = window.map_size(*plane.shape)
    means = cv2.blur(plane, size[::-1], anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    (y, x), (step_y, step_x) = offset, window.stride
    return np.array(means[y::step_y, x::step_x][:rows, :cols], np.float32)


def _stacked(*masks: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.dstack([mask.view(np.uint8) for mask in masks]) * np.uint8(255)
