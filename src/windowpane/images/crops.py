"""Windows cut out of pictures at any place and size, turned or mirrored (affine crops)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class CropPose:
    """How a window lies in a picture.

    Attributes
    ----------
    x, y
        Of its middle, in pixels of the picture.
    scale
        Window pixels for one of the picture.
    turn
        Radians, clockwise as seen.
    mirror
        Left and right changed.
    stretch
        How many times wider, for its height, the window shows what is there; scale is the root of both.
    """

    x: float
    y: float
    scale: float
    turn: float = 0.0
    mirror: bool = False
    stretch: float = 1.0

    def matrix(self, side: int) -> NDArray[np.float64]:
        """Return the (2, 3) matrix from pixels of a window (side x side) to pixels of the picture."""
        cos, sin = math.cos(self.turn) / self.scale, math.sin(self.turn) / self.scale
        wide = self.stretch**-0.5 * (-1.0 if self.mirror else 1.0)
        high = self.stretch**0.5
        x = self.x - (cos * wide - sin * high) * side / 2
        y = self.y - (sin * wide + cos * high) * side / 2
        return np.array([[cos * wide, -sin * high, x], [sin * wide, cos * high, y]])

    def to_window(self, points: NDArray[np.floating], side: int) -> NDArray[np.float64]:
        """Map points (..., 2) of the picture, x and y in pixels, to the window."""
        matrix = self.matrix(side)
        return np.asarray((points - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T)


def cut(picture: Pixels, pose: CropPose, side: int) -> Pixels:
    """Cut a window (side, side) or (side, side, C) out of a picture (H, W) or (H, W, C).

    Beyond its edges the picture's last pixels go on: mirrored, there would be a second face.
    """
    matrix = pose.matrix(side)
    if pose.scale < 0.5:  # a plain warp would skip pixels
        picture = as_bytes(cv2.GaussianBlur(picture, (0, 0), 0.35 / pose.scale))
    # cv2's warp works on pixel centres, the pose on corners
    matrix[:, 2] += matrix[:, :2].sum(axis=1) / 2 - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    window = cv2.warpAffine(picture, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return as_bytes(window)


def as_bytes(result: NDArray[Any] | None) -> Pixels:
    """Say what OpenCV's types do not: bytes in, bytes out."""
    return np.asarray(result, np.uint8)
