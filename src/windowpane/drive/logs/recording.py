"""A recording of two cameras (stereo data set): folders of pictures, read pair by pair in natural order.

    for frame in Recording("drive/"):
        frame.left, frame.right, frame.time

Pictures that know when they were taken, by a file of times or by their names, are paired by that; others by
their order. A picture that is missing or cannot be read is None in its frame, with the reason: whoever drives
by it goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from windowpane.drive.logs import pairing, times
from windowpane.drive.logs.layouts import Layout, find
from windowpane.errors import ArgumentError, DataError, ImageError
from windowpane.images import load
from windowpane.images.depth import Levels

Files = tuple[Path | None, Path | None]


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
        With the pictures of two cameras: in two folders, ``image_0`` and ``image_1``, ``image_l`` and
        ``image_r``, ``left`` and ``right`` and the like, in EuRoC's ``mav0/cam0/data`` or KITTI's
        ``image_00/data``, or in one with left and right in their names. In natural order (2 before 10).
    rate
        Frames a second, for the time of each; times in a file (``times.txt``, ``timestamps.txt``,
        ``data.csv``) or in the names of the pictures go before.
    cameras
        The numbers of the left and the right one where there are more than two, as (2, 3).
    tolerance
        Seconds that the two pictures of a frame may be apart.
    offset
        Seconds that are added to the right camera's times.

    Attributes
    ----------
    files
        Of the left and the right picture of each frame, None where there is none.
    times
        Seconds, of each frame.
    cameras
        Which cameras of a calibration took them, None for the first two.
    notes
        What is worth telling: what was taken for the times, what could not be paired.

    Raises
    ------
    DataError
        For a folder without such pictures, for unequal numbers of them without times, for pictures whose
        names have other numbers left and right, for times that are not one a frame, and for clocks that
        never agree.
    ArgumentError
        For a rate that is not above 0, and for a tolerance that is below.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        rate: float = 10.0,
        cameras: tuple[int, int] | None = None,
        tolerance: float = pairing.TOLERANCE,
        offset: float = 0.0,
    ) -> None:
        if not rate > 0:
            raise ArgumentError(f"rate={rate}: give the frames a second, above 0")
        pairing.check(tolerance, offset)
        self.folder = Path(folder)
        layout = find(self.folder, cameras)
        self.cameras = layout.cameras
        self.notes: list[str] = []
        self.files, self.times = self._frames(layout, rate, tolerance, offset)
        self._tolerance = tolerance
        self._levels = Levels([file for pair in self.files for file in pair if file], together=True)

    def __len__(self) -> int:
        return len(self.files)

    def __repr__(self) -> str:
        return f"Recording({str(self.folder)!r}, {len(self)} frames)"

    def __iter__(self) -> Iterator[Frame]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place: int) -> Frame:
        pictures, faults = [], []
        for file, side in zip(self.files[place], ("left", "right"), strict=True):
            picture, fault = None, f"no {side} picture within {1000 * self._tolerance:.0f} ms"
            if file is not None:
                picture, fault = _loaded(file, self._levels)
            pictures.append(picture)
            faults += [fault] if fault else []
        name = next(file.stem for file in self.files[place] if file is not None)
        return Frame(pictures[0], pictures[1], self.times[place], name, "; ".join(faults))

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the first left picture that can be read; raises DataError if none can."""
        for file, _ in self.files:
            picture = None if file is None else _loaded(file, self._levels)[0]
            if picture is not None:
                return int(picture.shape[0]), int(picture.shape[1])
        raise DataError(f"{self.folder}: none of its pictures can be read")

    def _frames(
        self, layout: Layout, rate: float, tolerance: float, offset: float
    ) -> tuple[list[Files], list[float]]:
        """Return the files and the time of each frame."""
        left, right = layout.left, layout.right
        known = [
            self._times_of(side, folders) for side, folders in zip((left, right), layout.folders, strict=True)
        ]
        alike = len(left) == len(right) and [_number(file) for file in left] == [
            _number(file) for file in right
        ]
        if known[0] is not None and known[1] is not None and not alike:
            return self._by_time(
                (left, known[0]), (right, [one + offset for one in known[1]]), tolerance, offset
            )
        files = _in_order(layout)
        if known[0] is None:
            return files, self._shared(left, rate)
        order = np.argsort(known[0], kind="stable")
        return [files[place] for place in order], [known[0][place] for place in order]

    def _times_of(self, pictures: list[Path], folders: Sequence[Path]) -> list[float] | None:
        """Return when the pictures of one camera were taken, as its own file or its names tell."""
        own = [folder for folder in folders if folder != self.folder]
        found = times.beside(own, pictures) if pictures else None
        if found is None:
            named = times.of_names(pictures)
            self._note("times are of the names of the pictures" if named else "")
            return named
        self._note(found[1])
        return found[0]

    def _shared(self, pictures: list[Path], rate: float) -> list[float]:
        """Return the times of frames by a file for both cameras, else by the rate."""
        found = times.beside([self.folder], pictures)
        if found is None:
            return [place / rate for place in range(len(pictures))]
        self._note(found[1])
        return found[0]

    def _by_time(
        self,
        left: tuple[list[Path], list[float]],
        right: tuple[list[Path], list[float]],
        tolerance: float,
        offset: float,
    ) -> tuple[list[Files], list[float]]:
        (left_files, left_times), (right_files, right_times) = (_by_age(*side) for side in (left, right))
        frames = pairing.pair(left_times, right_times, tolerance)
        alone = [sum(frame[side] is None for frame in frames) for side in (1, 0)]
        if sum(alone) == len(frames):
            raise DataError(
                f"{self.folder}: {pairing.never_agree(left_times, right_times, tolerance, offset)}"
            )
        if sum(alone):
            self._note(
                f"{alone[0]} left and {alone[1]} right pictures have no other within {1000 * tolerance:.0f}"
                f" ms: {len(frames) - sum(alone)} of {len(frames)} frames have both"
            )
        files: list[Files] = [
            (None if i is None else left_files[i], None if j is None else right_files[j]) for i, j in frames
        ]
        when = [left_times[i] if i is not None else right_times[j or 0] for i, j in frames]
        return files, when

    def _note(self, note: str) -> None:
        if note and note not in self.notes:
            self.notes.append(note)


def _by_age(files: list[Path], seconds: list[float]) -> tuple[list[Path], list[float]]:
    order = np.argsort(seconds, kind="stable")
    return [files[place] for place in order], [seconds[place] for place in order]


def _in_order(layout: Layout) -> list[Files]:
    """Pair pictures without times, which are as many of either camera, in their order."""
    left, right = layout.left, layout.right
    folder = layout.folders[0][-1].parent if layout.folders[0] != layout.folders[1] else layout.folders[0][0]
    if not left or len(left) != len(right):
        counts = f"{len(left)} pictures in {layout.names[0]} and {len(right)} in {layout.names[1]}"
        raise DataError(
            f"{folder} has {counts}: expected as many, and at least one; or times to pair them by, in a file"
            " of each camera or in their names"
        )
    numbers = [[_number(file) for file in side] for side in (left, right)]
    only = set(numbers[0]) - set(numbers[1])
    # Cameras that count for themselves share no number at all; where most are shared, one is amiss.
    if 0 < len(only) < len(left) / 2:
        stray = next(file for file, number in zip(left, numbers[0], strict=True) if number in only)
        raise DataError(
            f"{stray} has no picture of the same number in {layout.names[1]}: the pairs are out of step"
        )
    return list(zip(left, right, strict=True))


def _number(file: Path) -> str | None:
    found = re.findall(r"\d+(?:\.\d+)?", file.stem)
    return found[-1].lstrip("0") if found else None


def _loaded(file: Path, levels: Levels) -> tuple[NDArray[np.uint8] | None, str]:
    try:
        return load(file, levels=levels), ""
    except ImageError as error:
        return None, str(error)
