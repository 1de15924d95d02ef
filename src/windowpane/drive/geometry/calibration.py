"""Calibration files of stereo cameras (intrinsics and extrinsics), read into one record whatever wrote them.

BoofCV XML or YAML; OpenCV XML or YAML with what ``stereoCalibrate`` returns; KITTI ``calib.txt``; ROS
CameraInfo YAML, two documents in one file or two files. YAML needs ``pip install 'windowpane[drive]'``.
`windowpane.drive.geometry.camera.load_calibration` makes a rig of it.

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

from windowpane.drive.geometry.opencv_yaml import documents
from windowpane.drive.geometry.transforms import Floats, inverse, rotation_from_vector, transform
from windowpane.errors import ArgumentError, DataError

EXPECTED = "expected BoofCV or OpenCV XML or YAML, KITTI calib.txt or ROS CameraInfo YAML"
NUMBER = re.compile(r"[-+\d.eE]+")


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """One camera as it is calibrated (intrinsics).

    Attributes
    ----------
    matrix
        (3, 3), pixels.
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
    """

    size: tuple[int, int] | None
    left: Lens
    right: Lens
    T_right_left: Floats
    rectified: tuple[tuple[Floats, Floats], tuple[Floats, Floats]] | None = None


def read_calibration(path: str | Path, cameras: tuple[int, int] = (0, 1)) -> Calibration:
    """Return the calibration in a file; of a folder, what is in its ``left.yaml`` and ``right.yaml``.

    Raises DataError, which names the file and what is wrong with it, and MissingExtraError for YAML without
    the extra ``drive``.

    Parameters
    ----------
    path
        The file, or the folder.
    cameras
        Which two of a KITTI file (0, 1: the grey pair; 2, 3: the colour pair).
    """
    if len(cameras) != 2 or cameras[0] == cameras[1]:
        raise ArgumentError(f"cameras={cameras}: give the numbers of a left and a right one, as (2, 3)")
    file = Path(path)
    file = file / "left.yaml" if file.is_dir() else file
    try:
        return _parsed(file, file.read_text(encoding="utf-8-sig"), cameras)
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}") from None
    except (KeyError, IndexError) as error:
        raise DataError(f"{file} is no whole stereo calibration: {error.args[0]} is missing") from None
    except (ValueError, TypeError, AttributeError, ElementTree.ParseError) as error:
        raise DataError(f"{file} cannot be read as a stereo calibration: {error}; {EXPECTED}") from None


def _parsed(file: Path, text: str, cameras: tuple[int, int]) -> Calibration:
    if text.lstrip().startswith("<"):
        root = ElementTree.fromstring(text)
        return _opencv(_xml(root)) if root.tag == "opencv_storage" else _boofcv(_xml(root))
    if re.search(r"^(\w+:)?[ \t]*[-+\d.eE]+([ \t]+[-+\d.eE]+){11}[ \t]*$", text, re.MULTILINE):
        return _kitti(text, cameras)
    values = [value for value in documents(text, file) if isinstance(value, dict)]
    if not values:
        raise ValueError("it holds no names with values")
    if "rightToLeft" in values[0]:
        return _boofcv(values[0])
    if any(name in values[0] for name in ("projection_matrix", "P", "p")):
        return from_camera_info(*_two_cameras(file, values))
    return _opencv(_with_extrinsics(file, values[0]))


# -- XML ---------------------------------------------------------------------------------------------------


def _xml(node: ElementTree.Element) -> Any:
    """Return an XML node as YAML would hold it: a map by tags, a list of like tags, or a value."""
    children = list(node)
    if not children:
        values = [float(word) if NUMBER.fullmatch(word) else word for word in (node.text or "").split()]
        return values[0] if len(values) == 1 else values
    if (len(children) > 1 and len({child.tag for child in children}) == 1) or node.tag == "radial":
        return [_xml(child) for child in children]
    return {child.tag: _xml(child) for child in children}


# -- BoofCV ------------------------------------------------------------------------------------------------


def _boofcv(values: Mapping[str, Any]) -> Calibration:
    """Both of BoofCV's: ``rightToLeft`` maps the right camera's frame to the left one's."""
    left, right = values["left"], values["right"]
    move = values["rightToLeft"]
    rotation = move["R"]["data"] if "R" in move else move["rotation"]
    place = move.get("T", move)
    T_left_right = transform(_matrix(rotation, 3), [place[axis] for axis in "xyz"])
    return Calibration(_boofcv_size(left), _boofcv_lens(left), _boofcv_lens(right), inverse(T_left_right))


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
    turn = _numbers(_named(values, "rotation"))
    R = rotation_from_vector(turn) if turn.size == 3 else _matrix(turn, 3)
    T_right_left = transform(R, _numbers(_named(values, "place")))
    return Calibration(size, lenses[0], lenses[1], T_right_left)


def _named(values: Mapping[str, Any], meaning: str) -> Any:
    for name in _NAMES[meaning]:
        if values.get(name) is not None:
            return values[name]
    raise KeyError(" or ".join(_NAMES[meaning][:2]))


def _with_extrinsics(file: Path, values: dict[str, Any]) -> dict[str, Any]:
    """Join ``intrinsics.yml`` and ``extrinsics.yml``, as OpenCV's own example writes them."""
    for this, other in (("intrinsics", "extrinsics"), ("extrinsics", "intrinsics")):
        if this in file.name and (beside := file.with_name(file.name.replace(this, other))).is_file():
            return {**documents(beside.read_text(encoding="utf-8-sig"), beside)[0], **values}
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
    return from_projections(left, right)


def from_projections(left: Floats, right: Floats, size: tuple[int, int] | None = None) -> Calibration:
    """Return the calibration of rectified pictures, of which the projections (3, 4) tell all."""
    lenses = [Lens(projection[:, :3].copy(), np.zeros(5)) for projection in (left, right)]
    rectified = ((np.eye(3), left), (np.eye(3), right))
    return Calibration(size, lenses[0], lenses[1], _aside(left, right), rectified)


def _aside(left: Floats, right: Floats) -> Floats:
    """Return the motion (4, 4) from the rectified left camera to the right one, of their projections."""
    if left[0, 0] == 0 or right[0, 0] == 0:
        raise ValueError("a projection has no focal length: its camera is not calibrated")
    return transform(np.eye(3), [right[0, 3] / right[0, 0] - left[0, 3] / left[0, 0], 0, 0])


# -- ROS CameraInfo ----------------------------------------------------------------------------------------


def _two_cameras(file: Path, values: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(values) > 1:
        return values[0], values[1]
    for this, other in (("left", "right"), ("right", "left")):
        beside = file.with_name(file.name.replace(this, other))
        if this in file.name and beside.is_file():
            second = documents(beside.read_text(encoding="utf-8-sig"), beside)[0]
            return (values[0], second) if this == "left" else (second, values[0])
    raise KeyError("the other camera (a second document, or right.yaml beside left.yaml)")


def from_camera_info(left: Mapping[str, Any], right: Mapping[str, Any]) -> Calibration:
    """Return the calibration of two CameraInfo, by the names of files or of messages (REP 104).

    Both tell how they are rectified, and the right one's projection holds the baseline.

    Raises
    ------
    KeyError
        For what is missing.
    ValueError
        For what cannot be.
    """
    left_turn, right_turn = (_matrix(_info(one, "rectification_matrix", "R"), 3) for one in (left, right))
    left_P, right_P = (_matrix(_info(one, "projection_matrix", "P"), 3) for one in (left, right))
    nowhere = np.zeros(3)
    return Calibration(
        (int(_info(left, "image_height", "height")), int(_info(left, "image_width", "width"))),
        _info_lens(left),
        _info_lens(right),
        transform(right_turn.T, nowhere) @ _aside(left_P, right_P) @ transform(left_turn, nowhere),
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
