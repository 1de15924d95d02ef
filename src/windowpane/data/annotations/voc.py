"""VOC (Pascal Visual Object Classes): an .xml for each picture in Annotations/, pixels counted from 1.

Source: Everingham et al. 2010. Names are from a classes.txt beside, else all that occur, in
alphabetical order.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from windowpane.data.annotations.pictures import Pictures
from windowpane.data.annotations.records import Box, Place, Report, Sheet, Written
from windowpane.data.annotations.yolo import class_files, read_names
from windowpane.data.text import encoding_of
from windowpane.errors import DataError

_SIDES = ("xmin", "ymin", "xmax", "ymax")


def xml_files(source: Path) -> list[Path]:
    """Return the annotations of a folder, whatever the case of their names."""
    folders = [source, *(folder for folder in source.glob("*") if folder.name.lower() == "annotations")]
    return sorted(file for folder in folders for file in folder.glob("*") if file.suffix.lower() == ".xml")


def read_voc(source: Path, report: Report, pictures: Path | None = None) -> Written:
    """Return what a folder says."""
    usual = [folder for folder in source.glob("*") if folder.name.lower() in ("jpegimages", "images")]
    finder = Pictures((*sorted(usual), source), source, pictures)
    sheets = []
    for file in xml_files(source):
        try:
            tree = _tree(file)
        except expat.ExpatError as error:
            report(file, error.lineno, f"is no XML: {expat.ErrorString(error.code)}")
        except DataError as error:
            report(file, None, str(error))
        else:
            sheets.append(_sheet(file, tree, finder, report))
    if class_files(source):
        names = list(read_names(source).names)
    else:
        names = sorted({str(box.key) for sheet in sheets for box in sheet.boxes})
    return Written([(name, name) for name in names], sheets, finder.notes)


def _sheet(file: Path, tree: ElementTree.Element, finder: Pictures, report: Report) -> Sheet:
    boxes = []
    for item in tree.iterfind("object"):
        place = Place(file, int(item.attrib["line"]), "the object")
        name = (item.findtext("name") or "").strip()
        try:
            x0, y0, x1, y1 = (float(item.findtext(f"bndbox/{side}") or "") for side in _SIDES)
        except ValueError:
            place.tell(report, f"has no bndbox with the numbers {', '.join(_SIDES)}")
            continue
        if not name:
            place.tell(report, "has no name: write the class that it is of")
        elif min(x0, y0) >= 0 and max(x1, y1) <= 1 and not (x0 == x1 == y0 == y1 == 1):
            place.tell(
                report,
                f"is in shares of the picture, {x0:g}, {y0:g} to {x1:g}, {y1:g}: write pixels, from 1 on",
            )
        else:
            difficult = (item.findtext("difficult") or "").strip() == "1"
            boxes.append(Box(place, (x0 - 1, y0 - 1, x1, y1), name, difficult))  # pixels from 1, both within
    sides = tree.findtext("size/width") or "", tree.findtext("size/height") or ""
    size = (int(sides[0]), int(sides[1])) if all(map(str.isdecimal, sides)) else (0, 0)
    path, missing = finder.find((tree.findtext("filename") or "").strip() or file.stem)
    return Sheet(
        Place(file, None, "the annotation"), path, boxes, size if all(size) else None, missing=missing
    )


def _tree(file: Path) -> ElementTree.Element:
    """Parse a file; every element has the attribute ``line`` in place of its own ones."""
    builder, parser = ElementTree.TreeBuilder(), expat.ParserCreate("utf-8")

    def start(tag: str, _: dict[str, str]) -> None:
        builder.start(tag, {"line": str(parser.CurrentLineNumber)})

    parser.StartElementHandler = start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(_decoded(file).encode(), True)
    return builder.close()


def _decoded(file: Path) -> str:
    """Return the text of an XML file in the encoding that it names; expat itself knows but a few."""
    try:
        data = file.read_bytes()
        encoding = encoding_of(data)
        named = re.match(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']""", data)
        if named and encoding in ("utf-8", "cp1252", "latin-1"):
            encoding = named[1].decode()
        return data.decode(encoding)
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror or error}") from None
    except (LookupError, UnicodeDecodeError) as error:
        raise DataError(f"is not in the encoding that it names: {error}; save it as UTF-8") from None
