"""Readers of sets of whole photographs with faces, as people take them (object detection data sets).

A face is one *box*: the whole face, from the hairline to the chin and from ear to ear, as WIDER FACE has it,
upright, and cut at the edge of the picture. Sets that say something else are brought to this:

    landmarks                  webfaces, and ytf68 of `windowpane.data.faces`: `face_boxes`
    boxes of heads and noses   babies: towards the nose, and smaller
    boxes of the whole face    all others: taken as they are

What may be a face and may be none (under so many pixels, seen from behind, as told by the set) is *ignored*:
neither to be found nor to be taken for background.

Layout of each set: ``faces_<set>/labels.csv`` (file, x, y, w, h, note, and of landmarks lex, ley, rex, rey,
nx, ny, mx, my: eyes, nose, mouth), ``images.csv`` (file, width, height, ..., note), ``images/``; beside them
``overlaps.csv`` (set_a, file_a, set_b, file_b): pictures that are in two sets.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from windowpane.data.faces import split, ytf68
from windowpane.data.root import existing, rows_of
from windowpane.data.split import Fold, in_tenth
from windowpane.errors import DataError

Floats = NDArray[np.float64]
Row = dict[str, str]

LEAST = 10.0
"""Pixels: a box that is smaller, by the root of its area, is ignored."""
WIDTH, HEIGHT = 2.1, 2.6
"""Of a face over the distance of its eyes, from ear to ear and from hairline to chin."""
MOUTH = 0.4
"""How far the corners of the mouth are from its middle, over the distance of the eyes, if not known."""
TO_NOSE, OF_HEAD = 0.65, 0.8
"""Where between head and nose a face has its middle, and how large it is in the box of the head."""


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """A picture and its faces, all in its pixels.

    Attributes
    ----------
    path
        Of the picture.
    boxes
        (n, 4) x0, y0, x1, y1 of whole faces, within the picture.
    ignored
        (n,), whether it is neither to be found nor background.
    landmarks
        (n, 5, 2) x and y of the left eye, right eye, nose tip, left and right corner of the mouth (left and
        right as seen when the face is upright), NaN where not known.
    notes
        (n,) what the set says of each: of masks "with_mask", "without_mask" and the like, or "".
    """

    path: Path
    boxes: Floats
    ignored: NDArray[np.bool_]
    landmarks: Floats
    notes: tuple[str, ...]


def photographs(root: Path, name: str, fold: Fold | None = None) -> list[Photograph]:
    """Read a set, in the order of its files, or a fold of it.

    Folds keep together what is in two sets, and the frames of one film. ``wider308`` is to test with alone.

    Parameters
    ----------
    root
        Of the data sets.
    name
        One of `SETS`.

    Raises
    ------
    DataError
        For an unknown name, for what is not there, and for a table that cannot be read.
    """
    if name not in SETS:
        raise DataError(f"there is no set of photographs {name!r}: choose from {', '.join(SETS)}")
    folder = existing(root / SETS[name].folder)
    faces: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of(folder / "labels.csv"):
        faces[row["file"]].append(row)
    same = _same_pictures(root)
    pictures = []
    for row in rows_of(folder / "images.csv"):
        key = same.get((SETS[name].folder, row["file"])) or SETS[name].key(row)
        if fold is None or (fold == "test" if SETS[name].test_only else in_tenth(key, fold)):
            pictures.append(_photograph(folder / "images" / row["file"], row, faces[row["file"]], name))
    return pictures


def learned(root: Path, name: str, fold: Fold) -> list[Photograph]:
    """Read a fold of any set that a recipe may name, one of `LEARNED`; raises as `photographs` does."""
    if name not in LEARNED:
        raise DataError(f"there is no set of faces {name!r}: choose from {', '.join(LEARNED)}")
    if name != "ytf68":
        return photographs(root, name, fold)
    frames = [(one.path, one.landmarks) for one in split(ytf68(root), fold) if one.landmarks is not None]
    return [
        Photograph(path, face_boxes(points), np.zeros(len(points), np.bool_), points, ("",) * len(points))
        for path, points in frames
    ]


def face_boxes(landmarks: Floats) -> Floats:
    """Return the whole faces (n, 4) x0, y0, x1, y1 around landmarks (n, 5, 2), upright boxes.

    A face is an ellipse about the point midway between eyes and mouth, turned as the eyes are; its measure is
    the distance of the eyes, or, where they are turned away, that from eyes to mouth.
    """
    eyes, mouth = landmarks[:, :2].mean(axis=1), landmarks[:, 3:].mean(axis=1)
    down = mouth - eyes
    apart = np.linalg.norm(landmarks[:, 1] - landmarks[:, 0], axis=1)
    size = np.maximum(apart, 0.9 * np.linalg.norm(down, axis=1))
    angle = np.arctan2(down[:, 0], down[:, 1])
    cos, sin = np.cos(angle), np.sin(angle)
    half = np.column_stack([np.hypot(WIDTH * cos, HEIGHT * sin), np.hypot(WIDTH * sin, HEIGHT * cos)])
    middle, half = (eyes + mouth) / 2, half * size[:, None] / 2
    return np.hstack([middle - half, middle + half])


# -- What the sets have in common --------------------------------------------------------------------------


def _photograph(path: Path, picture: Row, rows: list[Row], name: str) -> Photograph:
    try:
        width, height = float(picture["width"]), float(picture["height"])
        boxes = np.array([[float(row[key]) for key in "xywh"] for row in rows]).reshape(-1, 4)
        points = np.array([_points(row) for row in rows]).reshape(-1, 5, 2)
    except (KeyError, ValueError) as error:
        raise DataError(f"{path}: its rows in the tables of {name} are no boxes ({error})") from error
    boxes[:, 2:] += boxes[:, :2]
    notes = tuple(row["note"] for row in rows)
    ignored = np.zeros(len(rows), np.bool_)
    if SETS[name].heads:
        boxes, ignored = _faces_of_heads(boxes, notes)
        points, notes = np.full((len(boxes), 5, 2), np.nan), ("",) * len(boxes)
    elif len(boxes) and np.isfinite(points[:, :2]).all():
        boxes = face_boxes(points)
    boxes = boxes.clip(0, [width, height, width, height])
    sides = boxes[:, 2:] - boxes[:, :2]
    return Photograph(path, boxes, ignored | (sides.prod(axis=1) < LEAST**2), points, notes)


def _points(row: Row) -> Floats:
    """Return five landmarks of a row that has four: the corners of the mouth lie about its middle."""
    if not row.get("mx"):
        return np.full((5, 2), np.nan)
    left, right, nose, mouth = (
        np.array([float(row[point + "x"]), float(row[point + "y"])]) for point in ("le", "re", "n", "m")
    )
    aside = MOUTH * (right - left)
    return np.stack([left, right, nose, mouth - aside, mouth + aside])


def _faces_of_heads(boxes: Floats, notes: tuple[str, ...]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the faces of heads of which one in the picture has a nose; the others are ignored."""
    noses = [box for box, note in zip(boxes, notes, strict=True) if note == "nose"]
    faces, ignored = [np.zeros((0, 4))], []
    for box, note in zip(boxes, notes, strict=True):
        if note == "nose":
            continue
        middles = [(nose[:2] + nose[2:]) / 2 for nose in noses]
        inside = [nose for nose in middles if (nose > box[:2]).all() and (nose < box[2:]).all()]
        ignored.append(len(inside) != 1)
        if inside:
            middle = TO_NOSE * inside[0] + (1 - TO_NOSE) * (box[:2] + box[2:]) / 2
            half = OF_HEAD * np.sqrt((box[2:] - box[:2]).prod()) / 2
            box = np.concatenate([middle - half, middle + half])
        faces.append(box[None])
    return np.concatenate(faces), np.array(ignored, np.bool_)


def _same_pictures(root: Path) -> dict[tuple[str, str], str]:
    """Return one name for each picture, (set's folder, file), that is in several sets."""
    table = root / "overlaps.csv"
    names: dict[tuple[str, str], str] = {}
    for row in rows_of(table) if table.exists() else ():
        one, other = (row["set_a"], row["file_a"]), (row["set_b"], row["file_b"])
        old, new = names.get(other, "/".join(other)), names.get(one, "/".join(one))
        names |= {key: new for key, name in names.items() if name == old}
        names |= {one: new, other: new}
    return names


# -- The sets ----------------------------------------------------------------------------------------------


def _by_file(row: Row) -> str:
    return row["file"]


def _by_film(row: Row) -> str:
    """Return the film that a frame is of, by its name, ``Movie_mov-12_jpg``; a single picture's own name."""
    return re.sub(r"(_mov|_mp4|youtube|face-detection)-\d+_\w+$", r"\1", row["note"])


@dataclass(frozen=True, slots=True)
class SetOfFaces:
    """Where a set lies, what its folds are drawn by, and its terms.

    Attributes
    ----------
    folder
        In the data root.
    title, terms
        For the card of a net that learned from it.
    complete
        Whether nearly all faces are boxed.
    heads
        Whether the boxes are of heads and, with the note "nose", of noses.
    free
        Whether its stated terms allow any use; that they do is the word of whoever uploaded the pictures.
    key
        What of a row of ``images.csv`` decides its fold.
    test_only
        Whether nothing is learned from it.
    """

    folder: str
    title: str
    terms: str
    complete: bool = True
    heads: bool = False
    free: bool = False
    key: Callable[[Row], str] = _by_file
    test_only: bool = False


SETS = {
    "groupcount": SetOfFaces("faces_groupcount", "face counting (Analytics Vidhya)", "none stated: research"),
    "widerparade": SetOfFaces("faces_wider_part", "WIDER FACE, parades and handshakes", "research"),
    "fddb": SetOfFaces("faces_fddb", "FDDB", "research"),
    "ilc2021": SetOfFaces(
        "faces_ilc2021", "masks of a class at ILC 2021", "none stated: research", complete=False
    ),
    "mask848": SetOfFaces("faces_mask848", "Face Mask Detection (Kaggle)", "none stated: research"),
    "mik1i": SetOfFaces(
        "faces_mik1i_grey", "Face Detection (Roboflow, mik1i)", "CC BY 4.0", free=True, key=_by_film
    ),
    "webfaces": SetOfFaces(
        "faces_caltech_webfaces", "Caltech 10,000 Web Faces", "none stated: research", complete=False
    ),
    "babies": SetOfFaces("faces_baby_rotated", "BabyFace (Roboflow)", "CC BY 4.0", heads=True, free=True),
    "wider308": SetOfFaces(
        "faces_wider_train308", "WIDER FACE, press conferences", "research", test_only=True
    ),
}
"""The sets by name."""
LEARNED = SETS | {
    "ytf68": SetOfFaces("faces/ytf68", "YouTube Faces with 68 landmarks", "research", complete=False)
}
"""The sets that a recipe may name: these, and one of films, which is no photographs."""
