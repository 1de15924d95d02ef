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
from windowpane.train.read.symbols import LETTER, label_of, symbols_of

STRIDE = 4  # of the reader's columns, pixels
WIDEST = 2 * MARGIN  # the widest window, pixels
IGNORED = -100
LETTER_REACH = 1.9  # columns from its middle that look at a letter
BUCKET = 16  # widths of batches are multiples of this, pixels


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines as tensors.

    Attributes
    ----------
    ink
        (N, 1, 32, W) in 0..1.
    symbols
        (N, L) of `windowpane.train.read.symbols`.
    lengths, columns
        (N,).
    targets
        (N, T) what each column's window holds: the label of what is in its middle, none, or -100 (ignored):
        something half-way out, or a line of which is not known what is where.
    """

    ink: Tensor
    symbols: Tensor
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
    codes = [symbols_of(text) for text in texts]
    symbols = np.zeros((len(inks), max(1, *map(len, codes))), np.int64)
    targets = np.full((len(inks), int(columns_of(width))), IGNORED, np.int64)
    for row, (line, code, text, middle, shift) in enumerate(
        zip(inks, codes, texts, centres, shifts, strict=True)
    ):
        piece = line[:, shift : shift + width]
        ink[row, 0, :, : piece.shape[1]] = piece
        symbols[row, : len(code)] = code
        targets[row, : columns[row]] = _targets(text, (middle - shift - MARGIN) / STRIDE, int(columns[row]))
    values = torch.from_numpy(ink).float() / 255
    if rng:
        values = _vary(values, rng)
    lengths = torch.tensor([len(code) for code in codes])
    return Batch(
        values, torch.from_numpy(symbols), lengths, torch.from_numpy(columns), torch.from_numpy(targets)
    )


def _targets(text: str, places: NDArray[np.float32], columns: int) -> NDArray[np.int64]:
    """Say what each column sees: what is centred on it; what is between two columns leaves both in doubt.

    A letter may be told at all columns that look at it, so those beside its middle are in doubt too.
    """
    if np.isnan(places).any():
        return np.full(columns, IGNORED, np.int64)
    targets = np.full(columns, NONE, np.int64)
    every = np.arange(columns)
    for character, place in zip(text, places, strict=True):
        targets[np.abs(every - place) < (LETTER_REACH if character == LETTER else 0.85)] = IGNORED
    for character, place in zip(text, places, strict=True):
        column, label = round(float(place)), label_of(character)
        if 0 <= column < columns and abs(column - place) < 0.4 and label is not None:
            targets[column] = label
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
