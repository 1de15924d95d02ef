"""How well faces are found on photographs of today (detection rate, calibration), set by set and by kinds.

The test folds of `windowpane.data.photographs`, by the protocol of `measures.photographs`:

mask848, ilc2021 and the others of `windowpane.data.photographs`
             recall at 1, 10, 100 false boxes for 100 pictures; found, and false for 100 pictures, at the
             net's threshold
photographs  all of these that are there together: calibration error of the confidence; faces from `LARGE`
             pixels found at the net's threshold, with and without a mask; recall by size, pose, turn and
             tone, where landmarks tell, at 10 false boxes for 100 pictures of each set
people_free  photographs without people: false boxes a picture at the net's threshold
portraits    one large face each, made harder by `windowpane.evaluate.stress`: found at the net's threshold
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.data.faces import BACKGROUNDS, background, split
from windowpane.data.photographs import SETS, Photograph, photographs
from windowpane.data.root import data_root
from windowpane.detect.detections import Detections
from windowpane.detect.detector import Detector
from windowpane.errors import DataError
from windowpane.evaluate.measures.detection import Matches, match_all
from windowpane.evaluate.measures.looks import TONES, TURNS, UNKNOWN, poses, tones, turns
from windowpane.evaluate.measures.photographs import (
    FALSE,
    SIZES,
    Truth,
    allowed,
    calibration_error,
    landmark_error,
    match_photographs,
    recall,
    scale_of,
    truth,
)
from windowpane.evaluate.stress import STRESSES, Portrait, portraits, stressed
from windowpane.images import load

LOW = 0.001
"""Threshold for the curve, which needs more boxes than the net's own lets pass."""
LARGE = 40.0
"""Pixels of the faces of which those with a mask are compared with those without."""
EDGES = (24, 40, 80, 160)
"""Pixels, of the groups of sizes."""
MASKS = {
    "with_mask": "masked",
    "without_mask": "bare",
    "with_incorrect_mask": "mask worn badly",
    "mask_weared_incorrect": "mask worn badly",
}
"""What the notes of the sets say."""
KINDS: dict[str, tuple[str, ...]] = {
    "size": ("16-23 px", "24-39 px", "40-79 px", "80-159 px", "from 160 px"),
    "mask": ("bare", "masked", "mask worn badly"),
    "pose": ("frontal", "half", "profile"),
    "turn": tuple(TURNS),
    "tone": tuple(TONES),
}
"""Kinds of faces, and the groups of each."""

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Row = dict[str, Any]


# -- Pictures as they are shown to a detector --------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A photograph at the size of the protocol.

    Attributes
    ----------
    pixels
        (H, W, 3) uint8 RGB.
    truth
        Its faces.
    landmarks
        (m, 5, 2) of the faces that are asked for, NaN where unknown.
    masks
        (m,) a value of `MASKS`, or "unknown".
    """

    pixels: Pixels
    truth: Truth
    landmarks: Floats
    masks: tuple[str, ...]


def show(photograph: Photograph) -> Shown:
    """Return a photograph as the protocol shows it."""
    pixels = load(photograph.path)
    scale = scale_of(*pixels.shape[:2])
    if scale < 1:
        height, width = (max(1, round(scale * side)) for side in pixels.shape[:2])
        pixels = np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    true = truth(photograph.boxes, photograph.ignored, scale)
    masks = np.array([MASKS.get(note, UNKNOWN) for note in photograph.notes], dtype="U16")
    return Shown(
        pixels, true, photograph.landmarks[~true.ignored] * scale, tuple(masks[~true.ignored].tolist())
    )


def people_free(root: Path) -> list[Path]:
    """Return the pictures without people, of all sets that are there, kept out of training and tuning."""
    there = [name for name, one in BACKGROUNDS.items() if (root / one.folder).is_dir()]
    return split([path for name in there for path in background(root, name)], "test")


def sets_there(root: Path) -> list[str]:
    """Return the sets of photographs that are there.

    Raises
    ------
    DataError
        Where there is none.
    """
    names = [name for name, one in SETS.items() if (root / one.folder).is_dir()]
    if not names:
        raise DataError(f"no set of photographs lies in {root}: see `windowpane.data.photographs` for them")
    return names


def size_names(sizes: ArrayLike) -> NDArray[np.str_]:
    """Return the name of the group of sizes of each face, (n,)."""
    return np.array(KINDS["size"])[np.searchsorted(EDGES, np.asarray(sizes), side="right")]


def kinds(shown: Shown) -> dict[str, NDArray[np.str_]]:
    """Return of what kinds the faces of a picture that are asked for are, (m,) each."""
    masks = np.array(shown.masks, dtype="U16")
    tone = tones(shown.pixels, shown.landmarks)
    tone[np.isin(masks, ["masked", "mask worn badly"])] = UNKNOWN
    return {"pose": poses(shown.landmarks), "turn": turns(shown.landmarks), "mask": masks, "tone": tone}


def joined(pictures: Iterable[Mapping[str, NDArray[np.str_]]]) -> dict[str, NDArray[np.str_]]:
    """Return the `kinds` of the faces of all pictures, one after the other."""
    each = list(pictures)
    return {kind: np.concatenate([one[kind] for one in each]) for kind in each[0]}


# -- What was found ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The boxes of a set, held against its faces.

    Attributes
    ----------
    low
        All boxes down to low scores.
    plain
        Those of the detector's own threshold.
    low_counts
        Which of the boxes before ``low`` are in it, the others being on ignored regions.
    """

    low: Matches
    plain: Matches
    low_counts: NDArray[np.bool_]

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which faces are found at the detector's own threshold, (F,)."""
        return self.plain.boxes >= 0

    def found_at(self, per_hundred: int) -> NDArray[np.bool_]:
        """Return which faces are found with so many false boxes for 100 pictures, (F,)."""
        return self.low.found(self.at(per_hundred))

    def at(self, per_hundred: int) -> float:
        """Return the lowest score with at most so many false boxes for 100 pictures."""
        return self.low.threshold(allowed(self.low.pictures, per_hundred))

    @property
    def false(self) -> int:
        """How many boxes are false at the detector's own threshold."""
        return int((self.plain.faces < 0).sum())


Answer = tuple[ArrayLike, ArrayLike]  # boxes (N, 4), scores (N,)


def judged(low: Sequence[Answer], plain: Sequence[Answer], truths: Sequence[Truth]) -> Judged:
    """Hold the boxes of a set against its faces.

    Parameters
    ----------
    low, plain
        For every picture, boxes down to low scores, and those of the detector's own threshold.
    """
    every, counts = match_photographs([one for one, _ in low], [one for _, one in low], truths)
    usual, _ = match_photographs([one for one, _ in plain], [one for _, one in plain], truths)
    return Judged(every, usual, counts)


def given_landmarks(landmarks: Sequence[ArrayLike | None], one: Judged, threshold: float) -> Floats:
    """Return the landmarks that a detector gives the faces of a set, (F, 5, 2), NaN where not found.

    Parameters
    ----------
    landmarks
        For every picture (N, 5, 2), of the boxes down to low scores, or None.
    """
    points = np.full((len(one.low.sizes), 5, 2), np.nan)
    found = [np.reshape(np.asarray(each, np.float64), (-1, 5, 2)) for each in landmarks if each is not None]
    if len(found) == len(landmarks):
        hit = one.low.found(threshold)
        points[hit] = np.concatenate(found)[one.low_counts][one.low.boxes[hit]]
    return points


def mean_landmark_error(given: Floats, true: Floats) -> float:
    """Return the mean of `landmark_error` over the faces (F, 5, 2) of which both are known, or NaN."""
    known = np.isfinite(given).all(axis=(1, 2)) & np.isfinite(true).all(axis=(1, 2))
    return float(landmark_error(given[known], true[known]).mean()) if known.any() else float("nan")


def summary(one: Judged) -> Row:
    """Return the columns of one set."""
    at = dict(zip(FALSE, recall(one.low), strict=True))
    row: Row = {"pictures": one.low.pictures, "faces": len(one.low.sizes)}
    row |= {f"found_at_{k}_per_100": rate for k, rate in at.items()}
    return row | {
        "found": float(one.found.mean()),
        "false_per_100_pictures": 100 * one.false / one.low.pictures,
    }


def finds(boxes: ArrayLike, portrait: Portrait) -> bool:
    """Whether one of the boxes (N, 4) finds the face of a portrait."""
    x0, y0, x1, y1 = portrait.box.tolist()
    frame = [[(x0 + x1) / 2, (y0 + y1) / 2, np.sqrt((x1 - x0) * (y1 - y0))]]
    rows = np.reshape(np.asarray(boxes, np.float64), (-1, 4))
    return bool((match_all([rows], [np.zeros(len(rows))], [frame], SIZES).faces >= 0).any())


# -- The rows of a net -------------------------------------------------------------------------------------


def set_rows(name: str, net: str | Path) -> list[Row]:
    """Return the row of one of the sets."""
    one, _, error = _measured(name, net)
    landmarks = {"landmark_error": error} if np.isfinite(error) else {}
    return [{"set": name} | summary(one) | landmarks]


def mixed_rows(net: str | Path) -> list[Row]:
    """Return the rows of all sets together."""
    every = [_measured(name, net)[:2] for name in sets_there(data_root())]
    sets = [one for one, _ in every]
    row: Row = {"set": "photographs", "pictures": sum(one.low.pictures for one in sets)}
    row |= {"faces": sum(len(one.low.sizes) for one in sets)}
    row |= {"calibration_error": calibration_error(one.low for one in sets)}
    return [row, *_rows_of_kinds(every)]


def people_free_rows(net: str | Path) -> list[Row]:
    """Return the row of the photographs without people."""
    paths = people_free(data_root())
    false = sum(len(found) for found in Detector(net).detect(_reduced(paths)))
    return [
        {"set": "people_free", "pictures": len(paths), "faces": 0, "false_per_picture": false / len(paths)}
    ]


def portrait_rows(net: str | Path) -> list[Row]:
    """Return a row for each thing that is done to the portraits."""
    given, detector, rows = portraits(data_root()), Detector(net), []
    for name in STRESSES:
        found = [finds(detector.detect(one.pixels).boxes, one) for one in stressed(given, name)]
        rows.append({"set": f"portraits, {name}", "faces": len(found), "found": float(np.mean(found))})
    return rows


def rates(found: NDArray[np.bool_], groups: NDArray[np.str_], kind: str) -> dict[str, tuple[float, int]]:
    """Return for each group of a kind that has faces the share found, and how many they are."""
    names = [name for name in KINDS[kind] if name in groups]
    return {name: (float(found[groups == name].mean()), int((groups == name).sum())) for name in names}


def _rows_of_kinds(sets: Sequence[tuple[Judged, Mapping[str, NDArray[np.str_]]]]) -> Iterator[Row]:
    plain = np.concatenate([one.found for one, _ in sets])
    at_ten = np.concatenate([one.found_at(10) for one, _ in sets])
    large = np.concatenate([one.low.sizes for one, _ in sets]) >= LARGE
    for kind in KINDS:
        groups = np.concatenate([each[kind] for _, each in sets])
        chosen, found, key = (
            (large, plain, "found") if kind == "mask" else (..., at_ten, "found_at_10_per_100")
        )
        for group, (rate, count) in rates(found[chosen], groups[chosen], kind).items():
            yield {"set": f"photographs, {group}", "faces": count, key: rate}


def _measured(name: str, net: str | Path) -> tuple[Judged, dict[str, NDArray[np.str_]], float]:
    """Return what a net finds in a set, of what kinds its faces are, and how far its landmarks are off."""
    shown = [show(one) for one in photographs(data_root(), name, "test")]
    low = list(Detector(net, threshold=LOW).detect(one.pixels for one in shown))
    plain = Detector(net).detect(one.pixels for one in shown)
    one = judged(_answers(low), _answers(plain), [one.truth for one in shown])
    true = np.concatenate([one.landmarks for one in shown])
    error = mean_landmark_error(given_landmarks([each.landmarks for each in low], one, one.at(10)), true)
    return one, joined(map(kinds, shown)) | {"size": size_names(one.low.sizes)}, error


def _reduced(paths: Iterable[Path]) -> Iterator[Pixels]:
    nothing = np.zeros((0, 4)), np.zeros(0, np.bool_), np.zeros((0, 5, 2))
    for path in paths:
        yield show(Photograph(path, *nothing, ())).pixels


def _answers(found: Iterable[Detections]) -> list[Answer]:
    return [(one.boxes, one.confidence) for one in found]
