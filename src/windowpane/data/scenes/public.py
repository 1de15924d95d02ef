"""Readers of the public sets of labelled scenes (semantic segmentation data sets), in their own layouts.

stanford_background   Gould, Fulton & Koller 2009: 715 pictures, 8 classes, five folds
camvid                Brostow et al. 2009, in the layout of SegNet: 367 / 101 / 233 frames, 11 classes
ycor                  Maturana et al. 2017: 596 frames off the road, 8 classes
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from windowpane.data.root import existing
from windowpane.data.scenes.records import LabelledScene, SceneSet
from windowpane.images import expand

Part = Literal["train", "val", "test"]

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


def _paired(pictures: Path, labels: Path) -> tuple[LabelledScene, ...]:
    scenes = []
    for name in expand([existing(pictures)]):
        picture = Path(name)
        scenes.append(LabelledScene(picture, existing(labels / f"{picture.stem}.png")))
    return tuple(scenes)
