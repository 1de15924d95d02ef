"""Batches of windows (positives, hard negatives, partial overlaps), and what a net's answer to them costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from windowpane.images.crops import Pixels
from windowpane.train.detect.augment import Rng, photometric
from windowpane.train.detect.cascade import StageTraining
from windowpane.train.detect.config import Config
from windowpane.train.detect.dataset import Dataset
from windowpane.train.detect.mining import windows_of
from windowpane.train.detect.net import MEAN, STD, DetectorNet
from windowpane.train.detect.objects import Windows, background, partial_overlaps, positives
from windowpane.train.loop.distributed import autocast

POSITIVES, PARTIAL_OVERLAPS = 0.35, 0.1  # shares of a batch; the rest are hard negatives
AUGMENTED = 0.8  # how often a hard negative is augmented as the positives are
BATCHES = 500  # of one pass


def batches(
    stage: StageTraining,
    dataset: Dataset,
    negatives: list[Pixels],
    config: Config,
    round_number: int,
    number: int,
) -> Iterator[Windows]:
    """Yield the batches of one pass over objects and the windows without one that were found so far.

    Parameters
    ----------
    negatives
        Of each round of mining.
    round_number, number
        Of the round, and of the pass.
    """
    rng = np.random.default_rng((config.seed, round_number, number))
    objects, variety, side = dataset.objects, dataset.variety, stage.net.window.height
    count, partly = round(POSITIVES * config.batch), round(PARTIAL_OVERLAPS * config.batch)
    for _ in range(BATCHES):
        picks = objects.drawn(rng, count + partly)
        whole = positives(objects, picks[:count], rng, side=side, size=stage.size, variety=variety)
        part = partial_overlaps(objects, picks[count:], rng, side=side, size=stage.size, variety=variety)
        hard = _hard_negatives(rng, negatives, config.batch - len(picks), side, variety.coarsest)
        yield Windows.joined([whole, part, background(hard, dataset.points)])


def _hard_negatives(rng: Rng, negatives: list[Pixels], count: int, side: int, coarsest: float) -> Pixels:
    """Return windows without an object, of every round of mining as many."""
    windows: list[Pixels] = []
    shares = np.bincount(rng.integers(len(negatives), size=count))
    for mined, share in zip(negatives, shares, strict=False):
        for window in windows_of(mined, side, rng, rng.integers(len(mined), size=share)):
            windows.append(photometric(rng, window, coarsest) if rng.random() < AUGMENTED else window)
    return np.stack(windows)


def windows_loss(net: DetectorNet, batch: Windows, place: float = 1.0) -> Tensor:
    """Return the loss of a batch: is an object there, and where there is one its box and landmarks.

    Parameters
    ----------
    place
        What box and landmarks count.
    """
    device = next(net.parameters()).device
    pixels, class_ids, boxes, points = (
        torch.from_numpy(part).to(device)
        for part in (batch.pixels, batch.class_ids, batch.boxes, batch.landmarks)
    )
    pixels = pixels[:, None] if pixels.ndim == 3 else pixels.permute(0, 3, 1, 2)
    image = (pixels.float() / 255 - MEAN) / STD
    with autocast(device):
        maps = net(image.contiguous(memory_format=torch.channels_last))
    score, box, *landmarks = (one[:, :, 0, 0].float() for one in maps)
    shown = class_ids >= 0
    wanted = nn.functional.one_hot(class_ids.clamp(min=0), score.shape[1]).float() * shown[:, None]
    value = nn.functional.binary_cross_entropy_with_logits(score, wanted)
    value = value + place * _off(box[shown], boxes[shown], beta=0.1)
    if landmarks:
        points = points.flatten(1)
        known = shown[:, None] & points.isfinite()
        value = value + place * _off(landmarks[0][known], points[known], beta=0.02)
    return value


def _off(given: Tensor, wanted: Tensor, beta: float) -> Tensor:
    """Return how far numbers are off, on average (smooth L1); 0 for none."""
    return nn.functional.smooth_l1_loss(given, wanted, beta=beta, reduction="sum") / max(1, given.numel())
