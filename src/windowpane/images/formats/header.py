"""What a picture file says of itself before it is decoded (metadata), of whatever format it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

FIRST = "of which the first was read"
"""The end of a note on a file of several pictures."""


class UnusableError(Exception):
    """Why a source cannot be used: the end of a sentence that begins with its name."""


def undecodable(error: Exception) -> UnusableError:
    """Return the error of a picture at which a decoder threw another one."""
    if isinstance(error, UnusableError):
        return error
    lines = str(error).strip().splitlines() or [""]
    kind = "" if isinstance(error, OSError | SyntaxError | ValueError) and lines[0] else type(error).__name__
    said = ": ".join(part for part in (kind, lines[0].rstrip(".")) if part)
    return UnusableError(f"cannot be decoded: {said}")


@dataclass(slots=True)
class Header:
    """What a file says of itself; the reader of its format fills it, or raises struct.error if it ends early.

    Attributes
    ----------
    kind
        The format's name.
    alpha
        "straight", "premultiplied" or "none".
    transparent
        The one transparent level of a grey PNG.
    inverted
        Whether zero is white.
    nodata
        The value of pixels that hold nothing.
    pixels
        Those of a file that are as plain as its header.
    decode
        What reads the pixels where OpenCV alone would get them wrong.
    notes
        What is not as one would expect: the ends of sentences that begin with the picture's name.
    """

    kind: str
    max_pixels: int
    width: int = 0
    height: int = 0
    orientation: int = 1
    alpha: str = "straight"
    transparent: int | None = None
    inverted: bool = False
    nodata: float | None = None
    pixels: NDArray[Any] | None = None
    decode: Callable[[bytes], NDArray[Any]] | None = None
    notes: list[str] = field(default_factory=list)

    def claim(self, width: int, height: int) -> None:
        """Take over a size; raises UnusableError for none, and for one that is too large."""
        if width <= 0 or height <= 0:
            raise UnusableError(f"has no pixels: its size is {width} x {height}")
        if width * height > self.max_pixels:
            raise UnusableError(
                f"claims {width} x {height} pixels, more than max_pixels = {self.max_pixels:,}; "
                "raise that if you trust the image"
            )
        self.width, self.height = width, height

    def first_of(self, count: int, what: str) -> None:
        """Note that of several frames or pages only the first is read."""
        if count > 1:
            self.notes.append(f"has {count} {what}, {FIRST}")


def values(pixels: NDArray[Any]) -> NDArray[np.generic]:
    """Return pixels without an axis of one channel."""
    return pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
