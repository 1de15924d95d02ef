"""The motion between two frames, from points of the first that are found again in the second (stereo PnP).

Three steps: `p3p_ransac` finds a first guess that most points agree with; `refined` makes it the best one, by
Gauss-Newton; `disparity_bias` tells by how much the calibration itself is off.

Points that a stereo camera saw have uncertain distances: one at z is off along its ray by z^2 / (f b) a pixel
of disparity. Where such a point should appear after a motion is then uncertain as well, and in which
direction depends on the motion. `refined` weighs every point by its own covariance, so near points tell the
shift and far ones the turn, without a threshold between them.

Sources: Gao et al. 2003 and Ke & Roumeliotis 2017 (pose from three points, OpenCV's AP3P); Matthies &
Shafer 1987, "Error modeling in stereo navigation" (uncertainty of points along their rays); Sola, Deray &
Atchuthan 2018, "A micro Lie theory" (small motions and their covariance).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.geometry.transforms import (
    Floats,
    rotation_from_vector,
    skew,
    small_motion,
    transform,
    transformed,
)

PIXEL_SIGMA = 0.3  # standard deviation of where a corner is found again, pixels
DISPARITY_SIGMA = 0.3  # of its disparity
AGREE = 2.0  # pixels by which a point may be off that agrees with three others
LIMIT = 3.4  # in standard deviations of the three measures together; 1 % of the right ones are beyond
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class TrackedPoints:
    """Points (N, 3) in the last frame's camera, deviations (N,) of their disparities there in pixels, and
    where they are in this frame, (N, 3): x, y in OpenCV's pixels of the left picture, and disparity."""

    places: Floats
    sigmas: Floats
    pixels: Floats

    def __len__(self) -> int:
        return len(self.places)

    def some(self, chosen: Mask) -> TrackedPoints:
        """Return those that are chosen (N,)."""
        return TrackedPoints(self.places[chosen], self.sigmas[chosen], self.pixels[chosen])


def p3p_ransac(seen: TrackedPoints, rig: StereoRig) -> Floats | None:
    """Return the motion T_this_last (4, 4) that most points agree with; None if there is none at all.

    P3P-RANSAC: three points at a time give a motion, and that of most points within `AGREE` pixels is taken.
    """
    try:
        solved: Any = cv2.solvePnPRansac(
            seen.places,
            np.ascontiguousarray(seen.pixels[:, :2]),
            rig.left.cv_matrix,
            np.zeros(0),
            iterationsCount=200,
            reprojectionError=AGREE,
            confidence=0.999,
            flags=cv2.SOLVEPNP_AP3P,
        )
    except cv2.error:  # points in a line, or all at one place
        return None
    done, turn, shift, _ = solved
    if not done or not (np.isfinite(turn).all() and np.isfinite(shift).all()):
        return None
    return transform(rotation_from_vector(turn), shift.ravel())


def refined(
    seen: TrackedPoints, rig: StereoRig, T_this_last: Floats, steps: int = 8
) -> tuple[Floats, Floats, Floats]:
    """Return the best motion near a first guess, its covariance (6, 6) and how far off each point is, (N,).

    Gauss-Newton refinement over all points with a robust weight (Cauchy), so wrong ones hardly count. The
    covariance is of a small motion after it; how far points are off is in standard deviations.
    """
    T = T_this_last
    whiten = _whitening(seen, rig, T)
    for _ in range(steps):
        error, slope = _errors(seen, rig, T, whiten)
        pull, bend = _normal(error, slope, 1 / (1 + (error**2).sum(axis=1) / 4))
        step: Floats = np.asarray(np.linalg.solve(bend, pull), np.float64)
        T = small_motion(step) @ T
        if np.abs(step).max() < 1e-5:
            break
    error, slope = _errors(seen, rig, T, whiten)
    squared = (error**2).sum(axis=1)
    good = squared < LIMIT**2
    _, bend = _normal(error, slope, good)
    # Where the points agree less than they should, the answer is less sure than the sums say.
    worse = max(1.0, float(squared[good].mean()) / 3) if good.any() else 1.0
    return T, np.asarray(worse * np.linalg.inv(bend), np.float64), np.asarray(np.sqrt(squared), np.float64)


def disparity_bias(seen: TrackedPoints, rig: StereoRig, T_this_last: Floats) -> tuple[float, float]:
    """Return by how many pixels all disparities seem to be too small, and the deviation of that.

    Self-calibration: one Gauss-Newton step with this bias as a seventh unknown beside the motion. A pair
    whose cameras are turned against each other by a hundredth of a degree more than its calibration says has
    all disparities off by a tenth of a pixel. Points that come nearer betray it: the shift by which their
    disparities grow is then another one for near points than for far ones.
    """
    whiten = _whitening(seen, rig, T_this_last)
    error, by_motion = _errors(seen, rig, T_this_last, whiten)
    by_offset = _by_disparity(seen, rig, T_this_last)
    by_offset[:, 2] -= 1
    slope = np.concatenate([by_motion, whiten @ by_offset[..., None]], axis=2)
    pull, bend = _normal(error, slope, 1 / (1 + (error**2).sum(axis=1) / 4))
    covariance = np.linalg.inv(bend)
    return float(covariance[6] @ pull), float(np.sqrt(covariance[6, 6]))


def pixels_of(places: Floats, rig: StereoRig) -> Floats:
    """Return where points (N, 3) of the camera's frame appear: x, y in OpenCV's pixels and disparity."""
    camera, z = rig.left, np.maximum(places[:, 2], 1e-3)
    x = camera.fx * places[:, 0] / z + camera.cx - 0.5
    y = camera.fy * places[:, 1] / z + camera.cy - 0.5
    return np.stack([x, y, camera.fx * rig.baseline / z], axis=1)


def places_of(pixels: Floats, rig: StereoRig) -> Floats:
    """Return the points (N, 3) that appear at x, y and disparity (N, 3), by triangulation."""
    camera = rig.left
    z = camera.fx * rig.baseline / pixels[:, 2]
    x = (pixels[:, 0] + 0.5 - camera.cx) / camera.fx * z
    y = (pixels[:, 1] + 0.5 - camera.cy) / camera.fy * z
    return np.stack([x, y, z], axis=1)


def _errors(seen: TrackedPoints, rig: StereoRig, T: Floats, whiten: Floats) -> tuple[Floats, Floats]:
    """Return measured less predicted pixels (N, 3), and how a small motion changes these, (N, 3, 6).

    Both in standard deviations, by the matrices ``whiten``, (N, 3, 3).
    """
    here = transformed(T, seen.places)
    by_place = whiten @ _slope(here, rig)
    error = whiten @ (seen.pixels - pixels_of(here, rig))[..., None]
    return error[..., 0], np.concatenate([-(by_place @ skew(here)), by_place], axis=2)


def _normal(error: Floats, slope: Floats, weights: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return both sides of the normal equations, (K,) and (K, K), of points with weights (N,)."""
    rows = (slope * weights[:, None, None]).reshape(-1, slope.shape[2])
    columns = slope.reshape(-1, slope.shape[2])
    return rows.T @ error.ravel(), rows.T @ columns + 1e-9 * np.eye(slope.shape[2])


def _slope(places: Floats, rig: StereoRig) -> Floats:
    """Return how x, y and disparity of points (N, 3) change with these, (N, 3, 3)."""
    camera = rig.left
    x, y, z = places[:, 0], places[:, 1], np.maximum(places[:, 2], 1e-3)
    slope = np.zeros((len(places), 3, 3))
    slope[:, 0, 0], slope[:, 0, 2] = camera.fx / z, -camera.fx * x / z**2
    slope[:, 1, 1], slope[:, 1, 2] = camera.fy / z, -camera.fy * y / z**2
    slope[:, 2, 2] = -camera.fx * rig.baseline / z**2
    return slope


def _by_disparity(seen: TrackedPoints, rig: StereoRig, T: Floats) -> Floats:
    """Return how the predicted pixels change with the last disparity, (N, 3): a point moves along its ray."""
    along_ray = -seen.places / pixels_of(seen.places, rig)[:, 2:]
    slope = _slope(transformed(T, seen.places), rig)
    return np.asarray((slope @ (along_ray @ T[:3, :3].T)[..., None])[..., 0])


def _whitening(seen: TrackedPoints, rig: StereoRig, T: Floats) -> Floats:
    """Return the matrices (N, 3, 3) that make errors of unit variance: of both measures and the last one."""
    moves = _by_disparity(seen, rig, T) * seen.sigmas[:, None]
    covariance = moves[:, :, None] * moves[:, None, :]
    covariance += np.diag([PIXEL_SIGMA**2, PIXEL_SIGMA**2, DISPARITY_SIGMA**2])
    return np.asarray(np.linalg.inv(np.linalg.cholesky(covariance)))
