"""Lays an envelope level (deskewing), as most of the numbers on it are read.

angle = tilt(readings)
level, back = levelled(picture, angle)      # and what brings its boxes back
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from windowpane.core.system import Picture
from windowpane.read.reading import Box, Reading

ALIKE = math.radians(6)  # numbers that lie so are on one page
LEVEL = math.radians(3)  # less than this does no harm


def tilt(readings: Sequence[Reading]) -> float:
    """Return the angle in which most digits are read, radians clockwise; 0 where it is next to nothing."""
    if not readings:
        return 0.0
    angles = np.array([one.angle for one in readings])
    weights = np.array([len(one.digits) * one.confidence for one in readings], float)
    apart = (angles[:, None] - angles + math.pi) % (2 * math.pi) - math.pi
    alike = np.abs(apart) < ALIKE
    most = int((alike @ weights).argmax())
    there = weights * alike[most]
    angle = float(angles[most] - (apart[most] * there).sum() / max(float(there.sum()), 1e-9))
    angle = (angle + math.pi) % (2 * math.pi) - math.pi
    return angle if abs(angle) >= LEVEL else 0.0


def levelled(picture: Picture, angle: float) -> tuple[Picture, Callable[[Box], Box]]:
    """Return a picture turned back by an angle, and what brings a box of it to the picture as it was."""
    height, width = picture.shape[:2]
    cos, sin = math.cos(angle), math.sin(angle)
    size = np.array([width * abs(cos) + height * abs(sin), width * abs(sin) + height * abs(cos)])
    turn = np.array([[cos, -sin], [sin, cos]])  # from the level picture to the one as it was
    shift = np.array([width, height]) / 2 - turn @ (size / 2)
    matrix = np.column_stack([turn, shift + turn.sum(axis=1) / 2 - 0.5])  # cv2 counts from pixel centres
    across, down = (round(value) for value in size.tolist())
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    level = cv2.warpAffine(picture, matrix, (across, down), flags=flags, borderMode=cv2.BORDER_REPLICATE)

    def back(box: Box) -> Box:
        x0, y0, x1, y1 = box
        corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) @ turn.T + shift
        low = np.maximum(corners.min(axis=0), 0).tolist()
        high = np.minimum(corners.max(axis=0), [width, height]).tolist()
        return low[0], low[1], high[0], high[1]

    return np.asarray(level, np.uint8), back
