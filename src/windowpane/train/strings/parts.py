"""Parts of pages to learn from (dense, fully convolutional training), and what each cell is to say.

A part is about as large as a few words in the net's own scale, and shows all there is between them, so one
step learns from thousands of windows. Where a character of about the net's size has its middle near the
middle of a cell's window, the cell is to find it; a little farther off, and where the size is not quite
right, nothing is learned; everywhere else is nothing to find, letters of other sizes included.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from windowpane.core.windows import Window
from windowpane.data.writing.blocks import Stock, picture_part
from windowpane.data.writing.pages import DIGIT, ComposedPage, compose, lit
from windowpane.images.crops import CropPose, Pixels, cut
from windowpane.train.loop.dense import NOTHING, PASSED_OVER, dense_loss
from windowpane.train.loop.distributed import autocast
from windowpane.train.strings.net import CLASSES, MEAN, PLACE, STD, FinderNet
from windowpane.train.strings.real import RealPage

CELLS = 48  # of a part's map, each way
MIDDLE = 0.25  # heights: so far from its middle a character is to be found,
NEAREST = 2.9  # but at least so many pixels, so that one cell finds it
AROUND = 0.7  # heights: so far it may be found and need not
REACH = 1.45  # times the net's size, at most, and smaller by as much, a character is to be found
ANY = 2.3  # within this factor of the net's size it may be
COMPOSED = (5.0, 60.0)  # heights of digits on composed parts, pixels

Rng = np.random.Generator
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parts:
    """N parts of pages, and what the cells of their maps are to say.

    Attributes
    ----------
    pixels
        (N, side, side) uint8.
    class_ids
        (N, rows, cols), `NOTHING` or `PASSED_OVER` where no character is to be found.
    places
        (N, 5, rows, cols), as the net gives them.
    """

    pixels: Pixels
    class_ids: NDArray[np.intp]
    places: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a net took something for a character on a picture without text: its place and height there."""

    picture: int
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Sources:
    """What parts are taken of.

    Attributes
    ----------
    real
        Pages with all their text.
    spots
        Mined so far, on the stock's pictures.
    shares
        How often a part is composed, of a real page, and of a picture without text.
    """

    stock: Stock
    real: Sequence[RealPage]
    spots: Sequence[Spot]
    shares: dict[str, float]


def parts(
    sources: Sources, window: Window, size: float, count: int, seed: tuple[int, ...]
) -> Iterator[Parts]:
    """Yield batches of parts drawn at random, without end.

    Parameters
    ----------
    window, size
        Of the net, and the height of a digit in it, pixels.
    count
        Parts in a batch.
    seed
        Of all that is random.
    """
    rng = np.random.default_rng(seed)
    side = window.height + (CELLS - 1) * window.stride[0]
    there = {"composed": True, "real": bool(sources.real), "nothing": bool(sources.stock.pictures)}
    kinds = [kind for kind in there if there[kind] and sources.shares.get(kind, 0) > 0]
    weights = np.array([sources.shares[kind] for kind in kinds])
    while True:
        each: list[tuple[Pixels, NDArray[np.intp], NDArray[np.float32]]] = []
        for kind in rng.choice(kinds, count, p=weights / weights.sum()):
            doubtful = np.zeros((0, 3))
            if kind == "composed":
                page = compose(rng, sources.stock, side, side, heights=_heights(rng, size))
            elif kind == "real":
                page, doubtful = _of_real(rng, sources.real[int(rng.integers(len(sources.real)))], side, size)
            else:
                page = _nothing(rng, sources, side, size)
            each.append((page.pixels, *targets(page, doubtful, window, size)))
        pixels, class_ids, places = (np.stack(part) for part in zip(*each, strict=True))
        yield Parts(pixels, class_ids.astype(np.intp), places.astype(np.float32))


def _heights(rng: Rng, size: float) -> tuple[float, float]:
    """Return from and to what height digits are on a part: mostly about the net's size."""
    if rng.random() < 0.75:
        return size / 1.6, size * 1.6
    return COMPOSED


def _of_real(rng: Rng, real: RealPage, side: int, size: float) -> tuple[ComposedPage, Floats]:
    """Return a part of a real page, and where in it characters may be that are not told: x, y and reach."""
    known = np.flatnonzero(real.class_ids == DIGIT) if rng.random() < 0.5 else np.arange(len(real.middles))
    known = known if len(known) else np.arange(len(real.middles))
    x, y = rng.uniform(0, 1, 2) * real.pixels.shape[::-1]
    scale = math.exp(rng.uniform(math.log(0.5), math.log(1.5)))
    if len(known) and rng.random() < 0.85:
        chosen = rng.choice(known)
        scale = size / real.heights[chosen] * math.exp(rng.uniform(-1, 1) * math.log(REACH))
        x, y = real.middles[chosen] + rng.uniform(-0.4, 0.4, 2) * side / scale
    turn = float(rng.normal(0, 0.03)) if rng.random() < 0.6 else float(rng.uniform(-0.5, 0.5))
    turn += math.pi / 2 * int(rng.integers(1, 4)) if rng.random() < 0.12 else 0.0
    pose = CropPose(float(x), float(y), scale, turn)
    middles = pose.to_window(real.middles, side)
    right = pose.to_window(real.middles + real.along, side) - middles
    sizes = np.stack([real.heights * 0.6, real.heights], axis=1) * scale
    page = ComposedPage(
        cut(real.pixels, pose, side),
        "".join("0A."[class_id] for class_id in real.class_ids),
        np.arange(len(middles)),
        middles,
        sizes,
        np.arctan2(right[:, 1], right[:, 0]),
    )
    doubtful = np.column_stack([pose.to_window(real.doubtful[:, :2], side), real.doubtful[:, 2] * scale])
    return lit(rng, page), doubtful


def _nothing(rng: Rng, sources: Sources, side: int, size: float) -> ComposedPage:
    """Return a part of a picture without text: two times in three where something was mined."""
    if sources.spots and rng.random() < 0.67:
        spot = sources.spots[int(rng.integers(len(sources.spots)))]
        scale = size / spot.height * math.exp(rng.normal(0, 0.12))
        x, y = np.array([spot.x, spot.y]) + rng.uniform(-0.35, 0.35, 2) * side / scale
        pose = CropPose(float(x), float(y), scale, float(rng.normal(0, 0.1)), bool(rng.random() < 0.5))
        pixels = cut(sources.stock.pictures[spot.picture], pose, side)
    else:
        pixels = picture_part(rng, sources.stock, side, side)
    none = np.zeros((0, 2))
    return lit(rng, ComposedPage(pixels, "", np.zeros(0, np.intp), none, none, np.zeros(0)))


def targets(
    page: ComposedPage, doubtful: Floats, window: Window, size: float
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return what each cell of a part's map is to say: its class (rows, cols), the place (5, rows, cols).

    Parameters
    ----------
    doubtful
        (M, 3), where characters may be, x, y and how far around: nothing is learned there.
    """
    rows, cols = window.map_size(*page.pixels.shape)
    x, y = (
        window.centre(0, 0)[axis] + window.stride[1 - axis] * np.arange(n)
        for axis, n in ((0, cols), (1, rows))
    )
    class_ids = np.full((rows, cols), NOTHING, np.intp)
    places = np.zeros((len(PLACE), rows, cols), np.float32)
    for at_x, at_y, reach in doubtful:
        class_ids[(np.abs(y - at_y) < reach)[:, None] & (np.abs(x - at_x) < reach)[None]] = PASSED_OVER
    chosen = _about_the_size(page, window, size)
    if not len(chosen):
        return class_ids, places
    middles, heights, angles = page.middles[chosen], page.sizes[chosen, 1], page.angles[chosen]
    dx, dy = (middles[:, axis, None] - at[None] for axis, at in ((0, x), (1, y)))
    away = np.hypot(dx[:, None, :], dy[:, :, None]).astype(np.float32)  # (chosen, rows, cols)
    class_ids[(away < AROUND * heights[:, None, None]).any(axis=0)] = PASSED_OVER
    nearest = away.argmin(axis=0)
    reach = np.where(_factor(heights, size) <= REACH, np.maximum(MIDDLE * heights, NEAREST), -1.0)
    row, col = np.nonzero(away.min(axis=0) <= reach[nearest])
    who = nearest[row, col]
    class_ids[row, col] = page.class_ids[chosen][who]
    told = (dx[who, col] / size, dy[who, row] / size, np.log(heights[who] / size))
    places[:, row, col] = np.stack([*told, np.cos(angles[who]), np.sin(angles[who])])
    return class_ids, places


def _about_the_size(page: ComposedPage, window: Window, size: float) -> NDArray[np.intp]:
    """Return which characters of a part are not of quite another size than the net's, and not far outside."""
    heights = page.sizes[:, 1]
    margin = (heights + window.stride[0])[:, None]
    inside: NDArray[np.bool_] = np.all(
        (page.middles > -margin) & (page.middles < page.pixels.shape[1] + margin), axis=1
    )
    return np.flatnonzero(inside & (_factor(heights, size) < ANY))


def _factor(heights: Floats, size: float) -> Floats:
    """Return how many times larger or smaller than the net's size characters are."""
    return np.asarray(np.maximum(heights / size, size / np.maximum(heights, 1e-6)))


def parts_loss(net: FinderNet, batch: Parts, place: float = 1.0) -> Tensor:
    """Return the loss of a batch, over the number of cells that are to find a character.

    Parameters
    ----------
    place
        What places count.
    """
    device = next(net.parameters()).device
    pixels, class_ids, places = (
        torch.from_numpy(part).to(device) for part in (batch.pixels, batch.class_ids, batch.places)
    )
    image = (pixels[:, None].float() / 255 - MEAN) / STD
    with autocast(device):
        score, given = net(image.contiguous(memory_format=torch.channels_last))
    value = dense_loss(score, given, class_ids, places, place)
    shown = class_ids >= 0
    return value + _told_apart(score.permute(0, 2, 3, 1)[shown], class_ids[shown])


def _told_apart(scores: Tensor, class_ids: Tensor) -> Tensor:
    """Return the loss of telling characters apart, each class as heavy as the others (softmax cross-entropy).

    That there is a character is learned long before what it is, and the focal loss would leave it at that.
    """
    if not len(class_ids):
        return scores.sum()
    counts = torch.bincount(class_ids, minlength=len(CLASSES)).clamp(min=1)
    return nn.functional.cross_entropy(scores, class_ids, weight=1 / counts)
