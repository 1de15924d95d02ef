"""Pictures of a world as a camera sees them (rendering), with the truth about every pixel.

    renderer = Renderer(scene, camera)
    shot = renderer.see(T_world_camera)         # picture, range and class of every pixel
    left, right = renderer.pair(rig, T_world_camera, time=2.0)

All cameras of a process share one context, and those of a scene its textures, shapes and shadows. The same
scene, camera and pose give the same pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, pi
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.sim.render.stage import Canvas, Stage
from windowpane.sim.world.scene import Scene

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
NEAR, FAR = 0.1, 400.0  # metres that are drawn
BACK = 1.0  # metres behind the camera, where the sector of ground begins
MARGIN = 0.6  # metres beside what the left camera sees, for the right one

_stages: WeakValueDictionary[int, Stage] = WeakValueDictionary()
"""Of the scenes that a renderer draws, by their ids, which are theirs as long as their stages hold them."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """What a camera sees.

    Attributes
    ----------
    picture
        (H, W, 3) uint8 RGB.
    range
        (H, W) float32, metres along the camera's axis; infinite in the sky.
    classes
        (H, W) uint8, of `Class`.
    """

    picture: Bytes
    range: NDArray[np.float32]
    classes: Bytes


class Renderer:
    """Draws a scene as a camera sees it.

    Raises
    ------
    MissingExtraError
        Without the extra ``sim``, and where there is no EGL to draw with.
    """

    def __init__(self, scene: Scene, camera: Pinhole) -> None:
        self.scene, self.camera = scene, camera
        self._stage = _stages.get(id(scene)) or Stage(scene)
        _stages[id(scene)] = self._stage

    def see(self, T_world_camera: ArrayLike, time: float = 0.0) -> Shot:
        """Return what the camera at a pose (4, 4) sees at a time in seconds."""
        canvas = self._draw(self.camera, [0.0], T_world_camera, time, truth=True)
        pixels = canvas.read()
        return Shot(pixels[..., :3].copy(), canvas.read_range(), pixels[..., 3].copy())

    def pair(self, rig: StereoRig, T_world_camera: ArrayLike, time: float = 0.0) -> tuple[Bytes, Bytes]:
        """Return the left and right picture (H, W, 3) uint8 of a rig whose left camera is at a pose."""
        canvas = self._draw(rig.left, [0.0, rig.baseline], T_world_camera, time, truth=False)
        left, right = np.split(canvas.read()[..., :3], 2, axis=1)
        return left.copy(), right.copy()

    def _draw(
        self, camera: Pinhole, asides: Sequence[float], T_world_camera: ArrayLike, time: float, *, truth: bool
    ) -> Canvas:
        """Return what is seen side by side from a pose and so many metres to the right of it."""
        T, width = np.asarray(T_world_camera, np.float64), camera.width
        eye, sector = T[:3, 3], _sector(camera, T)
        self._stage.gather(_view(camera, T), eye, camera.fx, time)
        canvas = self._stage.canvas((camera.height, width * len(asides)), truth=truth)
        for k, aside in enumerate(asides):
            T_aside = np.eye(4)
            T_aside[0, 3] = -aside
            seen = clip(camera) @ T_aside @ np.linalg.inv(T)
            self._stage.draw(canvas, seen, eye, sector, slice(k * width, (k + 1) * width))
        return canvas


def clip(camera: Pinhole) -> Floats:
    """Return the matrix (4, 4) from the camera's frame to the graphics library's, whose row 0 is our top."""
    w, h = camera.width, camera.height
    deep = (FAR + NEAR) / (FAR - NEAR), -2 * FAR * NEAR / (FAR - NEAR)
    return np.array(
        [
            [2 * camera.fx / w, 0, 2 * camera.cx / w - 1, 0],
            [0, 2 * camera.fy / h, 2 * camera.cy / h - 1, 0],
            [0, 0, deep[0], deep[1]],
            [0, 0, 1, 0],
        ]
    )


def _corners(camera: Pinhole, T: Floats) -> Floats:
    """Return the world's directions (4, 3) through the picture's corners."""
    w, h = camera.width, camera.height
    return np.asarray(camera.rays([(0, 0), (w, 0), (w, h), (0, h)]) @ T[:3, :3].T)


def _view(camera: Pinhole, T: Floats) -> Floats:
    """Return four planes (4, 4), inward normal and offset, between which a camera sees."""
    rays = _corners(camera, T)
    normals = np.cross(rays, np.roll(rays, -1, axis=0))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return np.concatenate([normals, MARGIN - (normals @ T[:3, 3])[:, None]], axis=1)


def _sector(camera: Pinhole, T: Floats) -> tuple[float, float, float, float]:
    """Return the sector of ground that a camera may see: its tip, direction and half its angle."""
    rays, axis = _corners(camera, T), T[:3, 2]
    middle = atan2(axis[1], axis[0])
    off = (np.arctan2(rays[:, 1], rays[:, 0]) - middle + pi) % (2 * pi) - pi
    half = float(np.abs(off).max()) + 0.02
    if half > 1.2:  # it looks down or up: the ground all around it
        return float(T[0, 3]), float(T[1, 3]), middle, pi
    return float(T[0, 3] - BACK * np.cos(middle)), float(T[1, 3] - BACK * np.sin(middle)), middle, half
