"""Pinhole cameras and pairs of them (stereo rectification): calibration file to rectified pictures and rays.

    rig = load_calibration("stereo.yaml")
    left, right = rig.rectify(left, right)

Convention: the camera's frame has x to the right, y down, z forward, in metres (OpenCV, KITTI);
``T_world_camera`` (4, 4) maps points of the camera to the world. Pixels are (x, y) with the picture's corner
at 0 and pixel centres at half-integers: what OpenCV calls pixel (0, 0) is (0.5, 0.5) here, and a resized
camera is this one times the factor. `Pinhole.cv_matrix` is the matrix that OpenCV's functions take.

Source: Hartley & Zisserman 2004, "Multiple view geometry in computer vision", chapter 6 (pinhole camera) and
section 11.12 (rectification); REP 103 (frames of a robot).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.drive.geometry.calibration.reader import read_calibration
from windowpane.drive.geometry.calibration.records import Calibration, Lens
from windowpane.drive.geometry.transforms import Floats
from windowpane.errors import ArgumentError, DataError, ImageError
from windowpane.images import MAX_PIXELS

Picture = NDArray[np.uint8]
Maps = tuple[NDArray[np.float32], NDArray[np.float32]]
"""For every pixel of a rectified picture, (H, W, 2) float32: where it lies in the raw one, (x, y) as OpenCV
counts, for the left and the right camera."""
CLOSEST, FARTHEST, FARTHEST_TOLD = 0.005, 1.0, 50.0
"""Metres that the two cameras may be apart; the last where the unit was given, and so is meant."""
LOST = 0.4
"""The share of a rectified picture that may show nothing."""


@dataclass(frozen=True, slots=True)
class Pinhole:
    """A camera without distortion (pinhole model, intrinsics).

    Attributes
    ----------
    fx, fy
        Focal lengths in pixels.
    cx, cy
        Where the optical axis meets the picture, in pixels with centres at half-integers.
    width, height
        Of the picture, in pixels.

    Raises
    ------
    ArgumentError
        For a focal length or size that is not above 0.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int

    def __post_init__(self) -> None:
        if not (self.fx > 0 and self.fy > 0 and self.width >= 1 and self.height >= 1):
            raise ArgumentError(f"a camera's focal lengths and size are above 0, not {self}")

    @property
    def matrix(self) -> Floats:
        """The camera matrix K, (3, 3) float64: pixel ~ K point, pixel centres at half-integers."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]], np.float64)

    @property
    def cv_matrix(self) -> Floats:
        """The same for OpenCV's functions, which have pixel centres at integers."""
        return np.array([[self.fx, 0, self.cx - 0.5], [0, self.fy, self.cy - 0.5], [0, 0, 1]], np.float64)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.height, self.width

    def scaled(self, factor: float) -> Pinhole:
        """Return the camera whose pictures are this one's resized by a factor, rounded to whole pixels.

        It fits ``cv2.resize(picture, (camera.width, camera.height))`` exactly.
        """
        width, height = max(1, round(self.width * factor)), max(1, round(self.height * factor))
        return self.resized(height, width)

    def resized(self, height: int, width: int) -> Pinhole:
        """Return the camera whose pictures are this one's resized to (height, width)."""
        x, y = width / self.width, height / self.height
        return Pinhole(self.fx * x, self.fy * y, self.cx * x, self.cy * y, width, height)

    def project(self, points: ArrayLike) -> Floats:
        """Return where points (..., 3) of the camera's frame appear, (..., 2) px; NaN behind the camera."""
        xyz = np.asarray(points, np.float64)
        z = np.where(xyz[..., 2] > 0, xyz[..., 2], np.nan)
        x, y = xyz[..., 0] / z, xyz[..., 1] / z
        return np.stack([self.fx * x + self.cx, self.fy * y + self.cy], axis=-1)

    def rays(self, pixels: ArrayLike | None = None) -> Floats:
        """Return the rays (..., 3) of z = 1 through pixels (..., 2); of all pixel centres, (H, W, 3)."""
        if pixels is None:
            x, y = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
            pixels = np.stack([x, y], axis=-1)
        xy = np.asarray(pixels, np.float64)
        x, y = (xy[..., 0] - self.cx) / self.fx, (xy[..., 1] - self.cy) / self.fy
        return np.stack([x, y, np.ones_like(x)], axis=-1)


@dataclass(frozen=True, slots=True, eq=False)
class StereoRig:
    """Two cameras side by side, as they are after rectification: alike, with rows in line.

    A robot with several pairs is several rigs, each with its own T_robot_camera.

    Attributes
    ----------
    left
        The camera of both pictures.
    baseline
        Metres from the left to the right camera, above 0.
    T_robot_camera
        (4, 4), the left camera on the robot (x forward, y left, z up, the origin on the ground), or None.
    maps
        How to rectify raw pictures; None when they are rectified already.

    Raises
    ------
    ArgumentError
        For a baseline that is not above 0 and a T_robot_camera that is no (4, 4).
    """

    left: Pinhole
    baseline: float
    T_robot_camera: Floats | None = None
    maps: Maps | None = None

    def __post_init__(self) -> None:
        if not self.baseline > 0:
            raise ArgumentError(
                f"the baseline, from left to right camera, is {self.baseline} m: give one above 0"
            )
        if self.T_robot_camera is not None and np.shape(self.T_robot_camera) != (4, 4):
            raise ArgumentError(
                f"T_robot_camera has the shape {np.shape(self.T_robot_camera)}: give (4, 4), metres"
            )

    def __repr__(self) -> str:
        camera = self.left
        size = f"{camera.width}x{camera.height}, f {camera.fx:.1f} px"
        place = "" if self.T_robot_camera is None else ", mounted"
        raw = "" if self.maps is None else ", of raw pictures"
        return f"StereoRig({size}, baseline {self.baseline:.3f} m{place}{raw})"

    @property
    def mount(self) -> Floats:
        """T_robot_camera (4, 4), and the identity where it is not known."""
        return np.eye(4) if self.T_robot_camera is None else self.T_robot_camera

    @property
    def raw_size(self) -> tuple[int, int]:
        """(height, width) of the pictures that `rectify` takes: those of `left`."""
        return self.left.size

    def rectify(self, left: Picture, right: Picture) -> tuple[Picture, Picture]:
        """Return both pictures (H, W[, 3]) uint8 without distortion, their rows in line.

        Raises
        ------
        ImageError
            For pictures of another size than the calibration's.
        """
        for side, picture in (("left", left), ("right", right)):
            if picture.shape[:2] != self.raw_size:
                given, expected = (f"{w}x{h}" for h, w in (picture.shape[:2], self.raw_size))
                raise ImageError(
                    f"the {side} picture is {given} and the calibration is for {expected}: give pictures of"
                    " that size, or load the calibration for theirs"
                )
        if self.maps is None:
            return left, right
        first, second = self.maps
        return _remapped(left, first), _remapped(right, second)

    def scaled(self, factor: float) -> StereoRig:
        """Return the rig whose pictures, raw and rectified, are this one's resized by a factor."""
        camera = self.left.scaled(factor)
        if self.maps is None:
            return replace(self, left=camera)
        ratio = np.array([camera.width / self.left.width, camera.height / self.left.height])
        first, second = (_resized(table, camera, ratio) for table in self.maps)
        return replace(self, left=camera, maps=(first, second))


def load_calibration(
    path: str | Path,
    size: tuple[int, int] | None = None,
    *,
    cameras: tuple[int, int] | None = None,
    unit: float | None = None,
    T_robot_camera: Floats | None = None,
) -> StereoRig:
    """Return the stereo rig of a calibration file; formats: `windowpane.drive.geometry.calibration.reader`.

    Parameters
    ----------
    path
        The file, or a folder where it is called as usual, as ``left.yaml`` and ``right.yaml``.
    size
        (height, width) of the pictures. Needed for KITTI's and ZED's files, which do not tell it; in others a
        size of the same shape resizes the calibration.
    cameras
        Which two of a file with more than two; None: those whose pictures are beside a KITTI file, else the
        first two.
    unit
        Metres in one unit of the file's lengths; 0.001 for a board that was measured in millimetres. None:
        metres, and more than one of them between the cameras is refused.
    T_robot_camera
        (4, 4), where the left camera is on the robot.

    Raises
    ------
    DataError
        For a file that is missing, incomplete, of an unknown format, or whose cameras cannot be a stereo
        pair.
    MissingExtraError
        For YAML without the extra ``drive``.
    """
    calibration = read_calibration(path, cameras, size)
    return rig_of(calibration, size, name=str(path), unit=unit, T_robot_camera=T_robot_camera)


def rig_of(
    calibration: Calibration,
    size: tuple[int, int] | None = None,
    *,
    name: str,
    unit: float | None = None,
    T_robot_camera: Floats | None = None,
) -> StereoRig:
    """Return the stereo rig of a calibration; parameters and errors as `load_calibration`.

    Parameters
    ----------
    name
        How messages call the calibration.
    """
    if (unit is not None and not unit > 0) or (size is not None and min(size) < 1):
        raise ArgumentError(f"unit={unit}, size={size}: give metres and (height, width) above 0")
    if calibration.metric and unit is not None:
        raise DataError(
            f"{name} is of a format whose unit of length is known: leave unit={unit:g} (--unit) out"
        )
    native = calibration.size or size
    if native is None:
        raise DataError(f"{name} does not tell the size of the pictures: give size=(height, width)")
    if min(native) < 1 or native[0] * native[1] > MAX_PIXELS:
        raise DataError(f"{name} is for pictures of {native[1]}x{native[0]}, which no camera takes")
    baseline = (unit or 1.0) * float(np.linalg.norm(calibration.T_right_left[:3, 3]))
    _check(name, calibration, native, baseline, unit)
    try:
        rig = _rig(name, calibration, native, baseline, T_robot_camera)
    except cv2.error:
        raise DataError(f"{name}: OpenCV finds no rectification of its two cameras") from None
    if size is None or size == native:
        return rig
    if abs(size[0] * native[1] / (size[1] * native[0]) - 1) > 0.01:
        given, expected = (f"{width}x{height}" for height, width in (size, native))
        raise DataError(f"{name} is for pictures of {expected}; {given} have another shape: not its camera")
    scaled = rig.scaled(size[1] / native[1])
    return replace(scaled, left=rig.left.resized(*size)) if scaled.left.size != tuple(size) else scaled


def _check(
    name: str, calibration: Calibration, size: tuple[int, int], baseline: float, unit: float | None
) -> None:
    """Refuse what cannot be a stereo pair, so that no wrong calibration goes unnoticed."""
    x, y, z = calibration.T_right_left[:3, 3]
    turn = calibration.T_right_left[:3, :3]
    fault = ""
    if not np.allclose(turn @ turn.T, np.eye(3), atol=1e-3) or np.linalg.det(turn) < 0:
        fault = "the rotation between its cameras is no rotation"
    elif np.trace(turn) < 1 + 2 * np.cos(np.radians(30)):
        fault = "its cameras look in directions more than 30 degrees apart"
    elif np.hypot(np.hypot(x, y), z) < 1e-9:
        fault = (
            "its second camera is not to the right of the first but at the same place: it has no baseline"
            " (ROS: Tx of P is 0, or the same in both), so calibrate the two cameras as a pair"
        )
    elif x >= 0 or abs(x) < max(abs(y), abs(z)):
        fault = (
            "its second camera is not to the right of the first: are they swapped, or has the shift between"
            " them (ROS: Tx of P) the wrong sign?"
        )
    elif not CLOSEST < baseline < (FARTHEST if unit is None else FARTHEST_TOLD):
        fault = (
            f"its cameras are {baseline:g} m apart: is its unit the metre? Else give one in metres as unit"
            " (--unit): 0.001 for millimetres, the side of a square where squares of the board were counted"
        )
    for lens in (calibration.left, calibration.right):
        (fx, skew, cx), (_, fy, cy) = lens.matrix[:2]
        if not (0.2 * size[1] < fx < 20 * size[1] and 0.8 * fy < fx < 1.25 * fy and abs(skew) < fx):
            fault = f"a focal length of {fx:g} px is none for pictures of {size[1]}x{size[0]}"
        elif not (0 < cx < size[1] and 0 < cy < size[0]):
            fault = f"the optical axis of a camera is outside its picture of {size[1]}x{size[0]}"
    if fault:
        raise DataError(f"{name}: {fault}")


def _rig(
    name: str, calibration: Calibration, size: tuple[int, int], baseline: float, T_robot_camera: Floats | None
) -> StereoRig:
    height, width = size
    (left_turn, left_P), (right_turn, _) = calibration.rectified or _rectification(calibration, size)
    fx, fy, cx, cy = left_P[0, 0], left_P[1, 1], left_P[0, 2], left_P[1, 2]
    camera = Pinhole(float(fx), float(fy), float(cx) + 0.5, float(cy) + 0.5, width, height)
    maps = None
    straight = _is_straight(calibration.left, left_turn, left_P) and _is_straight(
        calibration.right, right_turn, left_P
    )
    if not straight:
        # Both cameras are given the left one's matrix, so that a disparity of 0 is at infinity.
        maps = (
            _map(calibration.left, left_turn, left_P, size),
            _map(calibration.right, right_turn, left_P, size),
        )
        _check_maps(name, maps, size)
    place = None if T_robot_camera is None else np.asarray(T_robot_camera, np.float64)
    return StereoRig(camera, baseline, place, maps)


def _is_straight(lens: Lens, turn: Floats, projection: Floats) -> bool:
    """Say whether a camera's pictures need no change: a hundredth of a pixel cannot be seen."""
    same = np.allclose(turn, np.eye(3), atol=1e-6) and np.allclose(projection[:, :3], lens.matrix, atol=0.01)
    return same and not lens.distortion.any()


def _rectification(calibration: Calibration, size: tuple[int, int]) -> Any:
    """Return rotation and projection of both cameras, so that their rows are in line (Bouguet's method)."""
    left, right, T = calibration.left, calibration.right, calibration.T_right_left
    if left.fisheye != right.fisheye:
        raise DataError("one of the cameras has a fisheye lens and the other has not: calibrate them alike")
    move = T[:3, :3].copy(), T[:3, 3:].copy()
    lenses = left.matrix, left.distortion, right.matrix, right.distortion
    if left.fisheye:
        # As OpenCV turns them; its focal length for a wide lens may be any, so that of the middle is taken.
        fisheye: Any = cv2.fisheye.stereoRectify(*lenses, size[::-1], *move, cv2.CALIB_ZERO_DISPARITY)
        focal = min(left.matrix[0, 0], right.matrix[0, 0])
        x, y = (left.matrix[:2, 2] + right.matrix[:2, 2]) / 2
        projection = np.array([[focal, 0, x, 0], [0, focal, y, 0], [0, 0, 1, 0]])
        return (fisheye[0], projection), (fisheye[1], projection)
    turned: Any = cv2.stereoRectify(*lenses, size[::-1], *move, alpha=0)
    left_turn, right_turn, left_P, right_P = turned[:4]
    return (left_turn, left_P), (right_turn, right_P)


def _check_maps(name: str, maps: Maps, size: tuple[int, int]) -> None:
    """Refuse a rectification that shows little of the pictures, or shows parts of them twice."""
    for side, table in zip(("left", "right"), maps, strict=True):
        x, y = table[::4, ::4, 0], table[::4, ::4, 1]
        outside = (x < -0.5) | (y < -0.5) | (x > size[1] - 0.5) | (y > size[0] - 0.5)
        along, down = np.gradient(x), np.gradient(y)
        folded = along[1] * down[0] - along[0] * down[1] <= 0
        lost = float(np.mean(outside | folded))
        if lost > LOST:
            raise DataError(
                f"{name}: {lost:.0%} of the {side} picture is black or folded over when it is rectified:"
                " the distortion, or its model (plumb_bob, equidistant ...), is not that of this lens"
            )


def _remapped(picture: Picture, table: NDArray[np.float32]) -> Picture:
    nothing: Any = None
    return np.asarray(cv2.remap(picture, table, nothing, cv2.INTER_LINEAR), np.uint8)


def _map(lens: Lens, turn: Floats, projection: Floats, size: tuple[int, int]) -> NDArray[np.float32]:
    tables: Any = cv2.fisheye.initUndistortRectifyMap if lens.fisheye else cv2.initUndistortRectifyMap
    x, y = tables(lens.matrix, lens.distortion, turn, projection[:, :3], size[::-1], cv2.CV_32FC1)
    if lens.matrix[0, 1]:  # OpenCV leaves skew out
        x = x + np.float32(lens.matrix[0, 1] / lens.matrix[1, 1]) * (y - np.float32(lens.matrix[1, 2]))
    return np.stack([x, y], axis=-1)


def _resized(table: NDArray[np.float32], camera: Pinhole, ratio: Floats) -> NDArray[np.float32]:
    resized = cv2.resize(table, (camera.width, camera.height), interpolation=cv2.INTER_LINEAR)
    return np.asarray((resized + 0.5) * ratio - 0.5, np.float32)
