"""A recording of two cameras (stereo data set): folders of pictures, read pair by pair in natural order.

    for frame in Recording("drive/"):
        frame.left, frame.right, frame.time

A picture that cannot be read is None in its frame, with the reason: whoever drives by it goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ArgumentError, DataError, ImageError
from windowpane.images import expand, load

FOLDERS = (("image_0", "image_1"), ("image_l", "image_r"), ("left", "right"), ("image_2", "image_3"))


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What both cameras saw at one moment.

    Attributes
    ----------
    left, right
        (H, W, 3) uint8 RGB, upright, as the camera took them; None where there is no picture.
    time
        Seconds.
    name
        Of the left picture, without its ending.
    reason
        Why a picture is None, else empty.
    """

    left: NDArray[np.uint8] | None
    right: NDArray[np.uint8] | None
    time: float
    name: str
    reason: str = ""

    def __repr__(self) -> str:
        sides = [one.shape[:2] if one is not None else None for one in (self.left, self.right)]
        given = ", ".join(f"{side[1]}x{side[0]}" if side else "no picture" for side in sides)
        reason = f", reason={self.reason!r}" if self.reason else ""
        return f"Frame({self.name!r}, {given}, {self.time:g} s{reason})"


class Recording:
    """The frames of a recording, each read when it is asked for; can be gone through again and again.

    Parameters
    ----------
    folder
        With two folders of pictures, ``image_0`` and ``image_1``, ``image_l`` and ``image_r`` or ``left`` and
        ``right`` (or ``image_2`` and ``image_3``), which are paired in natural order (2 before 10).
    rate
        Frames a second, for the time of each; a file ``times.txt`` with one time in seconds a line, as KITTI
        has it, goes before.

    Raises
    ------
    DataError
        For a folder without such pictures, for unequal numbers of them, for pictures whose names have other
        numbers left and right, and for times that are not one a frame.
    ArgumentError
        For a rate that is not above 0.
    """

    def __init__(self, folder: str | Path, *, rate: float = 10.0) -> None:
        if not rate > 0:
            raise ArgumentError(f"rate={rate}: give the frames a second, above 0")
        self.folder = Path(folder)
        left, right = self._pair_of_folders()
        self.files = _paired(left, right)
        self.times = self._times(rate)

    def __len__(self) -> int:
        return len(self.files)

    def __repr__(self) -> str:
        return f"Recording({str(self.folder)!r}, {len(self)} frames)"

    def __iter__(self) -> Iterator[Frame]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place: int) -> Frame:
        left_file, right_file = self.files[place]
        (left, left_fault), (right, right_fault) = _loaded(left_file), _loaded(right_file)
        reason = "; ".join(fault for fault in (left_fault, right_fault) if fault)
        return Frame(left, right, self.times[place], left_file.stem, reason)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the first left picture that can be read; raises DataError if none can."""
        for file, _ in self.files:
            picture, _ = _loaded(file)
            if picture is not None:
                return int(picture.shape[0]), int(picture.shape[1])
        raise DataError(f"{self.folder}: none of its pictures can be read")

    def _pair_of_folders(self) -> tuple[Path, Path]:
        for names in FOLDERS:
            left, right = (self.folder / name for name in names)
            if left.is_dir() and right.is_dir():
                return left, right
        expected = ", ".join(f"{left} and {right}" for left, right in FOLDERS[:3])
        given = "no stereo recording in this folder" if self.folder.is_dir() else "no such folder"
        raise DataError(f"{self.folder}: {given}; expected two folders of pictures, {expected}")

    def _times(self, rate: float) -> list[float]:
        file = self.folder / "times.txt"
        if not file.is_file():
            return [place / rate for place in range(len(self))]
        try:
            times = [float(line) for line in file.read_text(encoding="utf-8").split()]
        except (OSError, ValueError) as error:
            raise DataError(f"{file} cannot be read as one time in seconds a line: {error}") from None
        if len(times) < len(self):
            raise DataError(f"{file} has {len(times)} times for {len(self)} frames: expected one a frame")
        return times[: len(self)]


def _paired(left: Path, right: Path) -> list[tuple[Path, Path]]:
    files = [[Path(name) for name in expand([folder]) if Path(name).is_file()] for folder in (left, right)]
    if not files[0] or len(files[0]) != len(files[1]):
        counts = f"{len(files[0])} pictures in {left.name} and {len(files[1])} in {right.name}"
        raise DataError(f"{left.parent} has {counts}: expected as many, and at least one")
    numbers = [[_number(file) for file in side] for side in files]
    only = set(numbers[0]) - set(numbers[1])
    # Cameras with clocks of their own share no number at all; where most are shared, one is amiss.
    if 0 < len(only) < len(files[0]) / 2:
        stray = next(file for file, number in zip(files[0], numbers[0], strict=True) if number in only)
        raise DataError(
            f"{stray} has no picture of the same number in {right.name}: the pairs are out of step"
        )
    return list(zip(*files, strict=True))


def _number(file: Path) -> int | None:
    found = re.findall(r"\d+", file.stem)
    return int(found[-1]) if found else None


def _loaded(file: Path) -> tuple[NDArray[np.uint8] | None, str]:
    try:
        return load(file), ""
    except ImageError as error:
        return None, str(error)
