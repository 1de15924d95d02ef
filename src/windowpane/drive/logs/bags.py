"""Recordings of robots that run ROS, read without ROS (rosbag2 folders, MCAP files, ROS 1's ``.bag``).

    recording = BagRecording("walk.mcap")        frames, as `Recording` gives them
    recording.rig                                the cameras, from the bag's own CameraInfo

Two cameras have clocks of their own: pictures are paired by the stamps in their headers. A picture without
its partner comes alone, with the reason, and whoever drives by it goes on.

Needs the extra ``[ros]``. Sources: REP 103 and 104 (frames, CameraInfo); the rosbag2 and MCAP
formats, which the packages ``rosbags`` and ``mcap`` know. `windowpane.drive.logs.bag_writer` writes such
files.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, cached_property
from heapq import merge
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.calibration.camera_info import from_camera_info
from windowpane.drive.geometry.calibration.records import Calibration, from_projections
from windowpane.drive.geometry.camera import StereoRig, rig_of
from windowpane.drive.geometry.sides import partners
from windowpane.drive.logs import pairing
from windowpane.drive.logs.bag_pictures import IMAGES, decoded, sampled_numbers, stretched_alike
from windowpane.drive.logs.recording import Frame
from windowpane.errors import (
    ArgumentError,
    DataError,
    ImageError,
    MissingExtraError,
    WindowpaneError,
    install,
)
from windowpane.images import load
from windowpane.images.depth import Levels

Picture = NDArray[np.uint8]
Stamped = tuple[float, Picture | None, str]  # seconds, the picture, or why there is none

INFO = "sensor_msgs/msg/CameraInfo"
KINDS = (".mcap", ".db3", ".bag")
SAMPLED = 8  # moments that are looked at to know what pictures of more than eight bits use
WAITING = 8  # pictures of one side that wait for the other; then the other camera is taken to be gone
ENOUGH = 8  # pictures of both sides without a partner, from the start: their clocks never agree
Moment = tuple[Stamped | None, Stamped | None]


def is_bag(path: str | Path) -> bool:
    """Say whether a path is a bag: a rosbag2 folder, a folder of bag files, or such a file."""
    path = Path(path)
    if path.is_dir():
        folders = any(one.is_dir() for one in path.iterdir())
        return (path / "metadata.yaml").is_file() or (not folders and bool(_files(path)))
    return path.suffix in KINDS


class BagRecording:
    """The stereo frames of a bag, read when they are asked for; can be gone through again and again.

    Parameters
    ----------
    path
        A rosbag2 folder, with or without its ``metadata.yaml``, or an ``.mcap``, ``.db3`` or ROS 1 ``.bag``
        file.
    topics
        Of the left and the right pictures, raw, rectified or compressed; None finds two whose names differ in
        "left" and "right" or the like, rectified ones first.
    tolerance
        Seconds that the two pictures of a frame may be apart.
    offset
        Seconds that are added to the right camera's times.

    Raises
    ------
    MissingExtraError
        Without the extra ``ros``.
    DataError
        For a file that is no bag and for a bag without such topics; it names those that are there. For clocks
        that never agree when it is gone through.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        topics: tuple[str, str] | None = None,
        tolerance: float = pairing.TOLERANCE,
        offset: float = 0.0,
    ) -> None:
        pairing.check(tolerance, offset)
        self.path, self._tolerance, self._offset = Path(path), tolerance, offset
        if topics is not None and (len(topics) != 2 or topics[0] == topics[1]):
            raise ArgumentError(f"topics={topics}: give the names of two, of the left and the right pictures")
        with _opened(self.path) as bag:
            counts: dict[str, int] = {}
            for one in bag.connections:
                if one.msgtype in IMAGES:
                    counts[one.topic] = counts.get(one.topic, 0) + int(one.msgcount)
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
        early: list[Moment] | None = []  # until two pictures belonged together, or it is clear that none do
        for number, moment in enumerate(self._moments()):
            if early is None:
                yield self._frame(moment, number)
                continue
            early.append(moment)
            alone = [sum(one[side] is not None for one in early) for side in (0, 1)]
            if None not in moment or max(alone) > 4 * ENOUGH:
                yield from (self._frame(one, place) for place, one in enumerate(early))
                early = None
            elif min(alone) >= ENOUGH:
                break
        if early and all(any(one[side] for one in early) for side in (0, 1)):
            left, right = ([one[side][0] for one in early if one[side]] for side in (0, 1))  # type: ignore[index]
            raise DataError(f"{self.path}: {pairing.never_agree(left, right, self._tolerance, self._offset)}")
        yield from (self._frame(one, place) for place, one in enumerate(early or []))

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
        names = [_info_topic(topic, self._infos) for topic in self.topics]
        if not set(names) <= self._infos:
            return None
        infos: dict[str, Any] = {}
        with _opened(self.path) as bag:
            wanted = [one for one in bag.connections if one.topic in names]
            for connection, _, data in bag.messages(wanted):
                infos.setdefault(connection.topic, bag.message(data, INFO))
                if len(infos) == 2:
                    break
        if len(infos) < 2:
            return None
        try:
            told = _calibration([infos[name] for name in names], rectified="rect" in self.topics[0])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{self.path}: its CameraInfo cannot be used: {error}") from None
        return rig_of(told, self.size, name=f"the CameraInfo of {self.path}")

    def _pictures(self) -> Iterator[tuple[int, Stamped]]:
        """Yield the side, 0 left and 1 right, and the stamped picture of each message, as written."""
        with _opened(self.path) as bag:
            wanted = [one for one in bag.connections if one.topic in self.topics]
            for connection, written, data in bag.messages(wanted):
                side = self.topics.index(connection.topic)
                time, picture, fault = _stamped(bag, data, connection.msgtype, written, self._levels)
                yield side, (time + side * self._offset, picture, fault)

    @cached_property
    def _levels(self) -> Levels:
        """What is black and white in pictures of more than eight bits: the same for all of both cameras."""
        samples: list[NDArray[Any]] = []
        every = max(1, self._count // SAMPLED)
        with _opened(self.path) as bag:
            wanted = [one for one in bag.connections if one.topic in self.topics]
            for number, (connection, _, data) in enumerate(bag.messages(wanted)):
                if number % (2 * every) < 2:
                    sample = sampled_numbers(bag.message, data, connection.msgtype)
                    if sample is None:  # eight bits, as nearly always
                        break
                    samples.append(sample)
        return stretched_alike(samples)

    def _moments(self) -> Iterator[Moment]:
        """Yield the pictures of both cameras that belong together, or one that has no partner."""
        waiting: tuple[deque[Stamped], deque[Stamped]] = (deque(), deque())
        for side, stamped in self._pictures():
            waiting[side].append(stamped)
            while min(map(len, waiting)) > 1 or max(map(len, waiting)) > WAITING:
                yield self._next(waiting)
        while any(waiting):
            yield self._next(waiting)

    def _next(self, waiting: tuple[deque[Stamped], deque[Stamped]]) -> Moment:
        first, second = ([one[0] for _, one in zip(range(2), side, strict=False)] for side in waiting)
        use = pairing.next_of(first, second, self._tolerance)
        left, right = (waiting[side].popleft() if use[side] else None for side in (0, 1))
        return left, right

    def _frame(self, moment: Moment, number: int) -> Frame:
        pictures = [None if one is None else one[1] for one in moment]
        faults = [one[2] for one in moment if one is not None and one[2]]
        faults += [
            f"no {name} picture within {1000 * self._tolerance:.0f} ms"
            for name, one in zip(("left", "right"), moment, strict=True)
            if one is None
        ]
        time = min(one[0] for one in moment if one is not None)
        return Frame(pictures[0], pictures[1], float(time), f"{number:06d}", "; ".join(faults))


# -- Bags --------------------------------------------------------------------------------------------------


class _Bag:
    """One or several files of a bag, opened."""

    def __init__(self, readers: Sequence[Any], ros1: bool) -> None:
        self._readers, self._ros1 = readers, ros1
        self.connections = [one for reader in readers for one in reader.connections]

    def messages(self, wanted: Sequence[Any]) -> Iterator[tuple[Any, int, bytes]]:
        """Yield connection, time of writing in nanoseconds and data of the messages of some connections."""
        own = [(reader, [one for one in wanted if one in reader.connections]) for reader in self._readers]
        yield from merge(*(reader.messages(some) for reader, some in own if some), key=lambda one: one[1])

    def message(self, data: bytes, kind: str) -> Any:
        """Return a message."""
        store = _typestore(self._ros1)
        return store.deserialize_ros1(data, kind) if self._ros1 else store.deserialize_cdr(data, kind)


def _files(folder: Path) -> list[Path]:
    """Return the bag files in a folder, those of the first kind that there is."""
    found = [sorted(folder.glob(f"*{kind}"), key=lambda file: (len(file.name), file.name)) for kind in KINDS]
    return next((files for files in found if files), [])


@contextmanager
def _opened(path: Path) -> Iterator[_Bag]:
    """Open a bag; what the file is to blame for becomes a DataError."""
    try:
        from rosbags import rosbag1, rosbag2
    except ImportError:
        raise MissingExtraError(f"{path} is a ROS bag: reading it needs {install('ros')}") from None
    loose = path.is_dir() and not (path / "metadata.yaml").is_file()
    files = _files(path) if loose else [path]
    ros1 = bool(files) and files[0].suffix == ".bag"
    reader: Any = rosbag1.Reader if ros1 else rosbag2.Reader
    try:
        with ExitStack() as stack:
            yield _Bag([stack.enter_context(reader(file)) for file in files], ros1)
    except FileNotFoundError:
        raise DataError(f"{path} does not exist") from None
    except WindowpaneError:
        raise
    except Exception as error:  # readers of damaged files throw what they like
        raise DataError(f"{path} cannot be read as a ROS bag: {error or 'it is damaged'}") from None


@cache
def _typestore(ros1: bool) -> Any:
    from rosbags.typesys import Stores, get_typestore

    return get_typestore(Stores.ROS1_NOETIC if ros1 else Stores.ROS2_HUMBLE)


def _pair(topics: Mapping[str, int]) -> tuple[str, str] | None:
    """Return the topics of two cameras that look most like stereo: rectified, then with most messages."""
    pairs = [(left, other) for left in topics for other in partners(left) if other in topics]
    return max(pairs, key=lambda pair: ("rect" in pair[0], topics[pair[0]], pair), default=None)


def _info_topic(topic: str, known: set[str]) -> str:
    """/left/image_raw and /left/image_raw/compressed have their camera described in /left/camera_info."""
    camera = re.sub(r"/[^/]*$", "", topic.removesuffix("/compressed"))
    beside, above = f"{camera}/camera_info", f"{re.sub(r'/[^/]*$', '', camera)}/camera_info"
    return above if beside not in known and above in known else beside


# -- Messages ----------------------------------------------------------------------------------------------


def _stamped(bag: _Bag, data: bytes, kind: str, written: int, levels: Levels) -> Stamped:
    """Return time and picture of a message; ``written``: when, in nanoseconds, if its header does not say."""
    try:
        message = bag.message(data, kind)
        stamp = message.header.stamp
        time = stamp.sec + 1e-9 * stamp.nanosec or 1e-9 * written
    except Exception as error:  # a damaged message may break the parser in any way
        return 1e-9 * written, None, f"a message is damaged ({type(error).__name__})"
    try:
        packed = kind == IMAGES[1]
        picture = load(message.data.tobytes(), levels=levels) if packed else decoded(message, levels)
    except (ImageError, ValueError, cv2.error) as error:
        return time, None, f"a picture cannot be decoded: {error}"
    return time, picture, ""


def _calibration(infos: Sequence[Any], *, rectified: bool) -> Calibration:
    """Return what two CameraInfo messages tell; of rectified pictures only the projections count."""
    if rectified:
        left, right = (np.asarray(_field(one, "p"), np.float64).reshape(3, 4) for one in infos)
        return from_projections(left, right, (int(infos[0].height), int(infos[0].width)))
    names = ("height", "width", "distortion_model", "k", "d", "r", "p")
    left_info, right_info = ({name: _field(one, name) for name in names} for one in infos)
    return from_camera_info(left_info, right_info)


def _field(info: Any, name: str) -> Any:
    """Return a field of a CameraInfo, of which ROS 1 has the matrices in capitals."""
    return getattr(info, name) if hasattr(info, name) else getattr(info, name.upper())
