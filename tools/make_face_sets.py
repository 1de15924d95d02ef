"""Builds four of the sets of photographs that the face detector learns from (data set preparation).

    python tools/make_face_sets.py CLONES OUT [NAME ...]        (a name as in RECIPES; none: all)

CLONES holds a clone, bare or not, of each public repository that `RECIPES` names, in a folder ``owner+name``
or ``owner/name``. OUT gets a folder a set, to lie in the data root, in the layout that
`windowpane.data.photographs` reads; its ``SOURCE.txt`` says where all is from. Same commits, same sets.

What the detector is measured on is left out: what looks like a picture of CMU+MIT, where the data root has
that, and of WIDER FACE the validation part and the press conferences.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.faces import BACKGROUNDS, Background
from windowpane.data.photographs import SETS, SetOfFaces
from windowpane.data.root import data_root
from windowpane.errors import DataError
from windowpane.images.drawing import Image

Box = tuple[float, float, float, float]  # x, y of the upper left corner, width, height
Thumbnails = dict[Path, NDArray[np.float32]]

GITHUB = "https://github.com/"
KNOWN: dict[str, SetOfFaces | Background] = {**SETS, **BACKGROUNDS}
LONGEST = 1024  # pixels: the long side of what is kept
ALIKE = 0.93  # correlation of two thumbnails from which on they are of one photograph
PARTS = ("train", "valid", "test")  # of copies that come in folders; all are learned from


@dataclass(frozen=True)
class Picture:
    """A picture of a repository: its name there, the part it is in, its pixels (BGR) and its faces."""

    name: str
    part: str
    pixels: Image
    boxes: list[Box]


@dataclass(frozen=True)
class Recipe:
    """What a set is made of and how it is read, the quality of its JPEG files, and what to know of it."""

    repositories: tuple[str, ...]
    pictures: Callable[..., Iterator[Picture]]
    quality: int
    about: str


def main(clones: Path, out: Path, names: list[str]) -> None:
    """Write the sets that are named, or all."""
    names = names or list(RECIPES)
    for name in names:
        if name not in RECIPES:
            sys.exit(f"there is no recipe for {name!r}: choose from {', '.join(RECIPES)}")
        if (out / KNOWN[name].folder).exists():
            sys.exit(f"{out / KNOWN[name].folder} is there already: remove it, or name another folder")
    found = found_clones({one for name in names for one in RECIPES[name].repositories}, clones)
    tests = test_pictures()
    for name in names:
        sources = [found[one] for one in RECIPES[name].repositories]
        print(f"{name}: {build(name, sources, out / KNOWN[name].folder, tests)}", flush=True)


# -- Clones ------------------------------------------------------------------------------------------------


class Clone:
    """A repository as it is at the newest commit, read from git itself: no file need be checked out."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.commit = self._git("rev-parse", "HEAD").decode().strip()
        files = self._git("ls-tree", "-r", "-z", "--name-only", "HEAD")
        self.paths = sorted(files.decode("utf-8", "surrogateescape").split("\0"))

    def files(self, pattern: str) -> list[str]:
        """Return the paths that a regular expression matches from end to end, in order."""
        return [path for path in self.paths if re.fullmatch(pattern, path)]

    def text(self, path: str) -> str:
        """Return a file as text."""
        return self._git("cat-file", "blob", f"HEAD:{path}").decode("utf-8", "replace")

    def image(self, path: str) -> Image:
        """Return a picture, upright."""
        file = self._git("cat-file", "blob", f"HEAD:{path}")
        pixels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR) if file else None
        if pixels is None:
            sys.exit(f"{path} in {self.folder} is no picture: clone it again from {GITHUB}{self.name}")
        return np.asarray(pixels, np.uint8)

    def _git(self, *command: str) -> bytes:
        done = subprocess.run(["git", f"--git-dir={self.folder}", *command], capture_output=True, check=False)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            sys.exit(f"{self.folder} cannot be read ({said}): clone it again from {GITHUB}{self.name}")
        return done.stdout


def found_clones(names: Iterable[str], folder: Path) -> dict[str, Clone]:
    """Return the clones by the names of their repositories; exit with what to clone where one is missing."""
    found, missing = {}, []
    for name in sorted(names):
        flat = folder / name.replace("/", "+")
        places = [place for at in (flat, folder / name) for place in (at / ".git", at)]
        there = [place for place in places if (place / "HEAD").is_file()]
        if there:
            found[name] = Clone(name, there[0])
        else:
            missing.append(f"{folder} has no clone of {name}: run git clone --bare {GITHUB}{name} {flat}")
    if missing:
        sys.exit("\n".join(missing))
    return found


# -- What each repository has ------------------------------------------------------------------------------


def groupcount(clone: Clone) -> Iterator[Picture]:
    """Yield the pictures of one folder that a table has boxes for."""
    boxes: dict[str, list[Box]] = defaultdict(list)
    for row in csv.DictReader(clone.text("bbox_train.csv").splitlines()):
        boxes[row["Name"]].append(box_between(row.get))
    for path in clone.files(r"dataset/[^/]+\.jpg"):
        name = PurePosixPath(path).name
        if name in boxes:
            yield Picture(name, "", clone.image(path), boxes[name])


def fddb(copy: Clone, folds: Clone) -> Iterator[Picture]:
    """Yield what a copy has at its original size; its own boxes have width and height mixed up."""
    boxes = ellipse_boxes(folds)
    for part in PARTS:
        for path in copy.files(rf"datasets/FDDB\.yolov8/{part}/images/200\d_\d\d_\d\d_big_img_\d+\.jpg"):
            name = PurePosixPath(path).stem
            if name in boxes:
                yield Picture(name, part, copy.image(path), boxes[name])


def ellipse_boxes(folds: Clone) -> dict[str, list[Box]]:
    """Return the upright boxes around all ellipses: lines of a picture, a count, and so many ellipses."""
    boxes: dict[str, list[Box]] = defaultdict(list)
    for path in folds.files(r"FDDB-folds/FDDB-fold-\d\d-ellipseList\.txt"):
        name = ""
        for line in folds.text(path).splitlines():
            if "/" in line:
                name = line.strip().replace("/", "_")
            elif len(line.split()) > 4:
                a, b, angle, x, y = (float(value) for value in line.split()[:5])  # a, b: radii
                across = float(np.hypot(a * np.cos(angle), b * np.sin(angle)))
                down = float(np.hypot(a * np.sin(angle), b * np.cos(angle)))
                boxes[name].append((x - across, y - down, 2 * across, 2 * down))
    return boxes


def widerparade(truth: Clone, copy: Clone) -> Iterator[Picture]:
    """Yield what is in the table of training pictures, and not of a press conference.

    The folder of its table alone says what part a picture is of: copies mix them.
    """
    wanted = truth.files(r"WIDER_train_annotations/(?!9_Press).*\.xml")
    tables = {PurePosixPath(path).stem: path for path in wanted}
    for path in copy.files(r"datasets/widerface/images/train/[^/]+\.jpg"):
        name = PurePosixPath(path).stem
        if name in tables:
            yield Picture(name, "train", copy.image(path), voc_boxes(truth.text(tables[name])))


def voc_boxes(table: str) -> list[Box]:
    """Return the boxes of a picture from a file as Pascal VOC has them."""
    return [box_between(box.findtext) for box in ElementTree.fromstring(table).iter("bndbox")]


def box_between(corner: Callable[[str], str | None]) -> Box:
    """Return the box between the two corners that are found by these names."""
    x0, y0, x1, y1 = (float(corner(key) or "") for key in ("xmin", "ymin", "xmax", "ymax"))
    return x0, y0, x1 - x0, y1 - y0


def hands(clone: Clone) -> Iterator[Picture]:
    """Yield the pictures in which nothing looks like a face."""
    for part in PARTS:
        for path in clone.files(rf"{part}/images/[^/]+\.jpg"):
            name = PurePosixPath(path).name.split(".rf.")[0]
            if not FACELIKE.search(name):
                yield Picture(name, part, clone.image(path), [])


# -- What is left out --------------------------------------------------------------------------------------


def test_pictures() -> Thumbnails:
    """Return thumbnails of CMU+MIT; none where the data root lacks it, or there is none."""
    try:
        files = sorted((data_root() / "faces" / "cmu_mit").rglob("*.png"))
    except DataError:
        files = []
    if not files:
        print("there is no CMU+MIT (see WINDOWPANE_DATA): nothing is compared with it", file=sys.stderr)
    return {file: thumbnail(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)) for file in files}


def thumbnail(grey: Any) -> NDArray[np.float32]:
    """Return a picture small, flat, and of mean 0 and norm 1: a product of two is their correlation."""
    small = cv2.resize(grey, (24, 24), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    return np.asarray(small / (np.linalg.norm(small) + 1e-6), np.float32)


def difference_hash(grey: Any) -> bytes:
    """Return 256 bits: where a picture of 17 x 16 pixels grows brighter to the right."""
    small = cv2.resize(grey, (17, 16), interpolation=cv2.INTER_AREA)
    return np.packbits(small[:, 1:] > small[:, :-1]).tobytes()


def distinct(pictures: Iterable[Picture], tests: Thumbnails, left_out: list[str]) -> Iterator[Picture]:
    """Yield what neither came before nor looks like a test picture, and note the others."""
    seen: dict[bytes, str] = {}
    for picture in pictures:
        grey = cv2.cvtColor(picture.pixels, cv2.COLOR_BGR2GRAY)
        key, small = difference_hash(grey), thumbnail(grey)
        alike = [path.name for path, test in tests.items() if test @ small > ALIKE]
        same = seen.get(key) or " ".join(alike)
        if same:
            left_out.append(f"Left out: {picture.name}, same as {same}")
        else:
            seen[key] = picture.name
            yield picture


# -- What is written ---------------------------------------------------------------------------------------


def build(name: str, sources: list[Clone], folder: Path, tests: Thumbnails) -> str:
    """Write a set and return how much is in it."""
    recipe, left_out = RECIPES[name], list[str]()
    labels: list[tuple[Any, ...]] = [("file", "x", "y", "w", "h", "note")]
    images: list[tuple[Any, ...]] = [("file", "width", "height", "faces", "split", "note")]
    (folder / "images").mkdir(parents=True)
    for picture in distinct(recipe.pictures(*sources), tests, left_out):
        file = f"{len(images) - 1:05d}.jpg"
        pixels, boxes = reduced(picture)
        cv2.imwrite(str(folder / "images" / file), pixels, [cv2.IMWRITE_JPEG_QUALITY, recipe.quality])
        labels += [(file, *(round(value, 1) for value in box), "") for box in boxes]
        images.append((file, *pixels.shape[1::-1], len(boxes), picture.part, picture.name))
    for table, rows in (("labels.csv", labels), ("images.csv", images)):
        with (folder / table).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(rows)
    count = f"{len(images) - 1} pictures, {len(labels) - 1} boxes, {len(left_out)} pictures left out"
    origins = [f"From {GITHUB}{one.name} at {one.commit}" for one in sources]
    terms = f"Terms: {KNOWN[name].terms}. {recipe.about}"
    compared = f"Compared with {len(tests)} pictures of CMU+MIT."
    lines = [KNOWN[name].title, *origins, terms, count, compared, *left_out, ""]
    (folder / "SOURCE.txt").write_text("\n".join(lines), encoding="utf-8")
    return count


def reduced(picture: Picture) -> tuple[Image, list[Box]]:
    """Return a picture no longer than `LONGEST`, and its boxes that are wider and higher than 2 in it."""
    factor = min(1.0, LONGEST / max(picture.pixels.shape[:2]))
    pixels = np.asarray(cv2.resize(picture.pixels, None, None, factor, factor, cv2.INTER_AREA), np.uint8)
    height, width = pixels.shape[:2]
    boxes = []
    for x, y, w, h in picture.boxes:
        x0, y0 = max(0, x * factor), max(0, y * factor)
        x1, y1 = min(width, (x + w) * factor), min(height, (y + h) * factor)
        if x1 - x0 > 2 and y1 - y0 > 2:
            boxes.append((x0, y0, x1 - x0, y1 - y0))
    return pixels, boxes


# -- The sets ----------------------------------------------------------------------------------------------

# Of `hands`, the pictures in which another detector (YuNet) sees a face with a confidence of 0.5 or more.
FACELIKE = re.compile(
    r"(12-WA0(079|082|209|226|233|239|254|282|319|351|377|388|453|487|490|664|698|705|706|707|736|737|749|"
    r"750|755|778|833|839|841|845|854|857|858|859)|13-WA0(051|058|060|061|076|099|100|101|173|176|218)|"
    r"14-WA0(009|011|012)|12_164514|14-21(2209|2249|2707|2725|2842|3317|3346))_"
)

RECIPES = {
    "groupcount": Recipe(
        ("Icyfire18/Face_Counting",),
        groupcount,
        quality=87,
        about="""Stock and web photographs, of a contest.
Box: from brow to chin, about as wide as high.
Caveats: profiles and some backs of heads are boxed too; about one face in a hundred is not.""",
    ),
    "fddb": Recipe(
        ("chrisluo5311/YOLOv8ForSensitiveInformation", "imistyrain/fddb"),
        fddb,
        quality=92,
        about="""FDDB (Jain & Learned-Miller 2010) asks to be cited; the copy says CC BY 4.0, of news photos.
Box: upright, around FDDB's own ellipse, from the hairline or the top of the head to the chin.
Caveats: FDDB is a test set elsewhere: what learned from this is not to be measured on it.""",
    ),
    "widerparade": Recipe(
        ("sovrasov/wider-face-pascal-voc-annotations", "himanshuchopade97/Crowd-Counting"),
        widerparade,
        quality=90,
        about="""WIDER FACE (Yang et al. 2016): CC BY-NC-ND 4.0 where it is hosted, these files of boxes MIT.
Box: WIDER FACE's own, from the brow or the hairline to the chin.
Caveats: half of the boxes are under 15 pixels high.""",
    ),
    "hands": Recipe(
        ("dwivedi1997/Hand-Gesture-YOLOv8",),
        hands,
        quality=88,
        about="""So its README says; who uploaded it to Roboflow is not named.
Box: none.
Caveats: a hand making a sign in each, 224 x 224 pixels; what looks like a face is left out.""",
    ),
}


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
