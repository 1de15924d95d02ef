"""Hard-negative mining: a net is run over pictures that hold no object, and learns from its false positives.

Of all windows of a picture hardly one in a million looks like a face, and those few decide how good a
detector is. Drawing windows at random never finds them; the net itself does (Sung & Poggio 1998; LeCun,
lecture 6.1: "negative mining").

Pictures are taken in a seeded order, chunk by chunk; each chunk is written as soon as it is done, so a round
that was killed goes on where it stopped. Memory holds one picture at a time; time is bounded by the number of
pictures of a round and by their size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.boxes import overlap, suppress
from windowpane.core.engine import Engine
from windowpane.core.pyramids import sqrt2
from windowpane.detect.detector import Detector
from windowpane.errors import ImageError
from windowpane.images.crops import CropPose, Pixels, cut
from windowpane.train.detect.augment import Rng
from windowpane.train.detect.objects import Colour, open_picture
from windowpane.train.loop.distributed import SINGLE, ProcessGroup
from windowpane.train.loop.stage import Progress

CHUNK = 32  # pictures written together
MOST_PIXELS = 1_500_000  # of a picture: larger ones are looked at in a part of this size
IGNORED = -1  # the class of a box that may be an object and may be none
NEAR = 0.25  # overlap with an object from which a window is no false positive: a part of an object is
MARGIN = 4  # pixels kept around a window, so that it can be moved a little when it is learned from

Floats = NDArray[np.float64]
Finder = Callable[[Pixels, Rng], tuple[Floats, Floats]]
"""Gives the boxes (N, 4) that are found in a picture and their scores (N,), 0..1."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture and all objects in it: all else is a false positive.

    Attributes
    ----------
    path
        Of the picture.
    boxes, class_ids
        (N, 4) and (N,) of the objects; the class may be `IGNORED`.
    surest
        What is surer than this, 0..1, may be an object that nobody marked: nothing is learned from it. 0
        where many are not marked, and the picture is not mined at all.
    weight
        How often a part of it is learned from, beside others.
    """

    path: Path
    boxes: NDArray[np.float64]
    class_ids: NDArray[np.intp]
    surest: float = 1.0
    weight: float = 1.0

    @classmethod
    def without(cls, path: Path, weight: float = 1.0) -> Sample:
        """Return a picture without an object."""
        return cls(path, np.zeros((0, 4)), np.zeros(0, np.intp), weight=weight)


@dataclass(frozen=True, slots=True)
class Mined:
    """What a round of mining found.

    Attributes
    ----------
    pixels
        (N, side + 2 MARGIN, side + 2 MARGIN[, 3]) uint8, the windows of those that are kept, with a margin.
    false_positives
        How many there were.
    megapixels
        Of the pictures looked at.
    """

    pixels: Pixels
    false_positives: int
    megapixels: float

    @property
    def per_megapixel(self) -> float:
        """False positives for a million pixels of picture."""
        return self.false_positives / max(self.megapixels, 1e-9)


def windows_above(engine: Engine, threshold: float, size: float) -> Finder:
    """Return what finds all windows of a net whose score, a logit, is above a threshold.

    Parameters
    ----------
    size
        Of an object in the window, pixels: the boxes found are of that size, in the middle of the windows.
    """
    window = engine.manifest.outputs[0].window

    def find(picture: Pixels, rng: Rng) -> tuple[Floats, Floats]:
        boxes, scores = [np.zeros((0, 4))], [np.zeros(0)]
        for level in sqrt2(picture, smallest_size=window.height, largest_scale=float(rng.uniform(0.7, 1.1))):
            score = engine.run(level.image)[0].scores.max(axis=0)
            rows, cols = np.nonzero(score > threshold)
            middle = window.boxes(rows, cols).reshape(-1, 2, 2).mean(axis=1)
            boxes.append(level.to_image(np.concatenate([middle - size / 2, middle + size / 2], axis=1)))
            scores.append(1 / (1 + np.exp(-score[rows, cols])))
        return np.concatenate(boxes), np.concatenate(scores)

    return find


def boxes_above(detector: Detector) -> Finder:
    """Return what finds the boxes of a whole detector, in pictures enlarged or reduced at random: at every
    size a picture has other false positives."""

    def find(picture: Pixels, rng: Rng) -> tuple[Floats, Floats]:
        scale = float(np.exp(rng.uniform(*np.log((0.5, 1.6)))))
        found = detector.detect(np.asarray(cv2.resize(picture, None, fx=scale, fy=scale)))
        return found.boxes / scale, found.confidence

    return find


def mine(
    find: Finder,
    samples: Sequence[Sample],
    folder: Path,
    *,
    colour: Colour,
    size: float,
    side: int,
    pictures: int,
    per_picture: int,
    seed: int,
    progress: Progress | None = None,
    group: ProcessGroup = SINGLE,
) -> Mined:
    """Look for objects in some pictures and return the false positives, the surest of each picture.

    Parameters
    ----------
    find
        What looks.
    folder
        Where the chunks of this round are kept.
    size, side
        Of an object in the windows that are kept, and of these, pixels.
    pictures, per_picture
        How many to look at, and windows to keep of each.
    group
        The processes that share the chunks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    order = np.random.default_rng(seed).permutation(len(samples))[:pictures]
    chunks = [order[first : first + CHUNK] for first in range(0, len(order), CHUNK)]
    paths, found = [folder / f"chunk-{number:05d}.npz" for number in range(len(chunks))], 0
    for number in range(group.rank, len(chunks), group.world_size):
        if not paths[number].exists():
            some, rng = [samples[i] for i in chunks[number]], np.random.default_rng((seed, number))
            _save(paths[number], _look(find, some, rng, colour, size, side + 2 * MARGIN, per_picture))
        if progress and group.is_main:
            found += len(_load(paths[number]).pixels)
            done = min(number + group.world_size, len(chunks))
            progress(folder.name, done, len(chunks), f"{found} false positives")
    group.barrier()
    return joined([_load(path) for path in paths])


def joined(parts: Sequence[Mined]) -> Mined:
    """Return what several rounds or chunks found as one."""
    return Mined(
        np.concatenate([part.pixels for part in parts]),
        sum(part.false_positives for part in parts),
        sum(part.megapixels for part in parts),
    )


def random_windows(samples: Sequence[Sample], count: int, *, colour: Colour, side: int, seed: int) -> Pixels:
    """Return windows at random places and sizes of pictures, with the margin, for the first round."""
    rng = np.random.default_rng(seed)
    found: list[Pixels] = []
    for index in rng.permutation(len(samples)):
        each = max(4, -(-count // min(len(samples), 400)))
        sample = samples[index]
        picture = open_picture(sample.path, colour)
        for _ in range(each):
            found += _random_window(rng, picture, sample.boxes, side)
        if len(found) >= count:
            break
    return np.stack(found[:count])


def _random_window(rng: Rng, picture: Pixels, avoid: NDArray[np.float64], side: int) -> list[Pixels]:
    height, width = picture.shape[:2]
    reach = min(height, width)
    extent = float(np.exp(rng.uniform(np.log(side / 1.5), np.log(max(reach, side)))))
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    box = np.array([[x - extent / 2, y - extent / 2, x + extent / 2, y + extent / 2]])
    if len(avoid) and overlap(box, avoid).max() > NEAR:
        return []
    pose = CropPose(x, y, side / extent, float(rng.normal(0, 0.2)), bool(rng.random() < 0.5))
    return [cut(picture, pose, side + 2 * MARGIN)]


def _look(
    find: Finder,
    samples: Sequence[Sample],
    rng: Rng,
    colour: Colour,
    size: float,
    side: int,
    per_picture: int,
) -> Mined:
    """Look at one chunk of pictures."""
    channels = () if colour == "grey" else (3,)
    pixels: list[Pixels] = [np.zeros((0, side, side, *channels), np.uint8)]
    false_positives, megapixels = 0, 0.0
    for sample in samples:
        try:
            picture, avoid = _part(rng, open_picture(sample.path, colour), sample.boxes)
        except ImageError:
            continue  # `windowpane check` tells of it; a round goes on
        megapixels += picture.shape[0] * picture.shape[1] / 1e6
        found, sure = find(picture, rng)
        if len(avoid):
            clear = (overlap(found, avoid) < NEAR).all(axis=1)
            found, sure = found[clear], sure[clear]
        best = suppress(found, sure, overlap=0.4)
        kept = found[best[sure[best] <= sample.surest]]
        false_positives += len(kept)
        for x0, y0, x1, y1 in kept[:per_picture]:
            scale = size / ((x1 - x0) * (y1 - y0)) ** 0.5
            pixels.append(cut(picture, CropPose((x0 + x1) / 2, (y0 + y1) / 2, scale), side)[None])
    return Mined(np.concatenate(pixels), false_positives, megapixels)


def _part(rng: Rng, picture: Pixels, avoid: NDArray[np.float64]) -> tuple[Pixels, NDArray[np.float64]]:
    """Return a picture, or a random part of one that is too large, mirrored half of the time."""
    height, width = picture.shape[:2]
    if height * width > MOST_PIXELS:
        scale = (MOST_PIXELS / (height * width)) ** 0.5
        part_height, part_width = max(1, int(height * scale)), max(1, int(width * scale))
        y, x = int(rng.integers(height - part_height + 1)), int(rng.integers(width - part_width + 1))
        picture = picture[y : y + part_height, x : x + part_width]
        avoid = avoid - np.array([x, y, x, y])
    if rng.random() < 0.5:
        picture = np.ascontiguousarray(picture[:, ::-1])
        edge = picture.shape[1]
        avoid = np.stack([edge - avoid[:, 2], avoid[:, 1], edge - avoid[:, 0], avoid[:, 3]], axis=1)
    return picture, avoid


def _save(path: Path, mined: Mined) -> None:
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:  # under the old name of false positives: old rounds can be gone on with
        np.savez(file, pixels=mined.pixels, alarms=mined.false_positives, megapixels=mined.megapixels)
    partial.rename(path)


def _load(path: Path) -> Mined:
    with np.load(path) as file:
        return Mined(file["pixels"], int(file["alarms"]), float(file["megapixels"]))


def windows_of(mined: Pixels, side: int, rng: Rng, picks: NDArray[np.intp]) -> Iterator[Pixels]:
    """Yield picked windows (side, side[, 3]) of mined ones, moved by up to the margin and mirrored."""
    for pick, (y, x) in zip(picks, rng.integers(0, 2 * MARGIN + 1, (len(picks), 2)), strict=True):
        window = mined[pick, y : y + side, x : x + side]
        yield np.ascontiguousarray(window[:, ::-1]) if rng.random() < 0.5 else window
