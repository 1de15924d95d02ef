"""The ground of a world (height map): how high it is, and what grows on it.

    terrain = Terrain.grown(seed=3, relief=0.5, paths=[Footpath([(-20, 0), (20, 5)])])
    terrain.height(x, y), terrain.normal(x, y), terrain.surface_at(x, y)

Frame: world, x east, y north, z up, metres; a square with its middle at (0, 0), that goes on level beyond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Point = tuple[float, float]
CELL = 0.25  # metres between heights, and between what is known of the surface
SIZE = 120.0  # metres
BARE = 0.12  # the share of the ground beside the paths where nothing grows


class Class(IntEnum):
    """What a pixel shows; what a thing is."""

    SKY = 0
    GROUND = 1
    PATH = 2
    GRASS = 3
    TALL_GRASS = 4
    BUSH = 5
    TREE = 6
    ROCK = 7
    FENCE = 8
    WALL = 9
    BUILDING = 10
    PERSON = 11


@dataclass(frozen=True, slots=True)
class Hill:
    """A hill: metres of height, where its top is, and metres from there to where it is e^-1/2 as high."""

    height: float
    top: Point
    radius: float = 10.0


@dataclass(frozen=True, slots=True)
class Footpath:
    """Trodden ground along a line through points, so many metres wide."""

    line: Sequence[Point]
    width: float = 1.6


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """Heights and surface over a square.

    Attributes
    ----------
    heights
        (N, N) float32 metres, row along y from south to north, column along x from west to east, of points
        `CELL` apart.
    surface
        (N, N) uint8, the `Class` around each of them.
    size
        Metres of a side.
    """

    heights: NDArray[np.float32]
    surface: NDArray[np.uint8]
    size: float = SIZE

    @classmethod
    def grown(
        cls,
        seed: int,
        *,
        size: float = SIZE,
        relief: float = 0.4,
        bumps: float = 0.012,
        hills: Sequence[Hill] = (),
        paths: Sequence[Footpath] = (),
    ) -> Terrain:
        """Return rolling ground, drawn by a seed.

        Parameters
        ----------
        relief
            Metres, the standard deviation of its swells, which are 25 m long.
        bumps
            Metres, of what is metres long.
        paths
            Where nothing grows.
        """
        rng = np.random.default_rng([seed, 10])
        count = round(size / CELL) + 1
        heights = relief * noise(rng, count, 8 / CELL) + bumps * noise(rng, count, 0.8 / CELL)
        x, y = np.meshgrid(*[(np.arange(count) * CELL - size / 2).astype(np.float32)] * 2)
        for hill in hills:
            away = (x - hill.top[0]) ** 2 + (y - hill.top[1]) ** 2
            heights += hill.height * np.exp(-away / (2 * hill.radius**2))
        grows = noise(rng, count, 3.0 / CELL)
        surface = np.where(grows < np.quantile(grows, BARE), Class.GROUND, Class.GRASS).astype(np.uint8)
        ragged = 0.2 * noise(rng, count, 0.4 / CELL)
        for path in paths:
            surface[_away(path.line, count, size) + ragged < path.width / 2] = Class.PATH
        return cls(heights.astype(np.float32), surface, size)

    @classmethod
    def flat(cls, size: float = SIZE) -> Terrain:
        """Return level grass, at height 0."""
        shape = (round(size / CELL) + 1,) * 2
        return cls(np.zeros(shape, np.float32), np.full(shape, Class.GRASS, np.uint8), size)

    def height(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return metres at places (...), float64."""
        (row, column), (down, right) = self._cell(x, y)
        upper = self.heights[row, column] * (1 - right) + self.heights[row, column + 1] * right
        lower = self.heights[row + 1, column] * (1 - right) + self.heights[row + 1, column + 1] * right
        return np.asarray(upper * (1 - down) + lower * down)

    def normal(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the unit normals (..., 3) at places (...)."""
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        east = (self.height(x + CELL, y) - self.height(x - CELL, y)) / (2 * CELL)
        north = (self.height(x, y + CELL) - self.height(x, y - CELL)) / (2 * CELL)
        normals = np.stack([-east, -north, np.ones_like(east)], axis=-1)
        return np.asarray(normals / np.linalg.norm(normals, axis=-1, keepdims=True))

    def surface_at(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.uint8]:
        """Return the class (...) of the surface at places (...)."""
        (row, column), (down, right) = self._cell(x, y)
        return np.asarray(self.surface[row + (down > 0.5), column + (right > 0.5)])

    def _cell(self, x: ArrayLike, y: ArrayLike) -> tuple[tuple[NDArray[np.intp], ...], tuple[Floats, ...]]:
        """Return row and column of the height to the south-west, and how far beyond it, 0..1."""
        last = len(self.heights) - 1
        places = [np.clip((np.asarray(one, np.float64) + self.size / 2) / CELL, 0, last) for one in (y, x)]
        cells = [np.minimum(one.astype(np.intp), last - 1) for one in places]
        return tuple(cells), tuple(place - cell for place, cell in zip(places, cells, strict=True))


def noise(rng: np.random.Generator, count: int, length: float) -> NDArray[np.float32]:
    """Return smooth noise (count, count) of mean 0 and deviation 1, that changes over so many cells."""
    coarse = max(4, round(3 * count / length))
    small = cv2.GaussianBlur(rng.standard_normal((coarse, coarse)).astype(np.float32), (0, 0), 1.5)
    large = cv2.resize(small, (count, count), interpolation=cv2.INTER_CUBIC)
    return np.asarray((large - large.mean()) / large.std(), np.float32)


def _away(line: Sequence[Point], count: int, size: float) -> NDArray[np.float32]:
    """Return metres (count, count) from each cell to a line."""
    drawn = np.full((count, count), 255, np.uint8)
    corners = ((np.array(line) + size / 2) / CELL).round().astype(np.int32)
    cv2.polylines(drawn, [corners], False, 0)
    return np.asarray(cv2.distanceTransform(drawn, cv2.DIST_L2, 5) * CELL, np.float32)
