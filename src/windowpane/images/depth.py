"""More bits than eight (bit depth): numbers of any kind become levels 0 to 255 (contrast stretching).

    levels = Levels(["walk/0.tif", "walk/1.tif", ...])          # the same black and white for all of a folder
    picture = load("walk/0.tif", levels=levels)

A picture that uses most of what its type can hold is scaled by that. The levels of a camera of 10 or 12
bits, a satellite's reflectances or a thermal camera's counts use a small part of it, and would be black or
grey all over: they are stretched from the least to the most that they use, but for a few pixels. That is the
same for all channels, so that colours stay, and for all pictures of a folder, so that these stay alike.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.images.formats.header import UnusableError

SHARE = 0.1
"""Percent of the numbers that may be below black, and above white."""
SAMPLE = 100_000
"""Numbers of a picture that are looked at to know what it uses."""
TOGETHER = 8
"""Pictures of a folder that are looked at."""
LEAST = 32
"""Whole numbers that lie between black and white at least: noise around one level is not blown up."""

Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers that become black and white, and what is to be said of that."""

    black: float
    white: float
    note: str | None = None


@dataclass(slots=True)
class Levels:
    """What is black and white in pictures of more than eight bits: the same for all of one folder.

    Parameters
    ----------
    names
        The files of which pictures are to be loaded: some of the same folder are looked at, spread evenly.
    together
        Whether all are alike, of whatever folder: as the pictures of two cameras are to be.
    """

    names: Iterable[str | os.PathLike[str]] = ()
    together: bool = False
    _spans: dict[tuple[str, str, int], Span] = field(init=False, default_factory=dict)

    def span(
        self, source: Any, sample: Numbers, channels: int, peek: Callable[[str], Numbers | None]
    ) -> Span:
        """Return what is black and white in a picture.

        Parameters
        ----------
        source
            Its path, or a file with a name; anything else counts as of one folder.
        sample
            Some of its numbers.
        channels
            How many it has.
        peek
            Returns some of the numbers of another file, or None for one without.
        """
        folder = self._folder(source)
        key = folder, sample.dtype.str, channels
        if key not in self._spans:
            names = (os.fspath(name) for name in self.names)
            beside = [name for name in names if self._folder(name) == folder]
            spread = beside[:: -(-len(beside) // TOGETHER)] if beside else []
            others = [numbers for name in spread if (numbers := peek(name)) is not None]
            same = [numbers for numbers in others if numbers.dtype == sample.dtype]
            self._spans[key] = span_of(np.concatenate(same or [sample]), len(same) > 1)
        return self._spans[key]

    def _folder(self, source: Any) -> str:
        name = source if isinstance(source, str | os.PathLike) else getattr(source, "name", None)
        if self.together or not isinstance(name, str | os.PathLike):
            return ""
        return os.path.dirname(os.path.abspath(name))


def sampled(numbers: Numbers, nodata: float | None = None) -> Numbers:
    """Return some of the numbers of a picture, without those that hold nothing."""
    flat = numbers.reshape(-1)
    step = max(1, flat.size // SAMPLE) | 1  # odd, so as to meet all channels and columns
    some = flat[::step]
    some = some[np.isfinite(some)] if some.dtype.kind == "f" else some
    return some if nodata is None or np.isnan(nodata) else some[some != nodata]


def span_of(sample: Numbers, several: bool = False) -> Span:
    """Return what is to be black and white of numbers, by some of them."""
    whole = sample.dtype.kind in "ui"
    top = float(np.iinfo(sample.dtype).max) if whole else 1.0
    if not sample.size:
        return Span(0, top)
    with np.errstate(over="ignore", invalid="ignore"):
        least, low, high, most = np.percentile(sample, [0, SHARE, 100 - SHARE, 100]).tolist()
    if least >= 0 and most <= top * 1.001 and high >= top / 2 and high - low >= top / 4:
        return Span(0, top)
    if least >= 0 and 128 <= most <= 255 and (whole or not np.any(sample % 1)):
        return Span(0, 255)  # eight bits in wider numbers
    if high == low:
        return Span(min(0, low), max(top, high))
    black = 0.0 if 0 <= low < high / 4 else low
    white = max(high, black + LEAST) if whole else high
    of = "floats" if not whole else f"numbers of {8 * sample.dtype.itemsize} bits"
    pictures = "its folder's pictures use" if several else "are used"
    digits = ".0f" if whole else ".4g"
    used = f"{least:{digits}} to {most:{digits}} {pictures}"
    read = f"{black:{digits}} was read as black, {white:{digits}} as white"
    return Span(black, white, f"holds {of}, of which {used}: {read}")


def eight_bits(numbers: Numbers, span: Span) -> NDArray[np.uint8]:
    """Return numbers as levels 0 to 255, rounded."""
    scale = 255 / (span.white - span.black)
    if numbers.dtype == np.uint16:
        above = np.maximum(numbers, np.uint16(span.black)) - np.uint16(span.black)
        levels: Any = cv2.convertScaleAbs(np.ascontiguousarray(above), alpha=scale)
        return np.asarray(levels, np.uint8).reshape(numbers.shape)
    wide: Any = np.float64 if numbers.dtype.itemsize > 4 else np.float32
    with np.errstate(over="ignore", invalid="ignore"):  # numbers far outside, or none
        shifted = (numbers.astype(wide) - span.black) * scale
    return np.asarray(np.rint(np.clip(np.nan_to_num(shifted, nan=0.0), 0, 255)), np.uint8)


def of_array(array: Numbers) -> NDArray[np.uint8]:
    """Return an array as levels 0 to 255; raises UnusableError for numbers that may mean anything."""
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind == "f":
        low, high = float(array.min()), float(array.max())
        if not (low >= -1e-3 and high <= 1.001):  # written so as to refuse NaN; resizing may overshoot
            raise UnusableError(f"holds floats from {low:g} to {high:g}; expected 0..1")
        scaled = cv2.convertScaleAbs(np.clip(array, 0, 1).astype(np.float32), alpha=255)
        return np.asarray(scaled, np.uint8).reshape(array.shape)
    raise UnusableError(f"holds {array.dtype} values; expected uint8, uint16, bool or float in 0..1")
