"""Readers of the public sets of faces with landmarks, and of pictures without a face (data sets).

    ytf68, cmu_mit    faces with landmarks
    background        pictures without a face, of one of the `BACKGROUNDS`

A face's *frame* is what the evaluation on CMU+MIT knows of it: the centre lies midway between the midpoint of
the eyes and the centre of the mouth, and the size s is twice the distance between these two. The box that a
detector learns is the whole face: `windowpane.data.photographs.face_boxes`.

In a picture of ytf68 other people may stand in the background (in about one of 20), so what lies around its
face is context, but no example of "no face".
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from windowpane.data.root import existing
from windowpane.data.split import Fold, in_fold
from windowpane.errors import DataError
from windowpane.images import expand

Floats = NDArray[np.float64]
Part = Literal["newtest", "test", "test-low"]


@dataclass(frozen=True, slots=True)
class FaceImage:
    """A picture and its faces. All coordinates are in pixels of the picture.

    Attributes
    ----------
    landmarks
        (n, 5, 2) x, y of the left eye, right eye, nose tip, left and right corner of the mouth (left and
        right as seen in the picture when the face is upright), or None.
    person
        Who it is, "" if unknown.
    frames
        (n, 3) cx, cy, s of every face, from `face_frames`.
    """

    path: Path
    landmarks: Floats | None
    person: str
    frames: Floats


Item = TypeVar("Item", FaceImage, Path)


def face_frames(landmarks: Floats) -> Floats:
    """Return the frames (n, 3) cx, cy, s of faces with the landmarks (n, 5, 2) of a `FaceImage`."""
    eyes, mouth = landmarks[:, :2].mean(axis=1), landmarks[:, 3:].mean(axis=1)
    sizes = 2 * np.linalg.norm(eyes - mouth, axis=1)
    return np.column_stack([(eyes + mouth) / 2, sizes])


def frame_boxes(frames: Floats) -> Floats:
    """Return frames (n, 3) as boxes (n, 4) x0, y0, x1, y1: the upright square of side s about the centre."""
    half = frames[:, 2:] / 2
    return np.hstack([frames[:, :2] - half, frames[:, :2] + half])


def split(items: Iterable[Item], fold: Fold) -> list[Item]:
    """Return the faces or negatives to tune or test with (one person or picture in 20 each), or the others.

    The name of the person, or of the file where there is none, decides alone: a person who is in two sets is
    kept aside in both, and a picture that is added moves no other.
    """
    return [item for item in items if in_fold(_name(item), fold)]


def ytf68(root: Path) -> list[FaceImage]:
    """Read frames of YouTube Faces (Wolf, Hassner & Maoz 2011) with 68 landmarks, one known face in each.

    The eyes are the centres of their outlines. The landmarks were made by machine: they are off by some 0.02
    s, more on turned faces.
    """
    table = existing(root / "faces" / "ytf68" / "training_frames_keypoints.csv")
    faces = []
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        for row in rows:
            points = _points(row[1:], 68, f"{table}:{rows.line_num}")
            left_eye, right_eye = points[36:42].mean(axis=0), points[42:48].mean(axis=0)
            five = np.stack([left_eye, right_eye, points[30], points[48], points[54]])
            faces.append(_known(table.parent / "training" / row[0], [five], row[0].rpartition("_")[0]))
    return faces


def cmu_mit(root: Path, part: Part) -> list[FaceImage]:
    """Read a part of the CMU+MIT test set (Rowley, Baluja & Kanade 1998; Sung & Poggio 1998).

    To test with, never to train or tune on. All faces are known; 13 pictures have none. A few faces, on
    playing cards, stand on their heads.
    """
    truth = existing(root / "faces" / "cmu_mit" / part / "groundtruth.txt")
    folder = truth.parent
    faces: dict[str, list[Floats]] = {path.name: [] for path in _pictures(folder)}
    for number, line in enumerate(truth.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            name, *values = line.split()
            points = _points(values, 6, f"{truth}:{number}")
            if name not in faces:
                raise DataError(f"{truth}:{number}: there is no picture {name}: fetch the set again")
            faces[name].append(points[[0, 1, 2, 3, 5]])  # without the middle of the mouth
    return [_known(folder / name, found, "") for name, found in faces.items()]


@dataclass(frozen=True, slots=True)
class Background:
    """A set of pictures without a face: where it lies in the data root, and for the card title and terms.

    Attributes
    ----------
    free
        Whether its stated terms allow any use; that they do is the word of whoever uploaded the pictures.
    """

    folder: str
    title: str
    terms: str
    free: bool = False


BACKGROUNDS = {
    "urtho": Background("faces/neg_urtho", "Urtho's negatives", "none stated: research"),
    "hays": Background("faces/neg_hays_scenes", "Hays's scenes", "none stated: research"),
    "bsds500": Background("faces/neg_bsds500", "BSDS500", "non-commercial research"),
    "cats_dogs": Background("neg_cats_dogs", "cats and dogs (Asirra and breeds)", "none stated: research"),
    "hands": Background("neg_hands_gesture", "hands (Roboflow)", "CC BY 4.0", free=True),
    "fronts": Background("scenes_facades_dusk", "building fronts (Roboflow)", "CC BY 4.0", free=True),
    "roads": Background("scenes_road_rural", "country roads (Roboflow)", "CC BY 4.0", free=True),
    "sudokus": Background("digits_sudoku_photos", "Sudokus in newspapers", "CC BY 4.0", free=True),
}
"""The sets of pictures without a face by name."""
DOUBTFUL = 0.5
"""The score of another detector, where a set tells it, from which a picture may show a face after all."""


def background(root: Path, name: str) -> list[Path]:
    """Return the pictures of one of the `BACKGROUNDS`, in a fixed order.

    Raises
    ------
    DataError
        For an unknown name, and for a set that is not there.
    """
    if name not in BACKGROUNDS:
        raise DataError(f"there is no set without faces {name!r}: choose from {', '.join(BACKGROUNDS)}")
    folder = existing(root / BACKGROUNDS[name].folder)
    table, doubtful = folder / "images.csv", set()
    if table.exists():
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        doubtful = {row["file"] for row in rows if float(row.get("yunet_score") or 0) >= DOUBTFUL}
    images = folder / "images"
    return [path for path in _pictures(images if images.is_dir() else folder) if path.name not in doubtful]


def negatives(root: Path) -> list[Path]:
    """Return the pictures without a face of the first three of the `BACKGROUNDS`, in a fixed order."""
    return [path for name in ("urtho", "hays", "bsds500") for path in background(root, name)]


def _name(item: FaceImage | Path) -> str:
    return item.name if isinstance(item, Path) else item.person or item.path.name


def _known(path: Path, faces: list[Floats], person: str) -> FaceImage:
    landmarks = np.array(faces, np.float64).reshape(-1, 5, 2)
    return FaceImage(path, landmarks, person, face_frames(landmarks))


def _points(values: list[str], count: int, place: str) -> Floats:
    try:
        return np.array(values, np.float64).reshape(count, 2)
    except ValueError:
        raise DataError(f"{place}: expected a picture and {count} points x, y: fetch the set again") from None


def _pictures(folder: Path) -> list[Path]:
    return [Path(name) for name in expand([existing(folder)])]
