"""Kalibr's camera chains (``camchain.yaml``), and EuRoC's ``sensor.yaml``, a file a camera: the same words.

    cam1: {intrinsics: [fu, fv, cu, cv], distortion_model: radtan, distortion_coeffs: [...],
           resolution: [w, h], T_cn_cnm1: [[...]]}

A chain tells ``T_cn_cnm1``, from the camera before, or both cameras' place at the IMU, ``T_cam_imu`` or
``T_imu_cam``; a ``sensor.yaml`` tells ``T_BS``, from the camera to the body.

Sources: Furgale, Rehder & Siegwart 2013 (Kalibr, "Yaml formats"); Burri et al. 2016, "The EuRoC micro aerial
vehicle datasets".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from windowpane.drive.geometry.calibration.records import Calibration, Lens, lens_of, numbers, pinhole
from windowpane.drive.geometry.transforms import Floats, inverse, orthonormal


def chained(values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the cameras of a chain by name, none where the map is none."""
    return {
        str(name): one
        for name, one in values.items()
        if isinstance(one, Mapping) and "intrinsics" in one and str(name).startswith("cam")
    }


def is_sensor(values: Mapping[str, Any]) -> bool:
    """Say whether a map is a camera's ``sensor.yaml``."""
    return "T_BS" in values and "intrinsics" in values


def read(values: Mapping[str, Any], cameras: tuple[int, int] | None) -> Calibration:
    """Return the calibration of two cameras of a chain, cam0 and cam1 if none are given."""
    chain = chained(values)
    first, second = (f"cam{number}" for number in cameras or (0, 1))
    return _pair(chain[first], chain[second], _between(chain, first, second))


def read_sensors(
    file: Path, values: Mapping[str, Any], cameras: tuple[int, int] | None, parse: Callable[[str, Path], Any]
) -> Calibration:
    """Return the calibration of a camera's ``sensor.yaml`` and of the one in the other's folder."""
    first, second = (file.parent.parent / f"cam{number}" / file.name for number in cameras or (0, 1))
    for other in (first, second):
        if not other.is_file():
            raise KeyError(f"the other camera ({other.parent.name}/{other.name} beside {file.parent.name})")
    left, right = (parse(one.read_text("utf-8-sig"), one)[0] for one in (first, second))
    T_body_left, T_body_right = (_motion(one["T_BS"]) for one in (left, right))
    return _pair(left, right, inverse(T_body_right) @ T_body_left)


def _pair(left: Mapping[str, Any], right: Mapping[str, Any], T_right_left: Floats) -> Calibration:
    width, height = numbers(left["resolution"])
    return Calibration((int(height), int(width)), _lens(left), _lens(right), T_right_left)


def _lens(camera: Mapping[str, Any]) -> Lens:
    model = str(camera.get("camera_model") or "pinhole")
    if model != "pinhole":
        raise ValueError(
            f"its camera model is {model!r}, not pinhole: calibrate with pinhole-radtan or pinhole-equi"
        )
    bent = camera.get("distortion_coeffs", camera.get("distortion_coefficients"))
    return lens_of(
        pinhole(*numbers(camera["intrinsics"])),
        [] if bent is None else bent,
        str(camera.get("distortion_model") or ""),
    )


def _between(chain: Mapping[str, Mapping[str, Any]], first: str, second: str) -> Floats:
    """Return the motion (4, 4) from one camera of a chain to another."""
    places = [_at_imu(chain[name]) for name in (first, second)]
    if places[0] is not None and places[1] is not None:
        return orthonormal(inverse(places[1]) @ places[0])
    names = sorted(chain, key=lambda name: int(name.removeprefix("cam") or 0))
    from_start, T = {}, np.eye(4)
    for name in names:
        T = T if name == names[0] else _motion(chain[name]["T_cn_cnm1"]) @ T
        from_start[name] = T
    return orthonormal(from_start[second] @ inverse(from_start[first]))


def _at_imu(camera: Mapping[str, Any]) -> Floats | None:
    """Return a camera's place at the IMU, ``T_imu_cam`` (4, 4)."""
    if "T_imu_cam" in camera:
        return _motion(camera["T_imu_cam"])
    return inverse(_motion(camera["T_cam_imu"])) if "T_cam_imu" in camera else None


def _motion(value: Any) -> Floats:
    found = numbers(value)
    if found.size != 16:
        raise ValueError(f"{found.size} numbers where a motion has 16")
    return orthonormal(found.reshape(4, 4))
