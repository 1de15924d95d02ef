"""The cost map as the operator sees it (map view): a disc, the robot in its middle, what is ahead above.

    drawn(costmap, 420, route.points, goal=goal)

Rings of cells are equally wide, so the 15 m in which the robot acts take most of the room and the horizon
still finds some. Green is free, black doubtful, red costly, magenta blocked, brown where the bumper was hit,
blue unseen.

Source: the operator's screen of the original, LeCun, NYU Deep Learning 2020, lecture 6.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.mapping.polar import HyperbolicPolar
from windowpane.images.drawing import DARK, Colour, Image, blank, write

Floats = NDArray[np.float64]

UNSEEN: Colour = (16, 28, 140)
LETHAL: Colour = (255, 40, 255)
BUMPED: Colour = (130, 60, 20)
RINGS: Colour = (250, 190, 40)
WAY: Colour = (255, 255, 255)

LEGEND = (
    ((20, 220, 40), "free"),
    ((15, 15, 15), "doubtful"),
    ((225, 20, 20), "costly"),
    (LETHAL, "blocked"),
    (BUMPED, "bumper"),
    (UNSEEN, "unseen"),
)
"""What the colours mean, for a legend."""

CIRCLES = (5, 10, 15, 25, 50, 100)
"""Metres of the circles."""
STEPS = (1.0, 2.0, 4.0, 8.0, 14.0)  # costs of a metre, between which colours go over
SHADES = ((20, 220, 40), (10, 120, 30), (15, 15, 15), (150, 10, 10), (225, 20, 20))


def drawn(
    costmap: CostMap,
    size: int = 420,
    route: ArrayLike | None = None,
    *,
    goal: ArrayLike | None = None,
    now: float | None = None,
) -> Image:
    """Return the map as a picture, (size, size, 3) uint8 RGB; what is ahead is above.

    Parameters
    ----------
    costmap
        The map.
    size
        Pixels along a side.
    route, goal
        (N, 2) and (2,) in odom; none = there is none.
    now
        Seconds; none = when the map's costs were last asked for.
    """
    now = costmap.now if now is None else now
    view, yaw = costmap.view(now), float(np.arctan2(costmap.T_odom_robot[1, 0], costmap.T_odom_robot[0, 0]))
    image, inside, off = _coloured(costmap, view.cost, view.known, size, yaw)
    felt = costmap.bumped(now, off[inside] + view.origin)
    image[inside] = np.where(felt[:, None], np.array(BUMPED, np.uint8), image[inside])
    middle = size / 2
    for metres in (*CIRCLES, costmap.polar.radius):
        radius = middle * float(costmap.polar.index_of(metres)) / costmap.polar.rings
        cv2.circle(image, (size // 2, size // 2), round(radius) - 1, RINGS, 1, cv2.LINE_AA)
        write(image, f"{metres:g} m", size // 2 + 3, max(10, round(middle - radius) + 11), RINGS, 0.36)
    if route is not None:
        way = np.asarray(route, np.float64) - view.origin
        _line(image, _on_picture(costmap.polar, _dense(way), size, yaw), WAY, max(1, size // 240))
    tip = size / 420 * np.array([[0, -9], [6, 7], [0, 4], [-6, 7]]) + middle
    cv2.fillPoly(image, [np.round(tip * 8).astype(np.int32)], WAY, cv2.LINE_AA, 3)
    if goal is not None:
        _goal(image, _on_picture(costmap.polar, np.array([goal]) - view.origin, size, yaw)[0])
    return image


@cache
def _polar_of_pixels(polar: HyperbolicPolar, size: int) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return each pixel's bearing to the left of ahead, distance in metres, and ring, -1 for none."""
    y, x = np.mgrid[:size, :size] + 0.5 - size / 2
    index = np.hypot(x, y) * (2 * polar.rings / size)
    ring = np.where(index < polar.rings, index, -1).astype(np.intp)
    return np.arctan2(-x, -y), polar.distance_of(index), ring


def _coloured(
    costmap: CostMap, cost: NDArray[np.float32], known: NDArray[np.bool_], size: int, yaw: float
) -> tuple[Image, NDArray[np.bool_], Floats]:
    """Return the disc in its colours, where it is, and what of the map (size, size, 2) is in each pixel."""
    bearing, distance, ring = _polar_of_pixels(costmap.polar, size)
    angles = costmap.polar.angles
    angle = np.floor((bearing + yaw) * (angles / (2 * np.pi))).astype(np.intp) % angles
    inside = ring >= 0
    image = blank(size, size, DARK)
    image[inside] = colours(cost, known)[angle[inside], ring[inside]]
    off = distance[..., None] * np.stack([np.cos(bearing + yaw), np.sin(bearing + yaw)], axis=-1)
    return image, inside, off


def colours(cost: NDArray[np.float32], known: NDArray[np.bool_]) -> Image:
    """Return the colour (..., 3) of what a metre costs (...), and of what is not known."""
    level = np.log(np.clip(cost, STEPS[0], STEPS[-1]))
    shades = [np.interp(level, np.log(STEPS), channel) for channel in np.array(SHADES).T]
    image = np.stack(shades, axis=-1).astype(np.uint8)
    image[~known] = UNSEEN
    image[np.isinf(cost)] = LETHAL
    return image


def _on_picture(polar: HyperbolicPolar, off: Floats, size: int, yaw: float) -> Floats:
    """Return the pixels (N, 2) of places (N, 2) around the robot; beyond the rim, on it."""
    index = np.minimum(polar.index_of(np.hypot(off[:, 0], off[:, 1])), polar.rings)
    bearing = np.arctan2(off[:, 1], off[:, 0]) - yaw
    radius = index * (size / (2 * polar.rings))
    return np.stack([size / 2 - radius * np.sin(bearing), size / 2 - radius * np.cos(bearing)], axis=-1)


def _dense(way: Floats) -> Floats:
    """Return a way (N, 2) with a place every half metre: what is straight on the ground is not so here."""
    if len(way) < 2:
        return way
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
    at = np.linspace(0, along[-1], max(2, min(2000, int(along[-1] / 0.5))))
    return np.stack([np.interp(at, along, way[:, k]) for k in (0, 1)], axis=-1)


def _goal(image: Image, at: Floats) -> None:
    x, y = np.clip(at, 6, image.shape[0] - 7).round().astype(int).tolist()
    cv2.circle(image, (x, y), 5, WAY, cv2.FILLED, cv2.LINE_AA)
    cv2.circle(image, (x, y), 5, (0, 0, 0), 1, cv2.LINE_AA)
    write(image, "Goal", min(x + 8, image.shape[1] - 34), max(12, y + 4), WAY, 0.36)


def _line(image: Image, pixels: Iterable[ArrayLike], colour: Colour, width: int) -> None:
    points = np.round(np.asarray(list(pixels)) * 8).astype(np.int32)
    cv2.polylines(image, [points], False, colour, width, cv2.LINE_AA, 3)
