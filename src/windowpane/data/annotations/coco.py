"""COCO (object detection format): one .json of images, annotations and categories; boxes x, y, width, height.

Source: Lin et al. 2014; https://cocodataset.org/#format-data. Categories without a box, such
as the parent that Roboflow adds, are no classes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from windowpane.data.annotations.pictures import Pictures
from windowpane.data.annotations.records import Box, Key, Place, Report, Sheet, Written
from windowpane.data.text import read_text
from windowpane.errors import DataError

PARTS = ("categories", "images", "annotations")


def coco_files(source: Path) -> list[Path]:
    """Return the .json files that seem to be in this format: the file itself, or those of a folder."""
    if source.is_file():
        return [source] if source.suffix.lower() == ".json" else []
    found = sorted(
        file
        for file in (*source.glob("*"), *source.glob("*/*"))
        if file.suffix.lower() == ".json"
        and (file.parent == source or file.parent.name.lower() == "annotations")
    )
    sure = [file for file in found if is_coco(file)]
    return sure or [file for file in found if b'"shapes"' not in file.read_bytes()]


def is_coco(file: Path) -> bool:
    """Whether a file seems to be whole in this format; it is not parsed."""
    data = file.read_bytes()
    return all(f'"{part}"'.encode() in data for part in PARTS)


def one_file(source: Path) -> Path:
    """Return the one file of a source; raises DataError where there are several."""
    file, *others = coco_files(source)
    if others:
        raise DataError(f"{source} holds {1 + len(others)} .json files: name the one to read, as in {file}")
    return file


def read_coco(source: Path, report: Report, pictures: Path | None = None) -> Written:
    """Return what a file, or the one in a folder, says."""
    file = one_file(source)
    content = read_content(file)
    names = read_categories(file, content, report)
    finder = finder_of(file, pictures)
    sheets = read_sheets(file, content, finder, report)
    used: set[Key] = set()
    for place, entry in entries(file, content, "annotations", ("image_id", "category_id", "bbox"), report):
        image_id, category = entry["image_id"], entry["category_id"]
        box = numbers(entry["bbox"])
        if box is None or len(box) != 4:
            place.tell(report, f"has the bbox {entry['bbox']!r}; expected [x, y, width, height]")
        elif image_id not in sheets:
            place.tell(report, f"is of the image {image_id!r}, which is not among the images")
        else:
            used.add(category)
            sheet, (x, y, width, height) = sheets[image_id], box
            hint = ""
            if sheet.size and 0 <= x < width <= sheet.size[0] and 0 <= y < height <= sheet.size[1]:
                hint = ": should this be x0, y0, x1, y1, write width and height"
            corners, crowd = (x, y, x + width, y + height), bool(entry.get("iscrowd"))
            sheet.boxes.append(Box(place, corners, category, crowd, hint))
    unused = [name for key, name in names.items() if key not in used]
    notes = [
        f"{len(unused)} of {len(names)} categories have no box and so are no class: {', '.join(unused[:5])}"
    ] * bool(unused)
    classes = [(key, name) for key, name in names.items() if key in used]
    return Written(classes, list(sheets.values()), notes + finder.notes)


def read_content(file: Path) -> dict[str, Any]:
    """Return what is in a file; raises DataError for what is no JSON or lacks a part."""
    try:
        content = json.loads(read_text(file))
    except json.JSONDecodeError as error:
        raise DataError(f"{file}:{error.lineno}: is no JSON: {error.msg}.") from None
    except (
        ValueError,
        RecursionError,
    ) as error:  # a number of thousands of digits, a list in a list in a list
        raise DataError(f"{file} is no COCO file: {error}") from None
    if not isinstance(content, dict) or not all(isinstance(content.get(part), list) for part in PARTS):
        found = "a list" if isinstance(content, list) else "something else"
        if isinstance(content, dict):
            found = f"an object with {', '.join(map(str, content)) or 'nothing'}"
        raise DataError(
            f"{file} is no COCO file: expected the lists {', '.join(PARTS)}, and it is {found[:200]}"
        )
    return content


def read_categories(file: Path, content: dict[str, Any], report: Report) -> dict[Key, str]:
    """Return the names of the categories by their ids, in the order of these."""
    classes: dict[Key, str] = {}
    for place, entry in entries(file, content, "categories", ("id", "name"), report):
        if entry["id"] in classes:
            place.tell(report, f"has the id {entry['id']!r} of another category")
        elif entry["name"] in classes.values():
            place.tell(
                report, f"has the name {entry['name']!r} of another category: give it a name of its own"
            )
        else:
            classes[entry["id"]] = entry["name"]
    return {key: classes[key] for key in sorted(classes, key=lambda key: (isinstance(key, str), key))}


def finder_of(file: Path, pictures: Path | None) -> Pictures:
    """Return what finds the pictures of a file."""
    top = file.parent.parent if file.parent.name.lower() == "annotations" else file.parent
    part = file.stem.rpartition("_")[2]  # instances_val2017.json: pictures in val2017/
    return Pictures((top, top / "images", top / part, top / "images" / part), top, pictures)


def read_sheets(file: Path, content: dict[str, Any], finder: Pictures, report: Report) -> dict[Key, Sheet]:
    """Return a sheet for each image by its id, without boxes as yet."""
    sheets: dict[Key, Sheet] = {}
    places: dict[Path, str] = {}
    for place, entry in entries(file, content, "images", ("id", "file_name"), report):
        if entry["id"] in sheets:
            place.tell(report, f"has the id {entry['id']!r} of {sheets[entry['id']].place.what}")
            continue
        size = numbers([entry.get("width"), entry.get("height")])
        whole = (int(size[0]), int(size[1])) if size and np.isfinite(size).all() else None
        path, missing = finder.find(entry["file_name"])
        if not missing and (first := places.setdefault(path, place.what)) != place.what:
            place.tell(report, f"is of the file of {first}, {path}: put all its boxes under one id")
        sheets[entry["id"]] = Sheet(place, path, [], whole, missing=missing)
    return sheets


def entries(
    file: Path, content: dict[str, Any], part: str, needed: tuple[str, ...], report: Report
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield the entries of a part that have what is needed, with their places."""
    for index, entry in enumerate(content[part]):
        place = Place(file, None, f"{part}[{index}]")
        entry = _normal(entry) if isinstance(entry, dict) else entry
        if not isinstance(entry, dict) or any(key not in entry for key in needed):
            place.tell(report, f"is not whole; expected an object with {', '.join(needed)}")
        elif not all(isinstance(entry[key], int | str) for key in needed if key.endswith("id")):
            place.tell(report, "has an id that is neither a whole number nor text")
        elif not all(isinstance(entry[key], str) for key in needed if key.endswith("name")):
            place.tell(report, "has a name that is no text")
        else:
            yield place, entry


def _normal(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry with whole ids, which some write as 1.0 or "1", and with a box, if it has a polygon."""
    normal = dict(entry)
    for key in ("id", "image_id", "category_id"):
        value = entry.get(key)
        if (isinstance(value, float) and value.is_integer()) or (
            isinstance(value, str) and str_is_whole(value)
        ):
            normal[key] = int(value)
    if not entry.get("bbox") and (polygons := polygons_of(entry)):
        corners = np.concatenate(polygons)
        low, high = corners.min(axis=0), corners.max(axis=0)
        normal["bbox"] = [*low.tolist(), *(high - low).tolist()]
    return normal


def str_is_whole(value: str) -> bool:
    """Whether a text is how a whole number is written."""
    return value.isascii() and value.isdigit() and str(int(value)) == value


def polygons_of(entry: dict[str, Any]) -> list[np.ndarray]:
    """Return the polygons (N, 2) of an annotation: x, y; none where it has no whole ones."""
    parts = entry.get("segmentation")
    found = []
    for part in parts if isinstance(parts, list) else []:
        flat = numbers(part)
        if flat is None or len(flat) < 6 or len(flat) % 2 or not np.isfinite(flat).all():
            return []
        found.append(np.array(flat, np.float64).reshape(-1, 2))
    return found


def numbers(values: Any) -> list[float] | None:
    """Return a list of numbers as floats, or None for anything else."""
    if isinstance(values, list) and all(type(value) in (int, float) for value in values):
        with suppress(OverflowError):
            return [float(value) for value in values]
    return None
