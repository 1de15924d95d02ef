"""A stereo calibration (intrinsics and extrinsics) as a record, whatever wrote its file.

Convention in this folder: that of the files, pixel centres at integers.

Source: OpenCV's ``calib`` module (the models of lenses, and the order of their coefficients).
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import numpy as np

from windowpane.drive.geometry.transforms import Floats, transform

_PLAIN = ("", "none", "pinhole", "plumb_bob", "radtan", "radial-tangential", "brown_conrady")
_RATIONAL = ("rational_polynomial",)
_FISHEYE = ("equidistant", "equi", "fisheye", "kannala_brandt", "kannala_brandt4")
_COUNTS = (4, 5, 8, 12, 14)
_PACKED = {"d": "<f8", "f": "<f4", "i": "<i4", "w": "<u2", "s": "<i2", "u": "u1", "c": "i1"}


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """One camera as it is calibrated (intrinsics).

    Attributes
    ----------
    matrix
        (3, 3), pixels; skew is used.
    distortion
        The coefficients, as OpenCV orders them.
    fisheye
        Whether they are of OpenCV's fisheye model.
    """

    matrix: Floats
    distortion: Floats
    fisheye: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Two cameras and where they are (extrinsics).

    Attributes
    ----------
    size
        (height, width) of the pictures in pixels, None when the file does not tell.
    left, right
        The cameras.
    T_right_left
        (4, 4), in the file's unit of length.
    rectified
        For each camera the rotation (3, 3) into the common frame and the projection (3, 4) from it, if the
        file has them; else they are to be computed.
    metric
        Whether the format fixes the unit of length; lengths are metres then.
    """

    size: tuple[int, int] | None
    left: Lens
    right: Lens
    T_right_left: Floats
    rectified: tuple[tuple[Floats, Floats], tuple[Floats, Floats]] | None = None
    metric: bool = False


def lens_of(matrix: Floats, distortion: Any, model: str = "") -> Lens:
    """Return the lens of a model that is named as any tool names it.

    Raises ValueError for a model that is not known, and for a number of coefficients that it cannot have:
    none is ever left out.
    """
    name = model.strip().lower().replace(" ", "_").removeprefix("distortion.")
    coefficients = numbers(distortion)
    if name in _FISHEYE:
        if coefficients.size not in (0, 4) and coefficients[4:].any():
            raise ValueError(f"its fisheye lens has {coefficients.size} coefficients, not 4")
        return Lens(matrix, coefficients[:4] if coefficients.size else np.zeros(4), fisheye=True)
    if name not in _PLAIN + _RATIONAL:
        known = "plumb_bob (radtan), rational_polynomial or equidistant (fisheye)"
        raise ValueError(f"its distortion model is {model!r}, not {known}")
    if coefficients.size not in (0, *_COUNTS):
        raise ValueError(
            f"its lens has {coefficients.size} coefficients of distortion, not 4, 5, 8, 12 or 14"
        )
    return Lens(matrix, coefficients if coefficients.size else np.zeros(5))


def pinhole(fx: Any, fy: Any, cx: Any, cy: Any, skew: Any = 0.0) -> Floats:
    """Return the camera matrix (3, 3) of focal lengths and principal point in pixels."""
    return numbers([fx, skew, cx, 0, fy, cy, 0, 0, 1]).reshape(3, 3)


def from_projections(left: Floats, right: Floats, size: tuple[int, int] | None = None) -> Calibration:
    """Return the calibration of rectified pictures, of which the projections (3, 4) tell all."""
    lenses = [Lens(projection[:, :3].copy(), np.zeros(5)) for projection in (left, right)]
    rectified = ((np.eye(3), left), (np.eye(3), right))
    return Calibration(size, lenses[0], lenses[1], aside(left, right), rectified)


def aside(left: Floats, right: Floats) -> Floats:
    """Return the motion (4, 4) from the rectified left camera to the right one, of their projections."""
    if left[0, 0] == 0 or right[0, 0] == 0:
        raise ValueError("a projection has no focal length: its camera is not calibrated")
    return transform(np.eye(3), [right[0, 3] / right[0, 0] - left[0, 3] / left[0, 0], 0, 0])


def numbers(value: Any) -> Floats:
    """Return the numbers of a list, or of a matrix with its ``data``, in one row."""
    data = value["data"] if isinstance(value, dict) else value
    if isinstance(data, str | bytes):
        data = _unpacked(data)
    try:
        found = np.asarray(data, np.float64).ravel()
    except ValueError:  # words: packed numbers in several lines
        found = _unpacked("".join(map(str, np.ravel(data))))
    if not np.isfinite(found).all():
        raise ValueError("a number in it is not finite")
    return found


def _unpacked(text: str | bytes) -> Floats:
    """Return what OpenCV's FileStorage packed: base64 of 24 bytes that name the type, and the numbers."""
    try:
        raw = text if isinstance(text, bytes) else b64decode(text.removeprefix("$base64$"))
        return np.frombuffer(raw[24:], _PACKED[raw[:24].decode().strip()[-1]]).astype(np.float64)
    except (ValueError, KeyError, IndexError):
        raise ValueError(f"{text[:20]!r} where numbers are expected") from None


def matrix(value: Any, rows: int) -> Floats:
    """Return a matrix of so many rows and 3 or 4 columns."""
    found = numbers(value)
    if found.size not in (rows * 3, rows * 4):
        raise ValueError(f"{found.size} numbers where a matrix has {rows * 3} or {rows * 4}")
    return found.reshape(rows, -1)
