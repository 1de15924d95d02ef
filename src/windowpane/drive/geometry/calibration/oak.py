"""Calibrations of Luxonis' OAK cameras (DepthAI, EEPROM dumped as JSON).

    {"cameraData": [[1, {"intrinsicMatrix", "distortionCoeff", "width", "height", "cameraType",
                         "extrinsics": {"rotationMatrix", "translation", "toCameraSocket"}}], ...],
     "stereoRectificationData": {"leftCameraSocket": 1, "rightCameraSocket": 2}}

Lengths are centimetres. Source: DepthAI, ``EepromData`` and ``CalibrationHandler``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from windowpane.drive.geometry.calibration.records import Calibration, Lens, lens_of, matrix, numbers
from windowpane.drive.geometry.transforms import Floats, inverse, transform

CENTIMETRE = 0.01
FISHEYE = (1, "fisheye", "FISHEYE", "Fisheye")
PERSPECTIVE = (0, "perspective", "PERSPECTIVE", "Perspective")
SOCKETS = {"CAM_A": 0, "CAM_B": 1, "CAM_C": 2, "CAM_D": 3, "RGB": 0, "LEFT": 1, "RIGHT": 2}


def read(values: Mapping[str, Any], cameras: tuple[int, int] | None) -> Calibration:
    """Return the calibration of the two cameras that the device rectifies, or of two sockets."""
    known = {_socket(number): camera for number, camera in values["cameraData"]}
    about = values.get("stereoRectificationData") or {}
    left, right = cameras or (
        _socket(about.get("leftCameraSocket", 1)),
        _socket(about.get("rightCameraSocket", 2)),
    )
    for number in (left, right):
        if number not in known:
            has = ", ".join(str(one) for one in sorted(known))
            raise ValueError(
                f"it has no camera at socket {number}; it has {has}: choose two with --cameras L,R"
            )
    size = tuple(int(known[left][name]) for name in ("height", "width"))
    other = tuple(int(known[right][name]) for name in ("height", "width"))
    if size != other:
        raise ValueError(f"its cameras {left} and {right} have pictures of different sizes: choose others")
    T = _between(known, left, right)
    return Calibration((size[0], size[1]), _lens(known[left]), _lens(known[right]), T, metric=True)


def _lens(camera: Mapping[str, Any]) -> Lens:
    kind = camera.get("cameraType", 0)
    if kind not in FISHEYE + PERSPECTIVE:
        raise ValueError(f"its camera type is {kind!r}, not perspective or fisheye")
    K, bent = matrix(camera["intrinsicMatrix"], 3), numbers(camera["distortionCoeff"])
    return lens_of(K, bent, "fisheye" if kind in FISHEYE else "rational_polynomial")


def _between(cameras: Mapping[int, Mapping[str, Any]], left: int, right: int) -> Floats:
    """Return the motion (4, 4) from one camera to another, by the links from each to its next."""
    motions: dict[int, dict[int, Floats]] = {number: {} for number in cameras}
    for number, camera in cameras.items():
        link = camera["extrinsics"]
        to = _socket(link["toCameraSocket"])
        if to in cameras and np.size(link.get("rotationMatrix")) == 9:
            place = [float(link["translation"][axis]) * CENTIMETRE for axis in "xyz"]
            motions[number][to] = transform(matrix(link["rotationMatrix"], 3), place)
            motions[to].setdefault(number, inverse(motions[number][to]))
    reached, waiting = {left: np.eye(4)}, [left]
    while waiting:
        here = waiting.pop(0)
        for to in motions[here].keys() - reached.keys():
            reached[to] = motions[here][to] @ reached[here]
            waiting.append(to)
    if right not in reached:
        raise ValueError(
            f"it does not tell where camera {right} is from camera {left}: they were calibrated apart"
        )
    return reached[right]


def _socket(value: Any) -> int:
    return SOCKETS[value] if isinstance(value, str) and value in SOCKETS else int(value)
