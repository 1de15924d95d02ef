"""Patches that a person marked (annotations): a CSV with the columns file, x0, y0, x1, y1, label.

Files are relative to the CSV; boxes are in pixels of the upright picture. Any words may be labels.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from windowpane.errors import DataError

COLUMNS = ("file", "x0", "y0", "x1", "y1", "label")


@dataclass(frozen=True, slots=True)
class Patches:
    """The patches of one picture: its file, boxes ``(x0, y0, x1, y1)`` and their labels."""

    picture: Path
    boxes: tuple[tuple[float, float, float, float], ...]
    labels: tuple[str, ...]


def read_patches(path: Path) -> list[Patches]:
    """Return the patches of a CSV, picture by picture.

    Raises DataError, with the line, for a missing file or column, a box that is none, and a missing picture.
    """
    try:
        lines = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: the patches cannot be read ({error})") from None
    found: dict[Path, list[tuple[tuple[float, float, float, float], str]]] = {}
    for number, line in enumerate(lines, start=2):
        if missing := [column for column in COLUMNS if not line.get(column)]:
            raise DataError(f"{path}:{number}: there is no {', '.join(missing)}; needed: {','.join(COLUMNS)}")
        try:
            x0, y0, x1, y1 = (float(line[column]) for column in COLUMNS[1:5])
        except ValueError as error:
            raise DataError(f"{path}:{number}: a box is four numbers of pixels ({error})") from None
        picture = path.parent / line["file"]
        if not picture.exists():
            raise DataError(f"{path}:{number}: there is no picture {picture}")
        found.setdefault(picture, []).append(((x0, y0, x1, y1), line["label"].strip()))
    if not found:
        raise DataError(f"{path}: there is no patch in it; needed: {','.join(COLUMNS)}")
    return [
        Patches(picture, tuple(box for box, _ in each), tuple(label for _, label in each))
        for picture, each in found.items()
    ]
