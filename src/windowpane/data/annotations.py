"""Pictures with boxes (annotations), in the three layouts in which people keep them: COCO, YOLO, VOC.

    COCO    one .json of images, annotations and categories; boxes x, y, width, height
    YOLO    a .txt for each picture, a line for each box: class, centre x, y, width, height as shares of the
            picture; the classes in classes.txt, obj.names or data.yaml
    VOC     an .xml for each picture in Annotations/, pictures in JPEGImages/; pixels counted from 1

A layout's reader makes a sheet for each picture, of boxes as they are written; all sheets are then held
against their pictures in one place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from os.path import isfile  # unlike Path.is_file it takes any text
from pathlib import Path
from typing import Any, Literal, NoReturn
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import DataError, ImageError
from windowpane.images import SUFFIXES, load

Layout = Literal["COCO", "YOLO", "VOC"]
Report = Callable[[Path, int | None, str], None]
"""What is told of a fault: the file, the line (the first is 1) or None, and a sentence."""

SLACK = 1.0
"""Pixels: writers round in different ways, so a box that far outside its picture is cut, not refused."""

_CLASS_FILES = ("classes.txt", "obj.names", "data.yaml")


@dataclass(frozen=True, slots=True)
class AnnotatedImage:
    """A picture and the boxes on it.

    Attributes
    ----------
    boxes
        (N, 4) float64 x0, y0, x1, y1 in pixels of the upright picture that `windowpane.images.load` gives,
        within it and with an area.
    class_ids
        (N,) intp, places in the list of class names.
    ignored
        (N,) bool, the boxes marked as crowd or difficult, which are neither to be found nor to be taken for
        background.
    """

    path: Path
    boxes: NDArray[np.float64]
    class_ids: NDArray[np.intp]
    ignored: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BoxDataset:
    """Pictures with boxes, and the names of their classes in the order in which class ids count them."""

    names: tuple[str, ...]
    images: tuple[AnnotatedImage, ...]


def _refuse(file: Path, line: int | None, message: str) -> NoReturn:
    raise DataError(f"{file}:{line}: {message}" if line is not None else f"{file}: {message}")


def read_boxes(source: str | Path, report: Report = _refuse) -> BoxDataset:
    """Read a folder of pictures with boxes in any of the layouts, or a COCO file.

    Classes come in the order of their file; those of COCO in the order of their ids; those of VOC, where no
    such file is beside, in alphabetical order. In YOLO a picture without a .txt shows no object. Every
    picture is opened, for its size.

    Parameters
    ----------
    report
        Is told of every fault, and the box or picture at fault is left out. By default the first one raises
        DataError: a picture that is missing or cannot be read, or has another size than is written; a box
        that is not finite, has no area or reaches out of its picture; an unknown class; an entry that is not
        whole. A set of which nothing can be read raises DataError in any case.
    """
    source = Path(source)
    kind = layout(source)
    if kind is None:
        raise DataError(
            f"{source} holds no boxes: expected a COCO .json, YOLO's labels/ with a classes.txt, obj.names or"
            " data.yaml, or VOC's Annotations/*.xml"
        )
    keys, names, sheets = {"COCO": _coco, "YOLO": _yolo, "VOC": _voc}[kind](source, report)
    if not sheets:
        raise DataError(f"{source} has no picture in its {kind} layout: put some there, or name its folder")
    places = {key: place for place, key in enumerate(keys)}
    images = (_held_against_picture(sheet, places, report) for sheet in sheets)
    return BoxDataset(tuple(names), tuple(image for image in images if image is not None))


def layout(source: Path) -> Layout | None:
    """Tell the layout of a folder (or of a COCO file) by the files in it, or None if it has none of them."""
    if _xml_files(source):
        return "VOC"
    if any((source / name).is_file() for name in _CLASS_FILES) or (source / "labels").is_dir():
        return "YOLO"
    if "images" in source.parts and source.is_dir() and label_file(source / "any").parent != source:
        return "YOLO"  # one part of it: images/train of images/ and labels/
    return "COCO" if _json_files(source) else None


def label_file(picture: Path) -> Path:
    """Return where YOLO has the boxes of a picture: labels/ for images/ or beside it, else its folder."""
    parts, name = picture.parent.parts, picture.with_suffix(".txt").name
    if "images" in parts:
        last = len(parts) - 1 - parts[::-1].index("images")
        folder = Path(*parts[:last], "labels", *parts[last + 1 :])
        if folder.is_dir():
            return folder / name
    beside = picture.parent / "labels"
    return (beside if beside.is_dir() else picture.parent) / name


# --- From what is written to boxes on a picture ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something is written: file, line or None, and its name, with which a sentence begins."""

    file: Path
    line: int | None
    what: str

    def tell(self, report: Report, fault: str) -> None:
        report(self.file, self.line, f"{self.what} {fault}")


@dataclass(frozen=True, slots=True)
class _Box:
    """A box as written. corners: x0, y0, x1, y1. key: its class, as the layout names it."""

    place: _Place
    corners: tuple[float, float, float, float]
    key: int | str
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is written of a picture. size: its width and height, or None. shares: boxes are not in pixels."""

    place: _Place
    path: Path
    boxes: list[_Box]
    size: tuple[int, int] | None = None
    shares: bool = False


_Read = tuple[Sequence[int | str], Sequence[str], list[_Sheet]]  # keys and names of the classes, sheets


def _held_against_picture(
    sheet: _Sheet, places: dict[int | str, int], report: Report
) -> AnnotatedImage | None:
    try:
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
    limits = np.array([width, height, width, height], np.float64)
    boxes, class_ids, ignored = [], [], []
    for box in sheet.boxes:
        corners = np.array(box.corners) * (limits if sheet.shares else 1)
        inside = np.clip(corners, 0, limits)
        x0, y0, x1, y1 = corners
        if not np.isfinite(corners).all():
            box.place.tell(report, "has a coordinate that is no finite number")
        elif not (x0 < x1 and y0 < y1):
            box.place.tell(report, f"has no area: it is {x1 - x0:g} x {y1 - y0:g} pixels")
        elif np.abs(inside - corners).max() > SLACK or not (inside[:2] < inside[2:]).all():
            where = f"from {x0:g}, {y0:g} to {x1:g}, {y1:g}"
            box.place.tell(report, f"reaches out of its picture of {width} x {height} pixels: it is {where}")
        elif box.key not in places:
            box.place.tell(report, f"is of the unknown class {box.key!r}; known are {_some(list(places))}")
        else:
            boxes.append(inside)
            class_ids.append(places[box.key])
            ignored.append(box.ignored)
    return AnnotatedImage(
        sheet.path,
        np.array(boxes, np.float64).reshape(-1, 4),
        np.array(class_ids, np.intp),
        np.array(ignored, np.bool_),
    )


def _some(keys: list[int | str]) -> str:
    return ", ".join(map(repr, keys[:5])) + (f", ... ({len(keys)} in all)" if len(keys) > 5 else "")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} cannot be read as UTF-8 text: {error}.") from None


def _first(name: str, folders: Sequence[Path]) -> Path:
    """The file of that name in the first folder that has it, else where it should be."""
    return next((folder / name for folder in folders if isfile(folder / name)), folders[0] / name)


# --- COCO --------------------------------------------------------------------------------------------------


def _json_files(source: Path) -> list[Path]:
    if source.is_file() and source.suffix.lower() == ".json":
        return [source]
    return sorted([*source.glob("*.json"), *source.glob("annotations/*.json")])


def _coco(source: Path, report: Report) -> _Read:
    file, *others = _json_files(source)
    if others:
        raise DataError(f"{source} holds {1 + len(others)} .json files: name the one to read, as in {file}")
    parts = ("categories", "images", "annotations")
    try:
        content = json.loads(_text(file))
    except json.JSONDecodeError as error:
        raise DataError(f"{file}:{error.lineno}: is no JSON: {error.msg}.") from None
    if not isinstance(content, dict) or not all(isinstance(content.get(part), list) for part in parts):
        raise DataError(f"{file} is no COCO file: expected the lists {', '.join(parts)}")

    classes: dict[int | str, str] = {}
    for place, entry in _entries(file, content, "categories", ("id", "name"), report):
        if entry["id"] in classes:
            place.tell(report, f"has the id {entry['id']!r} of another category")
        classes.setdefault(entry["id"], entry["name"])
    keys = sorted(classes, key=lambda key: (isinstance(key, str), key))
    sheets = _coco_sheets(file, content, report)
    for place, entry in _entries(file, content, "annotations", ("image_id", "category_id", "bbox"), report):
        box = _numbers(entry["bbox"])
        if box is None or len(box) != 4:
            place.tell(report, f"has the bbox {entry['bbox']!r}; expected [x, y, width, height]")
        elif entry["image_id"] not in sheets:
            place.tell(report, f"is of the image {entry['image_id']!r}, which is not among the images")
        else:
            x, y, width, height = box
            corners, crowd = (x, y, x + width, y + height), bool(entry.get("iscrowd"))
            sheets[entry["image_id"]].boxes.append(_Box(place, corners, entry["category_id"], crowd))
    return keys, [classes[key] for key in keys], list(sheets.values())


def _coco_sheets(file: Path, content: dict[str, Any], report: Report) -> dict[int | str, _Sheet]:
    top = file.parent.parent if file.parent.name == "annotations" else file.parent
    part = file.stem.rpartition("_")[2]  # instances_val2017.json: pictures in val2017/
    folders = (top, top / "images", top / part, top / "images" / part)
    sheets: dict[int | str, _Sheet] = {}
    for place, entry in _entries(file, content, "images", ("id", "file_name"), report):
        if entry["id"] in sheets:
            place.tell(report, f"has the id {entry['id']!r} of {sheets[entry['id']].place.what}")
            continue
        size = _numbers([entry.get("width"), entry.get("height")])
        whole = (int(size[0]), int(size[1])) if size and np.isfinite(size).all() else None
        sheets[entry["id"]] = _Sheet(place, _first(entry["file_name"], folders), [], whole)
    return sheets


def _entries(
    file: Path, content: dict[str, Any], part: str, needed: tuple[str, ...], report: Report
) -> Iterator[tuple[_Place, dict[str, Any]]]:
    """Yield the entries of a part that have what is needed, with their places."""
    for index, entry in enumerate(content[part]):
        place = _Place(file, None, f"{part}[{index}]")
        if not isinstance(entry, dict) or any(key not in entry for key in needed):
            place.tell(report, f"is not whole; expected an object with {', '.join(needed)}")
        elif not all(isinstance(entry[key], int | str) for key in needed if key.endswith("id")):
            place.tell(report, "has an id that is neither a whole number nor text")
        elif not all(isinstance(entry[key], str) for key in needed if key.endswith("name")):
            place.tell(report, "has a name that is no text")
        else:
            yield place, entry


def _numbers(values: Any) -> list[float] | None:
    if isinstance(values, list) and all(type(value) in (int, float) for value in values):
        with suppress(OverflowError):
            return [float(value) for value in values]
    return None


# --- YOLO --------------------------------------------------------------------------------------------------


def _yolo(source: Path, report: Report) -> _Read:
    names = _class_names(source)
    found = (path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES and path.name[0] != ".")
    pictures = {path: label_file(path) for path in sorted(found) if path.is_file()}
    known = set(pictures.values())
    for folder in sorted({file.parent for file in known if "labels" in file.parent.parts}):
        for file in sorted(set(folder.glob("*.txt")) - known):
            if file.name not in _CLASS_FILES:
                report(file, None, "has no picture: add the one of this name, or remove this file")
    sheets = []
    for path, file in pictures.items():
        boxes = list(_yolo_boxes(file, report)) if file.is_file() else []
        sheets.append(_Sheet(_Place(path, None, "the picture"), path, boxes, shares=True))
    return range(len(names)), names, sheets


def _yolo_boxes(file: Path, report: Report) -> Iterator[_Box]:
    try:
        lines = _text(file).splitlines()
    except DataError as error:
        report(file, None, str(error))
        return
    for number, line in enumerate(lines, start=1):
        try:
            key, *values = line.split() or ("", "")
            x, y, width, height = map(float, values)
            box = _Box(
                _Place(file, number, "the box"),
                (x - width / 2, y - height / 2, x + width / 2, y + height / 2),
                int(key),
            )
        except ValueError:
            if line.strip():
                report(file, number, f"{line!r} is no box; expected class, centre x, y, width, height")
            continue
        if max(x, y, width, height) > 1.01:
            report(file, number, f"{line!r} is in pixels; divide by the picture's width and height")
        else:
            yield box


def _class_names(source: Path) -> list[str]:
    """Read the names of the classes from the file beside the pictures, or up to two folders above."""
    folders = (source, source / "labels", *source.absolute().parents[:2])
    files = (folder / name for folder in folders for name in _CLASS_FILES)
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        raise DataError(f"{source} names no classes: write a classes.txt, one name a line, in their order")
    text = _text(file)
    names = _yaml_names(text) if file.suffix == ".yaml" else [line.strip() for line in text.splitlines()]
    names = [name for name in names if name]
    if not names:
        wanted = "names: [first, second]" if file.suffix == ".yaml" else "one name a line"
        raise DataError(f"{file} has no list of classes; expected {wanted}")
    return names


_SIDES = ("xmin", "ymin", "xmax", "ymax")
_QUOTED = r"""("[^"]*"|'[^']*'|"""


def _yaml_names(text: str) -> list[str]:
    """Return what a YAML file has under ``names``: a list or numbered names, in one line or in several."""
    value = re.search(r"^names[ \t]*:(.*(?:\n(?:[ \t\-#\]}].*)?)*)", text, re.MULTILINE)
    block = re.sub(r"(^|\s)#.*", "", value[1]).strip() if value else ""
    if block.startswith(("[", "{")):
        items = re.findall(rf"(?:(\d+)\s*:\s+)?{_QUOTED}[^\s,\[\]{{}}][^,\[\]{{}}]*)", block)
    else:
        items = re.findall(rf"^\s*(?:-|(\d+)\s*:)\s+{_QUOTED}.+)", block, re.MULTILINE)
    numbers = [int(number) for number, _ in items if number]
    if numbers:
        items.sort(key=lambda item: int(item[0] or -1))
    if sorted(numbers) not in ([], list(range(len(items)))):
        return []  # names without numbers among others with them, or a number left out
    return [name.strip().strip("\"'") for _, name in items]


# --- VOC ---------------------------------------------------------------------------------------------------


def _xml_files(source: Path) -> list[Path]:
    return sorted([*source.glob("Annotations/*.xml"), *source.glob("*.xml")])


def _voc(source: Path, report: Report) -> _Read:
    folders = (source / "JPEGImages", source / "images", source)
    sheets = []
    for file in _xml_files(source):
        try:
            tree = _tree(file)
        except expat.ExpatError as error:
            report(file, error.lineno, f"is no XML: {expat.ErrorString(error.code)}")
            continue
        boxes = []
        for item in tree.iterfind("object"):
            place = _Place(file, int(item.attrib["line"]), "the object")
            name = item.findtext("name", "").strip()
            try:
                x0, y0, x1, y1 = (float(item.findtext(f"bndbox/{side}", "")) for side in _SIDES)
            except ValueError:
                place.tell(report, f"has no bndbox with the numbers {', '.join(_SIDES)}")
                continue
            difficult = item.findtext("difficult", "0").strip() == "1"
            boxes.append(_Box(place, (x0 - 1, y0 - 1, x1, y1), name, difficult))  # pixels from 1, both within
        sides = tree.findtext("size/width", ""), tree.findtext("size/height", "")
        size = (int(sides[0]), int(sides[1])) if all(map(str.isdecimal, sides)) else (0, 0)
        path = _first(tree.findtext("filename", "").strip() or file.stem, folders)
        sheets.append(_Sheet(_Place(file, None, "the annotation"), path, boxes, size if all(size) else None))
    if any((source / name).is_file() for name in _CLASS_FILES):
        names = _class_names(source)
    else:
        names = sorted({str(box.key) for sheet in sheets for box in sheet.boxes})
    return names, names, sheets


def _tree(file: Path) -> ElementTree.Element:
    """Parse a file; every element has the attribute ``line`` in place of its own ones."""
    builder, parser = ElementTree.TreeBuilder(), expat.ParserCreate()

    def start(tag: str, _: dict[str, str]) -> None:
        builder.start(tag, {"line": str(parser.CurrentLineNumber)})

    parser.StartElementHandler = start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(file.read_bytes(), True)
    return builder.close()
