"""Faces, or other objects, made unrecognisable in pictures (anonymization): `blurred`.

Each is blurred, reduced to `ACROSS` pixels and enlarged again, in an ellipse that is larger than its box.
What stays is about the colour of hair and skin. The blur takes what is finer than the pixels too, so that
many frames of a film, in each of which the pixels lie a little differently, do not show more than one.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.errors import ArgumentError

ACROSS = 6
"""Pixels that are left of the longer side of what is hidden."""
GROWN = 1.5
"""So much longer than the box's sides are the axes of the ellipse: it holds the box, and hair and ears."""
_FINE = 4  # the blur is made at so many times that size; its deviation is one of the pixels that are left


def blurred(picture: NDArray[Any], boxes: ArrayLike) -> NDArray[Any]:
    """Return a copy of a picture with what is in boxes made unrecognisable; all else is as it was.

    Parameters
    ----------
    picture
        (H, W), (H, W, 3) or (H, W, 4), whose transparency stays; uint8, uint16 or float.
    boxes
        (N, 4), x0, y0, x1, y1 in pixels; they may reach beyond the picture.

    Raises
    ------
    ArgumentError
        For other shapes.
    """
    corners = np.asarray(boxes, np.float64)
    if corners.size == 0:
        corners = corners.reshape(0, 4)
    if corners.ndim != 2 or corners.shape[1] != 4:
        raise ArgumentError(f"boxes have the shape {corners.shape}: give (N, 4), x0, y0, x1, y1")
    if picture.ndim not in (2, 3):
        raise ArgumentError(f"a picture has the shape {picture.shape}: give (H, W) or (H, W, channels)")
    changed = picture.copy()
    for box in corners:
        _hide(changed, box)
    return changed


def _hide(picture: NDArray[Any], box: NDArray[np.float64]) -> None:
    """Blur an ellipse around a box in the picture itself."""
    middle, radii = (box[:2] + box[2:]) / 2, np.abs(box[2:] - box[:2]) / 2 * GROWN
    size = np.array(picture.shape[1::-1])
    (x0, y0), (x1, y1) = (
        np.clip(np.floor(middle - radii), 0, size).astype(int),
        np.clip(np.ceil(middle + radii), 0, size).astype(int),
    )
    part = picture[y0:y1, x0:x1]
    if not part.size:
        return
    x, y = (np.arange(x0, x1) + 0.5 - middle[0]) / radii[0], (np.arange(y0, y1) + 0.5 - middle[1]) / radii[1]
    inside = x**2 + y[:, None] ** 2 <= 1
    colours = part if part.ndim == 2 else part[..., :3]
    colours[inside] = _coarse(np.ascontiguousarray(colours), ACROSS / (2 * radii.max()))[inside]


def _coarse(part: NDArray[Any], scale: float) -> NDArray[Any]:
    """Return a part of a picture as large as it was, with as much in it as there is at a scale."""
    height, width = part.shape[:2]
    fine, few = (
        (max(1, round(width * factor)), max(1, round(height * factor))) for factor in (_FINE * scale, scale)
    )
    small = cv2.resize(part, fine, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), _FINE, borderType=cv2.BORDER_REPLICATE)
    small = cv2.resize(small, few, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), part.dtype)
