"""Recordings of robots that run ROS 2, read without ROS (rosbag2 folders and MCAP files).

    recording = BagRecording("walk.mcap")        frames, as `Recording` gives them
    recording.rig                                the cameras, from the bag's own CameraInfo

Two cameras have clocks of their own: pictures are paired by the stamps in their headers. A picture without
its partner comes alone, with the reason, and whoever drives by it goes on.

Needs ``pip install 'windowpane[ros]'``. Sources: REP 103 and 104 (frames, CameraInfo); the rosbag2 and MCAP
formats, which the packages ``rosbags`` and ``mcap`` know. `windowpane.drive.logs.bag_writer` writes such
files.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.calibration.camera_info import from_camera_info
from windowpane.drive.geometry.calibration.records import Calibration, from_projections
from windowpane.drive.geometry.camera import StereoRig, rig_of
from windowpane.drive.logs.recording import Frame
from windowpane.errors import ArgumentError, DataError, ImageError, MissingExtraError
from windowpane.images import load

if TYPE_CHECKING:
    from rosbags.rosbag2 import Reader

Picture = NDArray[np.uint8]
Stamped = tuple[float, Picture | None, str]  # seconds, the picture, or why there is none

IMAGES = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage")
INFO = "sensor_msgs/msg/CameraInfo"
SIDES = (
    *(("left", "right"), ("image_0", "image_1"), ("image_l", "image_r"), ("cam0", "cam1")),
    *(("infra1", "infra2"), ("camera_0", "camera_1"), ("image_2", "image_3")),
)
"""What the names of the topics of two cameras differ in."""
TOLERANCE = 0.02  # seconds that the two pictures of a frame may be apart
WAITING = 8  # pictures of one side that wait for the other; then the other camera is taken to be gone

# How OpenCV makes RGB of an encoding of ROS (sensor_msgs/image_encodings.hpp); None: it is so already.
# OpenCV names a Bayer pattern by its second row, ROS by its first.
ENCODINGS: Mapping[str, tuple[int, int | None]] = {
    "rgb8": (3, None),
    "8UC3": (3, cv2.COLOR_BGR2RGB),
    "bgr8": (3, cv2.COLOR_BGR2RGB),
    "rgba8": (4, cv2.COLOR_RGBA2RGB),
    "bgra8": (4, cv2.COLOR_BGRA2RGB),
    "mono8": (1, cv2.COLOR_GRAY2RGB),
    "8UC1": (1, cv2.COLOR_GRAY2RGB),
    "bayer_rggb8": (1, cv2.COLOR_BayerBG2RGB),
    "bayer_bggr8": (1, cv2.COLOR_BayerRG2RGB),
    "bayer_gbrg8": (1, cv2.COLOR_BayerGR2RGB),
    "bayer_grbg8": (1, cv2.COLOR_BayerGB2RGB),
}


def is_bag(path: str | Path) -> bool:
    """Say whether a path is a rosbag2 folder, an MCAP file or a file of rosbag2's other kind, ``.db3``."""
    path = Path(path)
    return (path / "metadata.yaml").is_file() or path.suffix in (".mcap", ".db3")


class BagRecording:
    """The stereo frames of a bag, read when they are asked for; can be gone through again and again.

    Parameters
    ----------
    path
        A rosbag2 folder, or an ``.mcap`` or ``.db3`` file.
    topics
        Of the left and the right pictures, raw, rectified or compressed; None finds two whose names differ in
        "left" and "right" or the like, rectified ones first.

    Raises
    ------
    MissingExtraError
        Without the extra ``ros``.
    DataError
        For a file that is no bag and for a bag without such topics; it names those that are there.
    """

    def __init__(self, path: str | Path, *, topics: tuple[str, str] | None = None) -> None:
        self.path = Path(path)
        if topics is not None and (len(topics) != 2 or topics[0] == topics[1]):
            raise ArgumentError(f"topics={topics}: give the names of two, of the left and the right pictures")
        with _opened(self.path) as bag:
            counts = {one.topic: one.msgcount for one in bag.connections if one.msgtype in IMAGES}
            self._infos = {one.topic for one in bag.connections if one.msgtype == INFO}
        found = topics or _pair(counts)
        if found is None or not set(found) <= set(counts):
            known = ", ".join(sorted(counts)) or "none"
            raise DataError(f"{self.path} has no pictures of two cameras: its topics of pictures are {known}")
        self.topics = found
        self._count = max(counts[topic] for topic in self.topics)

    def __len__(self) -> int:
        """How many frames there are, if every picture has its partner."""
        return self._count

    def __repr__(self) -> str:
        return f"BagRecording({str(self.path)!r}, {len(self)} frames of {' and '.join(self.topics)})"

    def __iter__(self) -> Iterator[Frame]:
        waiting: tuple[deque[Stamped], deque[Stamped]] = (deque(), deque())
        number = 0
        for side, stamped in self._pictures():
            waiting[side].append(stamped)
            while all(waiting) or max(map(len, waiting)) > WAITING:
                yield self._frame(waiting, number)
                number += 1
        while any(waiting):
            yield self._frame(waiting, number)
            number += 1

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the first left picture that can be read; raises DataError if none can."""
        for side, (_, picture, _) in self._pictures():
            if side == 0 and picture is not None:
                return int(picture.shape[0]), int(picture.shape[1])
        raise DataError(f"{self.path}: none of the pictures of {self.topics[0]} can be read")

    @property
    def rig(self) -> StereoRig | None:
        """The cameras, by the first CameraInfo of each; None for a bag without.

        Raises
        ------
        DataError
            Likewise.
        """
        names = [_info_topic(topic) for topic in self.topics]
        if not set(names) <= self._infos:
            return None
        infos: dict[str, Any] = {}
        with _opened(self.path) as bag:
            wanted = [one for one in bag.connections if one.topic in names]
            for connection, _, data in bag.messages(wanted):
                infos.setdefault(connection.topic, _typestore().deserialize_cdr(data, INFO))
                if len(infos) == 2:
                    break
        if len(infos) < 2:
            return None
        try:
            told = _calibration([infos[name] for name in names], rectified="rect" in self.topics[0])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{self.path}: its CameraInfo cannot be used: {error}") from None
        return rig_of(told, name=f"the CameraInfo of {self.path}")

    def _pictures(self) -> Iterator[tuple[int, Stamped]]:
        """Yield the side, 0 left and 1 right, and the stamped picture of each message, as written."""
        with _opened(self.path) as bag:
            wanted = [one for one in bag.connections if one.topic in self.topics]
            for connection, written, data in bag.messages(wanted):
                yield self.topics.index(connection.topic), _stamped(data, connection.msgtype, written)

    def _frame(self, waiting: tuple[deque[Stamped], deque[Stamped]], number: int) -> Frame:
        """Take the next frame: both first pictures if they belong together, else the earlier one alone."""
        firsts = [side[0][0] if side else np.inf for side in waiting]
        together = abs(firsts[0] - firsts[1]) <= TOLERANCE
        use = [together or firsts[side] == min(firsts) for side in (0, 1)]
        taken = [waiting[side].popleft() if use[side] else None for side in (0, 1)]
        pictures = [None if one is None else one[1] for one in taken]
        faults = [one[2] for one in taken if one is not None and one[2]]
        faults += [
            f"no {name} picture within {1000 * TOLERANCE:.0f} ms"
            for name, used in zip(("left", "right"), use, strict=True)
            if not used
        ]
        return Frame(pictures[0], pictures[1], float(min(firsts)), f"{number:06d}", "; ".join(faults))


# -- Bags --------------------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path) -> Iterator[Reader]:
    """Open a bag; what the file is to blame for becomes a DataError."""
    try:
        from rosbags.rosbag2 import Reader, ReaderError
    except ImportError:
        raise MissingExtraError(
            f"{path} is a ROS bag: reading it needs pip install 'windowpane[ros]'"
        ) from None
    try:
        with Reader(path) as bag:
            yield bag
    except FileNotFoundError:
        raise DataError(f"{path} does not exist") from None
    except (ReaderError, OSError, ValueError, AssertionError, KeyError) as error:
        raise DataError(f"{path} cannot be read as a ROS bag: {error or 'it is damaged'}") from None


@cache
def _typestore() -> Any:
    from rosbags.typesys import Stores, get_typestore

    return get_typestore(Stores.ROS2_HUMBLE)


def _pair(topics: Mapping[str, int]) -> tuple[str, str] | None:
    """Return the topics of two cameras that look most like stereo: rectified, then with most messages."""
    pairs = [
        (left, other)
        for left in topics
        for this, that in SIDES
        if this in left and (other := left.replace(this, that)) in topics and other != left
    ]
    return max(pairs, key=lambda pair: ("rect" in pair[0], topics[pair[0]], pair), default=None)


def _info_topic(topic: str) -> str:
    """/left/image_raw and /left/image_raw/compressed have their camera described in /left/camera_info."""
    return re.sub(r"/[^/]*$", "", topic.removesuffix("/compressed")) + "/camera_info"


# -- Messages ----------------------------------------------------------------------------------------------


def _stamped(data: bytes, kind: str, written: int) -> Stamped:
    """Return time and picture of a message; ``written``: when, in nanoseconds, if its header does not say."""
    try:
        message = _typestore().deserialize_cdr(data, kind)
        stamp = message.header.stamp
        time = stamp.sec + 1e-9 * stamp.nanosec or 1e-9 * written
    except Exception as error:  # a damaged message may break the parser in any way
        return 1e-9 * written, None, f"a message is damaged ({type(error).__name__})"
    try:
        picture = load(message.data.tobytes()) if kind == IMAGES[1] else _decoded(message)
    except (ImageError, ValueError, cv2.error) as error:
        return time, None, f"a picture cannot be decoded: {error}"
    return time, picture, ""


def _decoded(message: Any) -> Picture:
    """Return an Image message as (H, W, 3) uint8 RGB; raises ValueError for an encoding that is not known."""
    if message.encoding not in ENCODINGS:
        raise ValueError(f"its encoding is {message.encoding!r}; known are {', '.join(ENCODINGS)}")
    channels, to_rgb = ENCODINGS[message.encoding]
    rows = np.asarray(message.data, np.uint8).reshape(message.height, message.step)
    pixels = rows[:, : message.width * channels].reshape(message.height, message.width, channels)
    if to_rgb is None:
        return np.ascontiguousarray(pixels)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), to_rgb), np.uint8)


def _calibration(infos: Sequence[Any], *, rectified: bool) -> Calibration:
    """Return what two CameraInfo messages tell; of rectified pictures only the projections count."""
    if rectified:
        left, right = (np.asarray(one.p, np.float64).reshape(3, 4) for one in infos)
        return from_projections(left, right, (int(infos[0].height), int(infos[0].width)))
    names = ("height", "width", "distortion_model", "k", "d", "r", "p")
    left_info, right_info = ({name: getattr(one, name) for name in names} for one in infos)
    return from_camera_info(left_info, right_info)
