"""The table of labels of a folder of pictures (CSV): ``labels.csv`` with the columns ``file`` and ``label``.

Spreadsheets may have written it: with a byte order mark, columns in any order, and further ones for people.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

from windowpane.errors import DataError

COLUMNS = ("file", "label")


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
        If there is no such file, if it is no text in UTF-8, or if a column is missing.
    """
    try:
        text = table.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{table} does not exist: write one with the columns file,label") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{table} cannot be read as UTF-8 text ({error}): save it as such") from None
    reader = csv.DictReader(text.splitlines(), restval="")
    if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
        raise DataError(
            f"{table}: the first line must name the columns file and label, as in 'file,label'; it has no"
            f" column {' and no '.join(missing)}"
        )
    return [LabelRow(reader.line_num, row["file"].strip(), row["label"].strip()) for row in reader]
