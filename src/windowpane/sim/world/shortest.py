"""The shortest way there is, for who knows the whole map (shortest path): a robot's own is compared with it.

    line = shortest(free, 0.1, origin, start, goal)
    length(line)

Dijkstra's way over a grid whose steps go in 16 directions is at most 2.7 % too long; pulled taut like a
string, it is within some parts in a thousand.

Source: Dijkstra 1959 (scipy's); Lozano-Perez & Wesley 1979 (the shortest way touches corners only).
"""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import MissingExtraError, install

Free = NDArray[np.bool_]
Point = tuple[float, float]
Step = tuple[int, int]
COARSE = 3  # cells of the given grid along one of the grid that is searched
PULLS = 6  # even, so that the way begins at its start
STEPS: tuple[tuple[Step, ...], ...] = (
    ((0, 1),),
    ((1, 0),),
    ((1, 1),),
    ((1, -1),),
    ((1, 2), (0, 1), (1, 1)),
    ((2, 1), (1, 0), (1, 1)),
    ((1, -2), (0, -1), (1, -1)),
    ((2, -1), (1, 0), (1, -1)),
)
"""Down and right; with the cells that are crossed on the way. Their opposites are the same edges."""


def shortest(free: Free, cell: float, origin: Point, start: Point, goal: Point) -> list[Point] | None:
    """Return the corners of the shortest way from start to goal; None where there is none.

    Parameters
    ----------
    free
        (rows, columns), where the robot's middle may be; row along y, column along x.
    cell
        Metres.
    origin
        X, y of the grid's corner.

    Raises
    ------
    MissingExtraError
        Without scipy.
    """
    rows, columns = free.shape[0] // COARSE, free.shape[1] // COARSE
    blocks = free[: rows * COARSE, : columns * COARSE].reshape(rows, COARSE, columns, COARSE)
    coarse = blocks[:, COARSE // 2, :, COARSE // 2]  # its middle: a narrow gap stays open
    size = cell * COARSE

    def node(place: Point) -> int:
        row, column = int((place[1] - origin[1]) / size), int((place[0] - origin[0]) / size)
        return int(row * columns + column)

    nodes = _searched(coarse, node(start), node(goal))
    if nodes is None:
        return None
    middle = [
        (origin[0] + (one % columns + 0.5) * size, origin[1] + (one // columns + 0.5) * size) for one in nodes
    ]
    line = [start, *middle[1:-1], goal]
    for _ in range(PULLS):  # from both ends in turn: what one leaves loose, the other one tightens
        line = _taut(free, cell, origin, _dense(line)[::-1])
    return line


def length(line: list[Point]) -> float:
    """Return metres along a line."""
    return sum(hypot(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(line))


def _searched(free: Free, start: int, goal: int) -> list[int] | None:
    """Return the cells of the shortest way over a grid, as flat indices."""
    try:
        from scipy.sparse import coo_array  # type: ignore[import-untyped]
        from scipy.sparse.csgraph import dijkstra  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtraError(f"finding the shortest way needs {install('drive', 'sim')}") from None
    numbers = np.arange(free.size).reshape(free.shape)
    heads, tails, weights = [], [], []
    for (down, right), *crossed in STEPS:
        both = free & _at(free, down, right)
        for step in crossed:
            both &= _at(free, *step)
        found = numbers[both]
        heads.append(found)
        tails.append(found + down * free.shape[1] + right)
        weights.append(np.full(len(found), hypot(down, right)))
    edges = (np.concatenate(weights), (np.concatenate(heads), np.concatenate(tails)))
    graph = coo_array(edges, shape=(free.size, free.size)).tocsr()
    metres, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
    if not np.isfinite(metres[goal]):
        return None
    way = [goal]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    return way[::-1]


def _at(free: Free, down: int, right: int) -> Free:
    """Return what is so many cells down and to the right of each cell; nothing is free beyond the edge."""
    padded = np.pad(free, 2)
    rows, columns = free.shape
    return padded[2 + down : 2 + down + rows, 2 + right : 2 + right + columns]


def _taut(free: Free, cell: float, origin: Point, way: list[Point]) -> list[Point]:
    """Return a way of which every corner is left out that need not be."""
    pulled, at = [way[0]], 0
    while at < len(way) - 1:
        ahead = len(way) - 1
        while ahead > at + 1 and not _in_sight(free, cell, origin, way[at], way[ahead]):
            ahead -= 1
        pulled.append(way[ahead])
        at = ahead
    return pulled


def _dense(line: list[Point]) -> list[Point]:
    """Return a line with more points on it, one every 0.3 m or so."""
    points: list[Point] = []
    for (x0, y0), (x1, y1) in pairwise(line):
        count = max(1, round(hypot(x1 - x0, y1 - y0) / 0.3))
        points += [(x0 + s / count * (x1 - x0), y0 + s / count * (y1 - y0)) for s in range(count)]
    return [*points, line[-1]]


def _in_sight(free: Free, cell: float, origin: Point, one: Point, other: Point) -> bool:
    """Say whether the straight line between two places is free."""
    count = max(2, int(hypot(other[0] - one[0], other[1] - one[1]) / cell * 2))
    x = np.linspace(one[0], other[0], count)
    y = np.linspace(one[1], other[1], count)
    return bool(free[((y - origin[1]) / cell).astype(int), ((x - origin[0]) / cell).astype(int)].all())
