"""What a detector learns from (samples): objects, each with its surroundings, and everything else.

An object is kept as a square crop in whose middle it stands, with as much and more around it; so a hundred
thousand objects fit into memory, and a window of any pose is cut in no time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.images import load
from windowpane.images.crops import CropPose, Pixels, cut
from windowpane.train.detect.augment import Rng, beyond_edge, covered, photometric

Colour = Literal["grey", "rgb"]

CROP_SIZE = 32  # pixels that an object measures in its crop
AROUND = 3.25  # side of a crop, in sizes of the object, where a window needs no more


@dataclass(frozen=True, slots=True)
class Example:
    """An object in a picture: its box x0, y0, x1, y1 in pixels, its class, its landmarks.

    Attributes
    ----------
    picture
        A path, or pixels as `open_picture` gives them.
    landmarks
        (L, 2) x and y in pixels, or None where they are not known.
    weight
        How often it is drawn, beside others.
    """

    picture: Path | Pixels
    box: tuple[float, float, float, float]
    class_id: int = 0
    landmarks: NDArray[np.float64] | None = None
    weight: float = 1.0

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
    weights
        (N,), how often each is drawn, beside others.
    """

    crops: Pixels
    size: int
    class_ids: NDArray[np.intp]
    stretch: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    weights: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.crops)

    def drawn(self, rng: Rng, count: int) -> NDArray[np.intp]:
        """Draw which objects are to be seen, each as often as its weight says."""
        return rng.choice(len(self), count, p=self.weights / self.weights.sum())


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
    examples: Iterable[Example],
    colour: Colour,
    points: int = 0,
    crop_size: int = CROP_SIZE,
    around: float = AROUND,
) -> Objects:
    """Cut the crops of all examples, best in the order of their pictures.

    Parameters
    ----------
    points
        Landmarks of an object.
    crop_size
        Pixels that an object measures in its crop.
    around
        Side of a crop, in sizes of the object.
    """
    side = round(around * crop_size)
    crops, class_ids, stretch, landmarks, weights = [], [], [], [], []
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
        weights.append(example.weight)
    return Objects(
        np.stack(crops),
        crop_size,
        np.array(class_ids, np.intp),
        np.array(stretch, np.float32),
        np.array(landmarks, np.float32).reshape(len(crops), points, 2),
        np.array(weights),
    )


@dataclass(frozen=True, slots=True)
class Variety:
    """How windows of one object differ: standard or largest deviations, and shares of all windows.

    Attributes
    ----------
    shift
        Of its middle, at most, in sizes.
    zoom
        Of its size, at most, as a factor.
    turn
        Radians.
    any_turn
        Share of windows in which it may be turned by any angle.
    mirror
        Whether left and right may change.
    pairs
        The order of landmarks then.
    stretch
        Its width over its height, at most, as a factor.
    coarsest
        As of `photometric`.
    cut_off, covered
        Shares of windows in which the edge of the picture cuts it off, and in which something is before it.
    """

    shift: float = 0.12
    zoom: float = 1.25
    turn: float = 0.35
    any_turn: float = 0.0
    mirror: bool = True
    pairs: tuple[int, ...] = ()
    stretch: float = 1.0
    coarsest: float = 1.0
    cut_off: float = 0.0
    covered: float = 0.08

    def angle(self, rng: Rng) -> float:
        """Draw by how much an object is turned, radians."""
        if rng.random() < self.any_turn:
            return float(rng.uniform(-np.pi, np.pi))
        return float(np.clip(rng.normal(0, self.turn / 2.5), -self.turn, self.turn))


def positives(
    objects: Objects, picks: NDArray[np.intp], rng: Rng, *, side: int, size: float, variety: Variety
) -> Windows:
    """Return a window (side x side) of each picked object, about ``size`` pixels large in it.

    The box is around what is seen of it: of an object that is cut off around the rest.
    """
    each = [_positive(objects, pick, rng, side, size, variety) for pick in picks]
    pixels, boxes, landmarks = zip(*each, strict=True)
    return Windows(
        np.stack(pixels),
        objects.class_ids[picks],
        np.array(boxes, np.float32),
        np.array(landmarks, np.float32),
    )


def _positive(
    objects: Objects, pick: int, rng: Rng, side: int, size: float, variety: Variety
) -> tuple[Pixels, NDArray[np.float64], NDArray[np.float64]]:
    """Return a window of an object, its box and its landmarks, as `Windows` has them."""
    zoom = float(np.exp(rng.uniform(-1, 1) * np.log(variety.zoom)))
    away = rng.uniform(-variety.shift, variety.shift, 2)
    mirror = variety.mirror and bool(rng.random() < 0.5)
    turn, stretch = variety.angle(rng), float(np.exp(rng.uniform(-1, 1) * np.log(variety.stretch)))
    sides = turned(np.exp(objects.stretch[pick]), turn) * np.array([stretch, 1 / stretch]) ** 0.5
    seen = np.concatenate([-sides, sides]) / 2  # x0, y0, x1, y1 from the object's middle, in its sizes
    if rng.random() < variety.cut_off:
        edge, seen = _cut_off(rng, seen)
    else:
        edge = None
    middle, seen_sides = (seen[:2] + seen[2:]) / 2, seen[2:] - seen[:2]
    seen_size = float(np.sqrt(seen_sides.prod()))
    pixel = size * zoom / seen_size  # of the window, for one size of the object
    origin = np.full(2, objects.crops.shape[1] / 2)
    x, y = origin.tolist()
    pose = CropPose(x, y, pixel / objects.size, turn, mirror, stretch)
    to_crop = pose.matrix(side)
    window_middle = to_crop[:, :2] @ (side / 2 + (middle + away * seen_size) * pixel) + to_crop[:, 2]
    pose = replace(pose, x=float(window_middle[0]), y=float(window_middle[1]))
    window = cut(objects.crops[pick], pose, side)
    if rng.random() < variety.covered:
        half = np.exp(objects.stretch[pick]) * objects.size / 2
        window = covered(rng, window, lambda points: pose.to_window(points * half + origin, side))
    points = pose.to_window(objects.landmarks[pick] * objects.size + origin, side)
    if edge is not None:
        at = side / 2 + (seen[edge] - middle[edge % 2] - away[edge % 2] * seen_size) * pixel
        window = beyond_edge(window, edge, float(at))
        outside = points[:, edge % 2] < at if edge < 2 else points[:, edge % 2] > at
        points[outside] = np.nan
    window = photometric(rng, window, variety.coarsest)
    points = (points - side / 2) / size
    box = np.concatenate([-away * zoom, np.log(seen_sides / seen_size * zoom)])
    return window, box, points[list(variety.pairs)] if mirror and variety.pairs else points


def turned(sides: NDArray[np.floating], turn: float) -> NDArray[np.float64]:
    """Return the width and height of the box around an object, taken for an ellipse, that is turned."""
    cos, sin = np.cos(turn), np.sin(turn)
    width, height = sides.tolist()
    return np.array([np.hypot(width * cos, height * sin), np.hypot(width * sin, height * cos)])


def _cut_off(rng: Rng, box: NDArray[np.float64]) -> tuple[int, NDArray[np.float64]]:
    """Return which side of a box the picture's edge cuts off, 0 to 3 as the box has them, and the rest."""
    edge = int(rng.choice(4, p=[0.3, 0.25, 0.3, 0.15]))
    along = (box[2:] - box[:2])[edge % 2]
    rest = box.copy()
    rest[edge] += (1 if edge < 2 else -1) * along * rng.uniform(0.05, 0.45)
    return edge, rest


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
            angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.1)
            away = np.array([np.cos(angle), np.sin(angle)]) * far * objects.size
        turn, mirror = variety.angle(rng), variety.mirror and bool(rng.random() < 0.5)
        x, y = (objects.crops.shape[1] / 2 + away).tolist()
        pose = CropPose(x, y, size * zoom / objects.size, turn, mirror)
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
