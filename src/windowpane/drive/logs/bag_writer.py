"""Frames, poses and labels as ROS 2 has them, written without ROS (a rosbag2 folder or one MCAP file).

    with BagWriter("walk.mcap", rig) as bag:
        bag.frame(left, right, time)
        bag.pose(T_world_camera, time)
        bag.labels(labels, time)
        bag.grid(occupancy(costmap, time), time)

Topics: ``/left/image_rect`` and ``/right/image_rect`` with their ``camera_info``; ``/odometry``; ``/tf`` from
``odom`` to ``base_link`` and ``/tf_static`` from there to ``left_camera``; ``/left/labels``; ``/map``. Frames
``odom`` and ``base_link`` have x forward, y left, z up (REP 103), ``left_camera`` x right, y down, z forward.

Needs the extra ``[ros]``. Sources: REP 103, 104 and 105; the rosbag2 and MCAP formats.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.geometry.transforms import (
    T_BODY_OPTICAL,
    Floats,
    inverse,
    quaternion_from_rotation,
)
from windowpane.drive.logs.grid_files import Grid
from windowpane.errors import DataError, MissingExtraError, install

Picture = NDArray[np.uint8]
UNLABELLED = 255
LATEST = 2.0**31
"""Seconds since 1970 that a stamp of ROS can hold."""

_IMAGE, _INFO = "sensor_msgs/msg/Image", "sensor_msgs/msg/CameraInfo"
_GRID = "nav_msgs/msg/OccupancyGrid"
_ODOMETRY, _TF = "nav_msgs/msg/Odometry", "tf2_msgs/msg/TFMessage"


class Sink(Protocol):
    """Where messages go: a folder or a file."""

    def add(self, topic: str, kind: str, time: int, data: bytes) -> None:
        """Write a message, CDR, at a time in nanoseconds."""

    def close(self) -> None:
        """Write what is still to be written."""

    def named(self, part: Path, path: Path) -> None:
        """Give what was written its name."""


class BagWriter:
    """Writes a bag; use it in a ``with``, so that its index is written too.

    Parameters
    ----------
    path
        An ``.mcap`` file, or a folder to make: a rosbag2 with MCAP in it. Neither may exist.
    rig
        The cameras of the pictures as they are given: rectified. Where it does not know its place on the
        robot, ``base_link`` is at the left camera.

    Raises
    ------
    MissingExtraError
        Without the extra ``ros``.
    DataError
        For a path that exists or where nothing can be written.
    """

    def __init__(self, path: str | Path, rig: StereoRig) -> None:
        self.path, self.rig = Path(path), rig
        try:
            from rosbags.typesys import Stores, get_typestore
        except ImportError:
            raise MissingExtraError(f"writing {path} needs {install('ros')}") from None
        if self.path.exists():
            raise DataError(f"{path} exists: a bag is written anew, give another name")
        self._types: Any = get_typestore(Stores.ROS2_HUMBLE)
        # It gets its name when it is whole.
        self._part = self.path.with_name(f".{self.path.name}.part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _remove(self._part)
            kind = _McapFile if self.path.suffix == ".mcap" else _Folder
            self._sink: Sink = kind(self._part, self._types)
        except OSError as error:
            raise DataError(f"{path} cannot be written: {error.strerror}") from None
        self._static = self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish the bag, which gets its name then; raises DataError where it cannot be."""
        if self._closed:
            return
        self._closed = True
        try:
            self._sink.close()
            self._sink.named(self._part, self.path)
        except OSError as error:
            _remove(self._part)
            raise DataError(f"{self.path} cannot be written: {error.strerror}") from None

    def frame(self, left: Picture | None, right: Picture | None, time: float) -> None:
        """Write the rectified pictures (H, W, 3) uint8 RGB of a moment in seconds; one may be missing."""
        for side, picture in (("left", left), ("right", right)):
            if picture is not None:
                self._picture(f"/{side}/image_rect", picture, "rgb8", f"{side}_camera", time)
                self._add(f"/{side}/camera_info", _INFO, time, *self._info(side))

    def pose(self, T_world_camera: Floats, time: float, covariance: Floats | None = None) -> None:
        """Write where the left camera is, (4, 4), as odometry and as a transform.

        Parameters
        ----------
        T_world_camera
            The pose.
        time
            Seconds.
        covariance
            (6, 6) of a small turn (radians) and shift (metres), in this order and in the axes of a camera, as
            `windowpane.drive.localization.odometry.Motion` has it; None = not known.
        """
        if not self._static:
            self._static = True
            self._transform("/tf_static", "base_link", "left_camera", self._place, time)
        T = T_BODY_OPTICAL @ T_world_camera @ inverse(self._place)
        self._transform("/tf", "odom", "base_link", T, time)
        types, turn, place = self._types.types, self._turn(T), self._point(T)
        unknown = np.zeros(36)
        pose = types["geometry_msgs/msg/Pose"](place, turn)
        with_covariance = types["geometry_msgs/msg/PoseWithCovariance"](pose, _ros_covariance(covariance))
        nil = types["geometry_msgs/msg/Vector3"](0.0, 0.0, 0.0)
        twist = types["geometry_msgs/msg/Twist"](nil, nil)
        self._add(
            "/odometry",
            _ODOMETRY,
            time,
            "base_link",
            with_covariance,
            types["geometry_msgs/msg/TwistWithCovariance"](twist, unknown),
            frame="odom",
        )

    def labels(self, labels: NDArray[np.int8], time: float) -> None:
        """Write the labels of every pixel, (H, W), -1 for none, as a grey picture with 255 for none."""
        grey = np.where(labels < 0, UNLABELLED, labels).astype(np.uint8)
        if grey.shape != self.rig.left.size:
            grey = np.asarray(
                cv2.resize(grey, self.rig.left.size[::-1], interpolation=cv2.INTER_NEAREST), np.uint8
            )
        self._picture("/left/labels", grey, "mono8", "left_camera", time)

    def grid(self, grid: Grid, time: float) -> None:
        """Write the map around the robot."""
        types = self._types.types
        corner = types["geometry_msgs/msg/Point"](*grid.origin, 0.0)
        pose = types["geometry_msgs/msg/Pose"](corner, self._turn(np.eye(4)))
        rows, columns = grid.values.shape
        stamp = self._header(time, "odom").stamp
        about = types["nav_msgs/msg/MapMetaData"](stamp, grid.cell, columns, rows, pose)
        self._add("/map", _GRID, time, about, grid.values.reshape(-1), frame="odom")

    @property
    def _place(self) -> Floats:
        """The camera on the robot, ``T_base_camera`` (4, 4)."""
        return T_BODY_OPTICAL if self.rig.T_robot_camera is None else self.rig.T_robot_camera

    def _picture(self, topic: str, picture: Picture, encoding: str, frame: str, time: float) -> None:
        height, width = picture.shape[:2]
        data = np.ascontiguousarray(picture).reshape(-1)
        self._add(topic, _IMAGE, time, height, width, encoding, 0, data.size // height, data, frame=frame)

    def _info(self, side: str) -> tuple[Any, ...]:
        camera, region = self.rig.left, self._types.types["sensor_msgs/msg/RegionOfInterest"]
        K = camera.cv_matrix
        shift = 0.0 if side == "left" else -camera.fx * self.rig.baseline
        P = np.hstack([K, [[shift], [0.0], [0.0]]])
        whole = region(0, 0, 0, 0, False)
        straight = np.zeros(5), K.reshape(-1), np.eye(3).reshape(-1), P.reshape(-1)
        return camera.height, camera.width, "plumb_bob", *straight, 0, 0, whole

    def _transform(self, topic: str, parent: str, child: str, T_parent_child: Floats, time: float) -> None:
        types = self._types.types
        shift = types["geometry_msgs/msg/Vector3"](*map(float, T_parent_child[:3, 3]))
        transform = types["geometry_msgs/msg/Transform"](shift, self._turn(T_parent_child))
        header = self._header(time, parent)
        stamped = types["geometry_msgs/msg/TransformStamped"](header, child, transform)
        message = types[_TF]([stamped])
        self._sink.add(topic, _TF, _nanoseconds(time), bytes(self._types.serialize_cdr(message, _TF)))

    def _add(self, topic: str, kind: str, time: float, *fields: Any, frame: str = "") -> None:
        """Write a message that begins with a header."""
        message = self._types.types[kind](
            self._header(time, frame or f"{topic.split('/')[1]}_camera"), *fields
        )
        self._sink.add(topic, kind, _nanoseconds(time), bytes(self._types.serialize_cdr(message, kind)))

    def _header(self, time: float, frame: str) -> Any:
        seconds, nanoseconds = divmod(_nanoseconds(time), 1_000_000_000)
        types = self._types.types
        return types["std_msgs/msg/Header"](types["builtin_interfaces/msg/Time"](seconds, nanoseconds), frame)

    def _point(self, T: Floats) -> Any:
        return self._types.types["geometry_msgs/msg/Point"](*map(float, T[:3, 3]))

    def _turn(self, T: Floats) -> Any:
        return self._types.types["geometry_msgs/msg/Quaternion"](*quaternion_from_rotation(T[:3, :3]))


def _ros_covariance(covariance: Floats | None) -> Floats:
    """Shift first, then turn, in a body's axes; -1 in the first place says that it is not known."""
    if covariance is None:
        return np.array([-1.0, *np.zeros(35)])
    swap = np.zeros((6, 6))
    swap[:3, 3:] = swap[3:, :3] = T_BODY_OPTICAL[:3, :3]
    return np.asarray(swap @ covariance @ swap.T).reshape(-1)


def _nanoseconds(time: float) -> int:
    """Return a time as ROS has it; raises DataError for one that it cannot hold."""
    if not time < LATEST:
        raise DataError(
            f"a time of {time:g} s cannot be written to a bag: ROS has seconds up to {LATEST:.0f} (2038)"
        )
    return max(0, round(1e9 * time))


def _remove(path: Path) -> None:
    """Remove what is left of a bag that was never finished."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class _Folder:
    """A rosbag2 folder with MCAP in it."""

    def __init__(self, path: Path, types: Any) -> None:
        from rosbags.rosbag2 import StoragePlugin, Writer

        self._bag: Any = Writer(path, version=9, storage_plugin=StoragePlugin.MCAP)
        self._types, self._topics = types, dict[str, Any]()
        self._bag.open()

    def add(self, topic: str, kind: str, time: int, data: bytes) -> None:
        if topic not in self._topics:
            self._topics[topic] = self._bag.add_connection(topic, kind, typestore=self._types)
        self._bag.write(self._topics[topic], time, data)

    def close(self) -> None:
        self._bag.close()

    def named(self, part: Path, path: Path) -> None:
        part.rename(path)
        inside = path / f"{part.name}.mcap"  # a bag's file has the name of its folder
        inside.rename(path / f"{path.name}.mcap")
        about = path / "metadata.yaml"
        about.write_text(about.read_text(encoding="utf-8").replace(part.name, path.name), encoding="utf-8")


class _McapFile:
    """One MCAP file, as ``ros2 bag`` and viewers of logs take it."""

    def __init__(self, path: Path, types: Any) -> None:
        from mcap.writer import CompressionType, Writer

        self._file = path.open("wb")
        self._writer: Any = Writer(self._file, compression=CompressionType.ZSTD)
        self._writer.start(profile="ros2", library="windowpane")
        self._types, self._topics, self._schemas = types, dict[str, int](), dict[str, int]()

    def add(self, topic: str, kind: str, time: int, data: bytes) -> None:
        if kind not in self._schemas:
            text, _ = self._types.generate_msgdef(kind, ros_version=2)
            self._schemas[kind] = self._writer.register_schema(kind, "ros2msg", text.encode())
        if topic not in self._topics:
            self._topics[topic] = self._writer.register_channel(topic, "cdr", self._schemas[kind])
        self._writer.add_message(self._topics[topic], time, data, time)

    def close(self) -> None:
        self._writer.finish()
        self._file.close()

    def named(self, part: Path, path: Path) -> None:
        part.rename(path)
