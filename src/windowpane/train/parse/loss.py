"""What a parser's answer costs (class-weighted cross-entropy, deep supervision), taken at full resolution.

The loss goes through the interpolation that gives the answer. Source: Farabet, Couprie, Najman & LeCun 2013,
"Learning hierarchical features for scene labeling", section 3; of what each level says alone: Zhao, Shi, Qi,
Wang & Jia 2017, "Pyramid scene parsing network", section 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from windowpane.core.windows import Window
from windowpane.data.scenes import UNKNOWN, Labels, Picture
from windowpane.parse.scales import Places, cells, levels_of, places
from windowpane.train.loop.distributed import autocast
from windowpane.train.parse.batches import Batch
from windowpane.train.parse.config import Config
from windowpane.train.parse.net import ParserNet, resampled

EVERY = 2  # the loss is taken at every so-manieth pixel in each direction
SMALLEST = 1e-4  # added to probabilities: no pixel counts without end


@dataclass(frozen=True, slots=True)
class Geometry:
    """The matrices that interpolate maps, and where cells look, for views of one size.

    Attributes
    ----------
    ways
        From each further level's cells to those of the first.
    back
        From the parts of these to the pixels of the loss.
    middles
        The rows and columns of the pixels in the middle of the first level's cells.
    """

    ways: list[tuple[Tensor, Tensor]]
    back: tuple[Tensor, Tensor]
    middles: tuple[Tensor, Tensor]

    @classmethod
    def of(cls, config: Config, window: Window) -> Geometry:
        """Return all this for a configuration's views."""
        blank = np.zeros((config.height, config.width, 3), np.uint8)
        levels = levels_of(blank, config.pyramid, config.levels, window)
        (y, x), *others = (places(level, window) for level in levels)
        parts_y, parts_x = places(levels[0], window, config.finer)
        fine_y, fine_x = (np.arange(0.5, size, EVERY) for size in (config.height, config.width))
        return cls(
            [(_matrix(y, rows), _matrix(x, cols)) for rows, cols in others],
            (_matrix(fine_y, parts_y), _matrix(fine_x, parts_x)),
            (_pixels(y, config.height), _pixels(x, config.width)),
        )


def _matrix(wanted: Places, given: Places) -> Tensor:
    """Return the matrix (wanted, given) that interpolates linearly between given places."""
    at = torch.from_numpy(cells(wanted, given))[:, None]
    return (1 - (at - torch.arange(len(given))).abs()).clamp(min=0)


def _pixels(wanted: Places, size: int) -> Tensor:
    """Return the pixels, of so many, that places lie in."""
    return torch.from_numpy(np.clip(wanted, 0, size - 1).astype(np.int64))


def class_weights(scenes: Sequence[tuple[Picture, Labels]], classes: int, balance: float) -> Tensor:
    """Return what a pixel of each class counts in the loss: 1 on average over all pixels."""
    counts = np.zeros(UNKNOWN + 1)
    for _, labels in scenes:
        counts += np.bincount(labels.ravel(), minlength=UNKNOWN + 1)
    shares = np.maximum(counts[:classes], 1) / counts[:classes].sum()
    weights = shares**-balance
    return torch.tensor(weights / (weights * shares).sum(), dtype=torch.float32)


def loss(net: ParserNet, geometry: Geometry, weights: Tensor, auxiliary: float, batch: Batch) -> Tensor:
    """Return the loss of a batch: the cross-entropy of every known pixel.

    Parameters
    ----------
    auxiliary
        How much counts that of what each level says alone, of the pixel in a cell's middle.
    """
    device = next(net.parameters()).device
    levels = [level.to(device, memory_format=torch.channels_last) for level in batch.levels]
    with autocast(device):
        logits, alone = net.with_auxiliary(levels, geometry.ways)
    labels, weights = batch.labels.to(device), weights.to(device)
    full = resampled(logits.softmax(1), *geometry.back)
    total = cross_entropy(full, labels[:, ::EVERY, ::EVERY], weights)
    rows, cols = geometry.middles
    few = labels[:, rows[:, None], cols]
    return total + auxiliary * sum(cross_entropy(one.softmax(1), few, weights) for one in alone)


def cross_entropy(probabilities: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Return minus the logarithm of the probability (N, K, rows, cols) that each known pixel's class has, on
    average, weighted by class."""
    known = labels < len(weights)
    of_label = probabilities.gather(1, labels.clamp(max=len(weights) - 1)[:, None])[:, 0]
    each = -(of_label + SMALLEST).log()
    counted = weights[labels.clamp(max=len(weights) - 1)] * known
    return (each * counted).sum() / counted.sum().clamp(min=1)
