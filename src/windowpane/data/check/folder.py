"""What is wrong with a data set, found before any training (data validation).

lines    pictures of numbers and a ``labels.csv`` with the columns ``file`` and ``label``; further columns
         are for people and ignored
boxes    pictures with boxes in the layouts of `windowpane.data.annotations`
scenes   pictures with a PNG of class numbers each; `windowpane.data.check.scenes`
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from windowpane.data.annotations import BoxDataset, label_file, layout, read_boxes
from windowpane.data.check.problem import Problem
from windowpane.data.check.scenes import check_scenes
from windowpane.data.label_table import LabelRow, read_rows
from windowpane.errors import DataError, ImageError
from windowpane.images import expand, load

MIN_HEIGHT = 8
"""Pixels: in a lower picture digits cannot be told apart."""


def check_folder(folder: str | Path) -> list[Problem]:
    """Return the faults of a data set, whose kind is told by its files.

    Raises
    ------
    DataError
        If there is no data set, or if nothing of it can be read.
    """
    if (Path(folder) / "labels.csv").is_file():
        return check_lines(folder)
    if any((Path(folder) / "labels").glob("*.png")):
        return check_scenes(folder)
    if layout(Path(folder)) is None:
        raise DataError(
            f"{folder} holds no data set: expected pictures with a labels.csv (file,label), with boxes (a"
            " COCO .json, YOLO's labels/ and classes.txt, or VOC's Annotations/*.xml), or with labels/*.png"
            " and classes.txt"
        )
    return check_boxes(folder)


def check_boxes(source: str | Path) -> list[Problem]:
    """Return the faults of a set of pictures with boxes.

    Found are the faults of which `windowpane.data.annotations.read_boxes` tells (pictures that are missing or
    cannot be read; boxes without area, outside or not finite; unknown classes), two pictures with the same
    pixels, and classes without a box. A note tells how many pictures of a YOLO set have no file of boxes and
    so are background.
    """
    source = Path(source)
    problems: list[Problem] = []
    dataset = read_boxes(source, lambda file, line, message: problems.append(Problem(file, line, message)))
    problems.sort(key=lambda problem: (problem.file, problem.line or 0))
    first_look: dict[bytes, Path] = {}
    for image in dataset.images:
        alike = first_look.setdefault(_fingerprint(load(image.path)), image.path)
        if alike is not image.path:
            problems.append(Problem(image.path, None, f"shows the same pixels as {alike}; remove one"))
    seen = {label for image in dataset.images for label in image.class_ids.tolist()}
    for label, name in enumerate(dataset.names):
        if label not in seen:
            message = f"the class {name!r} has no box, so no net can learn it: annotate some"
            problems.append(Problem(source, None, message))
    if layout(source) == "YOLO":
        problems += _background(source, dataset)
    return problems


def _background(source: Path, dataset: BoxDataset) -> Iterator[Problem]:
    bare = [image.path.name for image in dataset.images if not label_file(image.path).is_file()]
    if bare:
        few = ", ".join(bare[:3]) + (", ..." if len(bare) > 3 else "")
        message = f"of {len(dataset.images)} pictures {len(bare)} have no file of boxes: background ({few})"
        yield Problem(source, None, message, note=True)


def check_lines(folder: str | Path) -> list[Problem]:
    """Return the faults of a folder of pictures with a ``labels.csv``, in the order of its lines.

    Found are: rows without a file name, or with a missing, unreadable, blank or too small picture; labels
    that are empty or no digits; a file listed twice; two pictures with the same pixels (worse if their labels
    differ); and pictures that have no row, in the folder and in its sub-folders that rows name.

    Raises
    ------
    DataError
        If there is no ``labels.csv`` with these columns.
    """
    folder = Path(folder)
    table = folder / "labels.csv"
    rows = read_rows(table)
    problems = [Problem(table, row.line, message) for row in rows for message in _label_faults(row)]
    first_row: dict[str, LabelRow] = {}
    first_look: dict[bytes, LabelRow] = {}
    for row in rows:
        if not row.name:
            continue
        earlier = first_row.setdefault(str(Path(row.name)), row)
        if earlier is not row:
            problems.append(Problem(table, row.line, _twice(row, earlier, f"{row.name} is listed again")))
            continue
        try:
            picture = load(folder / row.name)
        except ImageError as error:
            problems.append(Problem(table, row.line, str(error)))
            continue
        problems += [Problem(table, row.line, message) for message in _picture_faults(row, picture)]
        alike = first_look.setdefault(_fingerprint(picture), row)
        if alike is not row:
            message = _twice(row, alike, f"{row.name} shows the same pixels as {alike.name}")
            problems.append(Problem(table, row.line, message))
    problems.sort(key=lambda problem: problem.line or 0)
    return problems + list(_unlabelled(folder, set(first_row)))


def _label_faults(row: LabelRow) -> Iterator[str]:
    if not row.name:
        yield "the row names no file"
    if not row.label:
        yield f"{row.name or 'the row'} has an empty label; write the digits that the picture shows"
    elif not (row.label.isascii() and row.label.isdigit()):
        yield f"the label {row.label!r} is not digits only; write just 0 to 9"


def _picture_faults(row: LabelRow, picture: NDArray[np.uint8]) -> Iterator[str]:
    height, width = picture.shape[:2]
    if height < MIN_HEIGHT or width < MIN_HEIGHT:
        yield f"{row.name} is {width} x {height} pixels, too small to read; at least {MIN_HEIGHT} each way"
    elif int(picture.max()) - int(picture.min()) == 0:
        yield f"{row.name} is blank: all its pixels are equal"


def _twice(row: LabelRow, earlier: LabelRow, what: str) -> str:
    """End a sentence about two rows with what matters: whether their labels agree."""
    if row.label == earlier.label:
        return f"{what} (line {earlier.line}); remove one"
    return f"{what} (line {earlier.line}) with another label: {row.label!r}, there {earlier.label!r}"


def _fingerprint(picture: NDArray[np.uint8]) -> bytes:
    """The same for pictures of the same pixels, whatever their files' format."""
    return hashlib.blake2b(repr(picture.shape).encode() + picture.tobytes(), digest_size=16).digest()


def _unlabelled(folder: Path, listed: set[str]) -> Iterator[Problem]:
    """The pictures of the folder, and of sub-folders that rows name, that no row names."""
    for part in sorted({Path(), *(Path(name).parent for name in listed)}):
        if (folder / part).is_dir():
            for file in map(Path, expand([folder / part])):
                if file.is_file() and str(part / file.name) not in listed:
                    yield Problem(file, None, "has no row in labels.csv; add one or remove the picture")
