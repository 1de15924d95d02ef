"""What a detector learns from (samples): objects, each with its surroundings, and everything else.

An object is kept as a square crop in whose middle it stands, with as much and more around it; so a hundred
thousand objects fit into memory, and a window of any pose is cut in no time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.images import load
from windowpane.images.crops import CropPose, Pixels, cut
from windowpane.train.detect.augment import Rng, photometric, random_erasing

Colour = Literal["grey", "rgb"]

CROP_SIZE = 32  # pixels that an object measures in its crop
AROUND = 3.25  # side of a crop, in sizes of the object


@dataclass(frozen=True, slots=True)
class Example:
    """An object in a picture: its box x0, y0, x1, y1 in pixels, its class, its landmarks.

    Attributes
    ----------
    picture
        A path, or pixels as `open_picture` gives them.
    landmarks
        (L, 2) x and y in pixels, or None where they are not known.
    """

    picture: Path | Pixels
    box: tuple[float, float, float, float]
    class_id: int = 0
    landmarks: NDArray[np.float64] | None = None

    @property
    def middle(self) -> NDArray[np.float64]:
        """Of the box, x and y."""
        return np.array([self.box[0] + self.box[2], self.box[1] + self.box[3]]) / 2

    @property
    def sides(self) -> NDArray[np.float64]:
        """Width and height of the box."""
        return np.array([self.box[2] - self.box[0], self.box[3] - self.box[1]])


@dataclass(frozen=True, slots=True)
class Objects:
    """N objects. An object's size is that of the square of its box's area.

    Attributes
    ----------
    crops
        (N, side, side[, 3]) uint8.
    size
        Of each object in its crop, pixels.
    class_ids
        (N,).
    stretch
        (N, 2), logarithm of the box's width and height over the size.
    landmarks
        (N, L, 2) in sizes from the middle, NaN where they are not known.
    """

    crops: Pixels
    size: int
    class_ids: NDArray[np.intp]
    stretch: NDArray[np.float32]
    landmarks: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.crops)


@dataclass(frozen=True, slots=True)
class Windows:
    """N windows with what they show.

    Attributes
    ----------
    pixels
        (N, side, side[, 3]) uint8.
    class_ids
        (N,), -1 = none.
    boxes
        (N, 4), x and y of the object's middle from the window's in nominal sizes, then the logarithms of its
        width and height in nominal sizes.
    landmarks
        (N, L, 2) from the window's middle, in nominal sizes, NaN where not known.
    """

    pixels: Pixels
    class_ids: NDArray[np.intp]
    boxes: NDArray[np.float32]
    landmarks: NDArray[np.float32]

    @classmethod
    def joined(cls, parts: Sequence[Windows]) -> Windows:
        """Return several sets of windows as one."""
        return cls(
            np.concatenate([part.pixels for part in parts]),
            np.concatenate([part.class_ids for part in parts]),
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.landmarks for part in parts]),
        )


def open_picture(path: Path, colour: Colour) -> Pixels:
    """Return a picture as the net sees it: (H, W) grey or (H, W, 3) RGB uint8."""
    picture = load(path)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)) if colour == "grey" else picture


def gather(
    examples: Iterable[Example], colour: Colour, points: int = 0, crop_size: int = CROP_SIZE
) -> Objects:
    """Cut the crops of all examples, best in the order of their pictures.

    Parameters
    ----------
    points
        Landmarks of an object.
    crop_size
        Pixels that an object measures in its crop.
    """
    side = round(AROUND * crop_size)
    crops, class_ids, stretch, landmarks = [], [], [], []
    opened, picture = None, np.zeros((0, 0), np.uint8)
    for example in examples:
        if isinstance(example.picture, Path):
            if example.picture != opened:
                opened, picture = example.picture, open_picture(example.picture, colour)
        else:
            picture = example.picture
        size = float(np.sqrt(example.sides.prod()))
        x, y = example.middle.tolist()
        crops.append(cut(picture, CropPose(x, y, crop_size / size), side))
        class_ids.append(example.class_id)
        stretch.append(np.log(example.sides / size))
        known = np.full((points, 2), np.nan) if example.landmarks is None else example.landmarks
        landmarks.append((known - example.middle) / size)
    return Objects(
        np.stack(crops),
        crop_size,
        np.array(class_ids, np.intp),
        np.array(stretch, np.float32),
        np.array(landmarks, np.float32).reshape(len(crops), points, 2),
    )


@dataclass(frozen=True, slots=True)
class Variety:
    """How windows of one object differ: standard or largest deviations.

    Attributes
    ----------
    shift
        Of its middle, at most, in sizes.
    zoom
        Of its size, at most, as a factor.
    turn
        Radians.
    mirror
        Whether left and right may change.
    pairs
        The order of landmarks then.
    stretch
        Its width over its height, at most, as a factor.
    coarsest
        As of `photometric`.
    """

    shift: float = 0.12
    zoom: float = 1.25
    turn: float = 0.35
    mirror: bool = True
    pairs: tuple[int, ...] = ()
    stretch: float = 1.0
    coarsest: float = 1.0


def positives(
    objects: Objects, picks: NDArray[np.intp], rng: Rng, *, side: int, size: float, variety: Variety
) -> Windows:
    """Return a window (side x side) of each picked object, about ``size`` pixels large in it."""
    pixels, boxes, landmarks = [], [], []
    middle_of_crop = objects.crops.shape[1] / 2
    for pick in picks:
        zoom = float(np.exp(rng.uniform(-1, 1) * np.log(variety.zoom)))
        away = rng.uniform(-variety.shift, variety.shift, 2) * objects.size
        mirror = variety.mirror and bool(rng.random() < 0.5)
        turn = float(np.clip(rng.normal(0, variety.turn / 2.5), -variety.turn, variety.turn))
        x, y = (middle_of_crop + away).tolist()
        stretch = float(np.exp(rng.uniform(-1, 1) * np.log(variety.stretch)))
        pose = CropPose(x, y, size * zoom / objects.size, turn, mirror, stretch)
        window = photometric(rng, cut(objects.crops[pick], pose, side), variety.coarsest)
        pixels.append(random_erasing(rng, window) if rng.random() < 0.08 else window)
        middle = pose.to_window(np.full(2, middle_of_crop), side)
        sides = objects.stretch[pick] + np.log(zoom) + np.array([0.5, -0.5]) * np.log(stretch)
        boxes.append([*((middle - side / 2) / size), *sides])
        points = objects.landmarks[pick] * objects.size + middle_of_crop
        moved = (pose.to_window(points, side) - side / 2) / size
        landmarks.append(moved[list(variety.pairs)] if mirror and variety.pairs else moved)
    return Windows(
        np.stack(pixels),
        objects.class_ids[picks],
        np.array(boxes, np.float32),
        np.array(landmarks, np.float32),
    )


def partial_overlaps(
    objects: Objects, picks: NDArray[np.intp], rng: Rng, *, side: int, size: float, variety: Variety
) -> Windows:
    """Return windows that show a picked object too large, too small or in part: they count as negatives."""
    pixels = []
    for pick in picks:
        zoom, away = 1.0, np.zeros(2)
        if rng.random() < 0.4:
            zoom = float(np.exp(rng.choice([-1, 1]) * rng.uniform(0.6, 1.1)))
        else:
            angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.4, 1.0)
            away = np.array([np.cos(angle), np.sin(angle)]) * far * objects.size
        turn, mirror = rng.normal(0, variety.turn), variety.mirror and bool(rng.random() < 0.5)
        x, y = (objects.crops.shape[1] / 2 + away).tolist()
        pose = CropPose(x, y, size * zoom / objects.size, float(turn), mirror)
        pixels.append(photometric(rng, cut(objects.crops[pick], pose, side), variety.coarsest))
    return background(np.stack(pixels), objects.landmarks.shape[1])


def background(pixels: Pixels, points: int) -> Windows:
    """Return windows (N, side, side[, 3]) that hold no object: negatives."""
    count = len(pixels)
    return Windows(
        pixels,
        np.full(count, -1, np.intp),
        np.zeros((count, 4), np.float32),
        np.full((count, points, 2), np.nan, np.float32),
    )
