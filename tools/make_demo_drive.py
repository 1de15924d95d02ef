"""Write the built-in stereo frames of ``windowpane demo``: a walk along a path that we draw ourselves.

    python tools/make_demo_drive.py [FOLDER]        (default: src/windowpane/demo/drive)

A plain ray caster. The ground is a plane with a path on it; bushes and crowns are ellipsoids with ragged
edges, trunks and fence posts upright cylinders, rails upright strips, the forest behind a tall cylinder
around everything. All colours are sums of value noise at the point that a ray meets, so both eyes and all
frames see the same world. Nothing comes from a photograph or a data set. Same seed, same frames.

World: metres, x to the right, y down, z ahead; the ground is y = 0. Besides the pictures the folder gets
``calib.txt`` and ``poses.txt`` as KITTI has them, the poses relative to the first left camera.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Image = NDArray[np.uint8]

SIZE = (384, 512)  # height, width
FOCAL = 370.0
BASELINE = 0.20
HEIGHT = 1.1  # of the cameras above the ground
FRAMES = 4
STEP = 0.45  # metres from frame to frame
SEED = 11
FINE = 2  # rays a pixel, each way

SUN = np.array([-0.45, -0.75, -0.48])
HAZE, HAZE_RANGE = np.array([196.0, 208, 220]), 320.0
FAR = 150.0  # the forest behind everything
PATH_WIDTH = 2.7


# -- Noise ---------------------------------------------------------------------------------------------------

TABLE = np.random.default_rng(20100).random(1 << 16)


def value_noise(points: Floats) -> Floats:
    """Smooth noise, 0..1, mean one half, of points (..., 2 or 3); its cells have the size 1."""
    cell = np.floor(points).astype(np.int64)
    t = points - cell
    t = t * t * (3 - 2 * t)
    primes = np.array([73856093, 19349663, 83492791])
    low, high = cell * primes[: points.shape[-1]], (cell + 1) * primes[: points.shape[-1]]
    total = np.zeros(points.shape[:-1])
    for corner in np.ndindex(*(2,) * points.shape[-1]):
        key, weight = np.zeros(points.shape[:-1], np.int64), np.ones(points.shape[:-1])
        for axis, upper in enumerate(corner):
            key ^= (high if upper else low)[..., axis]
            weight *= t[..., axis] if upper else 1 - t[..., axis]
        total += weight * TABLE[key & 0xFFFF]
    return total


def grain(points: Floats, sizes: Sequence[float], pixel: Floats) -> Floats:
    """Noise of several sizes, in metres, about -1..1; what is finer than a pixel fades to nothing."""
    total, most = np.zeros(points.shape[:-1]), 0.0
    for size in sizes:
        seen = np.clip(size / pixel - 0.6, 0, 1)
        if seen.any():
            total += seen * (value_noise(points / size + 17.3 * size) - 0.5)
        most += 0.5
    return total / most * 1.6


# -- The world -----------------------------------------------------------------------------------------------


class Thing(Protocol):
    """Something that a ray can meet."""

    @property
    def reach(self) -> tuple[Floats, float]:
        """The middle and the radius of a sphere around it: other rays need not be tried."""

    def hit(self, origin: Floats, rays: Floats) -> Floats:
        """Return how far along each ray (N, 3) it is met, (N,); inf where it is not."""

    def colour(self, points: Floats, pixel: Floats) -> Floats:
        """Return the colours (N, 3), 0..255, of points on it; a pixel there spans ``pixel`` (N,) metres."""


@dataclass(frozen=True)
class Ball:
    """An ellipsoid of leaves."""

    centre: Floats
    radii: Floats
    tone: Floats
    leaf: float

    @property
    def reach(self) -> tuple[Floats, float]:
        """A sphere around it."""
        return self.centre, float(self.radii.max())

    def hit(self, origin: Floats, rays: Floats) -> Floats:
        """The near side, but for holes near the rim: there the leaves let light through."""
        o, d = (origin - self.centre) / self.radii, rays / self.radii
        a, b, c = (d * d).sum(-1), d @ o, o @ o - 1
        under = b * b - a * c
        t = np.where(under > 0, (-b - np.sqrt(np.maximum(under, 0))) / a, np.inf)
        t[t < 0.1] = np.inf
        met = np.isfinite(t)
        points = origin + rays[met] * t[met][:, None]
        n = (points - self.centre) / self.radii
        facing = -(n * d[met]).sum(-1) / np.sqrt(a[met])
        ragged = value_noise(points / (3 * self.leaf)) * 0.5 + value_noise(points / self.leaf) * 0.5
        t[np.flatnonzero(met)[facing < 1.05 * ragged - 0.1]] = np.inf
        return t

    def colour(self, points: Floats, pixel: Floats) -> Floats:
        """Its colours, lighter towards the sun."""
        n = (points - self.centre) / self.radii**2
        n /= np.linalg.norm(n, axis=-1, keepdims=True)
        light = 0.45 + 0.4 * np.clip(n @ SUN, 0, 1) - 0.22 * np.clip(n[:, 1], 0, 1)
        leaves = grain(points, (6 * self.leaf, 2 * self.leaf, self.leaf, self.leaf / 2), pixel)
        hue = grain(points, (6 * self.leaf, 3 * self.leaf), pixel)[:, None] * np.array([18.0, 6, -6])
        return (self.tone + hue) * np.clip(light + 0.75 * leaves, 0.05, 1.5)[:, None]


@dataclass(frozen=True)
class Post:
    """An upright cylinder that stands on the ground."""

    x: float
    z: float
    radius: float
    top: float
    tone: Floats

    @property
    def reach(self) -> tuple[Floats, float]:
        """A sphere around it."""
        return np.array([self.x, -self.top / 2, self.z]), self.top / 2 + self.radius

    def hit(self, origin: Floats, rays: Floats) -> Floats:
        """Where rays meet its near side."""
        o, d = np.array([origin[0] - self.x, origin[2] - self.z]), rays[:, [0, 2]]
        a, b, c = (d * d).sum(-1), d @ o, o @ o - self.radius**2
        under = b * b - a * c
        t = np.where(under > 0, (-b - np.sqrt(np.maximum(under, 0))) / a, np.inf)
        y = np.full(len(t), np.inf)
        met = np.isfinite(t)
        y[met] = origin[1] + rays[met, 1] * t[met]
        t[(t < 0.1) | (y > 0) | (y < -self.top)] = np.inf
        return t

    def colour(self, points: Floats, pixel: Floats) -> Floats:
        """Its colours, lighter towards the sun."""
        n = np.stack([points[:, 0] - self.x, points[:, 2] - self.z], -1) / self.radius
        light = 0.5 + 0.5 * np.clip(n @ SUN[[0, 2]], 0, 1)
        bark = grain(points * [1, 0.25, 1], (0.12, 0.05, 0.025, 0.012), pixel)
        return self.tone * np.clip(light + 0.6 * bark, 0.1, 1.5)[:, None]


@dataclass(frozen=True)
class Rail:
    """A board between two places (x, z): an upright strip."""

    start: Floats
    end: Floats
    low: float
    high: float
    tone: Floats

    @property
    def reach(self) -> tuple[Floats, float]:
        """A sphere around it."""
        x, z = (self.start + self.end) / 2
        return np.array([x, -self.high / 2, z]), float(np.hypot(*(self.end - self.start)) + self.high)

    def hit(self, origin: Floats, rays: Floats) -> Floats:
        """Where rays meet its near side."""
        along = self.end - self.start
        across = np.array([-along[1], along[0]])
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (self.start - origin[[0, 2]]) @ across / (rays[:, [0, 2]] @ across)
            points = origin + rays * t[:, None]
            place = (points[:, [0, 2]] - self.start) @ along / (along @ along)
            inside = (t > 0.1) & (place >= 0) & (place <= 1)
            return np.where(inside & (-points[:, 1] >= self.low) & (-points[:, 1] <= self.high), t, np.inf)

    def colour(self, points: Floats, pixel: Floats) -> Floats:
        """Its colours, lighter towards the sun."""
        wood = grain(points * [0.3, 1, 0.3], (0.1, 0.04, 0.02), pixel)
        return self.tone * np.clip(0.85 + 0.5 * wood, 0.1, 1.5)[:, None]


def path_middle(z: Floats | float) -> Floats:
    """Where the middle of the path is, metres to the right, at a distance ahead: it winds."""
    return np.asarray(1.6 * np.sin(np.asarray(z) / 13) - 1.1 * np.sin(np.asarray(z) / 29 + 0.4) + 0.43)


def things(rng: np.random.Generator) -> Iterator[Thing]:
    """Yield bushes along the path, trees further away, and a fence at the right."""
    for z in np.cumsum(rng.uniform(0.5, 1.8, 80)) + 3.2:
        side = -1 if rng.random() < 0.5 else 1
        if side > 0 and 7 < z < 28:
            continue  # there stands the fence
        aside = PATH_WIDTH / 2 + rng.uniform(0.6, 2.6) + 0.02 * z
        yield from bush(float(path_middle(z)) + side * aside, z, rng.uniform(0.45, 1.25), rng)
    for z in np.cumsum(rng.uniform(1.2, 5.0, 40)) + 7:
        aside = (-1 if rng.random() < 0.5 else 1) * (rng.uniform(4.2, 9) + 0.08 * z)
        yield from tree(float(path_middle(z)) + aside, z, rng)
    grey = np.array([178.0, 160, 138])
    places = [np.array([float(path_middle(z)) + 2.3, z]) for z in np.arange(7.5, 28, 2.2)]
    for place in places:
        yield Post(place[0], place[1], 0.07, 1.15, grey * rng.uniform(0.8, 1))
    for start, end in pairwise(places):
        for low in (0.42, 0.86):
            yield Rail(start, end, low, low + 0.13, grey * rng.uniform(0.85, 1.05))


def bush(x: float, z: float, tall: float, rng: np.random.Generator) -> Iterator[Thing]:
    """Yield three balls that stand close together."""
    tone = np.array([88.0, 118, 52]) * rng.uniform(0.75, 1.15) + rng.normal(0, 8, 3)
    for _ in range(3):
        radii = tall * np.array([rng.uniform(0.55, 0.9), rng.uniform(0.4, 0.58), rng.uniform(0.5, 0.8)])
        centre = np.array([x + rng.normal(0, 0.35 * tall), -0.8 * radii[1], z + rng.normal(0, 0.3 * tall)])
        yield Ball(centre, radii, tone, leaf=0.045)


def tree(x: float, z: float, rng: np.random.Generator) -> Iterator[Thing]:
    """Yield a trunk and a crown of four balls."""
    tall, thick = rng.uniform(4.5, 8), rng.uniform(0.14, 0.28)
    yield Post(x, z, thick, 0.6 * tall, np.array([108.0, 88, 70]) * rng.uniform(0.8, 1.1))
    tone = np.array([72.0, 104, 44]) * rng.uniform(0.75, 1.15) + rng.normal(0, 8, 3)
    for _ in range(4):
        size = tall * rng.uniform(0.2, 0.3)
        around = rng.normal(0, 0.13 * tall, 3) * [1, 0.7, 1]
        yield Ball(np.array([x, -0.68 * tall, z]) + around, size * np.array([1.0, 0.8, 1]), tone, leaf=0.1)


# -- What a ray sees where it meets no thing -----------------------------------------------------------------


def ground_colour(points: Floats, pixel: Floats, shade: Floats) -> Floats:
    """The path, trodden earth with stones, and the grass beside it; ``shade`` (N,) is 1 in the sun."""
    flat = points[:, [0, 2]]
    aside = np.abs(flat[:, 0] - path_middle(flat[:, 1])) + 0.55 * grain(flat, (1.3, 0.4, 0.12), pixel)
    grassy = np.clip((aside - PATH_WIDTH / 2) / 0.25 + 0.5, 0, 1)[:, None]
    earth = 0.8 * grain(flat, (1.6, 0.3, 0.1, 0.05, 0.025, 0.012), pixel)
    stones = np.clip(value_noise(flat / 0.06) - 0.74, 0, 1) * np.clip(0.06 / pixel - 0.6, 0, 1)
    path = np.array([186.0, 152, 116]) * (0.84 + 0.55 * earth + 0.9 * stones)[:, None]
    blades = grain(flat * [1, 0.6], (0.7, 0.16, 0.05, 0.022, 0.011), pixel)
    patches = value_noise(flat / 2.7)[:, None]
    tone = np.array([122.0, 142, 66]) * (1 - patches) + np.array([158.0, 150, 84]) * patches
    grass = tone * (0.74 + 0.85 * blades)[:, None]
    return ((1 - grassy) * path + grassy * grass) * (0.5 + 0.5 * shade)[:, None]


def forest_colour(rays: Floats, sky: Floats, origin: Floats) -> Floats:
    """The forest at the end of the world and, above its tops, the sky."""
    away = FAR / np.maximum(np.hypot(rays[:, 0], rays[:, 2]), 1e-6)
    points = origin + rays * away[:, None]
    around = np.arctan2(rays[:, 0], rays[:, 2]) * FAR
    tops = 7 + 5 * value_noise(np.stack([around / 14, 0 * around], -1))
    tops += 3 * value_noise(np.stack([around / 3.1, 7 + 0 * around], -1))
    leaves = grain(points, (7.0, 3.0, 1.2), np.full(len(points), FAR / FOCAL / FINE))
    trees = np.array([70.0, 92, 52]) * (0.8 + 0.75 * leaves)[:, None]
    return np.where((-points[:, 1] < tops)[:, None], through_air(trees, np.full(len(points), FAR)), sky)


def sky_colour(rays: Floats) -> Floats:
    """Pale at the horizon, blue above, with clouds."""
    up = np.clip(-rays[:, 1], 0.02, 1)[:, None]
    blue = np.array([206.0, 220, 236]) + (np.array([112.0, 156, 214]) - [206, 220, 236]) * np.minimum(
        1, 2 * up
    )
    flat = rays[:, [0, 2]] / (up + 0.12)
    cloud = sum(value_noise(flat * scale + 5) / scale for scale in (1.3, 2.6, 5.2, 10.4))
    cover = np.clip(3.2 * (np.asarray(cloud) - 0.72), 0, 0.9)[:, None]
    return np.asarray(blue * (1 - cover) + np.array([246.0, 247, 249]) * cover)


def through_air(colour: Floats, distance: Floats) -> Floats:
    """Colours after so many metres of hazy air."""
    clear = np.exp(-distance / HAZE_RANGE)[:, None]
    return colour * clear + HAZE * (1 - clear)


# -- Pictures ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """The things of a seed, each with the circle (x, z, radius) of its shadow."""

    things: tuple[Thing, ...]

    @classmethod
    def of(cls, seed: int) -> World:
        """Return the world of a seed."""
        return cls(tuple(things(np.random.default_rng(seed))))

    def sunny(self, points: Floats) -> Floats:
        """Return 1 where the sun reaches the ground (N, 3), less in the shadow of leaves."""
        light = np.ones(len(points))
        for one in self.things:
            if isinstance(one, Ball):
                foot = one.centre + (one.centre[1] / -SUN[1] * SUN) * [1, 0, 1]
                off = (points[:, [0, 2]] - foot[[0, 2]]) / (one.radii[[0, 2]] * 1.1)
                near = np.flatnonzero((off * off).sum(-1) < 1.2)
                if near.size:
                    blur = np.clip(4 * (1 - (off[near] ** 2).sum(-1)), 0, 1)
                    light[near] = np.minimum(light[near], 1 - 0.75 * blur)
        return light

    def picture(self, T_world_camera: Floats, *, fine: int = FINE) -> tuple[Image, NDArray[np.float32]]:
        """Return what a camera sees, (H, W, 3) uint8 RGB, and the depth of each pixel, (H, W) metres along z.

        Depth is that of the middle of the pixel; inf in the sky and the forest behind.
        """
        height, width = SIZE
        y, x = np.mgrid[: height * fine, : width * fine]
        rays = np.stack(
            [(x + 0.5) / fine - width / 2, (y + 0.5) / fine - height / 2, np.full(x.shape, FOCAL)], -1
        )
        rays = (rays / FOCAL).reshape(-1, 3)
        pixel_angle = 1 / (FOCAL * fine)
        origin, rays = T_world_camera[:3, 3], rays @ T_world_camera[:3, :3].T
        with np.errstate(divide="ignore"):
            t = np.where(rays[:, 1] > 0, -origin[1] / rays[:, 1], np.inf)
        t[t * np.hypot(rays[:, 0], rays[:, 2]) > FAR] = np.inf
        what = np.where(np.isfinite(t), -1, -2)
        length = np.linalg.norm(rays, axis=-1)
        for number, one in enumerate(self.things):
            centre, radius = one.reach
            away = np.linalg.norm(centre - origin)
            cosine = np.sqrt(max(1 - (radius / away) ** 2, 0)) if away > radius else -1.0
            near = np.flatnonzero(rays @ ((centre - origin) / away) >= cosine * length)
            met = one.hit(origin, rays[near])
            nearer = met < t[near]
            t[near[nearer]], what[near[nearer]] = met[nearer], number
        colours = np.empty((len(t), 3))
        for number in np.unique(what):
            here = np.flatnonzero(what == number)
            if number == -2:
                unit = rays[here] / np.linalg.norm(rays[here], axis=-1, keepdims=True)
                colours[here] = forest_colour(unit, sky_colour(unit), origin)
                continue
            points = origin + rays[here] * t[here][:, None]
            away = t[here] * np.linalg.norm(rays[here], axis=-1)
            pixel = away * pixel_angle
            if number == -1:
                slant = np.sqrt(np.maximum(-origin[1] / away, 1e-3))  # a pixel's middle size on the ground
                colour = ground_colour(points, pixel / slant, self.sunny(points))
            else:
                colour = self.things[number].colour(points, pixel)
            colours[here] = through_air(colour, away)
        image = colours.reshape(height, fine, width, fine, 3).mean((1, 3))
        depth = t.reshape(height, fine, width, fine)[:, fine // 2, :, fine // 2].astype(np.float32)
        return np.clip(image, 0, 255).astype(np.uint8), depth


def pose(travelled: float) -> Floats:
    """Return ``T_world_camera`` (4, 4) of the left camera after so many metres: a little sway on the way."""
    z = travelled
    ahead = np.arctan2(float(path_middle(z + 1.5) - path_middle(z)), 1.5)
    roll, pitch = np.radians(1.6) * np.sin(1.9 * z + 0.7), np.radians(7) + np.radians(0.6) * np.sin(2.7 * z)
    # Pitch turns the optical axis down (y is down), so the horizon lies above the middle of the picture.
    turn = cv2.Rodrigues(np.array([0, ahead, 0]))[0]
    turn = turn @ cv2.Rodrigues(np.array([-pitch, 0, 0]))[0] @ cv2.Rodrigues(np.array([0, 0, roll]))[0]
    T = np.eye(4)
    T[:3, :3] = turn
    T[:3, 3] = float(path_middle(z)), -HEIGHT - 0.01 * np.sin(4 * z), z
    return T


def right_of(T_world_camera: Floats) -> Floats:
    """Return the pose of the right camera of a left one."""
    T = T_world_camera.copy()
    T[:3, 3] += T[:3, 0] * BASELINE
    return T


def sensed(image: Image, rng: np.random.Generator) -> Image:
    """Return what the sensor makes of a picture: every eye has its own noise."""
    noisy = image + rng.normal(0, 1.2, image.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)


def calibration() -> str:
    """Return the two projection matrices as KITTI writes them; principal point in OpenCV's convention."""
    height, width = SIZE
    cx, cy = width / 2 - 0.5, height / 2 - 0.5
    rows = ""
    for name, shift in (("P0", 0.0), ("P1", -FOCAL * BASELINE)):
        P = [FOCAL, 0, cx, shift, 0, FOCAL, cy, 0, 0, 0, 1, 0]
        rows += f"{name}: {' '.join(f'{value:.6f}' for value in P)}\n"
    return rows


def main() -> None:
    """Write the frames."""
    home = Path(__file__).parents[1] / "src" / "windowpane" / "demo" / "drive"
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else home)


def write(folder: Path, frames: int = FRAMES, *, start: float = 0.0, step: float = STEP) -> None:
    """Write a recording: pictures, calibration and true poses."""
    world, rng = World.of(SEED), np.random.default_rng(SEED)
    poses = [pose(start + step * number) for number in range(frames)]
    for number, T in enumerate(poses):
        for side, camera in (("left", T), ("right", right_of(T))):
            (folder / side).mkdir(parents=True, exist_ok=True)
            bgr = cv2.cvtColor(sensed(world.picture(camera)[0], rng), cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(folder / side / f"{number:03d}.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, 66])
    first = np.linalg.inv(poses[0])
    lines = (" ".join(f"{value:.9g}" for value in (first @ T)[:3].ravel()) for T in poses)
    (folder / "poses.txt").write_text("".join(f"{line}\n" for line in lines))
    (folder / "calib.txt").write_text(calibration())


if __name__ == "__main__":
    main()
