"""From what is written to boxes on pictures (annotation loading): a layout is told, read and held true.

folder or file -> layout -> its reader: a sheet for each picture -> held against the picture -> BoxDataset
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from windowpane.data.annotations.coco import coco_files, is_coco, read_coco
from windowpane.data.annotations.labelme import labelme_files, read_labelme
from windowpane.data.annotations.records import (
    AnnotatedImage,
    BoxDataset,
    Key,
    Layout,
    Report,
    Sheet,
    Written,
    refuse,
)
from windowpane.data.annotations.voc import read_voc, xml_files
from windowpane.data.annotations.yolo import class_files, label_file, read_yolo
from windowpane.errors import DataError, ImageError
from windowpane.images import load

SLACK = 1.0
"""Pixels: writers round in different ways, so a box that far outside its picture is cut, not refused."""
SMALLEST = 2.0
"""Pixels: a smaller box shows nothing that could be learned, and is a slip or was written in another unit."""


def read_boxes(
    source: str | Path, report: Report = refuse, *, pictures: str | Path | None = None
) -> BoxDataset:
    """Read a folder of pictures with boxes in any of the layouts, or a COCO file.

    Classes come in the order of their file; those of COCO in the order of their ids; those of VOC and
    labelme, where no such file is beside, in alphabetical order. A category of COCO without a box is no
    class. In YOLO a picture without a .txt shows no object. Every picture is opened, for its size.

    Parameters
    ----------
    report
        Is told of every fault, and the box or picture at fault is left out. By default the first one raises
        DataError: a picture that is missing or cannot be read, or has another size than is written; a box
        that is not finite, has no area, is smaller than `SMALLEST` or reaches out of its picture; an unknown
        class; an entry that is not whole. A set of which nothing can be read raises DataError in any case.
    pictures
        The folder of the pictures, where they are not beside their annotations; YOLO's always are.
    """
    source = Path(source)
    kind = layout(source)
    if kind is None:
        raise DataError(
            f"{source} holds no boxes: expected a COCO .json, YOLO's labels/ with a classes.txt, obj.names or"
            f" data.yaml, VOC's Annotations/*.xml, or labelme's .json{_parts(source)}"
        )
    faults = []

    def reported(file: Path, line: int | None, message: str) -> None:
        faults.append(message)
        report(file, line, message)

    written = _read(kind, source, reported, Path(pictures) if pictures else None)
    if not written.sheets and not faults:
        raise DataError(f"{source} has no picture in its {kind} layout: put some there, or name its folder")
    names = [name for _, name in written.classes]
    places = {key: names.index(name) for key, name in written.classes}
    images = (_held_against_picture(sheet, places, report) for sheet in written.sheets)
    known = tuple(image for image in images if image is not None)
    return BoxDataset(tuple(names), known, tuple(written.notes))


def _read(kind: Layout, source: Path, report: Report, pictures: Path | None) -> Written:
    if kind == "YOLO":
        return read_yolo(source, report)
    if pictures is not None and not pictures.is_dir():
        raise DataError(
            f"there is no folder {pictures} with the pictures of {source}: name the one that has them"
        )
    return {"COCO": read_coco, "VOC": read_voc, "labelme": read_labelme}[kind](source, report, pictures)


def layout(source: Path) -> Layout | None:
    """Tell the layout of a folder (or of a COCO file) by the files in it, or None if it has none of them."""
    if xml_files(source):
        return "VOC"
    if source.is_dir() and _is_yolo(source):
        return "YOLO"
    if coco_files(source):
        return "COCO"
    return "labelme" if source.is_dir() and labelme_files(source) else None


def _is_yolo(source: Path) -> bool:
    if any(folder.name.lower() == "labels" and folder.is_dir() for folder in source.glob("*")):
        return True
    parts = [part.lower() for part in source.parts]
    if "images" in parts and label_file(source / "any").parent != source:
        return True  # one part of it: images/train of images/ and labels/
    return (
        bool(class_files(source)) and not labelme_files(source) and not any(map(is_coco, coco_files(source)))
    )


def _parts(source: Path) -> str:
    """End a sentence about a folder without annotations with the sub-folders that have some."""
    inner = [folder for folder in sorted(source.glob("*")) if folder.is_dir() and layout(folder)]
    return f"; its sub-folders do, so name one, as in {inner[0]}" if inner else ""


def _held_against_picture(sheet: Sheet, places: dict[Key, int], report: Report) -> AnnotatedImage | None:
    """Return the boxes of a sheet that its picture can have; all else is told."""
    try:
        if sheet.missing:
            raise ImageError(f"{sheet.path} {sheet.missing}")
        height, width = load(sheet.path).shape[:2]
    except ImageError as error:
        report(sheet.place.file, sheet.place.line, str(error))
        return None
    if sheet.size is not None and sheet.size != (width, height):
        fault = f"is of {sheet.size[0]} x {sheet.size[1]} pixels, but {sheet.path} has {width} x {height}"
        if sheet.size == (height, width):
            fault += " upright: turn the boxes too, or save the picture without its EXIF orientation"
        sheet.place.tell(report, fault)
        return None
    boxes, class_ids, ignored = [], [], []
    for box in sheet.boxes:
        corners = np.array(box.corners) * ((width, height, width, height) if sheet.shares else 1)
        fault = _fault(corners, width, height, least=0 if box.ignored else SMALLEST)
        if fault:
            box.place.tell(report, fault + box.hint)
        elif box.key not in places:
            box.place.tell(report, f"is of the unknown class {box.key!r}; known are {_some(list(places))}")
        else:
            boxes.append(np.clip(corners, 0, (width, height, width, height)))
            class_ids.append(places[box.key])
            ignored.append(box.ignored)
    return AnnotatedImage(
        sheet.path,
        np.array(boxes, np.float64).reshape(-1, 4),
        np.array(class_ids, np.intp),
        np.array(ignored, np.bool_),
    )


def _fault(corners: np.ndarray, width: int, height: int, *, least: float) -> str:
    """Return why a picture can have no such box, the end of a sentence, or ""."""
    if not np.isfinite(corners).all():
        return "has a coordinate that is no finite number"
    x0, y0, x1, y1 = corners
    if not (x0 < x1 and y0 < y1):
        return f"has no area: it is {x1 - x0:g} x {y1 - y0:g} pixels"
    inside = np.clip(corners, 0, (width, height, width, height))
    if np.abs(inside - corners).max() > SLACK or not (inside[:2] < inside[2:]).all():
        where = f"from {x0:g}, {y0:g} to {x1:g}, {y1:g}"
        return f"reaches out of its picture of {width} x {height} pixels: it is {where}"
    if min(x1 - x0, y1 - y0) < least - 1e-6:
        size = f"{x1 - x0:.3g} x {y1 - y0:.3g} pixels"
        return f"is too small to be learned, {size}: remove it, or mark it as difficult or crowd"
    return ""


def _some(keys: Sequence[Key]) -> str:
    return ", ".join(map(repr, keys[:5])) + (f", ... ({len(keys)} in all)" if len(keys) > 5 else "")
