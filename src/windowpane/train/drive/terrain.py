"""Batches of strips of outdoor scenes (data loader), as a robot's bands show them, in one set of classes.

Several public sets, each with its own classes, are learned from together: classes that mean the same are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from windowpane.core.pyramids import contrast
from windowpane.data.scenes import (
    FOLDS,
    UNKNOWN,
    Labels,
    Picture,
    SceneSet,
    camvid,
    read_all,
    stanford_background,
    ycor,
)
from windowpane.errors import DataError, did_you_mean
from windowpane.images.crops import as_bytes
from windowpane.train.loop.augment import Augmentation, Rng, augmented

GROUND = ("road", "grass", "rough trail", "pavement")
"""The common classes that a robot can drive on; all others are obstacles."""

COMMON = (
    *GROUND,
    "low vegetation",
    "tree",
    "building",
    "water",
    "object",
    "mountain",
    "pole",
    "fence",
    "sky",
)
"""What the classes of all sets are brought to."""

MEANING = {
    "smooth trail": "road",
    "traversable grass": "grass",
    "puddle": "water",
    "obstacle": "object",
    "high vegetation": "tree",
    "foreground": "object",
    "sign": "pole",
    "car": "object",
    "pedestrian": "object",
    "bicyclist": "object",
}
"""The common class of those that have another name."""


@dataclass(frozen=True, slots=True)
class Strips:
    """N strips: what a net sees of them, (N, 3, H, W) float32, and their common classes (N, H, W) int64."""

    bands: Tensor
    labels: Tensor


def scene_set(name: str, root: Path) -> SceneSet:
    """Return the scenes of a public set that may be learned from, by name; raises DataError for another."""
    if name == "stanford-background":
        return stanford_background(root, range(1, FOLDS + 1))
    if name == "camvid":
        return camvid(root, "train")
    if name == "ycor":
        return ycor(root, to_test=False)
    known = ("stanford-background", "camvid", "ycor")
    raise DataError(
        f"there is no set of scenes {name!r}{did_you_mean(name, known)}: choose from {', '.join(known)}"
    )


def common(labels: Labels, names: Sequence[str]) -> Labels:
    """Return labels (H, W) of a set, whose classes have these names, as common classes."""
    table = np.full(256, UNKNOWN, np.uint8)
    table[: len(names)] = [COMMON.index(MEANING.get(name, name)) for name in names]
    return np.asarray(table[labels])


def read_terrain(names: Sequence[str], root: Path) -> list[tuple[Picture, Labels]]:
    """Return the pictures of several sets with their common classes."""
    pairs = []
    for name in names:
        scenes = scene_set(name, root)
        pairs += [(picture, common(labels, scenes.names)) for picture, labels in read_all(scenes)]
    return pairs


def strips(
    scenes: Sequence[tuple[Picture, Labels]],
    *,
    size: int,
    height: int,
    width: int,
    grey: float,
    seed: tuple[int, int],
) -> Iterator[Strips]:
    """Yield the batches of one pass over all scenes in random order.

    Parameters
    ----------
    size
        Strips of a batch.
    height, width
        Of a strip, pixels.
    grey
        The share of strips without colour, for cameras that have none.
    """
    rng = np.random.default_rng(seed)
    order = np.resize(rng.permutation(len(scenes)), max(len(scenes), size))
    for first in range(0, len(order) - size + 1, size):
        chosen = [scenes[place] for place in order[first : first + size]]
        pairs = [
            strip(rng, picture, labels, height, width, rng.random() < grey) for picture, labels in chosen
        ]
        yield Strips(
            torch.from_numpy(np.stack([band for band, _ in pairs])).permute(0, 3, 1, 2),
            torch.from_numpy(np.stack([labels for _, labels in pairs]).astype(np.int64)),
        )


def strip(
    rng: Rng, picture: Picture, labels: Labels, height: int, width: int, grey: bool
) -> tuple[NDArray[np.float32], Labels]:
    """Return a strip of a scene, as a band shows it, and its labels.

    It shows a quarter of the scene's width or all of it: nothing is known of the scene's distances.
    """
    small, known = augmented(
        rng, picture, labels, Augmentation(height, width, zoom=4.0, turn=5.0, colour=0.3)
    )
    if grey:
        small = as_bytes(np.repeat(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2))
    return contrast(small), known
