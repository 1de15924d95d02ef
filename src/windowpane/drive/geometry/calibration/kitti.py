"""KITTI's calibrations of rectified pictures (``calib.txt`` and ``calib_cam_to_cam.txt``).

Lines ``P0: `` and 12 numbers, or the 12 numbers alone: projections (3, 4). 0 and 1 are the grey pair, 2 and 3
the colour pair. Which of them took the pictures, the folders beside the file tell.

Source: Geiger et al. 2013, "Vision meets robotics: the KITTI dataset", section IV.
"""

from __future__ import annotations

import re
from pathlib import Path

from windowpane.drive.geometry.calibration.records import Calibration, from_projections, matrix

_LINE = re.compile(r"^(\w+:)?[ \t]*[-+\d.eE]+([ \t]+[-+\d.eE]+){11}[ \t]*$", re.MULTILINE)


def is_kitti(text: str) -> bool:
    """Say whether a text has a projection of KITTI's."""
    return _LINE.search(text) is not None


def read(file: Path, text: str, cameras: tuple[int, int] | None) -> Calibration:
    """Return the calibration of two of the cameras; None: of those whose pictures are beside the file."""
    lines = [line for line in text.splitlines() if line.strip()]
    found, sizes = {}, {}
    for place, line in enumerate(lines):
        name, colon, numbers = line.rpartition(":")
        name = name.strip() if colon else f"P{place}"
        if re.fullmatch(r"P(_rect_0)?\d", name):
            found[f"P{name[-1]}"] = matrix(numbers.split(), 3)
        elif re.fullmatch(r"S_rect_0\d", name):
            width, height = map(float, numbers.split())
            sizes[name[-1]] = int(height), int(width)
    left, right = cameras or pictured(file.parent)
    return from_projections(found[f"P{left}"], found[f"P{right}"], sizes.get(str(left)))


def pictured(folder: Path) -> tuple[int, int]:
    """Return the cameras whose pictures are in a folder: (2, 3) where there are only theirs, else (0, 1)."""
    grey, colour = (
        any((one / f"image_{number}").is_dir() for one in _near(folder) for number in pair)
        for pair in (("0", "1", "00", "01"), ("2", "3", "02", "03"))
    )
    return (2, 3) if colour and not grey else (0, 1)


def _near(folder: Path) -> list[Path]:
    """Return a folder and, as the raw recordings have it, the drives in it."""
    drives = sorted(folder.glob("*_drive_*")) if folder.is_dir() else []
    return [folder, *drives]
