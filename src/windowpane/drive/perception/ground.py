"""Where the ground is (ground plane, RANSAC): planes through points that stereo sees, from frame to frame.

    ground = GroundFinder().update(depth)
    if ground: ground.heights(depth.points)      # metres above it

A plane with the unit normal n, pointing up, and the camera h metres above it holds the points p of the
camera's frame with n p + h = 0. In terms of the ray r of z = 1 through a pixel that is

    1/z = -(n / h) r,

linear in n / h, and 1/z is what stereo measures, with the same noise near and far. So a hypothesis of RANSAC
is the solution for three points, and the refit is a linear least squares of 1/z, without the bias that a fit
of the points themselves has, whose errors all lie along the rays.

Sources: Fischler & Bolles 1981 (RANSAC); Hadsell et al. 2008, section III (up to four planes, each after
the points of the last are taken away); LeCun, NYU Deep Learning 2020, lecture 6.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.drive.geometry.camera import Pinhole
from windowpane.drive.geometry.transforms import Floats
from windowpane.drive.perception.stereo import Depth


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A piece of ground.

    Attributes
    ----------
    normal
        (3,) float64, unit, in the camera's frame, pointing up: away from the ground.
    height
        Metres of the camera above it.
    near, far
        Between which z, in metres, points were seen on it.
    """

    normal: Floats
    height: float
    near: float = 0.0
    far: float = float("inf")

    def __repr__(self) -> str:
        x, y, z = self.normal
        span = f"{self.near:.1f} to {self.far:.1f} m"
        return f"Plane(normal ({x:.3f}, {y:.3f}, {z:.3f}), height {self.height:.3f} m, {span})"

    def above(self, points: ArrayLike) -> NDArray[np.floating]:
        """Return the heights (...,) of points (..., 3) of the camera's frame above the plane, in metres."""
        xyz = np.asarray(points)
        normal = self.normal.astype(xyz.dtype if xyz.dtype == np.float32 else np.float64)
        return np.asarray(xyz @ normal + normal.dtype.type(self.height))

    def horizon(self, camera: Pinhole) -> tuple[float, float]:
        """Return the line (a, b), y = a x + b in pixels, on which the plane ends at infinity."""
        x, y, z = self.normal.tolist()
        a = -camera.fy * x / (y * camera.fx)
        return a, camera.cy - camera.fy * z / y - a * camera.cx

    @property
    def roll(self) -> float:
        """Angle of the camera about its axis against the plane, radians; above 0 its right side is lower."""
        return float(np.arctan2(-self.normal[0], -self.normal[1]))

    @property
    def pitch(self) -> float:
        """Angle of the camera's axis against the plane, radians; above 0 it looks down."""
        return float(np.arcsin(np.clip(-self.normal[2], -1, 1)))

    def levelled(self, up: Floats) -> Plane:
        """Return the plane by which the ground goes on farther than it was seen.

        Ground that swells is a slope where it is seen, and level on the whole. So the plane turns towards the
        level, by `SWELL` at most, about where it is `HINGE` metres ahead.

        Parameters
        ----------
        up
            (3,), against gravity.
        """
        tilt = float(np.arccos(np.clip(self.normal @ up, -1, 1)))
        share = SWELL / max(tilt, SWELL)
        normal = (1 - share) * self.normal + share * up
        normal /= np.linalg.norm(normal)
        hinge = np.array([0, -(self.height + self.normal[2] * HINGE) / self.normal[1], HINGE])
        return replace(self, normal=normal, height=-float(normal @ hinge))

    def seen_after(self, T_last_this: Floats) -> Plane:
        """Return the same piece of ground as the camera sees it after a motion (4, 4)."""
        forward = float(T_last_this[2, 3])
        return Plane(
            np.asarray(T_last_this[:3, :3].T @ self.normal, np.float64),
            self.height + float(self.normal @ T_last_this[:3, 3]),
            self.near - forward,
            self.far - forward,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The ground as one frame shows it; true when it can be used.

    Attributes
    ----------
    planes
        The one with most points first; the others go on before or behind it, where the ground rises or falls.
    quality
        0..1, how much of it was seen and how well.
    reason
        Why it was not seen in this frame; planes are then those of an earlier one, or none.
    """

    planes: tuple[Plane, ...] = ()
    quality: float = 0.0
    reason: str = ""

    def __repr__(self) -> str:
        seen = ", ".join(map(repr, self.planes)) or "none"
        return f"Ground({seen}, quality={self.quality:.2f}, reason={self.reason!r})"

    def __bool__(self) -> bool:
        return bool(self.planes)

    @property
    def plane(self) -> Plane:
        """The best plane; raises IndexError when there is none."""
        return self.planes[0]

    def levelled(self, up: Floats) -> Ground:
        """Return the ground with its best plane as it goes on far away, see `Plane.levelled`."""
        planes = (self.plane.levelled(up), *self.planes[1:]) if self else ()
        return replace(self, planes=planes)

    def heights(self, points: ArrayLike) -> NDArray[np.floating]:
        """Return how high points (..., 3) are above the plane that is nearest below, (...,) in metres.

        Planes but the first count only where points were seen on them. NaN where there is no ground.
        """
        xyz = np.asarray(points)
        if not self.planes:
            return np.full(xyz.shape[:-1], np.nan)
        first, *others = self.planes
        nearest = first.above(xyz)
        for plane in others:
            height = plane.above(xyz)
            here = (xyz[..., 2] >= plane.near) & (xyz[..., 2] <= plane.far)
            # Below every plane so far, a higher value is nearer; above one, the lowest that is not below.
            better = np.where(nearest < -SLACK, height > nearest, (height < nearest) & (height >= -SLACK))
            nearest = np.where(here & better, height, nearest)
        return nearest


SWELL, HINGE = np.radians(4), 6.0  # radians, metres: see `Plane.levelled`
SLACK = 0.05  # metres below a plane that still count as on it
EXPECTED = np.radians(12)  # standard deviation of the ground's angle about what is expected
USABLE = 0.2  # quality from which ground is believed
FADING = 0.8  # of the quality is left after each frame without ground
FORGOTTEN = 0.1
FRESH = 0.6  # what a plane counts against that of the last frame


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """Points that may be ground: rays (N, 3) of z = 1, inverse distances 1/z and their deviations (N,)."""

    rays: Floats
    inverse: Floats
    sigma: Floats

    def __len__(self) -> int:
        return len(self.inverse)

    def some(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> _Points:
        return _Points(self.rays[chosen], self.inverse[chosen], self.sigma[chosen])

    def off(self, q: Floats, rough: float) -> Floats:
        """Return how far each point is above planes q = -n / h, (..., 3), in its own standard deviations.

        A point is off by the noise of its distance and by how rough the ground is; seen from height h, a
        step of ``rough`` changes 1/z by rough / (h z).
        """
        inverse_height = np.linalg.norm(q, axis=-1)[..., None]
        deviation = np.sqrt(self.sigma**2 + (rough * inverse_height) ** 2 * self.inverse**2)
        return np.asarray((self.inverse - q @ self.rays.T) / deviation)


@dataclass(slots=True)
class GroundFinder:
    """Finds the ground in every frame, and remembers it.

    Parameters
    ----------
    max_planes
        At most so many.
    rough
        Metres by which ground is uneven and still one plane.
    max_tilt
        Of the ground against the expected up, radians.
    heights
        Least and most of the camera above it, metres.
    far
        What is farther is not used, metres.
    up
        (3,), the expected up in the camera's frame.
    points, hypotheses
        How many points are looked at, and how many planes through three of them tried.
    seed
        Of the choice of these.
    """

    max_planes: int = 4
    rough: float = 0.03
    max_tilt: float = float(np.radians(35))
    heights: tuple[float, float] = (0.1, 4.0)
    far: float = 25.0
    up: tuple[float, float, float] = (0.0, -1.0, 0.0)
    points: int = 6000
    hypotheses: int = 120
    seed: int = 0
    last: Ground = field(default_factory=Ground, init=False)

    def update(self, depth: Depth, T_last_this: Floats | None = None) -> Ground:
        """Return the ground in a frame.

        Where no ground is seen the last one is returned with a quality that falls from frame to frame, then
        none; the reason says why.

        Parameters
        ----------
        depth
            Of the frame.
        T_last_this
            (4, 4), the motion of the camera since the last frame, if known; it makes the last frame's ground
            a better guess of this one's.
        """
        rng = np.random.default_rng(self.seed)
        motion = np.eye(4) if T_last_this is None else np.asarray(T_last_this, np.float64)
        before = tuple(plane.seen_after(motion) for plane in self.last.planes)
        points, share = self._candidates(depth)
        ground = self._seen(points, share, before, rng) if len(points) >= 50 else Ground()
        if ground.quality < USABLE:
            reason = depth.reason or (
                "hardly anything below the camera has a distance"
                if len(points) < 50
                else "nothing below the camera is flat enough to be ground"
            )
            left = self.last.quality * FADING
            ground = Ground(before, left, reason) if left >= FORGOTTEN else Ground((), 0.0, reason)
        elif T_last_this is not None and before:
            ground = replace(ground, planes=(_blended(ground.planes[0], before[0]), *ground.planes[1:]))
        self.last = ground
        return ground

    def reset(self) -> None:
        """Forget the ground of earlier frames."""
        self.last = Ground()

    def _candidates(self, depth: Depth) -> tuple[_Points, float]:
        """Return points on a grid that may be ground, and the share of the picture that each stands for."""
        height, width = depth.disparity.shape
        step = max(1, int(np.sqrt(height * width / (2 * self.points))))
        xyz = depth.points[step // 2 :: step, step // 2 :: step].reshape(-1, 3)
        sigma = depth.sigma[step // 2 :: step, step // 2 :: step].ravel()
        with np.errstate(invalid="ignore"):
            below = xyz @ np.asarray(self.up, np.float32) < 0.1 * xyz[:, 2]
            chosen = below & (xyz[:, 2] < self.far) & (xyz[:, 2] > 0)
        good, deviation = xyz[chosen].astype(np.float64), sigma[chosen].astype(np.float64)
        z = good[:, 2]
        return _Points(good / z[:, None], 1 / z, deviation / z**2), 1 / max(1, xyz.shape[0])

    def _seen(
        self, points: _Points, share: float, before: tuple[Plane, ...], rng: np.random.Generator
    ) -> Ground:
        priors = [-plane.normal / plane.height for plane in before if plane.height > 0]
        q = self._best(points, np.asarray(self.up), self.max_tilt, priors, rng)
        if q is None:
            return Ground()
        off = points.off(q, self.rough)
        on = np.abs(off) < 3
        planes = [_plane(q, points.some(on))]
        quality = _quality(points.some(on), int((off < -4).sum()), share)
        rest = points.some(off >= 3)
        while len(planes) < self.max_planes and len(rest) > 50:
            q = self._best(rest, planes[0].normal, np.radians(20), [], rng)
            on = np.zeros(len(rest), np.bool_) if q is None else np.abs(rest.off(q, self.rough)) < 3
            if q is None or on.sum() < 0.02 / share:
                break
            plane = _plane(q, rest.some(on))
            if not all(_beyond(plane, other) for other in planes) or not self._joins(points, q, planes[0]):
                break
            planes.append(plane)
            rest = rest.some(~on)
        return Ground(tuple(planes), quality)

    def _best(
        self, points: _Points, up: Floats, tilt: float, priors: list[Floats], rng: np.random.Generator
    ) -> Floats | None:
        """Return q = -n / h of the plane that most points are on and few are below; None if there is none."""
        few = points.some(rng.permutation(len(points))[:1000])
        triples = rng.integers(0, len(few), (self.hypotheses, 3))
        rays, inverse = few.rays[triples], few.inverse[triples]
        whole = np.abs(np.linalg.det(rays)) > 1e-5
        tried = np.linalg.solve(rays[whole], inverse[whole][..., None])[..., 0]
        tried = self._possible(np.concatenate([tried, *(q[None] for q in priors)]), up, tilt)
        if not len(tried):
            return None
        off = few.off(tried, self.rough)
        on, below = np.maximum(0, 1 - (off / 3) ** 2).sum(axis=1), (off < -4).sum(axis=1)
        # What lies below a plane cannot be: it is no ground, but the top of something, or a mistake.
        q = tried[np.argmax(on * _likely(tried, up, priors) - below)]
        for _ in range(4):
            q = _refitted(points, q, self.rough)
        fits = self._possible(q[None], up, tilt)
        return fits[0] if len(fits) else None

    def _possible(self, q: Floats, up: Floats, tilt: float) -> Floats:
        size = np.linalg.norm(q, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            level = -(q @ up) / size >= np.cos(tilt)
            low, high = self.heights
            return np.asarray(q[level & (1 / size >= low) & (1 / size <= high)])

    def _joins(self, points: _Points, q: Floats, first: Plane) -> bool:
        """Say whether a further plane q begins at the first: a slope does, the roof of a car does not."""
        on = points.some(np.abs(points.off(q, self.rough)) < 3)
        heights = first.above(on.rays / on.inverse[:, None])
        return bool(np.percentile(np.abs(heights), 5) < 0.15)


def _beyond(plane: Plane, other: Plane) -> bool:
    """Say whether a plane lies before or behind another: a slope does, and plants along the way do not."""
    shared = min(plane.far, other.far) - max(plane.near, other.near)
    return shared < 0.3 * min(plane.far - plane.near, other.far - other.near)


def _likely(q: Floats, up: Floats, priors: list[Floats]) -> Floats:
    """Return how far planes (N, 3) are to be expected, 0..1: a robot rolls little, and the ground goes on.

    Without it the side of a hedge along a path makes the ground lean.
    """
    normals = -q / np.linalg.norm(q, axis=1)[:, None]
    angles = [np.arcsin(np.clip(normals[:, 0] - up[0], -1, 1))]
    if priors:
        last = -priors[0] / np.linalg.norm(priors[0])
        angles.append(np.arccos(np.clip(normals @ last, -1, 1)))
    return np.asarray(np.exp(-0.5 * sum((angle / EXPECTED) ** 2 for angle in angles)))


def _refitted(points: _Points, q: Floats, rough: float) -> Floats:
    """Return the weighted least-squares fit of 1/z = q r to the points near a plane q."""
    near = points.some(np.abs(points.off(q, rough)) < 3)
    if len(near) < 10:
        return q
    weights = 1 / (near.sigma**2 + (rough * np.linalg.norm(q) * near.inverse) ** 2)
    weighted = near.rays * weights[:, None]
    normal_matrix = weighted.T @ near.rays
    if np.linalg.cond(normal_matrix) > 1e8:
        return q
    return np.asarray(np.linalg.solve(normal_matrix, weighted.T @ near.inverse))


def _plane(q: Floats, points: _Points) -> Plane:
    size = float(np.linalg.norm(q))
    near, far = (1 / np.percentile(points.inverse, (98, 2))).tolist()
    return Plane(-q / size, 1 / size, near, far)


def _quality(on: _Points, below: int, share: float) -> float:
    """Return how far the points on a plane can be believed: many, spread out, and little below them."""
    spread_x, spread_y = on.rays[:, :2].std(axis=0) if len(on) else (0.0, 0.0)
    seen = min(1.0, len(on) * share / 0.1)
    clean = len(on) / max(1, len(on) + 2 * below)
    return float(seen * clean * min(1.0, spread_x / 0.1) * min(1.0, spread_y / 0.03))


def _blended(plane: Plane, before: Plane) -> Plane:
    """Return a plane steadied by the last frame's, unless it is another one."""
    if plane.normal @ before.normal < np.cos(np.radians(4)) or abs(plane.height / before.height - 1) > 0.1:
        return plane
    normal = FRESH * plane.normal + (1 - FRESH) * before.normal
    height = FRESH * plane.height + (1 - FRESH) * before.height
    return replace(plane, normal=normal / np.linalg.norm(normal), height=height)
