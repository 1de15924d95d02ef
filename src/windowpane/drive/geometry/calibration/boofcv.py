"""BoofCV's stereo calibrations, XML and YAML, old and new, with as many radial terms as they have.

    left: {pinhole: {fx, fy, cx, cy, skew, width, height}, radial_tangential: {radial: [...], t1, t2}}
    rightToLeft: {rotation: [9], x, y, z}

Source: BoofCV, ``CalibrationIO`` (models ``pinhole``, ``pinhole_radial_tangential``, ``kannala_brandt``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from windowpane.drive.geometry.calibration.records import Calibration, Lens, matrix, numbers
from windowpane.drive.geometry.transforms import Floats, inverse, transform

EXACT = 0.01  # pixels that a longer series of radial terms may be off in OpenCV's rational model


def read(values: Mapping[str, Any]) -> Calibration:
    """Return the calibration; ``rightToLeft`` maps the right camera's frame to the left one's."""
    left, right = values["left"], values["right"]
    move = values["rightToLeft"]
    rotation = move["R"]["data"] if "R" in move else move["rotation"]
    place = move.get("T", move)
    T_left_right = transform(matrix(rotation, 3), [float(place[axis]) for axis in "xyz"])
    return Calibration(_size(left), _lens(left), _lens(right), inverse(T_left_right))


def _pinhole(camera: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = camera.get("pinhole", camera)
    return found


def _size(camera: Mapping[str, Any]) -> tuple[int, int]:
    return int(_pinhole(camera)["height"]), int(_pinhole(camera)["width"])


def _lens(camera: Mapping[str, Any]) -> Lens:
    pinhole = _pinhole(camera)
    fx, fy, cx, cy = (float(pinhole[name]) for name in ("fx", "fy", "cx", "cy"))
    K = np.array([[fx, float(pinhole.get("skew") or 0.0), cx], [0, fy, cy], [0, 0, 1]])
    model = str(camera.get("model") or "pinhole_radial_tangential")
    if model == "kannala_brandt":
        return _kannala_brandt(K, camera)
    if model not in ("pinhole", "pinhole_radial", "pinhole_radial_tangential", "brown"):
        raise ValueError(f"its lens model is {model!r}, not pinhole_radial_tangential or kannala_brandt")
    bent = camera.get("radial_tangential", camera)
    radial = numbers(bent.get("radial") or [])
    tangential = [float(bent.get(name) or 0.0) for name in ("t1", "t2")]
    while radial.size and radial[-1] == 0:
        radial = radial[:-1]
    if radial.size <= 3:
        k1, k2, k3 = [*radial, 0.0, 0.0, 0.0][:3]
        return Lens(K, np.array([k1, k2, *tangential, k3]))
    k = _rational(radial, K, _size(camera))
    return Lens(K, np.array([*k[:2], *tangential, *k[2:]]))


def _rational(radial: Floats, K: Floats, size: tuple[int, int]) -> Floats:
    """Return k1 to k6 of OpenCV's rational model that bend as a longer 1 + k1 r^2 + k2 r^4 + ... does.

    OpenCV's polynomial ends at the third term; its quotient of two polynomials has six, and is fitted as far
    as the corners of the picture are from its middle, with room to spare.
    """
    corners = [(x - K[:2, 2]) / (K[0, 0], K[1, 1]) for x in ((0, 0), (0, size[0]), (size[1], 0), size[::-1])]
    farthest = 1.3 * max(float(np.linalg.norm(corner)) for corner in corners)
    r2 = np.linspace(0, farthest, 400) ** 2
    scale = np.polyval([*radial[::-1], 1.0], r2)
    powers = np.stack([r2, r2**2, r2**3], axis=1)
    terms = np.concatenate([powers, -scale[:, None] * powers], axis=1)
    k = np.linalg.lstsq(terms, scale - 1, rcond=None)[0]
    off = (1 + powers @ k[:3]) / (1 + powers @ k[3:]) - scale
    if not np.abs(off * np.sqrt(r2)).max() * K[0, 0] < EXACT:
        raise ValueError(f"its {radial.size} radial terms cannot be had in OpenCV's model: calibrate with 3")
    return np.asarray(k)


def _kannala_brandt(K: Floats, camera: Mapping[str, Any]) -> Lens:
    """Its series begins with k1 theta, OpenCV's with theta: k1 goes into the focal length."""
    if any(
        numbers(camera.get(name) or []).any() for name in ("radial", "radialTrig", "tangent", "tangentTrig")
    ):
        raise ValueError("its kannala_brandt lens is not symmetric: calibrate with the symmetric terms alone")
    series = numbers(camera["symmetric"])
    if not 1 <= series.size <= 5 or series[0] <= 0:
        raise ValueError(f"its kannala_brandt lens has {series.size} symmetric terms, not 1 to 5")
    scaled = K.copy()
    scaled[:2, :2] *= series[0]
    return Lens(scaled, np.array([*(series[1:] / series[0]), 0.0, 0.0, 0.0, 0.0][:4]), fisheye=True)
