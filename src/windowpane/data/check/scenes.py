"""What is wrong with a folder of labelled scenes, found before any training (data validation)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from windowpane.data.check.problem import Problem
from windowpane.data.scenes import UNKNOWN, class_names, read_numbers
from windowpane.errors import DataError, ImageError
from windowpane.images import expand, load


def check_scenes(folder: str | Path) -> list[Problem]:
    """Return the faults of a folder of one's own, in the layout of `windowpane.data.scenes.own`.

    Found are pictures and label files that cannot be read or have no partner, sizes that differ, numbers that
    are no class, and classes that no pixel has.

    Raises
    ------
    DataError
        Where there are no pictures or class names.
    """
    folder = Path(folder)
    names = class_names(folder)
    counts = np.zeros(UNKNOWN + 1, np.int64)
    problems: list[Problem] = []
    pictures = [Path(name) for name in expand([folder / "images"])]
    for picture in pictures:
        problems += _faults(picture, folder / "labels" / f"{picture.stem}.png", len(names), counts)
    stems = {picture.stem for picture in pictures}
    for path in sorted((folder / "labels").glob("*.png")):
        if path.stem not in stems:
            problems.append(
                Problem(path, None, f"there is no picture {path.stem} in images/: add or remove it")
            )
    for number, name in enumerate(names):
        if not counts[number]:
            message = f"the class {name!r} has no pixel, so no net can learn it: label some"
            problems.append(Problem(folder / "classes.txt", number + 1, message))
    return problems


def _faults(picture: Path, path: Path, classes: int, counts: np.ndarray) -> Iterator[Problem]:
    """Yield the faults of one scene; add its pixels of each number to ``counts``."""
    if not path.exists():
        yield Problem(picture, None, f"its labels {path} are missing: add them, or remove the picture")
        return
    try:
        numbers = read_numbers(path)
        height, width = load(picture).shape[:2]
    except (DataError, ImageError) as error:
        yield Problem(path if isinstance(error, DataError) else picture, None, str(error).split(": ", 1)[-1])
        return
    if numbers.shape != (height, width):
        sizes = f"{numbers.shape[1]} x {numbers.shape[0]} pixels, and its picture {width} x {height}"
        yield Problem(path, None, f"has {sizes}: make them alike, without smoothing the labels")
        return
    counts += np.bincount(numbers.ravel(), minlength=len(counts))
    for number in np.unique(numbers).tolist():
        if classes <= number < UNKNOWN:
            here = int((numbers == number).sum())
            yield Problem(
                path,
                None,
                f"{here} pixels have the number {number}: classes.txt names 0 to {classes - 1}, and {UNKNOWN}"
                " is unknown",
            )
