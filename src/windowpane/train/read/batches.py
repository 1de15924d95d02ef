"""Batches of lines (data loader, bucketing): neighbours in width together, each seen a little varied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from windowpane.read.line import HEIGHT, MARGIN
from windowpane.train.read.net import NONE
from windowpane.train.read.pool import Lines, read_shard

STRIDE = 4  # of the reader's columns, pixels
WIDEST = 2 * MARGIN  # the widest window, pixels
IGNORED = -100
BUCKET = 16  # widths of batches are multiples of this, pixels


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines as tensors.

    Attributes
    ----------
    ink
        (N, 1, 32, W) in 0..1.
    texts
        (N, L) digits.
    lengths, columns
        (N,).
    targets
        (N, T) what each column's window holds: a digit in its middle, none (10), or a digit half-way out
        (-100, ignored).
    """

    ink: Tensor
    texts: Tensor
    lengths: Tensor
    columns: Tensor
    targets: Tensor


def columns_of(width: int | NDArray[np.int64]) -> int | NDArray[np.int64]:
    """Return how many columns of the widest window a line of a width in pixels has."""
    return (width - WIDEST) // STRIDE + 1


def epoch(shards: list[Path], *, size: int, seed: int) -> Iterator[Batch]:
    """Yield the batches of one pass over the shards in random order, four shards mixed at a time."""
    rng = np.random.default_rng(seed)
    order = [int(i) for i in rng.permutation(len(shards))]
    groups = [order[i : i + 4] for i in range(0, len(order), 4)]
    for group_index, group in enumerate(groups):
        group_rng = np.random.default_rng((seed, group_index))
        parts = [read_shard(shards[i]) for i in group]
        yield from batches(joined(parts), size=size, rng=group_rng)


def joined(parts: list[Lines]) -> Lines:
    """Return several sets of lines as one."""
    return Lines(
        [ink for part in parts for ink in part.inks],
        [text for part in parts for text in part.texts],
        [centres for part in parts for centres in part.centres],
    )


def batches(lines: Lines, *, size: int, rng: np.random.Generator | None) -> Iterator[Batch]:
    """Yield batches of lines of like width; with a generator shuffled and varied, without in order."""
    widths = np.array([ink.shape[1] for ink in lines.inks])
    order = np.argsort(widths + (rng.uniform(0, 12, len(widths)) if rng else 0), kind="stable")
    chunks = [order[i : i + size] for i in range(0, len(order), size)]
    if rng:
        rng.shuffle(chunks)
    for chunk in chunks:
        yield assemble(
            [lines.inks[i] for i in chunk],
            [lines.texts[i] for i in chunk],
            [lines.centres[i] for i in chunk],
            rng,
        )


def assemble(
    inks: list[NDArray[np.uint8]],
    texts: list[str],
    centres: list[NDArray[np.float32]],
    rng: np.random.Generator | None,
) -> Batch:
    """Put lines into one batch, padded with paper on the right."""
    shifts = rng.integers(0, STRIDE, len(inks)) if rng else np.zeros(len(inks), np.int64)
    widths = np.array([max(ink.shape[1] - s, WIDEST) for ink, s in zip(inks, shifts, strict=True)])
    width = -(-int(widths.max()) // BUCKET) * BUCKET  # few different widths: every new one costs set-up time
    ink = np.zeros((len(inks), 1, HEIGHT, width), np.uint8)
    columns = np.asarray(columns_of(widths))
    longest = max(1, *(len(text) for text in texts))
    digits = np.zeros((len(inks), longest), np.int64)
    targets = np.full((len(inks), int(columns_of(width))), IGNORED, np.int64)
    for row, (line, text, middle, shift) in enumerate(zip(inks, texts, centres, shifts, strict=True)):
        piece = line[:, shift : shift + width]
        ink[row, 0, :, : piece.shape[1]] = piece
        digits[row, : len(text)] = [int(c) for c in text]
        targets[row, : columns[row]] = _targets(text, (middle - shift - MARGIN) / STRIDE, int(columns[row]))
    values = torch.from_numpy(ink).float() / 255
    if rng:
        values = _vary(values, rng)
    lengths = torch.tensor([len(text) for text in texts])
    return Batch(
        values, torch.from_numpy(digits), lengths, torch.from_numpy(columns), torch.from_numpy(targets)
    )


def _targets(text: str, places: NDArray[np.float32], columns: int) -> NDArray[np.int64]:
    """Say what each column sees: the digit centred on it; digits between two columns leave both in doubt."""
    targets = np.full(columns, NONE, np.int64)
    for place in places:
        for column in (int(np.floor(place)), int(np.floor(place)) + 1):
            if 0 <= column < columns and abs(column - place) < 0.85:
                targets[column] = IGNORED
    for character, place in zip(text, places, strict=True):
        column = round(float(place))
        if 0 <= column < columns and abs(column - place) < 0.4:
            targets[column] = int(character)
    return targets


def _vary(ink: Tensor, rng: np.random.Generator) -> Tensor:
    """Change the strength of the ink, add noise, and blot out a small patch now and then."""
    n, _, height, width = ink.shape
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    gain = torch.empty(n, 1, 1, 1).uniform_(0.7, 1.25, generator=generator)
    power = torch.empty(n, 1, 1, 1).uniform_(0.75, 1.35, generator=generator)
    noise = torch.empty(n, 1, 1, 1).uniform_(0, 0.04, generator=generator)
    varied = ink.pow(power) * gain + noise * torch.randn(ink.shape, generator=generator)
    for row in np.flatnonzero(rng.random(n) < 0.15):
        y, x = int(rng.integers(height - 4)), int(rng.integers(width - 4))
        down, right = y + int(rng.integers(2, 7)), x + int(rng.integers(2, 9))
        varied[row, :, y:down, x:right] = float(rng.random() < 0.5)
    return varied.clamp_(0, 1)
