"""What stereo knows of what is near (occupancy grid): which cells of 0.2 m are free, as of now.

What is seen now overrules what was seen: a cell with points of an obstacle is blocked at once, one where only
ground is seen is free again after some frames, so that whoever walked on leaves the way open behind. What the
bumper felt, stereo did not see, and it cannot take it back.

Source: Moravec & Elfes 1985, "High resolution maps from wide angle sonar"; Thrun, Burgard & Fox 2005,
"Probabilistic robotics", chapter 9 (occupancy by log odds).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.mapping.rolling_grid import RollingGrid
from windowpane.drive.perception.near import LEAST

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

CELL = 0.2  # metres
HIT, FREE = 1.5, -0.7  # what a frame adds to a cell's log odds
SUREST = (-2.0, 4.0)
BLOCKED = 0.5  # log odds from which a cell is an obstacle
WAS_FREE = -1.0  # log odds below which ground was seen for sure
PATIENCE = 6.0  # seconds for which it is worth to wait for that, rather than to go another way
STAYED, GONE = 2.0, 2.0  # seconds: what was seen at a place for less, and for so long no more, is gone
MOVES_FOR = 1.0  # seconds for which what came by itself is expected to move on
HALF_LIFE = 180.0  # seconds after which half of what is known is forgotten
BUMPED_FOR = 120.0  # seconds for which an obstacle that was felt is believed
REACH = 26.0  # metres around the robot in which points are used, along x and y
TRIED, TRIED_COST = 1.0, 5.0  # metres around where the robot got stuck; what each metre there costs more
BESIDE = 2  # cells around what came up, in which it is looked for what it may be a part of


class NearMap:
    """Cells in a square around the robot, each with the log odds that it is occupied.

    Parameters
    ----------
    size
        Cells along a side.
    cell
        Metres.

    Attributes
    ----------
    grid
        With the layers ``odds`` (log odds of an obstacle, 0 = not known), ``seen``, ``since`` (of an
        obstacle), ``bumped`` and ``appeared`` (times), and ``tried`` (what a metre costs more where the robot
        got stuck).
    time
        Seconds: when stereo last saw anything.
    """

    def __init__(self, size: int = 512, cell: float = CELL) -> None:
        times = dict.fromkeys(("seen", "since", "bumped", "appeared"), -np.inf)
        self.grid = RollingGrid(size, cell, {"odds": 0.0, "tried": 0.0, **times})
        self.time = -np.inf
        self._faded: float | None = None

    def add(self, points: Floats, obstacle: Mask, robot: Floats, time: float, *, late: bool = False) -> None:
        """Take in points (N, 2), metres, of which some (N,) are of obstacles; the others of the ground.

        Parameters
        ----------
        late
            They come from a slower loop; what was seen since then is known better.
        """
        self._fade(time)
        self.time = self.time if late else time
        cells, inside = self.grid.cells_of(points)
        if not inside.any():
            return
        away = float(np.abs(points[inside] - robot).max())
        reach = int(min(REACH, away) / self.grid.cell) + 1 + BESIDE
        low = np.maximum(self.grid.cells_of(robot)[0] - reach, 0)
        side = min(2 * reach, self.grid.size - int(low.max()))
        cells = cells - low
        inside &= ((cells >= 0) & (cells < side)).all(axis=1)
        flat = (cells[:, 0] * side + cells[:, 1])[inside]
        hits = np.bincount(flat[obstacle[inside]], minlength=side * side).reshape(side, side)
        ground = np.bincount(flat[~obstacle[inside]], minlength=side * side).reshape(side, side)
        part = slice(low[0], low[0] + side), slice(low[1], low[1] + side)
        odds, seen = self.grid["odds"][part], self.grid["seen"][part]
        hit = hits >= LEAST
        free = (ground > 0) & (hits == 0)
        if late:
            hit, free = hit & (seen < time), free & (seen < time)
        self._appeared(part, hit, time)
        odds[hit] = np.minimum(np.maximum(odds[hit], 0) + HIT, SUREST[1])
        odds[free] = np.maximum(odds[free] + FREE, SUREST[0])
        seen[hit | free] = time

    def _appeared(self, part: tuple[slice, slice], hit: Mask, time: float) -> None:
        """Mark what stands where ground was seen: it came by itself, or the map was wrong.

        Beside something that stood there before it is but another view of that.
        """
        odds, since, appeared = (self.grid[name][part] for name in ("odds", "since", "appeared"))
        since[hit & (odds <= BLOCKED)] = time
        stood = (odds > BLOCKED) & (since < time - STAYED)
        beside = cv2.dilate(stood.view(np.uint8), np.ones((2 * BESIDE + 1,) * 2, np.uint8)) > 0
        appeared[hit & (odds < WAS_FREE) & ~beside] = time

    def moving(self, now: float) -> Mask:
        """Return where (size, size) something came up not long ago that may move on."""
        return np.asarray(self.grid["appeared"] > now - MOVES_FOR)

    def bump(self, places: Floats, time: float) -> None:
        """Take in that the bumper felt something at places (N, 2), metres."""
        cells, inside = self.grid.cells_of(places)
        i, j = cells[inside].T
        self.grid["bumped"][i, j] = time

    def avoid(self, place: Floats) -> None:
        """Make it cost more to go near a place (2,): it was tried."""
        x, y = self.grid.middles()
        near = (x[:, None] - place[0]) ** 2 + (y - place[1]) ** 2 <= TRIED**2
        self.grid["tried"][near] += np.float32(TRIED_COST)

    def blocked(self, now: float) -> Mask:
        """Return which cells (size, size) must not be touched."""
        return np.asarray(((self.grid["odds"] > BLOCKED) & ~self._walked_on(now)) | self.felt(now))

    def _walked_on(self, now: float) -> Mask:
        """Return which cells something has crossed: the robot may stand too near to see them free."""
        seen, appeared = self.grid["seen"], self.grid["appeared"]
        return np.asarray((seen < now - GONE) & (appeared > seen - STAYED))

    def felt(self, now: float) -> Mask:
        """Return where (size, size) the bumper was hit not long ago."""
        return np.asarray(self.grid["bumped"] > now - BUMPED_FOR)

    def passing(self, now: float) -> Mask:
        """Return which cells (size, size) something has come to, that may go on from there."""
        felt = self.grid["bumped"] > now - BUMPED_FOR
        return np.asarray((self.grid["appeared"] > now - PATIENCE) & ~felt)

    def free(self) -> Mask:
        """Return which cells (size, size) were seen to be free."""
        return self.grid["odds"] < 0

    def _fade(self, time: float) -> None:
        """Forget a little, once a second."""
        if self._faded is None or time < self._faded:
            self._faded = time
        elif time - self._faded >= 1.0:
            self.grid.layers["odds"] *= np.float32(0.5 ** ((time - self._faded) / HALF_LIFE))
            self._faded = time
