"""What the net says of what is far (semantic grid): for every place how much was seen of each label there.

Squares of cells lie in each other, each twice as large and as coarse as the one within: 0.4 m to 25 m from
the robot, 3.2 m to 200 m. Each cell asks the picture what is there, so it gets an answer however few pixels
the ground has far off. An error of the camera's pitch moves the whole picture up or down by the same number
of pixels, whatever they show; so labels are spread over so many rows, and along the ground that is the error
of the range: a hand's breadth near, many metres far.

Source: Sermanet et al., IROS 2008, "Mapping and planning under uncertainty in mobile robots with long-range
perception" (histograms of labels, range uncertainty); Hadsell et al., IROS 2008 (the five labels).
"""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.geometry.transforms import inverse
from windowpane.drive.mapping.rolling_grid import RollingGrid
from windowpane.drive.perception.far import FarView
from windowpane.drive.perception.ground import Ground
from windowpane.drive.perception.labels import Label
from windowpane.errors import ArgumentError

Floats = NDArray[np.float64]
Planes = NDArray[np.float32]

NEAREST = 2.0  # metres in front of the camera from which labels are used
PITCH_SIGMA = np.radians(0.35)  # by how much the horizon is off
OLD = 0.7  # of what was known of a cell is left when it is seen anew
TRUSTED_TO = 20.0  # metres to which a label counts fully; then ever less
LEAST = 0.02  # the weight of labels from which they count as seen
HALF_LIFE = 60.0  # seconds after which half of what is known is forgotten
SQUARES = 4  # each twice as coarse, and as large, as the one before


class Sighted(Protocol):
    """What the map takes of a frame: `windowpane.drive.driver.Sight` has it."""

    @property
    def far(self) -> FarView:
        """The labels."""

    @property
    def ground(self) -> Ground:
        """The ground that they lie on."""


class FarMap:
    """Squares of cells, each with a histogram of labels (semantic histogram grid).

    Parameters
    ----------
    size
        Cells along the side of each square.
    cell
        Metres, of the finest.

    Attributes
    ----------
    squares
        The finest first, with the layers ``labels`` (5 weights a cell), ``seen`` (time, seconds) and
        ``nearest`` (metres, the shortest distance from which it was seen).
    """

    def __init__(self, size: int = 128, cell: float = 0.4) -> None:
        empty = {"labels": 0.0, "seen": -np.inf, "nearest": np.inf}
        self.squares = [RollingGrid(size, cell * 2**k, empty, {"labels": len(Label)}) for k in range(SQUARES)]
        self._faded: float | None = None

    def add(self, sight: Sighted, rig: StereoRig, T_odom_robot: Floats, time: float) -> None:
        """Take in the labels of a frame; one without ground or labels changes nothing.

        Raises
        ------
        ArgumentError
            For a rig that does not know its place on the robot.
        """
        if rig.T_robot_camera is None:
            raise ArgumentError("labels find their place on the map only if the rig has T_robot_camera")
        self._fade(time)
        if not sight.ground or sight.far.reason:
            return
        pictures = _weights(sight.far, rig.left.fy)
        T_odom_camera = T_odom_robot @ rig.T_robot_camera
        camera = rig.left.resized(*sight.far.labels.shape)
        from_ground = _ground_to_camera(T_odom_camera, sight.ground)
        for square in self.squares:
            part = _in_view(square, T_odom_camera, camera)
            self._add(square, part, pictures, camera, from_ground, time)

    def _add(
        self,
        square: RollingGrid,
        part: tuple[slice, slice],
        pictures: tuple[Planes, Planes],
        camera: Pinhole,
        from_ground: Floats,
        time: float,
    ) -> None:
        """Ask the pictures of weights, and of distances, what is at the cells of a part of a square."""
        low = square.corner + np.array([part[0].start, part[1].start])
        size = part[0].stop - part[0].start, part[1].stop - part[1].start
        # From a cell as OpenCV counts, (column, row, 1) with its axes swapped, to its middle on the ground.
        cell = square.cell
        to_ground = np.array([[0, cell, cell * (low[0] + 0.5)], [cell, 0, cell * (low[1] + 0.5)], [0, 0, 1]])
        to_camera = from_ground @ to_ground
        flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        looked = [
            cv2.warpPerspective(each, camera.cv_matrix @ to_camera, size[::-1], flags=flags)
            for each in pictures
        ]
        column, row, one = to_camera[2].astype(np.float32)
        ahead = column * np.arange(size[1], dtype=np.float32) + (
            row * np.arange(size[0], dtype=np.float32)[:, None] + one
        )
        planes = [*cv2.split(looked[0]), *cv2.split(looked[1])]
        total = sum(planes[1:5], planes[0])
        # What lies far behind an obstacle's foot is hidden: the picture shows the obstacle there.
        shown = (ahead > NEAREST) & (ahead < 1.1 * planes[5] + 2.0) & (total > LEAST)
        kept = np.where(shown, np.float32(OLD), np.float32(1))
        weight = shown * np.float32(TRUSTED_TO) / np.maximum(ahead, np.float32(TRUSTED_TO))
        for label, plane in enumerate(planes[:5]):
            old = square["labels"][label][part]
            old *= kept
            old += plane * weight
        square["seen"][part][shown] = time
        nearest = square["nearest"][part]
        np.minimum(nearest, ahead, out=nearest, where=shown)

    def _fade(self, time: float) -> None:
        """Forget a little, once a second."""
        if self._faded is None or time < self._faded:
            self._faded = time
        elif time - self._faded >= 1.0:
            left = np.float32(0.5 ** ((time - self._faded) / HALF_LIFE))
            for square in self.squares:
                square.layers["labels"] *= left
            self._faded = time


def _weights(view: FarView, focal: float) -> tuple[Planes, Planes]:
    """Return (H, W, 3) twice, float32: the weights of the labels, and last the distance, metres.

    The weights are spread over the rows by the error of the horizon.
    """
    sure = np.maximum(2 * view.confidence - 1, 0)  # 0 where the net only guesses
    sigma = max(0.3, focal * PITCH_SIGMA)
    planes = [np.where(view.labels == label, sure, np.float32(0)) for label in Label]
    spread = [cv2.GaussianBlur(plane, (1, 0), sigmaX=0.1, sigmaY=sigma) for plane in planes]
    distance = np.minimum(view.distance, np.float32(1e6))
    first, second = cv2.merge(spread[:3]), cv2.merge([*spread[3:], distance])
    return np.asarray(first, np.float32), np.asarray(second, np.float32)


def _ground_to_camera(T_odom_camera: Floats, ground: Ground) -> Floats:
    """Return the matrix (3, 3) from (x, y, 1) of odom to the ground there, straight up or down, as the camera
    has it: its third row gives metres ahead."""
    T = inverse(T_odom_camera)
    level, up = T[:3, [0, 1, 3]], T[:3, 2]
    plane = ground.plane
    above = plane.normal @ level + np.array([0, 0, plane.height])
    return np.asarray(level - np.outer(up, above / (plane.normal @ up)))


def _in_view(square: RollingGrid, T_odom_camera: Floats, camera: Pinhole) -> tuple[slice, slice]:
    """Return the part of a square that a camera can see."""
    axis = np.arctan2(T_odom_camera[1, 2], T_odom_camera[0, 2])
    half = np.arctan2(max(camera.cx, camera.width - camera.cx), camera.fx) + 0.1
    bearings = axis + np.linspace(-half, half, 9)
    reach = square.size * square.cell * np.stack([np.cos(bearings), np.sin(bearings)], axis=1)
    places = T_odom_camera[:2, 3] + np.concatenate([np.zeros((1, 2)), reach])
    cells = square.cells_of(places)[0].clip(0, square.size)
    low, high = cells.min(axis=0), np.minimum(cells.max(axis=0) + 1, square.size)
    return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))
