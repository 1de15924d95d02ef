"""Readers of the public sets of faces (data sets), in their own layouts, and the one frame that all share.

A face's *frame* is where the detector is to put its answer: the centre lies midway between the midpoint of
the eyes and the centre of the mouth, and the size s is twice the distance between these two. It is that of
the evaluation on CMU+MIT, so that training and measuring speak of the same thing.

    ytf68, cmu_mit       have landmarks: their frames are computed
    lfw, caltech_crops   have none but are aligned: their frames are constants, measured (see below)
    negatives            pictures without a face

Only the faces with a frame are known. In a picture of ytf68 or lfw other people may stand in the background
(in about one of 20, of either), so what lies around its face is context, but no example of "no face".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.root import existing
from windowpane.data.split import Fold, in_fold
from windowpane.errors import DataError
from windowpane.images import expand

Floats = NDArray[np.float64]
Part = Literal["newtest", "test", "test-low"]

# Measured with the landmarks of YuNet (Wu, Peng & Yu 2023) on 1,500 enlarged pictures of each set, as the
# median of the mean over a picture and its mirror image: 56.2, 59.6, 39.7 and 18.0, 18.3, 22.1. The mean
# picture of all, looked at, gives 56.2, 59.9, 40 and 18.0, 18.3, 22.8. The values below lie between. Single
# faces stray by 0.02 to 0.03 s in place, and in size by 6 % (lfw) and 10 % (Caltech). Against the landmarks
# of ytf68 the same measure comes out 0.03 s higher and 2 to 5 % smaller.
LFW_FRAME = (56.2, 59.8, 39.5)
"""cx, cy, s of the face in the middle of each picture of 112 x 112 pixels."""
CALTECH_FRAME = (18.0, 18.3, 22.5)
"""cx, cy, s of the face in every crop of 36 x 36 pixels."""

_NEIGHBOURS = 50  # crops of one group photo follow each other in the file, in runs of up to about so many


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
        (n, 3) cx, cy, s of every face, from `face_frames` or the set's alignment.
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


def lfw(root: Path) -> list[FaceImage]:
    """Read the part of Labeled Faces in the Wild (Huang et al. 2007): one known face, `LFW_FRAME`, in each.

    These copies have the output of another detector painted on the face: see `unpainted`.
    """
    frame = np.array([LFW_FRAME])
    pictures = _pictures(root / "faces" / "lfw250_part")
    return [FaceImage(path, None, re.sub(r"\d+$", "", path.stem), frame) for path in pictures]


def unpainted(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture of `lfw` (112, 112, 3) without what is painted on it, in grey (112, 112, 3).

    Each of these pictures shows a dark green square about its face and small dots on eyes, nose, mouth and
    jaw: a net would learn to find those. The square is filled from around, a median over 3 x 3 pixels takes
    the dots, and colour is given up, for JPEG spreads it further than light. Traces stay at the full size, so
    reduce the picture.
    """
    x, y, side = _painted_square(pixels)
    painted = np.zeros(pixels.shape[:2], np.uint8)
    cv2.rectangle(painted, (x, y), (x + side, y + side), 255, 3)
    grey = cv2.inpaint(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), painted, 3, cv2.INPAINT_TELEA)
    return np.repeat(np.asarray(cv2.medianBlur(grey, 3), np.uint8)[..., None], 3, axis=2)


def _painted_square(pixels: NDArray[np.uint8]) -> tuple[int, int, int]:
    """Return x, y and side of the square whose sides are nearer to its green than the pixels beside them."""
    off = np.abs(pixels.astype(np.float32) - (0, 128, 0)).sum(axis=2)
    far = np.pad(off, 3, mode="reflect")
    upright = np.clip(np.minimum(far[3:-3, :-6], far[3:-3, 6:]) - off, 0, 90)
    level = np.clip(np.minimum(far[:-6, 3:-3], far[6:, 3:-3]) - off, 0, 90)
    down, along = np.pad(upright.cumsum(0), ((1, 0), (0, 0))), np.pad(level.cumsum(1), ((0, 0), (1, 0)))
    best, square = -1.0, (0, 0, 0)
    for side in range(38, 96):
        n = len(off) - side  # places of the upper left corner each way
        sides = (
            down[side:-1, :n] - down[:n, :n],
            down[side:-1, side:] - down[:n, side:],
            along[:n, side:-1] - along[:n, :n],
            along[side:, side:-1] - along[side:, :n],
        )
        scores = np.sum(sides, axis=0) / side
        if scores.max() > best:
            y, x = np.unravel_index(scores.argmax(), scores.shape)
            best, square = float(scores.max()), (int(x), int(y), side)
    return square


def caltech_crops(root: Path, fold: Fold) -> NDArray[np.uint8]:
    """Read the crops of Caltech 10k WebFaces (Fink, Fergus & Angelova): (N, 36, 36) grey, one face in each.

    The face is at `CALTECH_FRAME`. About one in 50 is a drawing, an animal or hardly a face.

    Parameters
    ----------
    fold
        As of `split`; crops of one photo stay together.
    """
    path = existing(root / "faces" / "caltech_web_crops36" / "crops.npz")
    with np.load(path) as file:
        images = np.asarray(file["images"], np.uint8)
    chosen = [in_fold(index // _NEIGHBOURS, fold) for index in range(len(images))]
    return np.asarray(images[chosen])


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
