"""The steps from a picture to its classes (intermediate results), kept for drawing.

A large picture is parsed in tiles, each with levels and maps of its own. Their cells are those of the whole
picture, so they are put together again without a seam.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from windowpane.core.pyramids import Level
from windowpane.core.windows import Window
from windowpane.parse.labelmap import LabelMap
from windowpane.parse.scales import Floats


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ParseSteps:
    """Every step from a picture to its classes, for drawing.

    Attributes
    ----------
    picture
        (H, W, 3) uint8.
    levels
        As the net sees them in the first view, finest first, and where they lie in the picture.
    maps
        What each of these says without the others, (K, rows, cols), logits of the classes of all parts of a
        cell.
    scene
        The answer, the same as that of `Parser.parse`.
    ms
        Milliseconds of each step, of all tiles and views together.
    """

    picture: NDArray[np.uint8]
    levels: tuple[Level, ...]
    maps: tuple[Floats, ...]
    scene: LabelMap
    ms: dict[str, float]

    def __repr__(self) -> str:
        sizes = ", ".join(f"{one.image.shape[1]} x {one.image.shape[0]}" for one in self.levels)
        return f"ParseSteps({self.scene!r}, levels of {sizes} pixels, {sum(self.ms.values()):.0f} ms)"


@dataclass(frozen=True, slots=True, eq=False)
class TileSteps:
    """The levels of a tile and what the net's backbones see in them.

    Attributes
    ----------
    corner
        Where the levels' picture begins in that of all tiles, y and x in its pixels.
    levels, maps
        Finest first; maps (K, rows, cols).
    """

    corner: tuple[float, float]
    levels: Sequence[Level]
    maps: Sequence[Floats]


def joined(
    tiles: Sequence[TileSteps], window: Window, size: tuple[int, int], caller: tuple[int, int]
) -> tuple[list[Level], list[Floats]]:
    """Return the levels of a whole picture, and what the backbones see in them.

    Parameters
    ----------
    tiles
        All of a picture.
    window
        Of the net.
    size, caller
        Height and width of the picture that was cut into tiles, and of the caller's, which may be larger; it
        is in its pixels that the levels say where they lie.
    """
    levels, maps = [], []
    zoom = size[0] / caller[0], size[1] / caller[1]
    for number, first in enumerate(tiles[0].levels):
        corners = np.array([np.add(tile.levels[number].shift, tile.corner) for tile in tiles])
        places = np.round((corners - corners.min(axis=0)) * first.scale).astype(int)
        image = _pasted([tile.levels[number].image for tile in tiles], places)
        seen = _pasted([np.moveaxis(tile.maps[number], 0, -1) for tile in tiles], places // window.stride)
        (scale_y, scale_x), (y, x) = first.scale, corners.min(axis=0).tolist()
        levels.append(Level(image, (scale_y * zoom[0], scale_x * zoom[1]), (y / zoom[0], x / zoom[1])))
        maps.append(np.moveaxis(seen, -1, 0))
    return levels, maps


def _pasted(parts: Sequence[Floats], places: NDArray[np.int_]) -> Floats:
    """Return parts (h, w, C) put at their places (N, 2), rows and columns, of one array."""
    sizes = np.array([part.shape[:2] for part in parts])
    whole = np.zeros((*(places + sizes).max(axis=0), parts[0].shape[2]), parts[0].dtype)
    for part, (row, col) in zip(parts, places, strict=True):
        whole[row : row + part.shape[0], col : col + part.shape[1]] = part
    return whole
