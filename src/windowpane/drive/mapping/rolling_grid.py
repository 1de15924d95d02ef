"""A square of cells that goes along with the robot (rolling grid), by whole cells: nothing is smeared.

The cells are those of one lattice, fixed to the ground: cell (i, j) lies between i and i + 1 times its size
along x, j and j + 1 along y. The square is the part of it around the robot; when the robot moves on, rows of
cells leave it behind and new ones come in ahead, and what is in a cell stays in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Layer = NDArray[np.float32]


class RollingGrid:
    """Layers over a square of the lattice.

    Parameters
    ----------
    size
        Cells along a side; even.
    cell
        Metres.
    layers
        By name, what is in a cell of which nothing is known.
    deep
        By name, how many values a cell has in layers with several: these are (values, size, size).

    Attributes
    ----------
    corner
        (i, j) of the first cell, (2,) int64.
    layers
        By name, (size, size) float32; the first axis is x.
    """

    def __init__(
        self, size: int, cell: float, layers: dict[str, float], deep: dict[str, int] | None = None
    ) -> None:
        self.size, self.cell, self.empty = size, cell, layers
        self.corner = np.full(2, -size // 2, np.int64)
        deep = deep or {}
        self.layers: dict[str, Layer] = {
            name: np.full((deep[name], size, size) if name in deep else (size, size), value, np.float32)
            for name, value in layers.items()
        }

    def __getitem__(self, name: str) -> Layer:
        return self.layers[name]

    def __setitem__(self, name: str, layer: Layer) -> None:
        self.layers[name] = layer

    @property
    def nbytes(self) -> int:
        """Bytes of all layers."""
        return sum(layer.nbytes for layer in self.layers.values())

    def clear(self) -> None:
        """Forget everything."""
        for name, layer in self.layers.items():
            layer[...] = self.empty[name]

    def centre(self, place: ArrayLike) -> None:
        """Move the square so that a place (2,), metres, is in its middle; what is still in it is kept."""
        middle = np.floor(np.asarray(place, np.float64) / self.cell).astype(np.int64)
        corner = middle - self.size // 2
        shift = corner - self.corner
        self.corner = corner
        if not shift.any():
            return
        if np.abs(shift).max() >= self.size:
            return self.clear()
        (to_x, from_x), (to_y, from_y) = (_overlap(int(step), self.size) for step in shift)
        for name, layer in self.layers.items():
            moved = np.full_like(layer, self.empty[name])
            moved[..., to_x, to_y] = layer[..., from_x, from_y]
            self.layers[name] = moved

    def cells_of(self, places: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the cells (..., 2) of places (..., 2), metres, and whether (...) they are in the square."""
        cells = np.floor(np.asarray(places, np.float64) / self.cell).astype(np.int64) - self.corner
        return cells, np.asarray(((cells >= 0) & (cells < self.size)).all(axis=-1))

    def middles(self) -> Floats:
        """Return the middle of each cell along x and along y, metres: (2, size)."""
        return np.asarray((self.corner[:, None] + np.arange(self.size) + 0.5) * self.cell)

    def at(self, name: str, place: ArrayLike) -> NDArray[np.float32]:
        """Return a layer's value, or values, at one place (2,); of an unknown cell outside."""
        cell, inside = self.cells_of(place)
        layer = self.layers[name]
        if not inside:
            return np.full(layer.shape[:-2], self.empty[name], np.float32)
        return np.asarray(layer[..., cell[0], cell[1]])


def _overlap(step: int, size: int) -> tuple[slice, slice]:
    """Return where what is kept goes to and comes from, along an axis that moved by a step."""
    return slice(max(0, -step), size - max(0, step)), slice(max(0, step), size - max(0, -step))
