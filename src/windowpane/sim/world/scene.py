"""What stands in a world (scene): the ground, things on it, people that walk, the sun.

    scene = Scene(terrain, [Thing(Class.WALL, 5, 0, 0.3, (4, 0.3, 1.6))], sun=(0.4, -0.3, 0.8), seed=3)
    scene.blocked().at(x, y)        # whether something hard is there
    scene.at(time)                  # the people, where they are then

Frame: world, x east, y north, z up, metres; a yaw is counter-clockwise from east.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.errors import ArgumentError
from windowpane.sim.world.terrain import Class as Class
from windowpane.sim.world.terrain import Floats, Point, Terrain

HARD = frozenset({Class.BUSH, Class.TREE, Class.ROCK, Class.FENCE, Class.WALL, Class.BUILDING, Class.PERSON})
"""What must not be hit."""

PERSON = (0.45, 0.5, 1.75)  # metres: length, width, height
TRUNK = 0.06  # of a tree's crown, the radius of its trunk
ROUND = frozenset({Class.BUSH, Class.TREE, Class.ROCK, Class.TALL_GRASS, Class.PERSON})


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that stands on the ground.

    Attributes
    ----------
    kind
        What.
    x, y
        Of its middle, metres.
    yaw
        Radians, of its length.
    size
        Length, width and height in metres; a tree's is that of its crown, above the trunk.
    seed
        Of what else it looks like.
    """

    kind: Class
    x: float
    y: float
    yaw: float
    size: tuple[float, float, float]
    seed: int = 0

    @property
    def footprint(self) -> Floats:
        """The corners (N, 2) of the ground it stands on, which must not be driven over: a tree's trunk's."""
        length, width = self.size[:2]
        if self.kind is Class.TREE:
            length = width = 2 * self.trunk
        if self.kind in ROUND:
            turn = np.linspace(0, 2 * pi, 12, endpoint=False)
            corners = np.stack([np.cos(turn) * length / 2, np.sin(turn) * width / 2], axis=1)
        else:
            corners = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * [length / 2, width / 2]
        east, north = cos(self.yaw), sin(self.yaw)
        return np.asarray(corners @ np.array([[east, north], [-north, east]]) + [self.x, self.y])

    @property
    def trunk(self) -> float:
        """Metres of a tree's trunk's radius."""
        return max(0.1, TRUNK * self.size[0])


class Walks(Protocol):
    """Somebody on the way."""

    def at(self, time: float) -> Point:
        """Return where, metres, after so many seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """A plan seen from above.

    Attributes
    ----------
    mask
        (rows, columns) bool, row along y from south to north, column along x.
    cell
        Metres.
    origin
        X, y of its south-western corner.
    """

    mask: NDArray[np.bool_]
    cell: float
    origin: Point

    def at(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
        """Return what the mask says at places (...); True outside."""
        column = np.floor((np.asarray(x) - self.origin[0]) / self.cell).astype(np.intp)
        row = np.floor((np.asarray(y) - self.origin[1]) / self.cell).astype(np.intp)
        inside = (row >= 0) & (row < self.mask.shape[0]) & (column >= 0) & (column < self.mask.shape[1])
        return np.asarray(~inside | self.mask[np.where(inside, row, 0), np.where(inside, column, 0)])


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A world.

    Attributes
    ----------
    things
        What stands still.
    sun
        The direction to it, (x, y, z) with z > 0.
    fog
        Metres after which a thing has lost all but a third of its colours.
    persons
        Who walks.
    seed
        Of textures and colours.

    Raises
    ------
    ArgumentError
        For a sun below the horizon.
    """

    terrain: Terrain
    things: Sequence[Thing] = ()
    sun: tuple[float, float, float] = (0.5, 0.3, 0.8)
    fog: float = 150.0
    seed: int = 0
    persons: Sequence[Walks] = ()

    def __post_init__(self) -> None:
        if not self.sun[2] > 0:
            raise ArgumentError(f"the direction to the sun points up, z > 0, not {self.sun}")

    def at(self, time: float) -> list[Thing]:
        """Return the people where they are at a time in seconds, turned as they go."""
        found = []
        for seed, person in enumerate(self.persons):
            (x, y), (x1, y1) = person.at(time), person.at(time + 0.1)
            yaw = atan2(y1 - y, x1 - x)
            found.append(Thing(Class.PERSON, x, y, yaw, PERSON, seed))
        return found

    def blocked(self, cell: float = 0.1) -> Raster:
        """Return where something hard stands still.

        Parameters
        ----------
        cell
            Metres.
        """
        half, count = self.terrain.size / 2, round(self.terrain.size / cell)
        drawn = np.zeros((count, count), np.uint8)
        for thing in self.things:
            if thing.kind in HARD:
                corners = (thing.footprint + half) / cell - 0.5  # the first cell's middle is OpenCV's 0
                cv2.fillPoly(drawn, [(corners * 256).round().astype(np.int32)], 1, shift=8)
        return Raster(drawn.view(np.bool_), cell, (-half, -half))
