"""A little world for the drive tests: textured ground and boxes, drawn as a stereo pair sees them.

Every pixel's ray is cut with the planes, and the nearest one's texture is looked up there, the finer the
nearer: so disparities are exact to a hundredth of a pixel, and the truth about everything is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from windowpane.drive.camera import Pinhole, StereoRig

SIZE = 1024  # pixels of a texture, which repeats
LEVELS = 7


def texture(seed):
    """Noise of all sizes, (SIZE, SIZE) float32 grey levels, and the same more and more blurred."""
    rng = np.random.default_rng(seed)
    whole = np.zeros((SIZE, SIZE), np.float32)
    for octave in range(8):
        side = SIZE >> octave
        noise = rng.standard_normal((side, side)).astype(np.float32)
        noise = np.pad(noise, 2, mode="wrap")
        scale = 1 << octave
        big = cv2.resize(noise, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        whole += big[2 * scale : 2 * scale + SIZE, 2 * scale : 2 * scale + SIZE]
    grey = 120 + 28 * (whole - whole.mean()) / whole.std()
    return [
        grey
        if level == 0
        else cv2.GaussianBlur(np.pad(grey, 64, mode="wrap"), (0, 0), 0.5 * 2.0**level)[64:-64, 64:-64]
        for level in range(LEVELS)
    ]


@dataclass
class Face:
    """A piece of a plane: a corner, two edges at right angles (world, metres), of texture by number."""

    corner: tuple
    edges: tuple
    paint: int = 0
    endless: bool = False


def ground(height=0.0):
    """Level ground so far below the world's origin (y is down)."""
    return Face((0, height, 0), ((1, 0, 0), (0, 0, 1)), 0, endless=True)


def wall(x, z, width, top, bottom=1.0):
    """A wall across the way, from y = top down to y = bottom."""
    return Face((x, top, z), ((width, 0, 0), (0, bottom - top, 0)), 1)


@dataclass
class World:
    """Faces, seen by a rig; a pixel of a texture is `grain` metres."""

    rig: StereoRig
    faces: list = field(default_factory=list)
    grain: float = 0.012
    sky: int = 200

    def see(self, T_world_camera=None):
        """Return the left and the right picture, (H, W, 3) uint8."""
        pose = np.eye(4) if T_world_camera is None else np.asarray(T_world_camera, float)
        aside = np.eye(4)
        aside[0, 3] = self.rig.baseline
        return self._picture(pose), self._picture(pose @ aside)

    def _picture(self, pose):
        rays = self.rig.left.rays() @ pose[:3, :3].T
        place, best = pose[:3, 3], np.full(rays.shape[:2], np.inf)
        picture = np.full(rays.shape[:2], float(self.sky), np.float32)
        for face in self.faces:
            depth, values = self._face(face, rays, place)
            nearer = depth < best
            picture[nearer], best[nearer] = values[nearer], depth[nearer]
        grey = np.clip(picture, 0, 255).round().astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)

    def _face(self, face, rays, place):
        along, across = (np.asarray(edge, float) for edge in face.edges)
        normal = np.cross(along, across)
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = (np.asarray(face.corner, float) - place) @ normal / (rays @ normal)
            hit = place + rays * depth[..., None] - face.corner
        lengths = [np.linalg.norm(edge) for edge in (along, across)]
        u, v = (hit @ edge / length for edge, length in zip((along, across), lengths, strict=True))
        seen = depth > 0.05
        if not face.endless:
            seen &= (u >= 0) & (u <= lengths[0]) & (v >= 0) & (v <= lengths[1])
        depth = np.where(seen & (depth < 200), depth, np.inf)
        # A pixel covers more and more of the texture the farther, and the flatter, it is seen.
        facing = np.abs(rays @ normal) / np.linalg.norm(normal) / np.linalg.norm(rays, axis=-1)
        cover = np.minimum(depth, 200) / self.rig.left.fx / self.grain / np.sqrt(np.maximum(facing, 0.02))
        level = np.clip(np.log2(np.maximum(cover, 1)), 0, LEVELS - 1.001)
        u, v = (np.where(np.isfinite(depth), one / self.grain % SIZE, 0).astype(np.float32) for one in (u, v))
        looked = [
            cv2.remap(one, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP) for one in TEXTURES[face.paint]
        ]
        low = level.astype(int)
        pick = np.take_along_axis(np.stack(looked), np.stack([low, low + 1]), axis=0)
        return depth, (pick[0] + (level - low) * (pick[1] - pick[0])).astype(np.float32)


TEXTURES = [texture(0), texture(1)]


def pose(x=0.0, y=0.0, z=0.0, *, yaw=0.0, pitch=0.0, roll=0.0):
    """T_world_camera at a place; angles in radians: yaw to the right, pitch down, roll to the right."""
    turns = ((0, yaw, 0), (-pitch, 0, 0), (0, 0, roll))
    T = np.eye(4)
    for turn in turns:
        T[:3, :3] = T[:3, :3] @ cv2.Rodrigues(np.array(turn, float))[0]
    T[:3, 3] = x, y, z
    return T


@pytest.fixture(scope="session")
def rig():
    """A pair like the one of the original robot's kind: 320x240, 70 degrees wide, 12 cm apart."""
    return StereoRig(Pinhole(247.0, 247.0, 160.0, 120.0, 320, 240), 0.12)


@pytest.fixture(scope="session")
def scene(rig):
    """What worlds are made of: ``scene.world(*faces)``, ``scene.ground``, ``scene.wall``, ``scene.pose``."""

    def world(*faces, **different):
        return World(rig, list(faces or (ground(1.0),)), **different)

    return SimpleNamespace(world=world, ground=ground, wall=wall, pose=pose)
