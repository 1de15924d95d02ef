"""Builds sets of numbers for the reader from clones of public repositories (data set preparation).

    python tools/make_digit_sets.py CLONES OUT [NAME ...]        (a name as in RECIPES; none: all)

CLONES holds a clone, bare or not, of each public repository that `RECIPES` names, in a folder ``owner+name``
or ``owner/name``. OUT gets a folder a set, to lie in the data root, in the layout that
`windowpane.data.pages` reads; its ``SOURCE.txt`` says where all is from. Same commits, same sets.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

import cv2
from make_face_sets import GITHUB, Clone, found_clones

from windowpane.data.pages import SETS
from windowpane.images.drawing import Image


@dataclass(frozen=True)
class Line:
    """A picture of one line: its pixels (BGR), and what it says."""

    pixels: Image
    text: str


@dataclass(frozen=True)
class Recipe:
    """Where a set is from, how it is read, and what to know of it."""

    repository: str
    lines: Callable[[Clone], Iterator[Line]]
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
    seen, rows = set[bytes](), []
    (folder / "images").mkdir(parents=True)
    for line in RECIPES[name].lines(clone):
        digest = sha256(line.pixels.tobytes()).digest()
        if digest not in seen:
            seen.add(digest)
            rows.append((f"{len(rows):05d}.png", line.text))
            cv2.imwrite(str(folder / "images" / rows[-1][0]), line.pixels)
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("file", "text"), *rows])
    count = f"{len(rows)} pictures, {len({text for _, text in rows})} different numbers"
    origin = f"From {GITHUB}{clone.name} at {clone.commit}"
    parts = [SETS[name].title, origin, f"Terms: {SETS[name].terms}.", count, RECIPES[name].about, ""]
    (folder / "SOURCE.txt").write_text("\n".join(parts), encoding="utf-8")
    return count


# -- What each repository has ------------------------------------------------------------------------------


def meters(clone: Clone) -> Iterator[Line]:
    """Pictures beside a table of their names and readings, ``data/ocr_training_data/gt.txt``."""
    folder = "data/ocr_training_data"
    known = {PurePosixPath(path).name: path for path in clone.files(rf"{folder}/.*\.(png|jpeg)")}
    for row in clone.text(f"{folder}/gt.txt").splitlines():
        name, _, text = row.partition("\t")
        if name in known and text.strip():
            yield Line(clone.image(known[name]), text.strip())


RECIPES = {
    "meters": Recipe(
        "renjithsasidharan/seven-segment-ocr",
        meters,
        """Power meters' displays, lit in many colours, cut to the number, 200 pixels wide and more.
Text: all digits, leading zeros too, and the point where it is read; a smaller digit after it may be missing.
Caveats: some are so faint that only the counter's neighbours tell; the same number may be the same meter.""",
    ),
}


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
