"""Tables of labels (CSV): ``labels.csv`` with the columns ``file`` and ``label``, and others like it.

Spreadsheets may have written it: in any encoding, with commas, semicolons or tabs, with blanks around and
capitals in the names of columns, with columns in any order, and further ones for people.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from os.path import isfile  # unlike Path.is_file it takes any text
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from windowpane.data.text import read_text
from windowpane.errors import DataError
from windowpane.images import SUFFIXES

COLUMNS = ("file", "label")
_OTHERS = {  # how labelling tools call them
    "file": ("filename", "file_name", "image", "image_path", "path", "img", "name"),
    "label": ("words", "text", "plate_text", "transcription", "number", "value", "labels"),
}


class LabelRow(NamedTuple):
    """A row of the table: its line (the first of the file is 1), the picture's name, what it shows."""

    line: int
    name: str
    label: str


def read_rows(table: Path) -> list[LabelRow]:
    """Return the rows of a table as they are, whether or not a net can be trained on them.

    Raises
    ------
    DataError
        If there is no such file, if it is no text, or if a column is missing.
    """
    if not table.exists():
        raise DataError(f"{table} does not exist: write one with the columns file,label")
    columns, rows = read_table(table, COLUMNS)
    if missing := [column for column in COLUMNS if column not in columns]:
        raise DataError(
            f"{table}: the first line must name the columns file and label, as in 'file,label'; it has no"
            f" column {' and no '.join(missing)}{_hint(columns)}"
        )
    return [LabelRow(line, row.get("file", ""), row.get("label", "")) for line, row in rows]


def read_table(table: Path, wanted: Sequence[str]) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the names of a table's columns, in small letters, and its rows with their lines.

    Raises DataError for what is no text.

    Parameters
    ----------
    wanted
        Columns that should be there: what separates them separates all.
    """
    lines = read_text(table).splitlines()
    header = lines[0] if lines else ""
    mark = max(",;\t|", key=lambda mark: len(set(wanted) & set(_fields(header, mark))))
    reader = csv.reader(lines, delimiter=mark, skipinitialspace=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        rows = [(reader.line_num, [value.strip() for value in row]) for row in reader if any(row)]
    except csv.Error as error:
        raise DataError(f"{table}:{reader.line_num}: is no row of a table: {error}") from None
    return columns, [(line, dict(zip(columns, row, strict=False))) for line, row in rows]


def picture_of(folder: Path, name: str) -> Path:
    """Return the picture that a row names: as written, as Windows writes it, or by its file name alone."""
    written = name.replace("\\", "/")
    tries = (folder / name, folder / written, folder / PurePosixPath(written).name)
    return next((path for path in tries if isfile(path)), folder / name)


def _fields(header: str, mark: str) -> list[str]:
    return [name.strip(" \t\"'").lower() for name in header.split(mark)]


def _hint(columns: Sequence[str]) -> str:
    """End a sentence about columns that are missing with what may be the cause."""
    if any(name.endswith(SUFFIXES) for name in columns):
        return ": its first line is a row already, so put one above it"
    renamed = [
        f"{name} {column}"
        for column, others in _OTHERS.items()
        for name in columns
        if name in others and column not in columns
    ]
    return f", but {', '.join(columns)}: call {' and '.join(renamed)}" if renamed else ""
