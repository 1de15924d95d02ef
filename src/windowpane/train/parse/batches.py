"""Batches of labelled scenes, each seen a little differently every time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from windowpane.core.windows import Window
from windowpane.data.scenes import UNKNOWN, Labels, SceneSet
from windowpane.errors import DataError
from windowpane.images import load
from windowpane.images.crops import as_bytes
from windowpane.parse.scales import levels_of

MOMENTS = {"laplacian": (0.0, 1.0), "gaussian": (0.5, 0.25)}
"""Mean and deviation of the net's input for each kind of pyramid: what the net file says of its input."""

Picture = NDArray[np.uint8]
Rng = np.random.Generator
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class View:
    """How scenes are seen in training.

    height, width: of a view, pixels. zoom: of the scene, at most, as a factor from its size to be seen whole.
    turn: degrees, at most. colour: how much light and colours change, 0 = not at all. mix: share of the views
    that get a piece of another one.
    """

    height: int
    width: int
    zoom: float = 1.7
    turn: float = 5.0
    colour: float = 0.25
    mix: float = 0.0


@dataclass(frozen=True, slots=True)
class Batch:
    """N views: the padded levels of each, (N, C, h, w) float32, and its labels (N, H, W) int64."""

    levels: list[Tensor]
    labels: Tensor


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


def seen(rng: Rng, picture: Picture, labels: Labels, view: View) -> tuple[Picture, Labels]:
    """Return a view of a scene: mirrored, zoomed, turned, under another light; beyond the edges all is
    unknown."""
    height, width = picture.shape[:2]
    whole = max(view.height / height, view.width / width)
    scale = whole * float(np.exp(rng.uniform(np.log(0.75), np.log(view.zoom))))
    angle = np.radians(rng.uniform(-view.turn, view.turn))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    turned = np.array([[np.cos(angle) * flip, -np.sin(angle)], [np.sin(angle) * flip, np.cos(angle)]]) * scale
    # The middle of the view looks at a place of the picture at which not much lies beyond its edges.
    room = np.maximum(0, 0.5 - 0.5 * np.array([view.width / width, view.height / height]) / scale)
    middle = (0.5 + rng.uniform(-1, 1, 2) * room) * (width, height)
    matrix = np.column_stack([turned, np.array([view.width, view.height]) / 2 - turned @ middle])
    size = (view.width, view.height)
    smooth = as_bytes(cv2.GaussianBlur(picture, (0, 0), 0.35 / scale)) if scale < 0.6 else picture
    image = cv2.warpAffine(smooth, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    known = cv2.warpAffine(
        labels, matrix, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=UNKNOWN
    )
    return lit(rng, as_bytes(image), view.colour), as_bytes(known)


def lit(rng: Rng, picture: Picture, amount: float) -> Picture:
    """Return a picture under another light: brightness, contrast, the colours' strength and their balance."""
    if amount <= 0:
        return picture
    grey = np.full((3, 3), 1 / 3)
    colours = grey + (np.eye(3) - grey) * rng.uniform(1 - amount, 1 + amount)
    colours *= rng.uniform(1 - amount / 2, 1 + amount / 2, (3, 1))
    middle = (colours @ cv2.mean(picture)[:3]).mean()
    contrast, brighter = rng.uniform(1 - amount, 1 + amount), rng.uniform(-1, 1) * 120 * amount
    more = np.full(3, middle - contrast * middle + brighter)
    return as_bytes(cv2.transform(picture, np.column_stack([contrast * colours, more])))


def mixed(rng: Rng, views: Sequence[tuple[Picture, Labels]], share: float) -> list[tuple[Picture, Labels]]:
    """Return views of one size, a share of which have a rectangle of the next one pasted in, labels too.

    So a net has to see by what a thing looks like, and not only by what it is seldom without. Source: Yun et
    al. 2019, "CutMix: Regularization strategy to train strong classifiers with localizable features".
    """
    return [
        _pasted(rng, view, other) if rng.random() < share else view
        for view, other in zip(views, [*views[1:], *views[:1]], strict=True)
    ]


def _pasted(rng: Rng, view: tuple[Picture, Labels], other: tuple[Picture, Labels]) -> tuple[Picture, Labels]:
    """Return a view with a rectangle of another one, of 5 to 50 % of its pixels."""
    height, width = view[1].shape
    side = float(np.sqrt(rng.uniform(0.05, 0.5)))
    rows, cols = int(side * height), int(side * width)
    y, x = rng.integers(height - rows + 1), rng.integers(width - cols + 1)
    part = np.s_[y : y + rows, x : x + cols]
    picture, labels = view[0].copy(), view[1].copy()
    picture[part], labels[part] = other[0][part], other[1][part]
    return picture, labels


def batches(
    scenes: Sequence[tuple[Picture, Labels]],
    *,
    size: int,
    view: View,
    pyramid: str,
    levels: int,
    window: Window,
    seed: tuple[int, int],
) -> Iterator[Batch]:
    """Yield the batches of one pass over all scenes in random order; a few scenes fill one batch together."""
    rng = np.random.default_rng(seed)
    order = np.resize(rng.permutation(len(scenes)), max(len(scenes), size))
    for first in range(0, len(order) - size + 1, size):
        chosen = [scenes[place] for place in order[first : first + size]]
        views = mixed(rng, [seen(rng, picture, labels, view) for picture, labels in chosen], view.mix)
        each = [levels_of(picture, pyramid, levels, window) for picture, _ in views]
        mean, std = (np.float32(value) for value in MOMENTS[pyramid])
        stacks = [(np.stack([one[k].image for one in each]) - mean) / std for k in range(levels)]
        yield Batch(
            [torch.from_numpy(stack).permute(0, 3, 1, 2) for stack in stacks],
            torch.from_numpy(np.stack([labels for _, labels in views]).astype(np.int64)),
        )


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the same, one item made beforehand by a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, items, None)
        while (item := waiting.result()) is not None:
            waiting = pool.submit(next, items, None)
            yield item
