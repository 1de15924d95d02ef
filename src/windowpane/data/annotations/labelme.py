"""labelme (image polygonal annotation): a .json for each picture, of shapes with a label each.

For boxes that around each shape is taken; for labelled scenes its area,
`windowpane.data.annotations.regions`. Names are from a classes.txt or labels.txt beside, else all that occur,
in alphabetical order. Source: https://github.com/wkentaro/labelme.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from windowpane.data.annotations.coco import numbers
from windowpane.data.annotations.pictures import Pictures
from windowpane.data.annotations.records import Box, Place, Report, Sheet, Written
from windowpane.data.annotations.regions import Region, circle, mask_of_png, rectangle
from windowpane.data.class_list import read_class_list
from windowpane.data.text import read_text
from windowpane.errors import DataError

LISTS = ("classes.txt", "labels.txt")
PictureRegions = tuple[Sheet, list[tuple[Place, Region]]]


def labelme_files(source: Path) -> list[Path]:
    """Return the files of a folder, or of its sub-folders, that are in this format."""
    found = (path for path in source.rglob("*") if path.suffix.lower() == ".json" and path.name[0] != ".")
    return sorted(path for path in found if path.is_file() and b'"shapes"' in path.read_bytes())


def class_file(source: Path) -> Path | None:
    """Return the file that lists the classes of a folder, if there is one."""
    return next((source / name for name in LISTS if (source / name).is_file()), None)


def read_labelme(source: Path, report: Report, pictures: Path | None = None) -> Written:
    """Return the boxes around the shapes of a folder."""
    finder = Pictures((source,), source, pictures)
    sheets = []
    for sheet, regions in read_regions(source, finder, report):
        for place, region in regions:
            sheet.boxes.append(Box(place, region.box, region.name))
        sheets.append(sheet)
    listed = class_file(source)
    names = list(read_class_list(listed).names) if listed else []
    names = names or sorted({str(box.key) for sheet in sheets for box in sheet.boxes})
    return Written([(name, name) for name in names], sheets, finder.notes)


def read_regions(source: Path, finder: Pictures, report: Report) -> Iterator[PictureRegions]:
    """Yield for each file a sheet without boxes, and the shapes in the order in which they are drawn."""
    for file in labelme_files(source):
        try:
            content = json.loads(read_text(file))
        except json.JSONDecodeError as error:
            report(file, error.lineno, f"is no JSON: {error.msg}")
            continue
        except (DataError, ValueError, RecursionError) as error:
            report(file, None, f"cannot be read: {error}")
            continue
        shapes = content.get("shapes") if isinstance(content, dict) else None
        if not isinstance(shapes, list):
            report(file, None, "is no file of labelme: expected an object with the list shapes")
            continue
        name = content.get("imagePath")
        near = Pictures((file.parent, *finder.folders), finder.top) if file.parent != source else finder
        path, missing = near.find(name if isinstance(name, str) and name else file.stem)
        size = numbers([content.get("imageWidth"), content.get("imageHeight")])
        whole = (int(size[0]), int(size[1])) if size and np.isfinite(size).all() else None
        regions = []
        for index, shape in enumerate(shapes):
            place = Place(file, None, f"shapes[{index}]")
            region = _region(place, shape, report)
            if region is not None:
                regions.append((place, region))
        yield Sheet(Place(file, None, "the annotation"), path, [], whole, missing=missing), regions


def _region(place: Place, shape: Any, report: Report) -> Region | None:
    """Return the area of a shape; what has none is told of."""
    name = shape.get("label") if isinstance(shape, dict) else None
    given = shape.get("points") if isinstance(shape, dict) else None
    points = [numbers(point) for point in given] if isinstance(given, list) else []
    if not isinstance(name, str) or not name or not all(point and len(point) == 2 for point in points):
        place.tell(report, "is not whole; expected a label and points [x, y]")
        return None
    corners = np.array(points, np.float64).reshape(-1, 2)
    kind = shape.get("shape_type") or "polygon"
    if not np.isfinite(corners).all():
        place.tell(report, "has a coordinate that is no finite number")
    elif kind == "polygon" and len(corners) > 2:
        return Region(name, (corners,))
    elif kind == "rectangle" and len(corners) in (2, 4):
        return Region(name, (rectangle(corners),))
    elif kind == "circle" and len(corners) == 2:
        return Region(name, (circle(corners[0], corners[1]),))
    elif kind == "mask" and len(corners) == 2:
        try:
            return mask_of_png(name, shape.get("mask"), corners)
        except DataError as error:
            place.tell(report, str(error))
    else:
        place.tell(
            report, f"is a {kind} of {len(corners)} points, which has no area: draw a polygon around it"
        )
    return None
