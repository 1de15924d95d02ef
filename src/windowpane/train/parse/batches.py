"""Batches of labelled scenes, each seen a little differently every time (data loader)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from windowpane.core.windows import Window
from windowpane.data.scenes import Labels, Picture
from windowpane.parse.scales import levels_of
from windowpane.train.loop.augment import Augmentation, augmented
from windowpane.train.parse.augment import cutmix

MOMENTS = {"laplacian": (0.0, 1.0), "gaussian": (0.5, 0.25)}
"""Mean and deviation of the net's input for each kind of pyramid: what the net file says of its input."""


@dataclass(frozen=True, slots=True)
class Batch:
    """N views: the padded levels of each, (N, C, h, w) float32, and its labels (N, H, W) int64."""

    levels: list[Tensor]
    labels: Tensor


def batches(
    scenes: Sequence[tuple[Picture, Labels]],
    *,
    size: int,
    augmentation: Augmentation,
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
        views = cutmix(
            rng,
            [augmented(rng, picture, labels, augmentation) for picture, labels in chosen],
            augmentation.mix,
        )
        each = [levels_of(picture, pyramid, levels, window) for picture, _ in views]
        mean, std = (np.float32(value) for value in MOMENTS[pyramid])
        stacks = [(np.stack([one[k].image for one in each]) - mean) / std for k in range(levels)]
        yield Batch(
            [torch.from_numpy(stack).permute(0, 3, 1, 2) for stack in stacks],
            torch.from_numpy(np.stack([labels for _, labels in views]).astype(np.int64)),
        )
