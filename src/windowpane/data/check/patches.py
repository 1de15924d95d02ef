"""What is wrong with a CSV of marked patches, found before any training (data validation)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from windowpane.data.check.problem import Findings, Problem
from windowpane.data.check.told import counts, sizes
from windowpane.data.patches import read_patches
from windowpane.errors import ImageError
from windowpane.images import load


def check_patches(table: str | Path) -> Findings:
    """Return the faults of a CSV of patches.

    Found are rows that lack something, pictures that are missing or cannot be read, and boxes that are none
    or reach beyond their picture.

    Raises
    ------
    DataError
        For a file that cannot be read, or without a patch.
    """
    table = Path(table)
    problems: list[Problem] = []
    found = read_patches(table, lambda file, line, message: problems.append(Problem(file, line, message)))
    shapes = []
    for patches in found:
        try:
            height, width = load(patches.picture).shape[:2]
        except ImageError as error:
            problems.append(Problem(table, None, str(error)))
            continue
        shapes.append((height, width))
        for x0, y0, x1, y1 in patches.boxes:
            if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
                message = (
                    f"the box {x0:g}, {y0:g}, {x1:g}, {y1:g} is none or reaches beyond the picture"
                    f" {patches.picture}, which has {width} x {height} pixels"
                )
                problems.append(Problem(table, None, message))
    labels = Counter(label for patches in found for label in patches.labels)
    return Findings(tuple(problems), (sizes(shapes), f"patches: {counts(labels)}"))
