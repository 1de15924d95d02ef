"""ROS's calibrations (CameraInfo): YAML of files and of ``ros2 topic echo``, messages of bags, ``ost.txt``.

Two cameras: two documents or sections in one file, or two files whose names differ in left and right.

Source: REP 104; ``camera_calibration_parsers`` (YAML, and INI as ``ost.txt`` has it).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from windowpane.drive.geometry.calibration.records import Calibration, Lens, aside, lens_of, matrix, numbers
from windowpane.drive.geometry.sides import partners
from windowpane.drive.geometry.transforms import Floats, transform

_TITLES = {
    "camera matrix": "camera_matrix",
    "distortion": "distortion_coefficients",
    "rectification": "rectification_matrix",
    "projection": "projection_matrix",
}


def is_info(values: Mapping[str, Any]) -> bool:
    """Say whether a map is a CameraInfo."""
    return any(name in values for name in ("projection_matrix", "P", "p")) and any(
        name in values for name in ("camera_matrix", "K", "k")
    )


def is_ini(text: str) -> bool:
    """Say whether a text is what ``cameracalibrator`` prints and saves as ``ost.txt``."""
    return re.search(r"^camera matrix\s*$", text, re.MULTILINE) is not None


def read(file: Path, cameras: list[dict[str, Any]], parse: Callable[[str, Path], list[Any]]) -> Calibration:
    """Return the calibration of a file with two cameras, or with one and the other in a file beside it.

    Parameters
    ----------
    file
        The file.
    cameras
        What is in it.
    parse
        Makes such cameras of a text and its file.
    """
    if len(cameras) > 1:
        return from_camera_info(cameras[0], cameras[1])
    siblings = {one.name: one for one in file.parent.iterdir()}
    for name in partners(file.name):
        if name in siblings:
            return from_camera_info(
                cameras[0], parse(siblings[name].read_text("utf-8-sig"), siblings[name])[0]
            )
    for name, left in siblings.items():
        if file.name in partners(name) and name != file.name:
            return from_camera_info(parse(left.read_text("utf-8-sig"), left)[0], cameras[0])
    raise KeyError("the other camera (a second document, or right.yaml beside left.yaml)")


def of_ini(text: str, _: Path | None = None) -> list[dict[str, Any]]:
    """Return the cameras of an ``ost.txt``, with the names that they have in YAML."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    shared: dict[str, Any] = {}
    found: list[dict[str, Any]] = []
    values: list[float] | None = None  # of the title above
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line in ("width", "height"):
            shared[f"image_{line}"], values = int(following), None
        elif line.startswith("["):
            values = None
            if line != "[image]":
                found.append({**shared, "camera_name": line.strip("[]")})
        elif line in _TITLES and found:
            found[-1][_TITLES[line]] = values = []
        elif values is not None:
            values += [float(word) for word in line.split()]
    return found


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
    for side, one in (("left", left), ("right", right)):
        _whole(side, one)
    left_turn, right_turn = (matrix(_info(one, "rectification_matrix", "R"), 3) for one in (left, right))
    left_P, right_P = (matrix(_info(one, "projection_matrix", "P"), 3) for one in (left, right))
    nowhere = np.zeros(3)
    return Calibration(
        (int(_info(left, "image_height", "height")), int(_info(left, "image_width", "width"))),
        _lens(left),
        _lens(right),
        transform(right_turn.T, nowhere) @ aside(left_P, right_P) @ transform(left_turn, nowhere),
        ((left_turn, left_P), (right_turn, right_P)),
    )


def _whole(side: str, info: Mapping[str, Any]) -> None:
    """Refuse a camera that was never calibrated, and one of which a part of the picture was taken."""
    for long, short in (("camera_matrix", "K"), ("rectification_matrix", "R"), ("projection_matrix", "P")):
        values = numbers(_info(info, long, short))
        if not values.any():
            raise ValueError(f"its {long} ({short}) is zero: the {side} camera is not calibrated")
    region = info.get("roi")
    if not isinstance(region, Mapping):
        return
    size = int(_info(info, "image_height", "height")), int(_info(info, "image_width", "width"))
    cut = int(region.get("height") or 0), int(region.get("width") or 0)
    if cut not in ((0, 0), size):
        raise ValueError(
            f"its roi is a part of {cut[1]}x{cut[0]} px: give a calibration of the pictures as they are"
        )


def _info(values: Mapping[str, Any], long: str, short: str) -> Any:
    for name in (long, short, short.lower()):
        if name in values:
            return values[name]
    raise KeyError(long)


def _lens(values: Mapping[str, Any]) -> Lens:
    model = str(values.get("distortion_model") or values.get("camera_model") or "plumb_bob")
    K: Floats = matrix(_info(values, "camera_matrix", "K"), 3)
    return lens_of(K, _info(values, "distortion_coefficients", "D"), model)
