"""Where the pictures of two cameras lie in a folder (layout of stereo data sets), and which of them are used.

    find(Path("MH_01_easy"))        mav0/cam0/data and mav0/cam1/data

Two folders, as KITTI, EuRoC and most tools have them, their pictures in them or in ``data/`` below; or one
folder with names like ``left01.png`` and ``right01.png``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from windowpane.drive.geometry.sides import LETTERS, SIDES, mentions, partners
from windowpane.errors import DataError
from windowpane.images import expand

FOLDERS = (("image_0", "image_1"), ("image_l", "image_r"), ("left", "right"), ("image_2", "image_3"))
COLOUR = (("image_2", "image_3"), ("image_02", "image_03"))
EXPECTED = (
    ", ".join(f"{left} and {right}" for left, right in FOLDERS)
    + ", EuRoC's mav0/cam0/data, KITTI's image_00/data, or names with left and right in one folder"
)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The pictures of both cameras.

    Attributes
    ----------
    left, right
        Of each camera, in natural order.
    folders
        Of each, where a file with its times may be, the nearest first.
    names
        What messages call them.
    cameras
        Their numbers as a calibration counts them, None for the first two.
    """

    left: list[Path]
    right: list[Path]
    folders: tuple[list[Path], list[Path]]
    names: tuple[str, str]
    cameras: tuple[int, int] | None = None


def find(folder: Path, cameras: tuple[int, int] | None = None) -> Layout:
    """Return the pictures of two cameras in a folder, of those with the given numbers if there are several.

    Raises DataError for a folder without.
    """
    if not folder.is_dir():
        given = "is a file" if folder.is_file() else "no such folder"
        raise DataError(f"{folder}: {given}; expected two folders of pictures, {EXPECTED}; or a ROS bag")
    empty = None
    for left, right in _pairs(folder, cameras):
        found = _two_folders(folder, left, right)
        if found.left and found.right:
            return found
        empty = empty or found
    if empty is None and cameras is None:
        empty = _one_folder(folder)
    if empty is None:
        raise DataError(f"{folder}: {_lacks(folder, cameras)}; expected two folders of pictures, {EXPECTED}")
    return empty


def _lacks(folder: Path, cameras: tuple[int, int] | None) -> str:
    if cameras is not None:
        return f"no folders of cameras {cameras[0]} and {cameras[1]} in this folder"
    if (folder / "rgb").is_dir() and (folder / "depth").is_dir():
        return "a recording of one camera and depth (TUM RGB-D), and a second camera is needed"
    return "no stereo recording in this folder"


def _pairs(folder: Path, cameras: tuple[int, int] | None) -> Iterator[tuple[Path, Path]]:
    """Yield the folders that may be those of two cameras, the likeliest first."""
    for base in (folder, folder / "mav0"):
        inside = {one.name for one in base.iterdir() if one.is_dir()} if base.is_dir() else set()
        if cameras is not None:
            patterns = ("image_{}", "image_{:02d}", "cam{}", "camera_{}", "cam_{}")
            names = [(one.format(cameras[0]), one.format(cameras[1])) for one in patterns]
        else:
            alike = [(name, other) for name in sorted(inside) for other in partners(name)]
            names = [*FOLDERS, ("image_00", "image_01"), ("cam0", "cam1"), *alike]
        for left, right in names:
            if left in inside and right in inside and left != right:
                yield base / left, base / right


def _two_folders(folder: Path, left: Path, right: Path) -> Layout:
    files, times = [], []
    for side in (left, right):
        below = side / "data"
        holds = below if below.is_dir() and not _pictures(side) else side
        files.append(_pictures(holds))
        times.append([holds, side] if holds != side else [side])
    numbers = (2, 3) if (left.name, right.name) in COLOUR else None
    return Layout(files[0], files[1], (times[0], times[1]), (left.name, right.name), numbers)


def _one_folder(folder: Path) -> Layout | None:
    """Return the pictures of a folder by what their names say of the side."""
    pictures = _pictures(folder)
    for pair in (*SIDES, *LETTERS):
        left, right = ([file for file in pictures if mentions(file.stem, side)] for side in pair)
        if left and right and not {*left} & {*right}:
            return Layout(left, right, ([folder], [folder]), pair)
    return None


def _pictures(folder: Path) -> list[Path]:
    return [Path(name) for name in expand([folder]) if Path(name).is_file()]
