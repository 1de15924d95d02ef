"""Little worlds of textured planes as a stereo pair sees them (synthetic stereo): the truth is known exactly.

    world = World(rig, (ground(1.0), wall(-0.5, 3.0, 1.0, -0.5)))
    left, right = world.see(pose(pitch=0.1))

Every pixel's ray is cut with the planes, and the texture of the nearest one is looked up there, blurred by as
much as the pixel covers of it: so disparities are exact to a hundredth of a pixel, and the truth about
everything is known. The world's frame is that of a level camera at the origin: x right, y down, z forward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.camera import StereoRig

Floats = NDArray[np.float64]
Grey = NDArray[np.float32]
Point = tuple[float, float, float]
SIZE = 1024  # pixels of a texture, which repeats
LEVELS = 7
FARTHEST = 200.0  # metres; what is farther is sky


@dataclass(frozen=True, slots=True)
class Surface:
    """A piece of a plane: a corner and two edges at right angles, in metres.

    Attributes
    ----------
    paint
        Which texture, any number.
    endless
        Whether it goes on in all directions.
    """

    corner: Point
    edges: tuple[Point, Point]
    paint: int = 0
    endless: bool = False


def ground(height: float) -> Surface:
    """Return level ground, so many metres below the origin."""
    return Surface((0, height, 0), ((1, 0, 0), (0, 0, 1)), endless=True)


def wall(x: float, z: float, width: float, top: float, bottom: float = 1.0) -> Surface:
    """Return a wall across the way at a distance z, from y = top down to y = bottom."""
    return Surface((x, top, z), ((width, 0, 0), (0, bottom - top, 0)), paint=1)


def slope(z: float, rise: float, bottom: float = 1.0, length: float = 10.0) -> Surface:
    """Return ground that rises from a distance z on by so many metres a metre."""
    return Surface((-20, bottom, z), ((40, 0, 0), (0, -rise * length, length)), paint=1)


def pose(
    x: float = 0.0, y: float = 0.0, z: float = 0.0, *, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0
) -> Floats:
    """Return T_world_camera (4, 4): metres, and radians of yaw to the right, pitch down, roll right."""
    T = np.eye(4)
    for turn in ((0.0, yaw, 0.0), (-pitch, 0.0, 0.0), (0.0, 0.0, roll)):
        T[:3, :3] = T[:3, :3] @ cv2.Rodrigues(np.array(turn))[0]
    T[:3, 3] = x, y, z
    return T


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """Faces and who sees them.

    Attributes
    ----------
    rig
        The cameras.
    faces
        In any order.
    grain
        Metres that a pixel of a texture covers.
    sky
        Its grey level.
    lens
        By how many pixels the right camera's axis is off to the right of what the rig says.
    """

    rig: StereoRig
    faces: Sequence[Surface]
    grain: float = 0.012
    sky: int = 200
    lens: float = 0.0

    def see(self, T_world_camera: Floats | None = None) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return the left and the right picture, (H, W, 3) uint8 RGB (grey), of a left camera at a pose."""
        place = np.eye(4) if T_world_camera is None else T_world_camera
        aside = np.eye(4)
        aside[0, 3] = self.rig.baseline
        return self._picture(place, 0.0), self._picture(place @ aside, self.lens)

    def _picture(self, T_world_camera: Floats, lens: float) -> NDArray[np.uint8]:
        rays = self.rig.left.rays()
        rays[..., 0] -= lens / self.rig.left.fx
        rays = rays @ T_world_camera[:3, :3].T
        nearest = np.full(rays.shape[:2], np.inf)
        picture = np.full(rays.shape[:2], self.sky, np.float32)
        for face in self.faces:
            depth, levels = self._seen(face, rays, T_world_camera[:3, 3])
            nearer = depth < nearest
            picture[nearer], nearest[nearer] = levels[nearer], depth[nearer]
        grey = np.clip(picture, 0, 255).round().astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)

    def _seen(self, face: Surface, rays: Floats, place: Floats) -> tuple[Floats, Grey]:
        """Return where rays (H, W, 3) meet a face, infinite where not, and its grey levels there."""
        corner, along, across = (np.asarray(one, np.float64) for one in (face.corner, *face.edges))
        normal = np.cross(along, across)
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = (corner - place) @ normal / (rays @ normal)
            hit = place + rays * depth[..., None] - corner
            length, width = float(np.linalg.norm(along)), float(np.linalg.norm(across))
            u, v = hit @ along / length, hit @ across / width
        met = (depth > 0.05) & (depth < FARTHEST)
        if not face.endless:
            met &= (u >= 0) & (u <= length) & (v >= 0) & (v <= width)
        # A pixel covers the more of the texture the farther and the flatter it is seen.
        facing = np.abs(rays @ normal) / np.linalg.norm(normal) / np.linalg.norm(rays, axis=-1)
        cover = np.where(met, depth, 1) / self.rig.left.fx / self.grain / np.sqrt(np.maximum(facing, 0.02))
        u, v = (np.where(met, one / self.grain % SIZE, 0) for one in (u, v))
        return np.where(met, depth, np.inf), _looked_up(face.paint, u, v, np.log2(np.maximum(cover, 1)))


def _looked_up(paint: int, u: Floats, v: Floats, blur: Floats) -> Grey:
    """Return a texture's grey levels at (u, v), between the two of its copies that are as blurred."""
    level = np.clip(blur, 0, LEVELS - 1.001)
    low = level.astype(np.intp)
    x, y = u.astype(np.float32), v.astype(np.float32)
    copies = [
        cv2.remap(copy, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP) for copy in _textures(paint)
    ]
    fine, coarse = np.take_along_axis(np.stack(copies), np.stack([low, low + 1]), axis=0)
    return np.asarray(fine + (level - low) * (coarse - fine), np.float32)


@cache
def _textures(paint: int) -> list[Grey]:
    """Return noise of all sizes, (SIZE, SIZE), and copies more and more blurred; all repeat seamlessly."""
    rng = np.random.default_rng(paint)
    total = np.zeros((SIZE, SIZE), np.float32)
    for octave in range(8):
        scale = 1 << octave
        noise = rng.standard_normal((SIZE // scale,) * 2).astype(np.float32)
        large = cv2.resize(
            np.pad(noise, 2, mode="wrap"), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC
        )
        total += large[2 * scale : 2 * scale + SIZE, 2 * scale : 2 * scale + SIZE]
    wide = np.pad(120 + 28 * (total - total.mean()) / total.std(), 64, mode="wrap")
    copies = [wide, *(cv2.GaussianBlur(wide, (0, 0), 0.5 * 2.0**level) for level in range(1, LEVELS))]
    return [np.ascontiguousarray(copy[64:-64, 64:-64], np.float32) for copy in copies]
