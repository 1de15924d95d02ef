"""Where the public data sets are (data root), and whether all of one is there."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from windowpane.errors import DataError


def data_root() -> Path:
    """Return the folder of the public data sets: ``$WINDOWPANE_DATA``, else ``../shared/data``.

    Raises
    ------
    DataError
        When neither is a folder.
    """
    root = Path(os.environ.get("WINDOWPANE_DATA") or "../shared/data")
    if not root.is_dir():
        raise DataError(
            f"no data sets at {root}: set WINDOWPANE_DATA to the folder that holds digits/, faces/, scenes/"
        )
    return root


def existing(path: Path) -> Path:
    """Return the path of a file or folder of a data set.

    Raises
    ------
    DataError
        Where there is none.
    """
    if not path.exists():
        raise DataError(
            f"the data set lacks {path}: see its README, or the guide for one of your own, for the layout"
            " expected"
        )
    return path


def rows_of(table: Path) -> list[dict[str, str]]:
    """Return the rows of a data set's table (CSV, UTF-8), each by the names of its columns.

    Raises
    ------
    DataError
        Where there is none, and for one that is no text.
    """
    try:
        with existing(table).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except UnicodeDecodeError as error:
        raise DataError(f"{table} is no text in UTF-8 ({error}): build the set again") from error
