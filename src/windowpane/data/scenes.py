"""Readers of labelled scenes (semantic segmentation data sets): public ones, and a folder of one's own.

    stanford_background   Gould, Fulton & Koller 2009: 715 pictures, 8 classes, five folds
    camvid                Brostow et al. 2009, in the layout of SegNet: 367 / 101 / 233 frames, 11 classes
    ycor                  Maturana et al. 2017: 596 frames off the road, 8 classes
    own                   images/, labels/ with a PNG of the same name for each, and classes.txt

Whatever number a set gives a class in its files, here classes count from 0 and `UNKNOWN` is no class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.root import existing
from windowpane.errors import DataError
from windowpane.images import expand, load

Picture = NDArray[np.uint8]
Labels = NDArray[np.uint8]
Part = Literal["train", "val", "test"]

UNKNOWN = 255
"""The label of a pixel whose class is not known: it is neither learned nor counted."""

STANFORD = ("sky", "tree", "road", "grass", "water", "building", "mountain", "foreground")
CAMVID = (
    "sky",
    "building",
    "pole",
    "road",
    "pavement",
    "tree",
    "sign",
    "fence",
    "car",
    "pedestrian",
    "bicyclist",
)
YCOR = (
    "smooth trail",
    "traversable grass",
    "rough trail",
    "puddle",
    "obstacle",
    "low vegetation",
    "high vegetation",
    "sky",
)
FOLDS = 5
_YCOR_KEPT = 5  # the last of so many blocks of ids is kept to measure with: neighbours look alike


@dataclass(frozen=True, slots=True)
class LabelledScene:
    """A picture and the PNG with a number for each of its pixels."""

    picture: Path
    labels: Path


@dataclass(frozen=True, slots=True)
class SceneSet:
    """Labelled scenes.

    Attributes
    ----------
    names
        Of the classes.
    first
        Number of class 0 in the PNGs; the next classes follow, all else is unknown.
    """

    scenes: tuple[LabelledScene, ...]
    names: tuple[str, ...]
    first: int = 0

    def labels(self, scene: LabelledScene) -> Labels:
        """Read the labels (H, W) of a scene, 0 .. classes - 1 or `UNKNOWN`; raises DataError for a bad
        file."""
        return as_classes(read_numbers(scene.labels), len(self.names), self.first)


def as_classes(numbers: NDArray[np.integer], classes: int, first: int = 0) -> Labels:
    """Return numbers (H, W) of a PNG as classes: from ``first`` on, all that is none is `UNKNOWN`."""
    table = np.full(256, UNKNOWN, np.uint8)
    table[first : first + classes] = np.arange(classes)
    return np.asarray(table[numbers])


def read_numbers(path: Path) -> Labels:
    """Read a PNG of one 8-bit channel, (H, W) uint8; raises DataError for anything else."""
    numbers = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if numbers is None or numbers.ndim != 2 or numbers.dtype != np.uint8:
        raise DataError(f"{path}: expected a PNG of one 8-bit channel, a number for each pixel")
    return np.asarray(numbers, np.uint8)


def stanford_background(root: Path, folds: Sequence[int]) -> SceneSet:
    """Read the scenes of some of the folds 1 .. 5."""
    base = existing(root / "scenes" / "stanford-background")
    scenes = []
    for fold in folds:
        for name in existing(base / "folds" / f"fold{fold}.txt").read_text().split():
            scenes.append(LabelledScene(base / "images" / f"{name}.jpg", base / "regions" / f"{name}.png"))
    return SceneSet(tuple(scenes), STANFORD)


def camvid(root: Path, part: Part) -> SceneSet:
    """Read a part of CamVid; those of its test frames whose names begin with Seq05VD are a drive of their
    own."""
    base = existing(root / "scenes" / "camvid")
    return SceneSet(_paired(base / part, base / f"{part}annot"), CAMVID)


def ycor(root: Path, *, to_test: bool) -> SceneSet:
    """Read the frames of YCOR that are kept to measure with, the last fifth by their ids, or the others."""
    base = existing(root / "scenes" / "ycor")
    scenes = _paired(base / "images", base / "labels")
    cut = len(scenes) - len(scenes) // _YCOR_KEPT
    return SceneSet(scenes[cut:] if to_test else scenes[:cut], YCOR, first=1)


def read_all(scenes: SceneSet) -> list[tuple[Picture, Labels]]:
    """Return all pictures and labels; raises DataError where there are none, or where sizes differ."""
    if not scenes.scenes:
        raise DataError("there are no labelled scenes to learn from: see the guide for the layout expected")
    pairs = []
    for scene in scenes.scenes:
        picture, labels = load(scene.picture), scenes.labels(scene)
        if picture.shape[:2] != labels.shape:
            raise DataError(
                f"{scene.labels}: its labels are for {labels.shape[1]} x {labels.shape[0]} pixels, and its"
                f" picture has {picture.shape[1]} x {picture.shape[0]}: `windowpane check` names all such"
                " files"
            )
        pairs.append((picture, labels))
    return pairs


def own(folder: Path) -> SceneSet:
    """Read a folder of one's own; raises DataError that names what is missing."""
    return SceneSet(_paired(folder / "images", folder / "labels"), class_names(folder))


def class_names(folder: Path) -> tuple[str, ...]:
    """Read ``classes.txt`` of a folder: a name in each line, the first is that of number 0."""
    path = existing(folder / "classes.txt")
    names = tuple(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    if not 2 <= len(names) <= UNKNOWN:
        raise DataError(f"{path}: {len(names)} classes, expected 2 to {UNKNOWN}, a name in each line")
    return names


def _paired(pictures: Path, labels: Path) -> tuple[LabelledScene, ...]:
    scenes = []
    for name in expand([existing(pictures)]):
        picture = Path(name)
        scenes.append(LabelledScene(picture, existing(labels / f"{picture.stem}.png")))
    return tuple(scenes)
