"""Calibration files of stereo cameras (intrinsics and extrinsics): which format a file has, and its record.

BoofCV XML and YAML; OpenCV's FileStorage, XML, YAML and JSON; KITTI; ROS CameraInfo YAML and ``ost.txt``;
Kalibr; EuRoC; OAK; ZED; RealSense; Middlebury; ORB-SLAM. YAML needs the extra ``[drive]``. A
format that is recognised and cannot be used is named, with the reason.
`windowpane.drive.geometry.camera.load_calibration` makes a rig of it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from windowpane.drive.geometry.calibration import (
    boofcv,
    camera_info,
    kalibr,
    kitti,
    middlebury,
    oak,
    opencv,
    orb_slam,
    realsense,
    zed,
)
from windowpane.drive.geometry.calibration.records import Calibration
from windowpane.drive.geometry.opencv_yaml import documents
from windowpane.errors import ArgumentError, DataError

EXPECTED = (
    "expected BoofCV or OpenCV XML or YAML, KITTI calib.txt, ROS CameraInfo YAML or ost.txt, Kalibr's"
    " camchain, EuRoC's sensor.yaml, or the file of an OAK, ZED or RealSense camera"
)
USUAL = (
    *(
        "left.yaml",
        "left.yml",
        "calib.txt",
        "calib_cam_to_cam.txt",
        "stereo.yaml",
        "stereo.yml",
        "stereo.xml",
    ),
    *("stereo_params.xml", "intrinsics.yml", "camchain.yaml", "ost.txt", "calib.json", "sensor.yaml"),
    *("mav0/cam0/sensor.yaml", "cam0/sensor.yaml"),
)
"""What a calibration is called in a folder, the likeliest first."""
NUMBER = re.compile(r"[-+\d.eE]+")
_ONE = "and stereo needs two cameras"
_GIVE = "give what stereoCalibrate returned (M1, D1, M2, D2, R, T)"
UNUSABLE = {
    r'"(controls|aux-param|param)-\w+"': "is a preset of a RealSense camera (its settings), no calibration:"
    " give the intrinsics and extrinsics of its infrared cameras",
    r'"intrinsic_matrix"\s*:': f"is Open3D's of one camera, {_ONE}",
    r"Left_Stereo_Map|stereoMapL|Stereo_Map_x": "holds maps of a rectification, without focal length and"
    f" baseline: {_GIVE}",
    r"model_type\s*:|projection_parameters\s*:|body_T_cam0": "is VINS-Fusion's (camodocal) and not read: give"
    " Kalibr's camchain, or OpenCV's",
    r"<sensor\b|<calibration class=": f"is Metashape's of one camera, {_ONE}",
    r"^\s*#\s*Camera list with one line of data": f"is COLMAP's of single cameras, {_ONE} that are one pair",
    r"baseline T_\d_\d:": "is Kalibr's report (results-cam): give the camchain.yaml beside it",
    r'"(fl_x|camera_angle_x)"\s*:': f"is a transforms.json of one camera, {_ONE}",
    r"\b[Cc]amera_[Mm]atrix\b": f"is OpenCV's or ROS's of one camera, {_ONE}: {_GIVE}",
}
"""What is found in files of formats that cannot be used, and why."""


def read_calibration(
    path: str | Path, cameras: tuple[int, int] | None = None, size: tuple[int, int] | None = None
) -> Calibration:
    """Return the calibration in a file, or in that of a folder which is called as usual (``left.yaml`` ...).

    Raises DataError, which names the file and what is wrong with it, and MissingExtraError for YAML without
    the extra ``drive``.

    Parameters
    ----------
    path
        The file, or the folder.
    cameras
        Which two of a file with more: of KITTI's (0, 1: the grey pair; 2, 3: the colour pair), of a chain, or
        of an OAK's sockets. None takes the two whose pictures are beside the file, else the first.
    size
        (height, width) of the pictures, for files with several (ZED).
    """
    if cameras is not None and (len(cameras) != 2 or cameras[0] == cameras[1]):
        raise ArgumentError(f"cameras={cameras}: give the numbers of a left and a right one, as (2, 3)")
    file = _in_folder(Path(path))
    try:
        return _parsed(file, file.read_text(encoding="utf-8-sig"), cameras, size)
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}") from None
    except (KeyError, IndexError) as error:
        missing = f"{error.args[0]} is missing; {EXPECTED}"
        raise DataError(f"{file} is no whole stereo calibration: {missing}") from None
    except UnicodeDecodeError:
        raise DataError(f"{file} is no text; {EXPECTED}") from None
    except (TypeError, AttributeError) as error:
        raise DataError(f"{file} cannot be read as a stereo calibration: {error}; {EXPECTED}") from None
    except ValueError as error:
        raise DataError(f"{file} cannot be used as a stereo calibration: {error}") from None


def _in_folder(path: Path) -> Path:
    if not path.is_dir():
        return path
    for name in USUAL:
        if (path / name).is_file():
            return path / name
    raise DataError(f"{path} has no calibration called as usual ({', '.join(USUAL[:4])} ...): name the file")


def _parsed(
    file: Path, text: str, cameras: tuple[int, int] | None, size: tuple[int, int] | None
) -> Calibration:
    start = text.lstrip()
    if not start.startswith(("<", "{")):
        if zed.is_conf(text):
            return zed.read(text, size)
        if middlebury.is_middlebury(text):
            return middlebury.read(text)
        if camera_info.is_ini(text):
            return camera_info.read(file, camera_info.of_ini(text), camera_info.of_ini)
        if kitti.is_kitti(text):
            return kitti.read(file, text, cameras)
    try:
        values = _values(file, text)
    except (ValueError, ElementTree.ParseError) as error:
        raise ValueError(_reason(text) or f"{error}; {EXPECTED}") from None
    found = _of_values(file, values, cameras)
    if found is not None:
        return found
    try:
        return opencv.read(opencv.with_extrinsics(file, values[0]))
    except KeyError:
        if reason := _reason(text):
            raise ValueError(reason) from None
        raise


def _reason(text: str) -> str:
    """Return what a text is that cannot be used, and why; empty where that is not known."""
    found = (reason for sign, reason in UNUSABLE.items() if re.search(sign, text, re.MULTILINE))
    return next((f"it {reason}" for reason in found), "")


def _of_values(
    file: Path, values: list[dict[str, Any]], cameras: tuple[int, int] | None
) -> Calibration | None:
    """Return the calibration in the maps of a file; None where only OpenCV can have written it."""
    first = values[0]
    if "rightToLeft" in first:
        return boofcv.read(first)
    if "cameraData" in first:
        return oak.read(first, cameras)
    if kalibr.chained(first):
        return kalibr.read(first, cameras)
    if kalibr.is_sensor(first):
        return kalibr.read_sensors(file, first, cameras, documents)
    if orb_slam.is_settings(first):
        return orb_slam.read(first)
    if camera_info.is_info(first):
        return camera_info.read(file, values, documents)
    if realsense.cameras_of(first):
        return realsense.read(first)
    return None


def _values(file: Path, text: str) -> list[dict[str, Any]]:
    """Return the maps of names and values in XML, JSON or YAML."""
    start = text.lstrip()
    if start.startswith("<"):
        found = [_xml(ElementTree.fromstring(text))]
    elif start.startswith("{"):
        found = _json(file, text)
    else:
        found = documents(text, file)
    values = [value for value in found if isinstance(value, dict)]
    if not values:
        raise ValueError("it holds no names with values")
    return values


def _json(file: Path, text: str) -> list[Any]:
    try:
        return [json.loads(text)]
    except ValueError:  # YAML may begin with a brace, and forgives commas at the end
        return documents(text, file)


def _xml(node: ElementTree.Element) -> Any:
    """Return an XML node as YAML would hold it: a map by tags, a list of like tags, or a value."""
    children = list(node)
    if not children:
        values = [float(word) if NUMBER.fullmatch(word) else word for word in (node.text or "").split()]
        return values[0] if len(values) == 1 else values
    if (len(children) > 1 and len({child.tag for child in children}) == 1) or node.tag == "radial":
        return [_xml(child) for child in children]
    return {child.tag: _xml(child) for child in children}
