"""Patches that a person marked (annotations): a CSV with the columns file, x0, y0, x1, y1, label.

Files are relative to the CSV; boxes are in pixels of the upright picture. Any words may be labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from windowpane.data.annotations.records import Report, refuse
from windowpane.data.label_table import picture_of, read_table
from windowpane.errors import DataError

COLUMNS = ("file", "x0", "y0", "x1", "y1", "label")


@dataclass(frozen=True, slots=True)
class Patches:
    """The patches of one picture: its file, boxes ``(x0, y0, x1, y1)`` and their labels."""

    picture: Path
    boxes: tuple[tuple[float, float, float, float], ...]
    labels: tuple[str, ...]


def read_patches(path: Path, report: Report = refuse) -> list[Patches]:
    """Return the patches of a CSV, picture by picture.

    Parameters
    ----------
    report
        Is told of every missing column, box that is none and missing picture, with the line; by default the
        first one raises DataError.

    Raises
    ------
    DataError
        In any case for a file that cannot be read or has no patch.
    """
    found: dict[Path, list[tuple[tuple[float, float, float, float], str]]] = {}
    _, rows = read_table(path, COLUMNS)
    for number, row in rows:
        if missing := [column for column in COLUMNS if not row.get(column)]:
            report(path, number, f"there is no {', '.join(missing)}; needed: {','.join(COLUMNS)}")
            continue
        try:
            x0, y0, x1, y1 = (float(row[column]) for column in COLUMNS[1:5])
        except ValueError as error:
            report(path, number, f"a box is four numbers of pixels ({error})")
            continue
        picture = picture_of(path.parent, row["file"])
        if not picture.exists():
            report(path, number, f"there is no picture {picture}")
            continue
        found.setdefault(picture, []).append(((x0, y0, x1, y1), row["label"]))
    if not rows:
        raise DataError(f"{path}: there is no patch in it; needed: {','.join(COLUMNS)}")
    return [
        Patches(picture, tuple(box for box, _ in each), tuple(label for _, label in each))
        for picture, each in found.items()
    ]
