"""YOLO (Darknet, Ultralytics): a .txt for each picture, a line for each box.

A line is  class  centre x  y  width  height,  in shares of the picture. A sixth number is a confidence. More
numbers are a polygon, as for segmentation and turned boxes, of which the box around it is taken, or with
``kpt_shape`` in the YAML the landmarks behind a box. Names come from classes.txt, a *.names or the YAML.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from windowpane.data.annotations.records import Box, Place, Report, Sheet, Written
from windowpane.data.class_list import read_class_list
from windowpane.data.text import read_text
from windowpane.errors import DataError, MissingExtraError, install
from windowpane.images import SUFFIXES

LISTS = ("classes.txt", "obj.names")
_PIXELS = 1.01  # what is larger is no share


class Names(NamedTuple):
    """The names of the classes, and how many numbers the landmarks of a box have."""

    names: tuple[str, ...]
    landmarks: int = 0


def class_files(folder: Path) -> list[Path]:
    """Return the files of a folder that name classes, the one to take first."""
    lists = [folder / name for name in LISTS if (folder / name).is_file()]
    others = sorted(path for path in folder.glob("*") if path.suffix.lower() in (".names", ".yaml", ".yml"))
    usual = [path for path in others if path.stem.lower() == "data"]
    found = dict.fromkeys([*lists, *usual, *others])
    return [path for path in found if path.suffix == ".txt" or _names_some(path)]


def _names_some(path: Path) -> bool:
    if path.suffix.lower() == ".names":
        return True
    return path.stem.lower() == "data" or any(
        line.startswith(("names:", "names :")) for line in read_text(path).splitlines()
    )


def label_file(picture: Path) -> Path:
    """Return where YOLO has the boxes of a picture: labels/ for images/ or beside it, else its folder."""
    parts, name = picture.parent.parts, picture.with_suffix(".txt").name
    lower = [part.lower() for part in parts]
    if "images" in lower:
        last = len(parts) - 1 - lower[::-1].index("images")
        for labels in ("labels", "Labels", "LABELS"):
            folder = Path(*parts[:last], labels, *parts[last + 1 :])
            if folder.is_dir():
                return folder / name
    beside = picture.parent / "labels"
    return (beside if beside.is_dir() else picture.parent) / name


def read_yolo(source: Path, report: Report) -> Written:
    """Return what a folder says."""
    known = read_names(source)
    files = sorted(path for path in source.rglob("*") if path.name[0] != "." and path.is_file())
    pictures = {path: label_file(path) for path in files if path.suffix.lower() in SUFFIXES}
    expected = set(pictures.values())
    for file in files:
        in_labels = any(part.lower() == "labels" for part in file.parent.parts)
        if file.suffix == ".txt" and in_labels and file not in expected and file.name not in LISTS:
            other = next((one for one in files if one.stem == file.stem and one != file), None)
            why = f"has no picture: {other} is of no kind that is read" if other else "has no picture"
            report(file, None, f"{why}: add the one of this name, or remove this file")
    sheets, sure = [], 0
    for path, file in pictures.items():
        boxes = []
        for box, had_confidence in _boxes(file, known, report) if file.is_file() else ():
            boxes.append(box)
            sure += had_confidence
        sheets.append(Sheet(Place(path, None, "the picture"), path, boxes, shares=True))
    notes = [f"{sure} box(es) have a confidence behind them, as a detector writes it: passed over"] * bool(
        sure
    )
    return Written(list(enumerate(known.names)), sheets, notes)


def _boxes(file: Path, known: Names, report: Report) -> Iterator[tuple[Box, bool]]:
    """Yield the boxes of a file, and whether each has a confidence."""
    try:
        lines = read_text(file).splitlines()
    except DataError as error:
        report(file, None, str(error))
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            key, *values = map(float, line.replace(",", " ").split())
            corners, sure = _corners(values, known.landmarks)
            if not key.is_integer():
                raise ValueError
        except (ValueError, OverflowError):
            report(file, number, f"{line!r} is no box; expected class, centre x, y, width, height")
            continue
        is_polygon = len(values) > 5 + known.landmarks
        if max(corners if is_polygon else values[:4]) > _PIXELS:
            report(file, number, f"{line!r} is in pixels; divide by the picture's width and height")
        else:
            yield Box(Place(file, number, "the box"), corners, int(key)), sure


def _corners(values: list[float], landmarks: int) -> tuple[tuple[float, float, float, float], bool]:
    """Return the corners of what is written behind the class, as shares, and whether a confidence is there.

    Raises ValueError for what is neither box nor polygon.
    """
    count = len(values)
    sure = count == 5 + landmarks and 0 <= values[-1] <= 1
    if count == 4 + landmarks or sure:
        x, y, width, height = values[:4]
        return (x - width / 2, y - height / 2, x + width / 2, y + height / 2), sure
    if landmarks or count < 6 or count % 2:
        raise ValueError
    return (min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2])), False


def read_names(source: Path) -> Names:
    """Read the names of the classes from the file beside the pictures, or up to two folders above."""
    folders = (source, source / "labels", *source.absolute().parents[:2])
    file = next((files[0] for folder in folders if (files := class_files(folder))), None)
    if file is None:
        raise DataError(f"{source} names no classes: write a classes.txt, one name a line, in their order")
    if file.suffix.lower() in (".yaml", ".yml"):
        return _yaml_names(file)
    names = read_class_list(file).names
    if not names:
        raise DataError(f"{file} has no list of classes; expected one name a line")
    return Names(names)


def _yaml_names(file: Path) -> Names:
    """Read what a YAML file has under ``names``: a list, or names by their numbers."""
    content = _yaml(file)
    given = content.get("names") if isinstance(content, dict) else None
    names = given
    if isinstance(given, dict):
        places = [str(place) for place in range(len(given))]
        names = [given[place] for place in places] if set(given) == set(places) else None
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise DataError(
            f"{file} has no list of classes; expected names: [first, second], or all numbers from 0 on"
        )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"{file} has the name {twice!r} twice: give each class its own")
    if content.get("nc", str(len(names))) != str(len(names)):
        raise DataError(f"{file} says nc: {content['nc']}, and has {len(names)} names: make them agree")
    shape = content.get("kpt_shape")
    sizes = [int(side) for side in shape if str(side).isdecimal()] if isinstance(shape, list) else []
    return Names(tuple(names), sizes[0] * sizes[1] if len(sizes) == 2 else 0)


def _yaml(file: Path) -> Any:
    try:
        import yaml
    except ImportError:
        raise MissingExtraError(
            f"{file}: YAML needs pyyaml, not installed here: run {install('train')}, or write a"
            " classes.txt, one name a line"
        ) from None
    try:
        return yaml.load(read_text(file), yaml.BaseLoader)  # all is text: a class may be called "no"
    except (yaml.YAMLError, RecursionError) as error:
        raise DataError(f"{file} is no YAML: {' '.join(str(error).split())}") from None
