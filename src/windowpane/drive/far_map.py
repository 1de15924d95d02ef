"""What the net says of what is far: for every place how much was seen there of each of the five labels.

Squares of cells lie in each other, each twice as large and as coarse as the one within: 0.4 m to 25 m from
the robot, 3.2 m to 200 m. Each cell asks the picture what is there, so it gets an answer however few pixels the
ground has far off. An error of the camera's pitch moves the whole picture up or down by the same number of
pixels, whatever they show; so labels are spread over so many rows, and along the ground that is the error of
the range: a hand's breadth near, many metres far.

Source: Sermanet et al., IROS 2008, "Mapping and planning under uncertainty in mobile robots with long-range
perception" (histograms of labels, range uncertainty); Hadsell et al., IROS 2008 (the five labels).
"""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.camera import StereoRig
from windowpane.drive.far import FarView
from windowpane.drive.ground import Ground
from windowpane.drive.labels import Label
from windowpane.drive.pose import inverse
from windowpane.drive.scroll import Scroll

Floats = NDArray[np.float64]
Planes = NDArray[np.float32]

NEAREST = 2.0  # metres in front of the camera from which labels are used
PITCH_SIGMA = np.radians(0.35)  # by how much the horizon is off
OLD = 0.7  # of what was known of a cell is left when it is seen anew
TRUSTED_TO = 20.0  # metres to which a label counts fully; then ever less
HALF_LIFE = 60.0  # seconds after which half of what is known is forgotten


class Sighted(Protocol):
    """What the map takes of a frame: `windowpane.drive.driver.Sight` has it."""

    @property
    def far(self) -> FarView:
        """The labels."""

    @property
    def ground(self) -> Ground:
        """The ground that they lie on."""


class FarMap:
    """Squares of cells, each with a histogram of labels.

    size: cells along the side of each square. cell: metres, of the finest. squares: how many. Every one has
    the layers ``labels`` (5 weights a cell), ``seen`` (time, seconds) and ``nearest`` (metres, the shortest
    distance from which it was seen).
    """

    def __init__(self, size: int = 128, cell: float = 0.4, squares: int = 4) -> None:
        empty = {"labels": 0.0, "seen": -np.inf, "nearest": np.inf}
        self.squares = [Scroll(size, cell * 2**k, empty, {"labels": len(Label)}) for k in range(squares)]
        middle = np.arange(size) + 0.5 - size // 2
        self._bearing = np.arctan2(middle, middle[:, None]).astype(np.float32)
        self._faded: float | None = None

    def add(self, sight: Sighted, rig: StereoRig, T_odom_robot: Floats, time: float) -> None:
        """Take in the labels of a frame; one without ground or labels changes nothing.

        Raises ValueError for a rig that does not know its place on the robot.
        """
        if rig.T_robot_camera is None:
            raise ValueError("labels find their place on the map only if the rig has T_robot_camera")
        self._fade(time)
        if not sight.ground or sight.far.reason:
            return
        view = sight.far
        pictures = _weights(view, rig.left.fy)
        T_camera_odom = inverse(T_odom_robot @ rig.T_robot_camera)
        axis = (T_odom_robot @ rig.T_robot_camera)[:2, 2]
        half_view = np.arctan2(max(rig.left.cx, rig.left.width - rig.left.cx), rig.left.fx) + 0.1
        turned = self._bearing - np.float32(np.arctan2(axis[1], axis[0]))
        in_view = np.flatnonzero(np.cos(turned) > np.cos(half_view))
        for square in self.squares:
            self._add(square, in_view, pictures, view, sight.ground, rig, T_camera_odom, time)

    def _add(
        self,
        square: Scroll,
        chosen: NDArray[np.intp],
        pictures: Planes,
        view: FarView,
        ground: Ground,
        rig: StereoRig,
        T_camera_odom: Floats,
        time: float,
    ) -> None:
        x, y = square.middles()
        i, j = np.divmod(chosen, square.size)
        R, shift = T_camera_odom[:3, :3], T_camera_odom[:3, 3]
        points = np.stack([x[i], y[j]], axis=1) @ R[:, :2].T + shift
        # Straight up or down to the ground that this camera sees.
        up, plane = R[:, 2], ground.plane
        points -= (plane.above(points) / (plane.normal @ up))[:, None] * up
        pixels = rig.left.project(points)
        height, width = view.labels.shape
        scale = np.array([width / rig.left.width, height / rig.left.height])
        with np.errstate(invalid="ignore"):
            pixels = np.where(points[:, 2:] > NEAREST, pixels * scale, -1)
            seen = (pixels >= 0).all(axis=1) & (pixels[:, 0] < width) & (pixels[:, 1] < height)
        column, row = np.floor(pixels[seen]).astype(np.intp).T
        i, j, distance = i[seen], j[seen], points[seen, 2]
        # What lies far behind an obstacle's foot is hidden: the picture shows the obstacle there.
        shown = distance < 1.1 * view.distance[row, column] + 2.0
        weight = pictures[:, row, column] * _trust(distance)
        shown &= weight.sum(axis=0) > 0.02
        i, j, distance, weight = i[shown], j[shown], distance[shown], weight[:, shown]
        square["labels"][:, i, j] = OLD * square["labels"][:, i, j] + weight
        square["seen"][i, j] = time
        square["nearest"][i, j] = np.minimum(square["nearest"][i, j], distance)

    def _fade(self, time: float) -> None:
        """Forget a little, once a second."""
        if self._faded is None or time < self._faded:
            self._faded = time
        elif time - self._faded >= 1.0:
            left = np.float32(0.5 ** ((time - self._faded) / HALF_LIFE))
            for square in self.squares:
                square.layers["labels"] *= left
            self._faded = time


def _weights(view: FarView, focal: float) -> Planes:
    """Return the weight of each label in each pixel, (5, H, W) float32, spread by the error of the range."""
    sure = np.maximum(2 * view.confidence - 1, 0)  # 0 where the net only guesses
    planes = np.stack([np.where(view.labels == label, sure, 0) for label in Label]).astype(np.float32)
    sigma = max(0.3, focal * PITCH_SIGMA)
    for plane in planes:
        cv2.GaussianBlur(plane, (1, 0), sigmaX=0.1, sigmaY=sigma, dst=plane)
    return planes


def _trust(distance: Floats) -> Floats:
    """Return how much a label counts at a distance (...,) in metres, 0..1: the nearer view overrules."""
    return TRUSTED_TO / np.maximum(distance, TRUSTED_TO)
