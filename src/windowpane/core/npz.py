"""Arrays in a file and back (NPZ): plain ones by name, never a pickle.

save("state.npz", {"weights": weights})
load("state.npz", "learner's file")["weights"]
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import DataError


def save(path: str | Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays, compressed, to a file of just this name."""
    with Path(path).open("wb") as file:
        np.savez_compressed(file, **dict[str, Any](arrays))


def load(path: str | Path, what: str) -> dict[str, NDArray[Any]]:
    """Return all arrays of a file.

    Parameters
    ----------
    what
        It should be, for DataError, which is raised where it is none.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is no {what} ({error}): give one that was saved as such") from error
