"""The frames of a video, a camera or a folder of pictures, one at a time (video decoding)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ImageError
from windowpane.images import expand, load

Frame = NDArray[np.uint8]
SLACK = 0.02  # share of its frames that a video may lack: some files know their length in seconds only


class Capture(Protocol):
    """What is needed of a ``cv2.VideoCapture``."""

    def read(self) -> tuple[bool, Any]:
        """Return whether there is one more frame, and that frame, (H, W, 3) uint8 BGR."""

    def get(self, property: int, /) -> float:
        """Return a property by its number; 0 or less where it is not known."""


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
    if not isinstance(source, str | os.PathLike):
        return _frames_of(source, "The video")
    name = os.fspath(source)
    if os.path.isdir(name):
        return (load(path) for path in expand([name]))
    if not os.path.exists(name):
        raise ImageError(f"{name} does not exist; expected a video or a folder of pictures.")
    capture = cv2.VideoCapture(name)
    if not capture.isOpened():
        raise ImageError(f"{name} cannot be opened: it is no video, or damaged, or unknown to OpenCV.")
    return _frames_of(capture, name)


def _frames_of(capture: Capture, name: str) -> Iterator[Frame]:
    claimed = capture.get(cv2.CAP_PROP_FRAME_COUNT) - max(capture.get(cv2.CAP_PROP_POS_FRAMES), 0)
    count = 0
    while (taken := capture.read())[0]:
        count += 1
        yield np.asarray(cv2.cvtColor(taken[1], cv2.COLOR_BGR2RGB), np.uint8)
    if not count:
        raise ImageError(f"{name} gives no frame: it is at its end, or damaged.")
    if claimed - count > max(1, SLACK * claimed):
        raise ImageError(f"{name} breaks off after {count} of {claimed:.0f} frames: the rest is damaged.")
