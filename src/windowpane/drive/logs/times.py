"""When the pictures of a recording were taken (timestamps), of files of times or of the pictures' names.

    of_file(Path("mav0/cam0/data.csv"), pictures)      seconds, and what was taken for the time

A line is a time, alone or beside an index, a name or other numbers; KITTI's raw recordings have dates. The
unit is told by how large the numbers are, or how far apart: seconds, milli-, micro- or nanoseconds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from windowpane.errors import DataError

UNITS = (("seconds", 1.0), ("milliseconds", 1e-3), ("microseconds", 1e-6), ("nanoseconds", 1e-9))
SINCE_1970 = ((1e17, 3), (1e14, 2), (1e11, 1))
"""A number so large is a time since 1970 in that unit."""
PERIOD = (0.002, 2.0)
"""Seconds from one picture to the next that a camera may take."""
FILES = ("data.csv", "timestamps.txt", "times.txt", "timestamp.txt", "times.csv", "timestamps.csv")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def beside(folders: Sequence[Path], pictures: Sequence[Path]) -> tuple[list[float], str] | None:
    """Return the times that a file in one of some folders gives, the first there is; None without one.

    Returns the seconds of each picture, and a sentence on what was taken for them, or "" where that is plain.

    Raises
    ------
    DataError
        For a file that cannot be such, and names the line.
    """
    for folder in folders:
        for name in FILES:
            if (folder / name).is_file():
                return of_file(folder / name, pictures)
    return None


def of_file(file: Path, pictures: Sequence[Path]) -> tuple[list[float], str]:
    """Return the seconds of each picture by a file of times; results and errors as `beside`."""
    try:
        rows = _rows(file.read_text(encoding="utf-8-sig"), file)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} cannot be read as times: {error}") from None
    if not rows:
        raise DataError(f"{file} has no times: expected one a line")
    columns = list(zip(*rows.values(), strict=True))
    numbers = {place: values for place, column in enumerate(columns) if (values := _numbers(column))}
    if not numbers:
        raise DataError(
            f"{file}: {' '.join(next(iter(rows.values())))!r} has no time: expected one in seconds a line"
        )
    place = _time_column(numbers)
    for line, value in zip(rows, numbers[place], strict=True):
        if not np.isfinite(value):
            raise DataError(f"{file}, line {line}: {value} is no time: give seconds since a start")
    unit = _unit(numbers[place])
    notes = [f"column {place + 1} of {len(columns)}"] if len(columns) > 1 else []
    notes += [f"in {unit[0]}"] if unit[1] != 1 else []
    seconds = [value * unit[1] if unit[1] == 1 else value / round(1 / unit[1]) for value in numbers[place]]
    stems = {file.stem for file in pictures}
    for column in columns:
        named = [Path(word.replace("\\", "/")).stem for word in column]
        if len(stems & {*named}) > len(stems) / 2 and len({*named}) == len(named):
            return _by_name(file, dict(zip(named, seconds, strict=True)), pictures), _note(file, notes)
    return _by_place(file, seconds, pictures, notes), _note(file, notes)


def of_names(pictures: Sequence[Path]) -> list[float] | None:
    """Return the seconds that the names of pictures tell; None where they are but counted."""
    words = [_NUMBER.findall(file.stem) for file in pictures]
    if not all(words):
        return None
    last = [word[-1] for word in words]
    values = [float(word) for word in last]
    if max(values, default=0.0) > 1e24:
        return None
    if sum("." in word for word in last) > len(last) / 2:
        return values
    steps = np.diff(np.sort(values))
    if len(values) < 2 or (max(values) < SINCE_1970[-1][0] and not np.median(steps) >= 1000):
        return None
    per_second = round(1 / _unit(sorted(values))[1])
    return [int(word) / per_second if word.isdecimal() else float(word) / per_second for word in last]


def _rows(text: str, file: Path) -> dict[int, list[str]]:
    """Return the words of each line, by its number; headings and comments are left out."""
    rows: dict[int, list[str]] = {}
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if not line or line.startswith(("#", "%", "//")):
            continue
        date = _DATE.match(line)
        if date:
            try:
                day = datetime.fromisoformat(f"{date[1]}T{date[2]}").replace(tzinfo=UTC)
            except ValueError:
                raise DataError(f"{file}, line {number}: {line!r} is no date") from None
            words = [f"{int(day.timestamp())}{date[3] or ''}"]
        else:
            words = [word for word in re.split(r"[,;\s]+", line) if word]
        if not rows and all(_number(word) is None for word in words):
            continue  # a heading
        width = len(next(iter(rows.values()), words))
        if len(words) != width:
            raise DataError(f"{file}, line {number}: {len(words)} columns where those before have {width}")
        rows[number] = words
    return rows


def _number(word: str) -> float | None:
    """Return a word as a number, whole ones as they are: a float has too few digits for nanoseconds."""
    try:
        return int(word) if word.isdecimal() and len(word) < 25 else float(word)
    except ValueError:
        return None


def _numbers(column: Sequence[str]) -> list[float]:
    """Return the numbers of a column, none where it has something else."""
    values = [value for word in column if (value := _number(word)) is not None]
    return values if len(values) == len(column) else []


def _time_column(columns: dict[int, list[float]]) -> int:
    """Return which column is the time: the first that goes on and does not only count the lines."""

    def counts(values: list[float]) -> bool:
        return len(values) > 1 and all(b - a == 1 for a, b in pairwise(values))

    rising = [
        place for place, values in columns.items() if values == sorted(values) and values[0] != values[-1]
    ]
    return next((place for place in rising if not counts(columns[place])), (rising or list(columns))[0])


def _unit(values: Sequence[float]) -> tuple[str, float]:
    largest = max(abs(value) for value in values)
    for least, place in SINCE_1970:
        if largest >= least:
            return UNITS[place]
    steps = np.abs(np.diff(np.asarray(values, np.float64)))
    step = float(np.median(steps[steps > 0])) if (steps > 0).any() else 1.0
    return next((unit for unit in UNITS if PERIOD[0] <= step * unit[1] < PERIOD[1]), UNITS[0])


def _by_name(file: Path, times: dict[str, float], pictures: Sequence[Path]) -> list[float]:
    missing = [picture for picture in pictures if picture.stem not in times]
    if missing:
        raise DataError(
            f"{file} has no time of {missing[0].name} and {len(missing) - 1} others: give one of each"
        )
    return [times[picture.stem] for picture in pictures]


def _by_place(file: Path, times: list[float], pictures: Sequence[Path], notes: list[str]) -> list[float]:
    if len(times) < len(pictures):
        raise DataError(f"{file} has {len(times)} times for {len(pictures)} frames: expected one a frame")
    if len(times) == len(pictures):
        return times
    words = [_NUMBER.findall(picture.stem) for picture in pictures]
    places = [int(word[-1]) for word in words if word and word[-1].isdecimal()]
    notes.append(f"{len(times)} times for {len(pictures)} frames")
    if len({*places}) == len(pictures) and max(places) < len(times):
        notes.append("taken by the numbers of the pictures, which count from 0")
        return [times[place] for place in places]
    notes.append("the first are used")
    return times[: len(pictures)]


def _note(file: Path, notes: list[str]) -> str:
    return f"times are of {file.name}: {', '.join(notes)}" if notes else ""
