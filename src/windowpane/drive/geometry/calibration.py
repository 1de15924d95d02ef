"""Calibration files of stereo cameras, read into one record whatever wrote them.

BoofCV XML or YAML; OpenCV YAML with what ``stereoCalibrate`` returns; KITTI ``calib.txt``; ROS CameraInfo
YAML, two documents in one file or two files. `windowpane.drive.geometry.camera.load_calibration` makes a rig
of it.

Convention here only: that of the files, pixel centres at integers.

Sources: OpenCV's ``calib`` module (model of the lens and its coefficients); Geiger et al. 2013, "Vision meets
robotics: the KITTI dataset", section IV; REP 104 (CameraInfo).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.plain_yaml import documents
from windowpane.errors import DataError

Floats = NDArray[np.float64]
EXPECTED = "expected BoofCV XML or YAML, OpenCV YAML, KITTI calib.txt or ROS CameraInfo YAML"


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """One camera as it is calibrated: matrix (3, 3) px, distortion as OpenCV orders it, or of its fisheye."""

    matrix: Floats
    distortion: Floats
    fisheye: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Two cameras and where they are.

    size: (height, width) px, None when the file does not tell. T_right_left: (4, 4), metres. rectified: for
    each camera the rotation (3, 3) into the common frame and the projection (3, 4) from it, if the file has
    them; else they are to be computed.
    """

    size: tuple[int, int] | None
    left: Lens
    right: Lens
    T_right_left: Floats
    rectified: tuple[tuple[Floats, Floats], tuple[Floats, Floats]] | None = None


def read_calibration(path: str | Path, cameras: tuple[int, int] = (0, 1)) -> Calibration:
    """Return the calibration in a file; of a folder, what is in its ``left.yaml`` and ``right.yaml``.

    cameras: which two of a KITTI file (0, 1: the grey pair; 2, 3: the colour pair). Raises DataError, which
    names the file and what is wrong with it.
    """
    file = Path(path)
    file = file / "left.yaml" if file.is_dir() else file
    try:
        return _parsed(file, file.read_text(encoding="utf-8-sig"), cameras)
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}") from None
    except (KeyError, IndexError) as error:
        raise DataError(f"{file} is no whole stereo calibration: {error.args[0]} is missing") from None
    except (ValueError, TypeError, ElementTree.ParseError) as error:
        raise DataError(f"{file} cannot be read as a stereo calibration: {error}; {EXPECTED}") from None


def _parsed(file: Path, text: str, cameras: tuple[int, int]) -> Calibration:
    if text.lstrip().startswith("<"):
        return _boofcv(_xml(ElementTree.fromstring(text)))
    if re.search(r"^(\w+:)?[ \t]*[-+\d.eE]+([ \t]+[-+\d.eE]+){11}[ \t]*$", text, re.MULTILINE):
        return _kitti(text, cameras)
    values = [value for value in documents(text) if isinstance(value, dict)]
    if not values:
        raise ValueError("it holds no names with values")
    if "rightToLeft" in values[0]:
        return _boofcv(values[0])
    if any(name in values[0] for name in ("projection_matrix", "P", "p")):
        return _camera_info(*_two_cameras(file, values))
    return _opencv(_with_extrinsics(file, values[0]))


# -- BoofCV ------------------------------------------------------------------------------------------------


def _xml(node: ElementTree.Element) -> Any:
    """Return an XML node as YAML would hold it: a map by tags, a list of like tags, or a value."""
    children = list(node)
    if not children:
        text = (node.text or "").strip()
        return float(text) if re.fullmatch(r"[-+\d.eE]+", text) else text
    if (len(children) > 1 and len({child.tag for child in children}) == 1) or node.tag == "radial":
        return [_xml(child) for child in children]
    return {child.tag: _xml(child) for child in children}


def _boofcv(values: Mapping[str, Any]) -> Calibration:
    """Both of BoofCV's: ``rightToLeft`` maps the right camera's frame to the left one's."""
    left, right = values["left"], values["right"]
    move = values["rightToLeft"]
    rotation = move["R"]["data"] if "R" in move else move["rotation"]
    place = move.get("T", move)
    T_left_right = _transform(rotation, [place[axis] for axis in "xyz"])
    return Calibration(_boofcv_size(left), _boofcv_lens(left), _boofcv_lens(right), _inverse(T_left_right))


def _boofcv_size(camera: Mapping[str, Any]) -> tuple[int, int]:
    pinhole = camera.get("pinhole", camera)
    return int(pinhole["height"]), int(pinhole["width"])


def _boofcv_lens(camera: Mapping[str, Any]) -> Lens:
    pinhole, bent = camera.get("pinhole", camera), camera.get("radial_tangential", camera)
    fx, fy, cx, cy = (float(pinhole[name]) for name in ("fx", "fy", "cx", "cy"))
    radial = [float(value) for value in bent.get("radial") or []]
    k1, k2, k3 = [*radial, 0.0, 0.0, 0.0][:3]
    tangential = [float(bent.get(name) or 0.0) for name in ("t1", "t2")]
    matrix = np.array([[fx, float(pinhole.get("skew") or 0.0), cx], [0, fy, cy], [0, 0, 1]])
    return Lens(matrix, np.array([k1, k2, *tangential, k3]))


# -- OpenCV ------------------------------------------------------------------------------------------------

# The names that people give to what stereoCalibrate returns.
_NAMES = {
    "left": ("M1", "K1", "cameraMatrix1", "camera_matrix_1", "camera_matrix_left", "K_left", "left_K"),
    "left_bent": ("D1", "distCoeffs1", "dist_coeffs_1", "dist_coeffs_left", "D_left", "left_D"),
    "right": ("M2", "K2", "cameraMatrix2", "camera_matrix_2", "camera_matrix_right", "K_right", "right_K"),
    "right_bent": ("D2", "distCoeffs2", "dist_coeffs_2", "dist_coeffs_right", "D_right", "right_D"),
    "rotation": ("R", "rotation", "rotation_matrix"),
    "place": ("T", "t", "translation", "translation_vector"),
    "size": ("image_size", "imageSize", "size", "img_size"),
}


def _opencv(values: Mapping[str, Any]) -> Calibration:
    """What stereoCalibrate returns: x_right = R x_left + T."""
    size = None
    if "image_width" in values:
        size = int(values["image_height"]), int(values["image_width"])
    elif any(name in values for name in _NAMES["size"]):
        width, height = _numbers(_named(values, "size"))
        size = int(height), int(width)
    lenses = [
        Lens(_matrix(_named(values, side), 3), _numbers(_named(values, f"{side}_bent")))
        for side in ("left", "right")
    ]
    T_right_left = _transform(_rotation(_named(values, "rotation")), _numbers(_named(values, "place")))
    return Calibration(size, lenses[0], lenses[1], T_right_left)


def _named(values: Mapping[str, Any], meaning: str) -> Any:
    for name in _NAMES[meaning]:
        if values.get(name) is not None:
            return values[name]
    raise KeyError(" or ".join(_NAMES[meaning][:2]))


def _rotation(value: Any) -> Floats:
    numbers = _numbers(value)
    if numbers.size == 3:  # a rotation vector; Rodrigues' formula
        angle = float(np.linalg.norm(numbers))
        x, y, z = numbers / (angle or 1.0)
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)
    return numbers


def _with_extrinsics(file: Path, values: dict[str, Any]) -> dict[str, Any]:
    """Join ``intrinsics.yml`` and ``extrinsics.yml``, as OpenCV's own example writes them."""
    for this, other in (("intrinsics", "extrinsics"), ("extrinsics", "intrinsics")):
        if this in file.name and (beside := file.with_name(file.name.replace(this, other))).is_file():
            return {**documents(beside.read_text(encoding="utf-8-sig"))[0], **values}
    return values


# -- KITTI -------------------------------------------------------------------------------------------------


def _kitti(text: str, cameras: tuple[int, int]) -> Calibration:
    """Lines ``P0: `` and 12 numbers, or the 12 numbers alone: projections of rectified cameras."""
    lines = [line for line in text.splitlines() if line.strip()]
    found = {}
    for place, line in enumerate(lines):
        name, colon, numbers = line.rpartition(":")
        name = name.strip() if colon else f"P{place}"
        if re.fullmatch(r"P(_rect_0)?\d", name):
            found[f"P{name[-1]}"] = _matrix(numbers.split(), 3)
    left, right = (found[f"P{number}"] for number in cameras)
    return _from_projections(None, left, right)


def _from_projections(size: tuple[int, int] | None, left: Floats, right: Floats) -> Calibration:
    T_right_left = np.eye(4)
    T_right_left[0, 3] = right[0, 3] / right[0, 0] - left[0, 3] / left[0, 0]
    lenses = [Lens(projection[:, :3].copy(), np.zeros(5)) for projection in (left, right)]
    rectified = ((np.eye(3), left), (np.eye(3), right))
    return Calibration(size, lenses[0], lenses[1], T_right_left, rectified)


# -- ROS CameraInfo ----------------------------------------------------------------------------------------


def _two_cameras(file: Path, values: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(values) > 1:
        return values[0], values[1]
    for this, other in (("left", "right"), ("right", "left")):
        beside = file.with_name(file.name.replace(this, other))
        if this in file.name and beside.is_file():
            second = documents(beside.read_text(encoding="utf-8-sig"))[0]
            return (values[0], second) if this == "left" else (second, values[0])
    raise KeyError("the other camera (a second document, or right.yaml beside left.yaml)")


def _camera_info(left: Mapping[str, Any], right: Mapping[str, Any]) -> Calibration:
    """Both cameras with their rectification; the right one's P holds the baseline (REP 104)."""
    turns = [_matrix(_info(one, "rectification_matrix", "R"), 3) for one in (left, right)]
    projections = [_matrix(_info(one, "projection_matrix", "P"), 3) for one in (left, right)]
    (left_turn, right_turn), (left_P, right_P) = turns, projections
    T_rectified = np.eye(4)
    T_rectified[0, 3] = right_P[0, 3] / right_P[0, 0] - left_P[0, 3] / left_P[0, 0]
    to_right = np.eye(4)
    to_right[:3, :3] = right_turn.T
    from_left = np.eye(4)
    from_left[:3, :3] = left_turn
    return Calibration(
        (int(_info(left, "image_height", "height")), int(_info(left, "image_width", "width"))),
        _info_lens(left),
        _info_lens(right),
        to_right @ T_rectified @ from_left,
        ((left_turn, left_P), (right_turn, right_P)),
    )


def _info(values: Mapping[str, Any], long: str, short: str) -> Any:
    for name in (long, short, short.lower()):
        if name in values:
            return values[name]
    raise KeyError(long)


def _info_lens(values: Mapping[str, Any]) -> Lens:
    model = values.get("distortion_model") or values.get("camera_model") or "plumb_bob"
    if model not in ("plumb_bob", "rational_polynomial", "equidistant", "fisheye"):
        raise ValueError(
            f"its distortion model is {model!r}, not plumb_bob, rational_polynomial or equidistant"
        )
    matrix = _matrix(_info(values, "camera_matrix", "K"), 3)
    distortion = _numbers(_info(values, "distortion_coefficients", "D"))
    return Lens(matrix, distortion, model in ("equidistant", "fisheye"))


# -- Numbers -----------------------------------------------------------------------------------------------


def _numbers(value: Any) -> Floats:
    """Return the numbers of a list, or of a matrix with its ``data``, in one row."""
    data = value["data"] if isinstance(value, dict) else value
    numbers = np.asarray(data, np.float64).ravel()
    if not np.isfinite(numbers).all():
        raise ValueError("a number in it is not finite")
    return numbers


def _matrix(value: Any, rows: int) -> Floats:
    numbers = _numbers(value)
    if numbers.size not in (rows * 3, rows * 4):
        raise ValueError(f"{numbers.size} numbers where a matrix has {rows * 3} or {rows * 4}")
    return numbers.reshape(rows, -1)


def _transform(rotation: Any, translation: Any) -> Floats:
    T = np.eye(4)
    T[:3, :3] = _matrix(rotation, 3)
    T[:3, 3] = np.asarray(translation, np.float64)
    return T


def _inverse(T: Floats) -> Floats:
    return np.asarray(np.linalg.inv(T), np.float64)
