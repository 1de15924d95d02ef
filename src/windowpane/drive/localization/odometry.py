"""How the robot moved, from what its two cameras see (stereo visual odometry); no neural net in it.

    odometry = Odometry(rig)
    for frame in recording:
        motion = odometry.update(*rig.rectify(frame.left, frame.right))
        motion.T_world_camera

Corners of the left picture are found again in the right one, which gives their places in space, and in the
next left one, by optical flow (KLT). Three of them give a motion (P3P-RANSAC); all that agree with it then
give the motion after which they appear where they do in both new pictures (Gauss-Newton). A corner that is
followed for longer has its distance measured again and again, and these are averaged.

Sources: Nister, Naroditsky & Bergen 2004, "Visual odometry"; Geiger, Ziegler & Stiller 2011, "StereoScan",
section IV (reprojection in both pictures); LeCun, NYU Deep Learning 2020, lecture 6.1 (the fast loop).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.geometry.transforms import (
    Floats,
    covariance_of_inverse,
    inverse,
    orthonormal,
    small_motion,
    transformed,
    vector_from_rotation,
)
from windowpane.drive.localization.corners import Grey, find, follow
from windowpane.drive.localization.motion import (
    DISPARITY_SIGMA,
    LIMIT,
    TrackedPoints,
    disparity_bias,
    p3p_ransac,
    pixels_of,
    places_of,
    refined,
)
from windowpane.drive.perception.stereo import grey, pair_fault, unusable
from windowpane.errors import ArgumentError

Pair = tuple[Grey, Grey]
LEAST = 12  # corners that must agree
SHARE = 0.3  # of the corners that were found again, that must agree
SMALLEST = 0.4  # disparity in pixels; a smaller one is not told from none
ROWS = 1.0  # pixels by which a corner may be on another row in the right picture
STEADY = 0.12  # pixels: no disparity is ever surer than that, however often it was measured
OFFSET_SIGMA = 0.15  # pixels: by how much the disparities of a calibration may be off
OFFSET_BIAS = 0.1  # pixels: by how much all estimates of that may be off together
FASTEST = 3.0  # metres a frame; more is taken for a mistake
COAST = 3  # frames' time for which a robot that sees nothing is taken to go on as before


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Where the left camera is, and how sure that is.

    Attributes
    ----------
    T_world_camera
        (4, 4) float64, camera to world.
    T_last_this
        (4, 4), points of this frame's camera in that of the last frame.
    inliers
        Corners that agree.
    quality
        0..1.
    ok
        Whether the motion was measured; else it is a guess, and reason says why.
    reason
        Empty when ok.
    covariance
        (6, 6) of a small turn (radians) and shift (metres) after T_last_this, in this order and in the last
        camera's frame; None when not ok.
    """

    T_world_camera: Floats
    T_last_this: Floats
    inliers: int
    quality: float
    ok: bool
    reason: str = ""
    covariance: Floats | None = None

    def __repr__(self) -> str:
        metres = float(np.linalg.norm(self.T_last_this[:3, 3]))
        degrees = float(np.degrees(np.linalg.norm(vector_from_rotation(self.T_last_this[:3, :3]))))
        how = f"{self.inliers} inliers, quality {self.quality:.2f}" if self.ok else f"guessed: {self.reason}"
        return f"Motion({metres:.3f} m, {degrees:.2f} degrees, {how})"


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """What is kept of a frame: the picture, its corners (N, 3) and the deviations of their disparities (N,).

    Corners are x, y and disparity, as measured: without the correction, which may get better.
    """

    picture: Grey
    corners: Floats
    sigmas: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """A motion T_view_this since the last view, its covariance, corners and how many of those found agree."""

    T_view_this: Floats
    covariance: Floats
    seen: TrackedPoints
    found: int


class Odometry:
    """Follows the motion of a stereo rig, frame by frame.

    Parameters
    ----------
    rig
        Of the pictures as they are given to `update`: rectified, and resized where they are.
    start
        T_world_camera (4, 4) at the first frame; the world is that camera's frame if it is not given.
    calibrate
        Whether the disparities' bias is estimated from the motion itself, and corrected.

    Attributes
    ----------
    T_world_camera
        The pose after the last update.
    corners
        About so many are followed: 250 in a picture of 320x240 and up to 400 in larger ones.
    offset
        Pixels that the calibration's disparities lack, as estimated so far; see
        `windowpane.drive.localization.motion.disparity_bias`.
    """

    def __init__(self, rig: StereoRig, *, start: Floats | None = None, calibrate: bool = True) -> None:
        self.rig, self.calibrate = rig, calibrate
        self.corners = min(400, 200 + rig.left.width * rig.left.height // 1500)
        self.offset, self._offsets, self._offset_weight = 0.0, 0.0, 0.0
        self.reset(start)

    def __repr__(self) -> str:
        return f"Odometry({self.rig!r}, calibrate={self.calibrate}, offset={self.offset:.2f} px)"

    def reset(self, start: Floats | None = None) -> None:
        """Begin anew at a pose T_world_camera (4, 4), the world's origin if it is not given."""
        if start is not None and np.shape(start) != (4, 4):
            raise ArgumentError(f"start has the shape {np.shape(start)}: give T_world_camera, (4, 4)")
        self.T_world_camera = np.eye(4) if start is None else np.array(start, np.float64)
        self._view: _View | None = None
        self._T_view_last = np.eye(4)  # what was guessed since the view; none if the last frame is the view
        self._step, self._span = np.eye(4), 1.0  # the last motion measured, and how long it took
        self._missed, self._coasted = 0, 0.0
        # Seconds, or frames where nobody tells the time: since the last frame, since the view, usually.
        self._passed, self._elapsed, self._period = 1.0, 0.0, 1.0
        self._time: float | None = None

    def update(
        self,
        left: NDArray[np.uint8] | None,
        right: NDArray[np.uint8] | None,
        time: float | None = None,
        prior: Floats | None = None,
    ) -> Motion:
        """Return the motion since the last frame, and the pose.

        Never raises for what is seen: a motion that cannot be measured is guessed (the prior, else going on
        as before for some frames) and says why. The next good frame is compared with the last good one, so
        what was guessed between them leaves no error.

        Parameters
        ----------
        left, right
            Rectified, (H, W[, 3]) uint8 RGB or grey, of the rig's size; None where there is none.
        time
            Seconds; a frame that is not later is skipped.
        prior
            T_last_this (4, 4), turn and shift, from wheels and an IMU, if there are any: the first guess, the
            answer where nothing is seen, and the judge of what moves if much does.
        """
        time = time if time is not None and np.isfinite(time) else None
        before, self._time = self._time, time if time is not None else self._time
        if before is not None and time is not None and time <= before:
            reason = f"time does not go on, from {before:g} s to {time:g} s: the frame is skipped"
            return Motion(self.T_world_camera.copy(), np.eye(4), 0, 0.0, False, reason)
        self._passed = 1.0 if before is None or time is None else time - before
        self._elapsed += self._passed
        if prior is not None and not np.isfinite(prior).all():
            prior = None
        fault = unusable(left, right, self.rig.left.size)
        if fault or left is None or right is None:
            return self._guessed(prior, fault)
        pair = grey(left), grey(right)
        if min(float(picture[::4, ::4].std()) for picture in pair) < 3:
            return self._guessed(prior, "a picture is black or has no contrast")
        if self._view is None:
            return self._begun(pair, prior)
        solved = self._solved(self._view, pair, prior)
        if isinstance(solved, str):
            motion = self._guessed(prior, solved)
            if self._missed > 1:  # the view is out of sight: go on from here
                self._look(pair)
            return motion
        return self._accepted(pair, solved)

    # -- From frame to frame -------------------------------------------------------------------------------

    def _begun(self, pair: Pair, prior: Floats | None) -> Motion:
        fault = self._look(pair)
        if fault or self._view is None:
            return self._guessed(prior, fault)
        if self._missed:  # frames before this one showed nothing
            step = self._going_on(self._passed) if prior is None else prior
            self.T_world_camera = self.T_world_camera @ step
            return Motion(
                self.T_world_camera.copy(), step.copy(), 0, 0.0, False, "the first frame that shows anything"
            )
        self._missed = 0
        count = len(self._view.corners)
        return Motion(self.T_world_camera.copy(), np.eye(4), count, 1.0, True, "", np.zeros((6, 6)))

    def _guessed(self, prior: Floats | None, reason: str) -> Motion:
        self._missed += 1
        coast = min(self._passed, max(0.0, COAST * self._period - self._coasted))
        self._coasted += self._passed
        step = self._going_on(coast) if prior is None else np.asarray(prior, np.float64)
        self._T_view_last = self._T_view_last @ step
        self.T_world_camera = self.T_world_camera @ step
        return Motion(self.T_world_camera.copy(), step.copy(), 0, 0.0, False, reason)

    def _going_on(self, passed: float) -> Floats:
        """Return the motion of a robot that goes on as before, for so long."""
        share = min(passed / self._span, 5.0)  # two times that are almost one tell no speed
        if abs(share - 1) < 1e-6:
            return self._step
        return small_motion(share * np.r_[vector_from_rotation(self._step[:3, :3]), self._step[:3, 3]])

    def _accepted(self, pair: Pair, solved: _Solved) -> Motion:
        T_last_view = inverse(self._T_view_last)
        step = T_last_view @ solved.T_view_this
        self.T_world_camera = orthonormal(self.T_world_camera @ step)
        # Of several frames together, if some were guessed: what was guessed says nothing of how fast it goes.
        self._step, self._span = solved.T_view_this, self._elapsed
        self._period = self._passed if self._missed == 0 else self._period
        self._missed, self._coasted = 0, 0.0
        if self.calibrate:
            self._calibrate(solved)
        self._look(pair, _spread(self._kept(solved), self.rig, self.corners))
        count = len(solved.seen)
        quality = min(1.0, count / (5 * LEAST)) * min(1.0, count / (0.7 * solved.found))
        return Motion(self.T_world_camera.copy(), step, count, quality, True, "", solved.covariance)

    def _look(self, pair: Pair, kept: TrackedPoints | None = None) -> str:
        """Make this frame the view that the next is compared with; return why it cannot be one, or ""."""
        known = np.zeros((0, 2), np.float32) if kept is None else kept.pixels[:, :2].astype(np.float32)
        pixels, fault = self._new_corners(pair, known)
        if kept is None and not fault and len(pixels) < LEAST:
            fault = f"only {len(pixels)} corners have a distance: too little texture, or too blurred"
        if kept is None and fault:
            return fault
        sigmas = np.full(len(pixels), DISPARITY_SIGMA)
        if kept is not None:
            pixels = np.concatenate([kept.pixels - (0, 0, self.offset), pixels])
            sigmas = np.concatenate([kept.sigmas, sigmas])
        self._view = _View(pair[0], pixels, sigmas)
        self._T_view_last, self._elapsed = np.eye(4), 0.0
        return ""

    def _new_corners(self, pair: Pair, known: NDArray[np.float32]) -> tuple[Floats, str]:
        """Return corners with a distance, (N, 3), beside those known (M, 2), and what is wrong, or ""."""
        left, right = pair
        new = find(left, self.corners, known)
        there, found = follow(left, right, new)
        shift = new - there
        fault = pair_fault(shift[found, 0], -shift[found, 1])
        good = found & (np.abs(shift[:, 1]) < ROWS) & (shift[:, 0] > SMALLEST)
        return np.concatenate([new[good], shift[good, :1]], axis=1).astype(np.float64), fault

    # -- The motion since the view -------------------------------------------------------------------------

    def _solved(self, view: _View, pair: Pair, prior: Floats | None) -> _Solved | str:
        """Return the motion since the view, or why there is none."""
        T_view_this = self._T_view_last @ (self._going_on(self._passed) if prior is None else prior)
        seen = self._found_again(view, pair, T_view_this)
        if isinstance(seen, str) or len(seen) < LEAST:
            seen = self._found_again(view, pair, None)
        if isinstance(seen, str):
            return seen
        if len(seen) < LEAST:
            fault = self._new_corners(pair, np.zeros((0, 2), np.float32))[1]
            if fault:
                return fault
            return f"only {len(seen)} corners are found again: blurred, covered, or moved too far"
        T_this_view = p3p_ransac(seen, self.rig)
        if T_this_view is None:
            return "no motion explains what is seen"
        T_this_view, covariance, off = refined(seen, self.rig, T_this_view)
        good = off < LIMIT
        found = len(seen)
        if prior is not None and not _agree(T_view_this, T_this_view):
            return self._with_prior(seen, self._T_view_last @ prior)
        if good.sum() < LEAST or good.mean() < SHARE:
            return f"only {good.sum()} of {found} corners agree on a motion"
        T_view_this = inverse(T_this_view)
        step = inverse(self._T_view_last) @ T_view_this
        if np.linalg.norm(step[:3, 3]) > FASTEST * max(1 + self._missed, self._elapsed / self._period):
            return f"a motion of {np.linalg.norm(step[:3, 3]):.1f} m in a frame is none of a robot"
        return _Solved(T_view_this, covariance_of_inverse(covariance, T_this_view), seen.some(good), found)

    def _with_prior(self, seen: TrackedPoints, T_view_this: Floats) -> _Solved | str:
        """Return the motion of those corners that move about as wheels or an IMU say, if there are enough.

        A lorry that fills the view moves otherwise than the robot, and most corners are on it.
        """
        moving = "what is seen moves otherwise than the robot: something in motion fills the view"
        off = refined(seen, self.rig, inverse(T_view_this), steps=0)[2]
        still = seen.some(off < 3 * LIMIT)
        if len(still) < LEAST:
            return moving
        T_this_view, covariance, off = refined(still, self.rig, inverse(T_view_this))
        good = still.some(off < LIMIT)
        if len(good) < LEAST or not _agree(T_view_this, T_this_view):
            return moving
        return _Solved(inverse(T_this_view), covariance_of_inverse(covariance, T_this_view), good, len(seen))

    def _found_again(self, view: _View, pair: Pair, T_view_this: Floats | None) -> TrackedPoints | str:
        """Return the corners of the view that are in both pictures; T_view_this: where to look for them."""
        left, right = pair
        correction = (0, 0, self.offset)
        places = places_of(np.maximum(view.corners + correction, (-np.inf, -np.inf, SMALLEST)), self.rig)
        guess: NDArray[np.float32] | None = None
        disparity: Floats = view.corners[:, 2]
        if T_view_this is not None:
            expected = pixels_of(transformed(inverse(T_view_this), places), self.rig)
            guess, disparity = expected[:, :2].astype(np.float32), expected[:, 2]
        here, found = follow(view.picture, left, view.corners[:, :2].astype(np.float32), guess)
        here, places, sigmas, disparity = here[found], places[found], view.sigmas[found], disparity[found]
        opposite = (here - np.stack([disparity, np.zeros_like(disparity)], axis=1)).astype(np.float32)
        there, matched = follow(left, right, here, opposite, back=False)
        shift = here - there
        fault = pair_fault(shift[matched, 0], -shift[matched, 1])
        if fault:
            return fault
        good = matched & (np.abs(shift[:, 1]) < ROWS) & (shift[:, 0] > SMALLEST)
        pixels = np.concatenate([here, shift[:, :1]], axis=1).astype(np.float64) + correction
        return TrackedPoints(places, sigmas, pixels).some(good)

    def _calibrate(self, solved: _Solved) -> None:
        """Put what this motion tells of the disparities' offset together with what is known of it."""
        missing, sigma = disparity_bias(solved.seen, self.rig, inverse(solved.T_view_this))
        weight = 1 / (sigma**2 + OFFSET_SIGMA**2)
        self._offsets += weight * (self.offset + missing)
        self._offset_weight += weight
        trust = OFFSET_SIGMA**2 / (OFFSET_SIGMA**2 + OFFSET_BIAS**2 + 1 / self._offset_weight)
        self.offset = float(np.clip(trust * self._offsets / self._offset_weight, -1, 1))

    def _kept(self, solved: _Solved) -> TrackedPoints:
        """Return the corners that agreed, with the disparity that old and new measures give together."""
        seen = solved.seen
        predicted = pixels_of(transformed(inverse(solved.T_view_this), seen.places), self.rig)[:, 2]
        last = pixels_of(seen.places, self.rig)[:, 2]
        old = np.maximum(seen.sigmas * (predicted / last) ** 2, STEADY) ** 2
        new = DISPARITY_SIGMA**2
        pixels = seen.pixels.copy()
        pixels[:, 2] = (predicted * new + pixels[:, 2] * old) / (new + old)
        return TrackedPoints(seen.places, np.sqrt(new * old / (new + old)), pixels)


def _agree(prior: Floats, inverse_of_seen: Floats) -> bool:
    """Say whether what wheels or an IMU tell and what is seen may be one motion: wheels slip."""
    difference = inverse_of_seen @ prior
    angle = np.arccos(np.clip((np.trace(difference[:3, :3]) - 1) / 2, -1, 1))
    slip = 0.05 + 0.3 * np.linalg.norm(prior[:3, 3])
    return bool(angle < np.radians(5) and np.linalg.norm(difference[:3, 3]) < slip)


def _spread(seen: TrackedPoints, rig: StereoRig, count: int) -> TrackedPoints:
    """Return the surest corner of each of about ``count`` cells: where many crowd they tell little more."""
    cell = np.sqrt(rig.left.width * rig.left.height / count)
    cells = (seen.pixels[:, :2] / cell).astype(np.intp) @ (1, 1 + int(rig.left.width / cell))
    order = np.argsort(seen.sigmas, kind="stable")
    _, first = np.unique(cells[order], return_index=True)
    chosen = np.zeros(len(seen), np.bool_)
    chosen[order[first]] = True
    return seen.some(chosen)
