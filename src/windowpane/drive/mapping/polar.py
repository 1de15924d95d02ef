"""The cells around a robot (hyperbolic polar map): of one size where it drives, growing to where it looks.

    polar = HyperbolicPolar(radius=200, cell=0.2, constant_to=15, angles=400)
    angle, ring, inside = polar.cells_of(places)

All bearings have cells; from the middle up to 15 m these are 0.2 m deep, then ever deeper. So little more
than a hundred rings reach to the horizon, and a straight way from the robot is a straight line of cells.

Source: Sermanet et al., IROS 2008, "Mapping and planning under uncertainty in mobile robots with long-range
perception", section III (hyperbolic-polar map).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, pi

import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.errors import ArgumentError

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

RINGS = 40.0
"""Beyond the constant part the cells would grow to infinity in so many rings."""


@dataclass(frozen=True, slots=True)
class HyperbolicPolar:
    """Cells by bearing and distance around the origin; the frame's x is ahead and bearings count to the left.

    Attributes
    ----------
    radius
        Metres to the rim.
    cell
        Depth of the inner cells, metres.
    constant_to
        Where these end, metres.
    angles
        Cells around. Cell (0, 0) begins at bearing 0.

    Raises
    ------
    ArgumentError
        For sizes that are none.
    """

    radius: float = 200.0
    cell: float = 0.2
    constant_to: float = 15.0
    angles: int = 400

    def __post_init__(self) -> None:
        if not (0 < self.cell <= self.constant_to < self.radius and self.angles >= 4):
            raise ArgumentError(
                f"a map has 0 < cell <= constant_to < radius and 4 or more angles, not {self}"
            )

    @property
    def inner(self) -> int:
        """How many rings are of one size."""
        return round(self.constant_to / self.cell)

    @property
    def rings(self) -> int:
        """How many rings there are."""
        return ceil(float(self.index_of(self.radius)))

    @property
    def shape(self) -> tuple[int, int]:
        """(angles, rings)."""
        return self.angles, self.rings

    def distance_of(self, index: ArrayLike) -> Floats:
        """Return the distance, metres, of an index of rings, which need not be whole: a ring's edge is."""
        index = np.asarray(index, np.float64)
        beyond = np.clip(index - self.inner, 0, RINGS - 1e-6)
        return np.asarray(self.cell * (np.minimum(index, self.inner) + beyond / (1 - beyond / RINGS)))

    def index_of(self, distance: ArrayLike) -> Floats:
        """Return the index of rings, not rounded, of a distance in metres."""
        units = np.asarray(distance, np.float64) / self.cell
        beyond = np.maximum(units - self.inner, 0)
        return np.asarray(np.minimum(units, self.inner) + beyond / (1 + beyond / RINGS))

    def cells_of(self, places: ArrayLike) -> tuple[Indices, Indices, NDArray[np.bool_]]:
        """Return angle and ring of the cells of places (..., 2), metres, and whether they are in the map.

        A place beyond the rim is given the outermost ring.
        """
        x, y = np.moveaxis(np.asarray(places, np.float64), -1, 0)
        distance = np.hypot(x, y)
        angle = np.floor(np.arctan2(y, x) * (self.angles / (2 * pi))).astype(np.intp) % self.angles
        ring = np.minimum(self.index_of(distance), self.rings - 1).astype(np.intp)
        return angle, ring, distance < self.radius

    @property
    def edges(self) -> Floats:
        """The distances, metres, between which the rings lie: (rings + 1,)."""
        return _edges(self)

    @property
    def bearings(self) -> Floats:
        """The bearing of the middle of each angle, radians: (angles,)."""
        return np.asarray((np.arange(self.angles) + 0.5) * (2 * pi / self.angles))

    @property
    def distances(self) -> Floats:
        """The distance of the middle of each ring, metres: (rings,)."""
        return np.asarray((self.edges[1:] + self.edges[:-1]) / 2)

    @property
    def widths(self) -> Floats:
        """How wide the cells of each ring are along it, metres: (rings,)."""
        return np.asarray(self.distances * (2 * pi / self.angles))

    @property
    def areas(self) -> Floats:
        """The area of a cell of each ring, square metres: (rings,)."""
        return np.asarray(np.diff(self.edges**2) * (pi / self.angles))

    @property
    def places(self) -> Floats:
        """The middle of each cell, metres: (angles, rings, 2)."""
        return _places(self)


@cache
def _edges(polar: HyperbolicPolar) -> Floats:
    edges = polar.distance_of(np.arange(polar.rings + 1))
    edges[-1] = polar.radius
    edges.setflags(write=False)
    return edges


@cache
def _places(polar: HyperbolicPolar) -> Floats:
    around = np.stack([np.cos(polar.bearings), np.sin(polar.bearings)], axis=-1)
    places = around[:, None] * polar.distances[:, None]
    places.setflags(write=False)
    return places
