"""What a navigator knows, in a file and back: an NPZ of plain arrays, never a pickle.

save(navigator, "drive.npz")
load(navigator, "drive.npz")         # of a new one with the same cameras; it goes on where the other was
"""

from __future__ import annotations

import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from windowpane.core.last_layer import SoftmaxLearner
from windowpane.drive.localization.localizer import Anchor
from windowpane.errors import DataError

if TYPE_CHECKING:
    from windowpane.drive.navigator import Navigator


def save(navigator: Navigator, path: str | Path) -> None:
    """Write map, pose, where odom is in the world, and what the last layer learned."""
    arrays: dict[str, Any] = {
        "pose": navigator.whereabouts.T_odom_robot,
        "anchor": np.array(list(asdict(navigator.anchor).values()), np.float64),
        **{f"map.{name}": one for name, one in navigator.map.state().items()},
    }
    if navigator.loop is not None:
        arrays |= {f"learner.{name}": one for name, one in navigator.loop.learner.arrays().items()}
    with Path(path).open("wb") as file:
        np.savez_compressed(file, **arrays)


def load(navigator: Navigator, path: str | Path) -> None:
    """Give a navigator what another one had saved; raises DataError for a file that does not fit it."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        anchor, learned = Anchor(*arrays["anchor"].tolist()), _part(arrays, "learner.")
        learner = SoftmaxLearner.from_arrays(learned) if learned else None
        navigator.map.restore(_part(arrays, "map."))
        navigator.whereabouts.go_on(arrays["pose"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is no navigator's file ({error}): give one that it saved") from error
    navigator.anchor = anchor
    if navigator.loop is not None and learner is not None:
        navigator.loop.learner = learner


def _part(arrays: dict[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """Return the arrays whose names begin so, without that."""
    return {name.removeprefix(prefix): one for name, one in arrays.items() if name.startswith(prefix)}
