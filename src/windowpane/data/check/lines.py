"""What is wrong with pictures of numbers and their ``labels.csv`` (data validation)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from windowpane.data.check.problem import Findings, Problem
from windowpane.data.check.told import counts, sizes
from windowpane.data.label_table import LabelRow, picture_of, read_rows
from windowpane.errors import ImageError
from windowpane.images import expand, load

MIN_HEIGHT = 8
"""Pixels: in a lower picture digits cannot be told apart."""


def check_lines(folder: str | Path) -> Findings:
    """Return the faults of a folder of pictures with a ``labels.csv``, in the order of its lines.

    Found are: rows without a file name, or with a missing, unreadable, blank or too small picture; labels
    that are empty or no digits; a file listed twice; two pictures with the same pixels (worse if their labels
    differ); and pictures that have no row, in the folder and in its sub-folders that rows name.

    Raises
    ------
    DataError
        If there is no ``labels.csv`` with these columns.
    """
    folder = Path(folder)
    table = folder / "labels.csv"
    rows = read_rows(table)
    problems = [Problem(table, row.line, message) for row in rows for message in _label_faults(row)]
    first_row: dict[Path, LabelRow] = {}
    first_look: dict[bytes, LabelRow] = {}
    shapes = []
    for row in rows:
        if not row.name:
            continue
        path = picture_of(folder, row.name)
        earlier = first_row.setdefault(path, row)
        if earlier is not row:
            problems.append(_twice(table, row, earlier, f"{row.name} is listed again"))
            continue
        try:
            picture = load(path)
        except ImageError as error:
            problems.append(Problem(table, row.line, str(error)))
            continue
        shapes.append(picture.shape[:2])
        problems += [Problem(table, row.line, message) for message in _picture_faults(row, picture)]
        alike = first_look.setdefault(fingerprint(picture), row)
        if alike is not row:
            what = f"{row.name} shows the same pixels as {alike.name}"
            problems.append(_twice(table, row, alike, what))
    problems.sort(key=lambda problem: problem.line or 0)
    return Findings((*problems, *_unlabelled(folder, set(first_row))), (sizes(shapes), *_found(rows)))


def _found(rows: list[LabelRow]) -> Iterator[str]:
    lengths = Counter(len(row.label) for row in rows)
    yield "numbers by how many digits they have: " + counts(
        {str(key): lengths[key] for key in sorted(lengths)}
    )
    digits = Counter(sign for row in rows for sign in row.label if sign in "0123456789")
    yield "digits: " + counts({key: digits[key] for key in sorted(digits)})


def _label_faults(row: LabelRow) -> Iterator[str]:
    if not row.name:
        yield "the row names no file"
    if not row.label:
        yield f"{row.name or 'the row'} has an empty label; write the digits that the picture shows"
    elif not (row.label.isascii() and row.label.isdigit()):
        yield f"the label {row.label!r} is not digits only; write just 0 to 9"


def _picture_faults(row: LabelRow, picture: NDArray[np.uint8]) -> Iterator[str]:
    height, width = picture.shape[:2]
    if height < MIN_HEIGHT or width < MIN_HEIGHT:
        yield f"{row.name} is {width} x {height} pixels, too small to read; at least {MIN_HEIGHT} each way"
    elif int(picture.max()) - int(picture.min()) == 0:
        yield f"{row.name} is blank: all its pixels are equal"


def _twice(table: Path, row: LabelRow, earlier: LabelRow, what: str) -> Problem:
    """Two rows of one picture: what matters is whether their labels agree."""
    if row.label == earlier.label:
        return Problem(table, row.line, f"{what} (line {earlier.line}); remove one", warning=True)
    labels = f"{row.label!r}, there {earlier.label!r}"
    return Problem(table, row.line, f"{what} (line {earlier.line}) with another label: {labels}")


def fingerprint(picture: NDArray[np.uint8]) -> bytes:
    """Return what is the same for pictures of the same pixels, whatever their files' format."""
    return hashlib.blake2b(repr(picture.shape).encode() + picture.tobytes(), digest_size=16).digest()


def _unlabelled(folder: Path, listed: set[Path]) -> Iterator[Problem]:
    """The pictures of the folder, and of sub-folders that rows name, that no row names."""
    for part in sorted({folder, *(path.parent for path in listed)}):
        if part.is_dir():
            for file in map(Path, expand([part])):
                if file.is_file() and file not in listed:
                    message = "has no row in labels.csv; add one or remove the picture"
                    yield Problem(file, None, message, warning=True)
