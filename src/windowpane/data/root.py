"""Where the public data sets are (data root), and whether all of one is there."""

from __future__ import annotations

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
