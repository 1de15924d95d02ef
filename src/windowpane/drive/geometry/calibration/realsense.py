"""Calibrations of RealSense cameras, as people dump them with pyrealsense2 (JSON): librealsense's words.

    {"left": {"width", "height", "fx", "fy", "ppx", "ppy", "model", "coeffs"}, "right": {...},
     "extrinsics": {"rotation": [9], "translation": [3]}}         or "baseline": metres

Their infrared pictures are rectified by the device. ``extrinsics`` maps the left camera's frame to the right
one's; its rotation counts by columns.

Source: librealsense, ``rs2_intrinsics`` and ``rs2_extrinsics``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from windowpane.drive.geometry.calibration.records import Calibration, Lens, lens_of, numbers, pinhole
from windowpane.drive.geometry.sides import partner
from windowpane.drive.geometry.transforms import inverse, transform

METRES = 1.0
MILLIMETRES = 0.001


def cameras_of(values: Any, at: str = "") -> dict[str, Mapping[str, Any]]:
    """Return every camera in the values, however deep, by where it is."""
    if not isinstance(values, Mapping):
        return {}
    if "ppx" in values and "fx" in values:
        return {at: values}
    return {
        name: camera
        for key, value in values.items()
        for name, camera in cameras_of(value, f"{at}/{key}").items()
    }


def read(values: Mapping[str, Any]) -> Calibration:
    """Return the calibration of the two infrared cameras."""
    cameras = cameras_of(values)
    names = _infrared(cameras)
    if names is None:
        has = ", ".join(name.strip("/") or "one" for name in cameras)
        raise ValueError(
            f"it has RealSense intrinsics of {has}, and not of a left and a right infrared camera"
        )
    left, right = (cameras[name] for name in names)
    move = _found(values, "extrinsics", names)
    if move is not None:
        R = numbers(move["rotation"]).reshape(3, 3)
        if np.ndim(move["rotation"]) == 1:
            R = R.T  # librealsense counts by columns
        T = transform(R, numbers(move["translation"]))
        if T[0, 3] > 0:  # from the right camera to the left one
            T = inverse(T)
    else:
        baseline = float(_baseline(values))
        T = transform(np.eye(3), [-abs(baseline) * (MILLIMETRES if abs(baseline) > METRES else 1), 0, 0])
    size = int(left["height"]), int(left["width"])
    return Calibration(size, _lens(left), _lens(right), T, metric=True)


def _infrared(cameras: Mapping[str, Any]) -> tuple[str, str] | None:
    pairs = [(name, other) for name in cameras if (other := partner(name, set(cameras)))]
    pairs += [
        (name, other)
        for name in cameras
        for this, that in (
            ("infrared 1", "infrared 2"),
            ("infrared1", "infrared2"),
            ("infrared_1", "infrared_2"),
        )
        if this in name.lower()
        for other in cameras
        if other.lower() == name.lower().replace(this, that)
    ]
    return pairs[0] if pairs else None


def _lens(camera: Mapping[str, Any]) -> Lens:
    K = pinhole(camera["fx"], camera["fy"], camera["ppx"], camera["ppy"])
    bent = numbers(camera.get("coeffs") or [])
    if not bent.any():
        return lens_of(K, [])
    return lens_of(K, bent, str(camera.get("model") or ""))


def _found(values: Any, word: str, names: tuple[str, str]) -> Mapping[str, Any] | None:
    """Return the extrinsics in the values, the first that have a rotation."""
    if not isinstance(values, Mapping):
        return None
    if "rotation" in values and "translation" in values:
        return values
    ordered = sorted(values.items(), key=lambda item: word not in str(item[0]).lower())
    return next((found for _, value in ordered if (found := _found(value, word, names)) is not None), None)


def _baseline(values: Mapping[str, Any]) -> Any:
    for name, value in values.items():
        if "baseline" in str(name).lower() and np.ndim(value) == 0:
            return value
    raise KeyError("extrinsics (rotation and translation between the two) or baseline")
