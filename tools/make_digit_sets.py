"""Builds sets of numbers for the reader from clones of public repositories (data set preparation).

    python tools/make_digit_sets.py CLONES OUT [NAME ...]        (a name as in RECIPES; none: all)

CLONES holds a clone, bare or not, of each public repository that `RECIPES` names, in a folder ``owner+name``
or ``owner/name``. OUT gets a folder a set, to lie in the data root, in the layout that
`windowpane.data.pages` reads; its ``SOURCE.txt`` says where all is from. Same commits, same sets.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
from make_face_sets import GITHUB, Clone, found_clones

from windowpane.data.pages import SETS
from windowpane.images.drawing import Image

TALL = 1.8  # times as high as wide

String = dict[str, Any]
"""A row of ``labels.csv`` without the name of the file."""


@dataclass(frozen=True)
class Sheet:
    """A picture: its pixels (BGR), the part that it is in, and its strings."""

    pixels: Image
    part: str
    strings: list[String]


@dataclass(frozen=True)
class Recipe:
    """Where a set is from, how it is read, and what to know of it."""

    repository: str
    sheets: Callable[[Clone], Iterator[Sheet]]
    about: str


def main(clones: Path, out: Path, names: list[str]) -> None:
    """Write the sets that are named, or all."""
    names = names or list(RECIPES)
    for name in names:
        if name not in RECIPES:
            sys.exit(f"there is no recipe for {name!r}: choose from {', '.join(RECIPES)}")
        if (out / SETS[name].folder).exists():
            sys.exit(f"{out / SETS[name].folder} is there already: remove it, or name another folder")
    found = found_clones({RECIPES[name].repository for name in names}, clones)
    for name in names:
        count = build(name, found[RECIPES[name].repository], out / SETS[name].folder)
        print(f"{name}: {count}", flush=True)


def build(name: str, clone: Clone, folder: Path) -> str:
    """Write a set, each picture once, and return how much is in it."""
    seen, rows, images = set[bytes](), list[String](), list[String]()
    (folder / "images").mkdir(parents=True)
    for sheet in RECIPES[name].sheets(clone):
        digest = sha256(sheet.pixels.tobytes()).digest()
        if digest not in seen:
            seen.add(digest)
            file = f"{len(images):05d}.png"
            cv2.imwrite(str(folder / "images" / file), sheet.pixels)
            rows += [{"file": file, **string} for string in sheet.strings]
            images.append({"file": file, "split": sheet.part})
    for table, records in (("labels.csv", rows), ("images.csv", images)):
        with (folder / table).open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(records[0]))
            writer.writeheader()
            writer.writerows(records)
    count = f"{len(images)} pictures, {len(rows)} strings"
    origin = f"From {GITHUB}{clone.name} at {clone.commit}"
    parts = [SETS[name].title, origin, f"Terms: {SETS[name].terms}.", count, RECIPES[name].about, ""]
    (folder / "SOURCE.txt").write_text("\n".join(parts), encoding="utf-8")
    return count


# -- What each repository has ------------------------------------------------------------------------------


def meters(clone: Clone) -> Iterator[Sheet]:
    """Pictures beside a table of their names and readings, ``data/ocr_training_data/gt.txt``."""
    folder = "data/ocr_training_data"
    known = {PurePosixPath(path).name: path for path in clone.files(rf"{folder}/.*\.(png|jpeg)")}
    for row in clone.text(f"{folder}/gt.txt").splitlines():
        name, _, text = row.partition("\t")
        if name in known and text.strip():
            yield Sheet(clone.image(known[name]), "train", [{"text": text.strip()}])


def forms(clone: Clone) -> Iterator[Sheet]:
    """Pages with a JSON file each: parts of the form, and in each its words with boxes."""
    for part, known in (("training", "train"), ("testing", "test")):
        folder = f"dataset/dataset/{part}_data"
        for path in clone.files(rf"{folder}/annotations/[^/]*\.json"):
            pixels = clone.image(f"{folder}/images/{PurePosixPath(path).stem}.png")
            strings: list[String] = []
            for item in json.loads(clone.text(path))["form"]:
                words = [word for word in item["words"] if word["text"].strip()]
                for number, line in enumerate(lines_of(words)):
                    strings += [word_of(word, f"{item['id']}.{number}") for word in line]
            yield Sheet(pixels, known, strings)


def lines_of(words: list[String]) -> list[list[String]]:
    """Return words, in their order, line by line: each stands right of the one before, on its height."""
    lines: list[list[String]] = []
    for word in words:
        x0, y0, _, y1 = word["box"]
        before = lines[-1][-1]["box"] if lines else None
        if before and x0 >= before[0] and before[1] <= (y0 + y1) / 2 <= before[3]:
            lines[-1].append(word)
        else:
            lines.append([word])
    return lines


def word_of(word: String, line: str) -> String:
    """Return a word as a string; a tall box of some characters is of one that runs down the page."""
    (x0, y0, x1, y1), text = word["box"], word["text"].strip()
    down = y1 - y0 > TALL * (x1 - x0) and len(text) > 2
    corners = {"x0": x0, "y0": y0, "x1": x1, "y1": y0, "x2": x1, "y2": y1, "x3": x0, "y3": y1}
    return {**corners, "text": text, "turned": 90 * down, "line": line}


RECIPES = {
    "meters": Recipe(
        "renjithsasidharan/seven-segment-ocr",
        meters,
        """Power meters' displays, lit in many colours, cut to the number, 200 pixels wide and more.
Text: all digits, leading zeros too, and the point where it is read; a smaller digit after it may be missing.
Caveats: some are so faint that only the counter's neighbours tell; the same number may be the same meter.""",
    ),
    "forms": Recipe(
        "prajwalvarsh/OCR-FUNSD",
        forms,
        """FUNSD (Jaume, Ekenel & Thiran 2019), a part of RVL-CDIP: scanned forms, faxes and letters, some
750 x 1000 pixels, a box a word, handwriting too; split: as published. Non-commercial, research and education.
Caveats: what runs down the page is told by the shape of its box alone; stamps and logos are words too.""",
    ),
}


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
