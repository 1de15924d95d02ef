"""The cost map as ROS has it (occupancy grid), for Nav2: as files or in a bag, without ROS.

    grid = occupancy(costmap, now)
    save_grid(grid, "map.yaml")                 map.yaml and map.pgm, as ``map_server`` reads them
    with BagWriter("map.mcap", rig) as bag:
        bag.grid(grid, time)                    nav_msgs/OccupancyGrid on /map

The grid is square and in the frame ``odom``. 0 is free, 100 blocked, -1 unseen, and between them the price of
a metre grows. Nav2 takes it as its static layer; ``trinary_costmap: false`` there keeps what is between.

Sources: ``nav_msgs/msg/OccupancyGrid``; the files of ROS's ``map_server`` in its mode ``raw``; REP 103.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.mapping.costmap import CostMap
from windowpane.errors import ArgumentError, DataError

FREE, DEAR, BLOCKED, UNSEEN = 0, 99, 100, -1
DEAREST = 16.0
"""The price of a metre that is `DEAR`."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A grid as ROS has it.

    Attributes
    ----------
    values
        (rows, columns) int8, 0..100, -1 = unseen; row 0 is that of the least y, column 0 of the least x.
    cell
        Metres, the side of a cell.
    origin
        (x, y), metres, the outer corner of the first cell in ``odom``.
    """

    values: NDArray[np.int8]
    cell: float
    origin: tuple[float, float]


def occupancy(costmap: CostMap, now: float, *, reach: float = 25.0, cell: float = 0.2) -> Grid:
    """Return the map as a grid, the robot in its middle; its cells are those of the near map.

    Parameters
    ----------
    costmap
        The map.
    now
        Seconds.
    reach
        Metres from the robot to the sides.
    cell
        Metres, the side of a cell.

    Raises
    ------
    ArgumentError
        Where these would leave no cell.
    """
    if not 0 < cell <= reach:
        raise ArgumentError(
            f"cell={cell}, reach={reach}: give metres above 0, and at least a cell to the side"
        )
    view = costmap.view(now)
    corner = np.floor((view.origin - reach) / cell) * cell
    along = (np.arange(round(2 * reach / cell)) + 0.5) * cell
    x, y = np.meshgrid(corner[0] + along, corner[1] + along)
    angle, ring, inside = costmap.polar.cells_of(np.stack([x, y], axis=-1) - view.origin)
    cost, known = view.cost[angle, ring], view.known[angle, ring] & inside
    values = np.clip(np.round((cost - 1) * (DEAR / (DEAREST - 1))), FREE, DEAR)
    values[np.isinf(cost)] = BLOCKED
    values[~known] = UNSEEN
    return Grid(values.astype(np.int8), cell, (float(corner[0]), float(corner[1])))


def save_grid(grid: Grid, path: str | Path) -> Path:
    """Write a grid as ``.yaml`` and, beside it, ``.pgm``; return the picture's path.

    Raises
    ------
    DataError
        Where it cannot be written, or for a name that does not end in ``.yaml``.
    """
    path = Path(path)
    if path.suffix not in (".yaml", ".yml"):
        raise DataError(f"{path}: a map's name ends in .yaml; its picture is written beside it as .pgm")
    picture = path.with_suffix(".pgm")
    # The picture's first row is the one of the largest y; -1 is 255, which the mode "raw" takes for unseen.
    encoded = cv2.imencode(".pgm", np.ascontiguousarray(grid.values[::-1]).view(np.uint8))[1]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(encoded.tobytes())
        path.write_text(
            f"image: {picture.name}\nmode: raw\nresolution: {grid.cell:g}\n"
            f"origin: [{grid.origin[0]:.3f}, {grid.origin[1]:.3f}, 0.0]\n"
            "negate: 0\noccupied_thresh: 0.65\nfree_thresh: 0.25\n",
            encoding="utf-8",
        )
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}") from None
    return picture
