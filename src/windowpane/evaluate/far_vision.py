"""How well a robot sees far (evaluation): what it says before it could know, against what stereo then shows.

kitti06    KITTI odometry 06, 51 frames of a street, grey. Learned from stereo nearer than 12 m; asked about
           what stereo shows between 12 and 50 m in the same frame, before anything of it is learned.
backyard   100 frames of a walk in a garden, in colour. Learned from stereo nearer than 3 m; asked about what
           lies between 3 and 8 m, of which later frames, once they are nearer than 3 m, show what it is.

An error is a pixel of ground that is taken for an obstacle, or the other way round. Pixels above the horizon
do not count: they would be easy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.data.root import data_root
from windowpane.drive.geometry.camera import Pinhole, StereoRig, load_calibration
from windowpane.drive.localization.odometry import Odometry
from windowpane.drive.logs.recording import Recording
from windowpane.drive.perception.far import Describer, FarView, FarVision
from windowpane.drive.perception.ground import Ground, GroundFinder
from windowpane.drive.perception.labels import stereo_labels
from windowpane.drive.perception.stereo import Depth, Matcher
from windowpane.errors import DataError
from windowpane.systems import DRIVE_NET

Row = dict[str, Any]
Counts = NDArray[np.int64]
Truth = NDArray[np.int8]

GROUND, OBSTACLE, UNKNOWN = 0, 1, -1


@dataclass(frozen=True, slots=True)
class RecordedCourse:
    """A recording to learn on.

    Attributes
    ----------
    name
        Of its folder in ``robot``.
    calibration
        Its file there.
    trust
        Metres up to which is learned.
    far
        Metres up to which is asked.
    later
        Whether the truth is what later frames show.
    disparities
        Of the matcher.
    metre
        Pixels of a metre in the bands, chosen on the first half of the frames.
    """

    name: str
    calibration: str
    trust: float
    far: float
    later: bool
    disparities: int
    metre: float

    def vision(self, rig: StereoRig, net: str | Path | Describer = "ground", **more: Any) -> FarVision:
        """Return a sight for the course.

        Parameters
        ----------
        more
            What else `FarVision` takes.
        """
        return FarVision(rig.left, net, trust=self.trust, metre=self.metre, **more)


COURSES = {
    "kitti06": RecordedCourse("kitti06", "calib.txt", 12.0, 50.0, False, 96, 7.0),
    "backyard": RecordedCourse("backyard", "stereo_params.xml", 3.0, 8.0, True, 64, 40.0),
}


@dataclass(frozen=True, slots=True, eq=False)
class TrueFrame:
    """A frame with what is true of it, and everything that does not depend on what was learned.

    Attributes
    ----------
    picture
        (H, W, 3) uint8 RGB, rectified.
    depth, ground
        By stereo.
    T_world_camera
        (4, 4), by odometry.
    truth
        (H, W) int8, `GROUND`, `OBSTACLE` or `UNKNOWN`.
    """

    picture: NDArray[np.uint8]
    depth: Depth
    ground: Ground
    T_world_camera: NDArray[np.float64]
    truth: Truth


def frames_of(course: RecordedCourse, most: int | None = None) -> tuple[StereoRig, list[TrueFrame]]:
    """Return the camera of a course and its frames, at most so many; raises DataError where it is not."""
    folder = data_root() / "robot" / course.name
    if not folder.is_dir():
        raise DataError(f"there is no recording {folder}: see the guide for where the data sets are")
    frames = list(Recording(folder))[:most]
    size = next(frame.left.shape[:2] for frame in frames if frame.left is not None)
    rig = load_calibration(folder / course.calibration, size)
    matcher, finder, odometry = Matcher(rig, disparities=course.disparities), GroundFinder(), Odometry(rig)
    seen = []
    for frame in frames:
        if frame.left is None or frame.right is None:
            continue
        left, right = rig.rectify(frame.left, frame.right)
        motion = odometry.update(left, right, frame.time)
        depth = matcher.match(left, right)
        ground = finder.update(depth, motion.T_last_this if motion.ok else None)
        seen.append(TrueFrame(left, depth, ground, motion.T_world_camera, _blank(rig.left)))
    truths = later_truths(rig.left, seen, course) if course.later else present_truths(rig.left, seen, course)
    return rig, [
        TrueFrame(one.picture, one.depth, one.ground, one.T_world_camera, truth)
        for one, truth in zip(seen, truths, strict=True)
    ]


# -- The truth ---------------------------------------------------------------------------------------------


def present_truths(camera: Pinhole, seen: Sequence[TrueFrame], course: RecordedCourse) -> Iterator[Truth]:
    """Yield what stereo shows in each frame between the trusted range and the far one."""
    for one in seen:
        evidence = stereo_labels(one.depth, one.ground, camera, farthest=course.far)
        truth = _blank(camera)
        beyond = evidence.distance > course.trust
        truth[evidence.ground & beyond], truth[evidence.obstacle & beyond] = GROUND, OBSTACLE
        yield truth


LATER = 40  # so many of the following frames are looked at
THINNED = 2  # of their pixels every so-manieth in each direction
AGREED = 0.8  # so much of what falls on a pixel must be of one kind
SAME = 0.15  # and lie at the distance that the frame itself sees there, give or take this share


def later_truths(camera: Pinhole, seen: Sequence[TrueFrame], course: RecordedCourse) -> Iterator[Truth]:
    """Yield what later frames show, once it is near, of what lies between the two ranges in each frame."""
    near = [_near_points(camera, one, course.trust) for one in seen]
    for number, one in enumerate(seen):
        to_here = np.linalg.inv(one.T_world_camera)
        votes = np.zeros((2, camera.height, camera.width), np.int32)
        for other, (points, kinds) in zip(seen[number + 1 :][:LATER], near[number + 1 :], strict=False):
            T_this_other = to_here @ other.T_world_camera
            moved = points @ T_this_other[:3, :3].T + T_this_other[:3, 3]
            _vote(votes, camera, moved, kinds, one, course)
        yield _agreed(votes)


def _near_points(camera: Pinhole, one: TrueFrame, trust: float) -> tuple[NDArray[np.float64], Truth]:
    """Return the points (N, 3) of a frame that are near, in its camera's frame, and what they are (N,)."""
    evidence = stereo_labels(one.depth, one.ground, camera, farthest=trust)
    believed = not one.ground.reason
    chosen = np.zeros(evidence.ground.shape, np.bool_)
    chosen[::THINNED, ::THINNED] = believed
    chosen &= evidence.ground | evidence.obstacle
    return one.depth.points[chosen].astype(np.float64), evidence.obstacle[chosen].astype(np.int8)


def _vote(
    votes: NDArray[np.int32],
    camera: Pinhole,
    points: NDArray[np.float64],
    kinds: Truth,
    one: TrueFrame,
    course: RecordedCourse,
) -> None:
    """Add points (N, 3) of a frame's camera, and what they are, to the pixels on which they fall."""
    ahead = (points[:, 2] > course.trust) & (points[:, 2] < course.far)
    points, kinds = points[ahead], kinds[ahead]
    x, y = np.floor(camera.project(points)).astype(np.int64).T
    inside = (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
    x, y, points, kinds = x[inside], y[inside], points[inside], kinds[inside]
    # What is hidden behind something else in this frame is not what is seen at the pixel.
    own = one.depth.points[y, x, 2]
    seen = np.isnan(own) | (np.abs(own / points[:, 2] - 1) < SAME)
    np.add.at(votes, (kinds[seen], y[seen], x[seen]), 1)


def _agreed(votes: NDArray[np.int32]) -> Truth:
    count = votes.sum(axis=0)
    truth = np.full(count.shape, UNKNOWN, np.int8)
    for kind in (GROUND, OBSTACLE):
        truth[(votes[kind] >= AGREED * count) & (count > 0)] = kind
    return truth


def _blank(camera: Pinhole) -> Truth:
    return np.full(camera.size, UNKNOWN, np.int8)


# -- The error ---------------------------------------------------------------------------------------------


def counts_of(view: FarView, truth: Truth) -> Counts:
    """Return how many pixels of each true kind were taken for each, (2, 2), the true kind first."""
    known = (truth >= 0) & (view.labels >= 0)
    given = (view.traversable[known] < 0.5).astype(np.int64)
    return np.bincount(2 * truth[known] + given, minlength=4).reshape(2, 2)


def drive(
    vision: FarVision, seen: Iterable[TrueFrame], *, learn: bool = True, place: int = 0
) -> list[Counts]:
    """Return the counts of each frame; each is scored before it is learned.

    Parameters
    ----------
    place
        Number of the first place; frames are of another one after every ten.
    """
    counts = []
    for number, one in enumerate(seen):
        view = vision.update(
            one.picture,
            one.depth,
            one.ground,
            learn=learn and not one.ground.reason,
            place=place + number // 10,
        )
        counts.append(counts_of(view, one.truth))
    return counts


@dataclass(frozen=True, slots=True)
class Errors:
    """How much of what is seen is wrong, in shares 0..1.

    Attributes
    ----------
    error
        Of the wrong pixels among all.
    missed, false
        Of the obstacles taken for ground, and of the ground taken for obstacles.
    both
        The mean of these two.
    pixels, obstacles
        How many there are, and the share of obstacles among them.
    """

    error: float
    missed: float
    false: float
    both: float
    pixels: int
    obstacles: float

    @classmethod
    def of(cls, counts: Iterable[Counts]) -> Errors:
        """Return the errors of all frames counted together."""
        (right_ground, false), (missed, right_obstacle) = sum(counts, np.zeros((2, 2), np.int64)).tolist()
        ground, obstacles = right_ground + false, missed + right_obstacle
        total = max(1, ground + obstacles)
        of_ground, of_obstacles = false / max(1, ground), missed / max(1, obstacles)
        return cls(
            (false + missed) / total,
            of_obstacles,
            of_ground,
            (of_ground + of_obstacles) / 2,
            ground + obstacles,
            obstacles / total,
        )


def evaluate(names: Sequence[str], net: str | Path = DRIVE_NET, seed: int = 0) -> list[Row]:
    """Return the table of a net: for each course named, its later half with and without learning.

    Learning begins with the first frame; what is scored begins in the middle.

    Raises
    ------
    DataError
        For an unknown course and for data that is not there, NetFileError.
    """
    rows = []
    for name in names:
        if name not in COURSES:
            raise DataError(f"there is no course {name!r}: choose from {', '.join(COURSES)}")
        course = COURSES[name]
        rig, seen = frames_of(course)
        half = len(seen) // 2
        for what, learn in (("learning", True), ("not learning", False)):
            vision = course.vision(rig, net, seed=seed)
            found = Errors.of(drive(vision, seen, learn=learn)[half:])
            rows.append(row_of(name, what, len(seen) - half, found))
    return rows


def row_of(name: str, what: str, frames: int, found: Errors) -> Row:
    """Return errors as a row."""
    return {
        "set": f"{name}, {what}",
        "frames": frames,
        "error": found.error,
        "missed_obstacles": found.missed,
        "false_obstacles": found.false,
    }
