"""The frames of a video, a camera, a stream or a folder of pictures, one at a time (video decoding)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from time import monotonic
from typing import Any, NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ImageError
from windowpane.images import expand, load
from windowpane.images.decoding import quiet_opencv
from windowpane.images.depth import Levels

Frame = NDArray[np.uint8]
SUFFIXES = (
    *(
        ".3gp",
        ".avi",
        ".flv",
        ".m2ts",
        ".m4v",
        ".mjpeg",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".ogv",
    ),
    *(".webm", ".wmv"),
)
_LIVE = re.compile(r"[0-9]{1,2}|(rtsps?|rtmps?|https?|udp|tcp|srt)://.+", re.IGNORECASE)
USUAL_RATE = 25.0
SLACK = 0.02  # share of its frames that a video may lack: some files know their length in seconds only


class Capture(Protocol):
    """What is needed of a ``cv2.VideoCapture``."""

    def read(self) -> tuple[bool, Any]:
        """Return whether there is one more frame, and that frame, (H, W, 3) uint8 BGR."""

    def get(self, property: int, /) -> float:
        """Return a property by its number; 0 or less where it is not known."""


class TimedFrame(NamedTuple):
    """A frame of a film.

    Attributes
    ----------
    number
        From 0 on.
    time
        Seconds since the film's beginning; None where that is not known, as of a folder.
    picture
        (H, W, 3) uint8 RGB.
    """

    number: int
    time: float | None
    picture: Frame


def frames(source: str | os.PathLike[str] | Capture) -> Iterator[Frame]:
    """Yield frames, (H, W, 3) uint8 RGB; one is in memory at a time.

    Parameters
    ----------
    source
        The path of a video, a folder of pictures (in natural order: ``f2`` before ``f10``), the number of a
        camera at this machine (``"0"``), the address of a stream (``rtsp://...``), or an open
        ``cv2.VideoCapture``, which is read from where it stands and left open.

    Raises
    ------
    ImageError
        For a source that cannot be opened, at once; and for a video that breaks off or a picture of a folder
        that cannot be used, after the last good frame before it.
    """
    return (frame.picture for frame in timed_frames(source))


def timed_frames(source: str | os.PathLike[str] | Capture) -> Iterator[TimedFrame]:
    """Yield frames with their numbers and times; else as `frames`."""
    if not isinstance(source, str | os.PathLike):
        return _frames_of(source, "The video")
    name = os.fspath(source)
    if os.path.isdir(name):
        files = list(expand([name]))
        levels = Levels(files)
        return (TimedFrame(number, None, load(path, levels=levels)) for number, path in enumerate(files))
    if is_live(name):
        return _live(name)
    if not os.path.exists(name):
        raise ImageError(f"{name} does not exist; expected a video or a folder of pictures.")
    capture = _opened(name)
    if not capture.isOpened():
        raise ImageError(f"{name} cannot be opened: it is no video, or damaged, or unknown to OpenCV.")
    return _frames_of(capture, name)


def is_film(name: str | os.PathLike[str]) -> bool:
    """Say whether something is a film, a camera or a stream, by its name."""
    return os.fspath(name).lower().endswith(SUFFIXES) or is_live(name)


def is_live(name: str | os.PathLike[str]) -> bool:
    """Say whether something is the number of a camera or the address of a stream, and no file."""
    given = os.fspath(name)
    return bool(_LIVE.fullmatch(given)) and not os.path.exists(given)


def rate_of(path: str | os.PathLike[str]) -> float:
    """Return the mean frames a second of a video file, or what is usual where it does not say so."""
    rate = _property(path, cv2.CAP_PROP_FPS)
    return rate if 0.5 <= rate <= 1000 else USUAL_RATE


def length_of(path: str | os.PathLike[str]) -> int:
    """Return how many frames a video file claims to have; 0 where it does not say so, or is none."""
    return max(0, int(_property(path, cv2.CAP_PROP_FRAME_COUNT)))


def _property(path: str | os.PathLike[str], number: int) -> float:
    if not os.path.isfile(path):
        return 0
    capture = _opened(os.fspath(path))
    value = capture.get(number)
    capture.release()
    return value


def _opened(name: str | int) -> cv2.VideoCapture:
    """Return an open video; of one that cannot be opened OpenCV says nothing of its own."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # FFmpeg prints past OpenCV
    with quiet_opencv():
        return cv2.VideoCapture(name)


def _live(name: str) -> Iterator[TimedFrame]:
    """Return the frames of a camera or stream, with the seconds since the first one."""
    capture = _opened(int(name) if name.isdecimal() else name)
    if not capture.isOpened() and name.isdecimal():
        raise ImageError(
            f"camera {name} cannot be opened: there is none of this number, or another program has it."
        )
    if not capture.isOpened():
        raise ImageError(f"{name} cannot be opened: nothing answers there, or it is no video.")
    return _as_they_come(capture, name)


def _as_they_come(capture: cv2.VideoCapture, name: str) -> Iterator[TimedFrame]:
    count, start = 0, 0.0
    try:
        while (taken := _next(capture))[0]:
            now = monotonic()
            start = now if not count else start
            picture = np.asarray(cv2.cvtColor(taken[1], cv2.COLOR_BGR2RGB), np.uint8)
            yield TimedFrame(count, now - start, picture)
            count += 1
    finally:
        capture.release()
    if not count:
        raise ImageError(f"{name} gives no frame.")


def _frames_of(capture: Capture, name: str) -> Iterator[TimedFrame]:
    claimed = capture.get(cv2.CAP_PROP_FRAME_COUNT) - max(capture.get(cv2.CAP_PROP_POS_FRAMES), 0)
    count, time = 0, None
    while (taken := _next(capture))[0]:
        time = _time(capture, count, time)
        picture = np.asarray(cv2.cvtColor(taken[1], cv2.COLOR_BGR2RGB), np.uint8)
        yield TimedFrame(count, time, picture)
        count += 1
    if not count:
        raise ImageError(f"{name} gives no frame: it is at its end, or damaged.")
    if claimed - count > max(1, SLACK * claimed):
        raise ImageError(f"{name} breaks off after {count} of {claimed:.0f} frames: the rest is damaged.")


def _next(capture: Capture) -> tuple[bool, Any]:
    """Return the next frame; one at which the decoder throws something is the end."""
    try:
        return capture.read()
    except cv2.error:
        return False, None


def _time(capture: Capture, number: int, last: float | None) -> float | None:
    """Return when the frame was taken that was just read: as the film says, or by its rate."""
    time = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
    if time > (0 if last is None else last) or time == number == 0:
        return time
    rate = capture.get(cv2.CAP_PROP_FPS)
    return max(number / rate, last or 0.0) if rate > 0 else None
