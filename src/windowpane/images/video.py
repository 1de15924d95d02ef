"""The frames of a video, a camera or a folder of pictures, one at a time; and videos out (video coding)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ImageError, WindowpaneError
from windowpane.images import expand, load

Frame = NDArray[np.uint8]
SUFFIXES = (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".webm", ".wmv")
WRITTEN = (".avi", ".m4v", ".mkv", ".mov", ".mp4")
"""Of these, what holds the MPEG-4 video that OpenCV can always write."""
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
        The path of a video, a folder of pictures (in natural order: ``f2`` before ``f10``), or an open
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
        return (TimedFrame(number, None, load(path)) for number, path in enumerate(expand([name])))
    if not os.path.exists(name):
        raise ImageError(f"{name} does not exist; expected a video or a folder of pictures.")
    capture = cv2.VideoCapture(name)
    if not capture.isOpened():
        raise ImageError(f"{name} cannot be opened: it is no video, or damaged, or unknown to OpenCV.")
    return _frames_of(capture, name)


def is_film(name: str | os.PathLike[str]) -> bool:
    """Say whether a file is a film by its name."""
    return os.fspath(name).lower().endswith(SUFFIXES)


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
    capture = cv2.VideoCapture(os.fspath(path))
    value = capture.get(number)
    capture.release()
    return value


def _frames_of(capture: Capture, name: str) -> Iterator[TimedFrame]:
    claimed = capture.get(cv2.CAP_PROP_FRAME_COUNT) - max(capture.get(cv2.CAP_PROP_POS_FRAMES), 0)
    count, time = 0, None
    while (taken := capture.read())[0]:
        time = _time(capture, count, time)
        picture = np.asarray(cv2.cvtColor(taken[1], cv2.COLOR_BGR2RGB), np.uint8)
        yield TimedFrame(count, time, picture)
        count += 1
    if not count:
        raise ImageError(f"{name} gives no frame: it is at its end, or damaged.")
    if claimed - count > max(1, SLACK * claimed):
        raise ImageError(f"{name} breaks off after {count} of {claimed:.0f} frames: the rest is damaged.")


def _time(capture: Capture, number: int, last: float | None) -> float | None:
    """Return when the frame was taken that was just read: as the film says, or by its rate."""
    time = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
    if time > (0 if last is None else last) or time == number == 0:
        return time
    rate = capture.get(cv2.CAP_PROP_FPS)
    return max(number / rate, last or 0.0) if rate > 0 else None


class FilmWriter:
    """Writes a video, MPEG-4 without sound, whose frames are all of one size and equally far apart.

    Parameters
    ----------
    path
        A file of one of the suffixes `WRITTEN`.
    rate
        Frames a second.
    """

    def __init__(self, path: Path, rate: float) -> None:
        self.path, self.rate = path, rate
        self._video: Any = None

    def add(self, picture: Frame) -> None:
        """Add a picture (H, W, 3) uint8 RGB, less a last row or column where its sides are odd.

        Raises
        ------
        WindowpaneError
            Where the file cannot be written.
        """
        height, width = (side // 2 * 2 for side in picture.shape[:2])  # codecs want even sides
        if self._video is None:
            opencv = cv2
            codec = opencv.VideoWriter.fourcc(*"mp4v")
            self._video = opencv.VideoWriter(str(self.path), codec, self.rate, (width, height))
            if not self._video.isOpened():
                raise WindowpaneError(
                    f"{self.path}: the video cannot be written: there, or by this OpenCV, or of"
                    f" {picture.shape[1]} x {picture.shape[0]} pixels"
                )
        self._video.write(np.ascontiguousarray(picture[:height, :width, ::-1]))

    def close(self) -> None:
        """End the video."""
        if self._video is not None:
            self._video.release()
