"""OpenCV's stereo calibrations (FileStorage): XML, YAML and JSON with what ``stereoCalibrate`` returns.

x_right = R x_left + T. The names in the file are those that its writer chose; the usual ones are known.

Source: OpenCV, ``stereo_calib.cpp`` (``intrinsics.yml`` and ``extrinsics.yml``), ``FileStorage``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from windowpane.drive.geometry.calibration.records import Calibration, lens_of, matrix, numbers
from windowpane.drive.geometry.opencv_yaml import documents
from windowpane.drive.geometry.transforms import rotation_from_vector, transform

_NAMES = {
    "left": (
        *("M1", "K1", "cameraMatrix1", "camera_matrix_1", "camera_matrix_left", "K_left", "left_K"),
        *("cameraMatrixL", "left_camera_matrix", "mtxL", "KL", "CM1", "intrinsic_left"),
    ),
    "left_bent": (
        *("D1", "distCoeffs1", "dist_coeffs_1", "dist_coeffs_left", "D_left", "left_D"),
        *("distCoeffsL", "left_distortion", "left_dist_coeffs", "distL", "DL", "distortion_left"),
    ),
    "right": (
        *("M2", "K2", "cameraMatrix2", "camera_matrix_2", "camera_matrix_right", "K_right", "right_K"),
        *("cameraMatrixR", "right_camera_matrix", "mtxR", "KR", "CM2", "intrinsic_right"),
    ),
    "right_bent": (
        *("D2", "distCoeffs2", "dist_coeffs_2", "dist_coeffs_right", "D_right", "right_D"),
        *("distCoeffsR", "right_distortion", "right_dist_coeffs", "distR", "DR", "distortion_right"),
    ),
    "rotation": ("R", "rotation", "rotation_matrix", "Rot"),
    "place": ("T", "t", "translation", "translation_vector", "Trns"),
    "size": ("image_size", "imageSize", "size", "img_size", "resolution"),
    "model": ("distortion_model", "camera_model", "model"),
}


def read(values: Mapping[str, Any]) -> Calibration:
    """Return the calibration.

    Raises
    ------
    KeyError
        For what is missing.
    ValueError
        For what cannot be.
    """
    model = "fisheye" if values.get("fisheye") else str(_maybe(values, "model") or "")
    lenses = [
        lens_of(matrix(_named(values, side), 3), _named(values, f"{side}_bent"), model)
        for side in ("left", "right")
    ]
    turn = numbers(_named(values, "rotation"))
    R = rotation_from_vector(turn) if turn.size == 3 else matrix(turn, 3)
    T_right_left = transform(R, numbers(_named(values, "place")))
    return Calibration(_size(values), lenses[0], lenses[1], T_right_left)


def with_extrinsics(file: Path, values: dict[str, Any]) -> dict[str, Any]:
    """Join ``intrinsics.yml`` and ``extrinsics.yml``, as OpenCV's own example writes them."""
    for this, other in (("intrinsic", "extrinsic"), ("extrinsic", "intrinsic")):
        if this in file.name and (beside := file.with_name(file.name.replace(this, other))).is_file():
            return {**documents(beside.read_text(encoding="utf-8-sig"), beside)[0], **values}
    return values


def _size(values: Mapping[str, Any]) -> tuple[int, int] | None:
    for width, height in (
        ("image_width", "image_height"),
        ("width", "height"),
        ("imageWidth", "imageHeight"),
    ):
        if width in values and height in values:
            return int(values[height]), int(values[width])
    found = _maybe(values, "size")
    if found is None:
        return None
    across, down = numbers(found)
    return int(down), int(across)


def _maybe(values: Mapping[str, Any], meaning: str) -> Any:
    return next((values[name] for name in _NAMES[meaning] if values.get(name) is not None), None)


def _named(values: Mapping[str, Any], meaning: str) -> Any:
    found = _maybe(values, meaning)
    if found is None:
        raise KeyError(" or ".join(_NAMES[meaning][:2]))
    return found
