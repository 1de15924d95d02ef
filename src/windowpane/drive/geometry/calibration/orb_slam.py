"""Settings of ORB-SLAM2 and ORB-SLAM3 (OpenCV YAML), for stereo.

Raw pictures: ``LEFT.K``, ``LEFT.D``, ``LEFT.R``, ``LEFT.P`` and the right ones (ORB-SLAM2), or
``Camera1.fx`` ..., ``Camera2.fx`` ... and ``Stereo.T_c1_c2`` (ORB-SLAM3). Rectified ones: ``Camera.fx`` ...
and ``Camera.bf``, the baseline times fx, or ``Stereo.b``.

Source: Mur-Artal & Tardos 2017 and Campos et al. 2021; the example settings of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from windowpane.drive.geometry.calibration.camera_info import from_camera_info
from windowpane.drive.geometry.calibration.records import (
    Calibration,
    Lens,
    from_projections,
    lens_of,
    numbers,
    pinhole,
)
from windowpane.drive.geometry.transforms import Floats, inverse, orthonormal


def is_settings(values: Mapping[str, Any]) -> bool:
    """Say whether a map has such settings."""
    return any(name in values for name in ("LEFT.K", "Camera.fx", "Camera1.fx"))


def read(values: Mapping[str, Any]) -> Calibration:
    """Return the calibration.

    Raises
    ------
    KeyError
        For what is missing.
    ValueError
        For what cannot be.
    """
    if "LEFT.K" in values:
        return from_camera_info(*(_info(values, side) for side in ("LEFT", "RIGHT")))
    size = int(values["Camera.height"]), int(values["Camera.width"])
    if "Stereo.T_c1_c2" in values:
        T_left_right = orthonormal(numbers(values["Stereo.T_c1_c2"]).reshape(4, 4))
        left, right = (_lens(values, f"Camera{number}") for number in (1, 2))
        return Calibration(size, left, right, inverse(T_left_right))
    name = "Camera1" if "Camera1.fx" in values else "Camera"
    lens = _lens(values, name)
    if lens.distortion.any():
        raise ValueError(
            "its cameras are not rectified, and it does not tell how to: LEFT.K or Stereo.T_c1_c2"
        )
    fx = lens.matrix[0, 0]
    shift = float(values["Camera.bf"]) if "Camera.bf" in values else fx * float(values["Stereo.b"])
    left_P: Floats = np.hstack([lens.matrix, np.zeros((3, 1))])
    right_P = left_P.copy()
    right_P[0, 3] = -shift
    return from_projections(left_P, right_P, size)


def _info(values: Mapping[str, Any], side: str) -> dict[str, Any]:
    return {name.partition(".")[2]: value for name, value in values.items() if name.startswith(f"{side}.")}


def _lens(values: Mapping[str, Any], name: str) -> Lens:
    def number(word: str) -> float:
        return float(values.get(f"{name}.{word}") or 0.0)

    K = pinhole(*(float(values[f"{name}.{word}"]) for word in ("fx", "fy", "cx", "cy")))
    if (
        "fisheye" in str(values.get("Camera.type", "")).lower()
        or values.get("Camera.type") == "KannalaBrandt8"
    ):
        return lens_of(K, [number(word) for word in ("k1", "k2", "k3", "k4")], "fisheye")
    return lens_of(K, [number(word) for word in ("k1", "k2", "p1", "p2", "k3")])
