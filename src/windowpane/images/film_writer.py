"""Films out (video encoding): H.264 or VP9, which browsers play, where PyAV is installed; else MPEG-4."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.errors import WindowpaneError, install

WRITTEN = (".avi", ".m4v", ".mkv", ".mov", ".mp4")
"""The suffixes of what can hold such films."""

ENCODERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("libx264", {"crf": "20", "preset": "veryfast"}),
    ("libopenh264", {}),
    ("libvpx-vp9", {"crf": "32", "b": "0", "deadline": "realtime", "cpu-used": "7"}),
)
"""What PyAV may have, the best first."""


class FilmWriter:
    """Writes a film without sound, whose frames are all of one size and equally far apart.

    Parameters
    ----------
    path
        A file of one of the suffixes `WRITTEN`.
    rate
        Frames a second.

    Attributes
    ----------
    note
        What is to be said of the film, if it is none that browsers play; known with its first frame.
    """

    def __init__(self, path: Path, rate: float) -> None:
        self.path, self.rate = path, rate
        self.note: str | None = None
        self._film: _Encoded | _Mpeg4 | None = None

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Add a picture (H, W, 3) uint8 RGB, less a last row or column where its sides are odd.

        Raises
        ------
        WindowpaneError
            Where the file cannot be written.
        """
        height, width = (side // 2 * 2 for side in picture.shape[:2])  # codecs want even sides
        with self._explained(width, height):
            if self._film is None:
                self._film = self._begun(width, height)
            self._film.add(np.ascontiguousarray(picture[:height, :width]))

    def close(self) -> None:
        """End the film; raises WindowpaneError where its last frames cannot be written."""
        if self._film is not None:
            with self._explained(*self._film.size):
                self._film.close()

    def _begun(self, width: int, height: int) -> _Encoded | _Mpeg4:
        self.path.open("wb").close()  # coders notice late that they cannot write
        if encoded := _Encoded.begun(self.path, self.rate, (width, height)):
            return encoded
        film = _Mpeg4(self.path, self.rate, (width, height))
        self.note = (
            f"{self.path} is MPEG-4 video, which players show and browsers do not: for H.264 or VP9 run"
            f" {install('film')}"
        )
        return film

    @contextmanager
    def _explained(self, width: int, height: int) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # of the disk or a coder
            raise WindowpaneError(
                f"{self.path}: the video cannot be written: there, or by the coders here, or of"
                f" {width} x {height} pixels ({getattr(error, 'strerror', None) or error})"
            ) from None


class _Mpeg4:
    """What OpenCV can always write."""

    def __init__(self, path: Path, rate: float, size: tuple[int, int]) -> None:
        self.size, opencv = size, cv2
        self._video = opencv.VideoWriter(str(path), opencv.VideoWriter.fourcc(*"mp4v"), rate, size)
        if not self._video.isOpened():
            raise OSError("OpenCV has no MPEG-4 coder for it")

    def add(self, picture: NDArray[np.uint8]) -> None:
        self._video.write(np.ascontiguousarray(picture[..., ::-1]))

    def close(self) -> None:
        self._video.release()


class _Encoded:
    """What PyAV writes."""

    def __init__(self, av: Any, path: Path, rate: float, size: tuple[int, int], coder: Any) -> None:
        self.size, (name, options) = size, coder
        faststart = {"movflags": "+faststart"} if path.suffix.lower() in (".mp4", ".m4v", ".mov") else {}
        self._av, self._file = av, av.open(str(path), "w", options=faststart)
        exact = Fraction(rate).limit_denominator(65535)
        self._stream = self._file.add_stream(name, rate=exact, options=dict(options))
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"

    @classmethod
    def begun(cls, path: Path, rate: float, size: tuple[int, int]) -> _Encoded | None:
        """Return a film that is begun, or None where there is no encoder for it."""
        try:
            import av
        except ImportError:
            return None
        known = av.codecs_available
        coder = next((one for one in ENCODERS if one[0] in known), None)
        return None if coder is None or path.suffix.lower() == ".avi" else cls(av, path, rate, size, coder)

    def add(self, picture: NDArray[np.uint8]) -> None:
        frame = self._av.VideoFrame.from_ndarray(picture, format="rgb24")
        self._file.mux(self._stream.encode(frame))

    def close(self) -> None:
        self._file.mux(self._stream.encode())
        self._file.close()
