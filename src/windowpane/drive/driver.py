"""One frame of the robot's sight (perception pipeline): two pictures in, what is known of the world out.

    driver = Driver(load_calibration("calib.txt", size))
    for frame in Recording("drive/"):
        step = driver.step(frame.left, frame.right, frame.time)

    pictures -> rectified -> motion -> depth -> ground -> labels to the horizon, and learning

Whatever the cameras give (nothing, black, swapped, blurred pictures, something that fills the view), there is
a step: with less in it, and with the reasons why.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.core.last_layer import Hyperparameters, SoftmaxLearner
from windowpane.core.netfile import NetFile
from windowpane.core.notebook import legend, pictures, view
from windowpane.core.runtimes import RuntimeName
from windowpane.core.timing import Stopwatch
from windowpane.core.windows import Window
from windowpane.drive.diagnostics import Diagnostics
from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.localization.odometry import Motion, Odometry
from windowpane.drive.perception.elevation_map import ElevationMapper
from windowpane.drive.perception.far import Describer, FarView, FarVision
from windowpane.drive.perception.ground import Ground, GroundFinder
from windowpane.drive.perception.label_picture import LEGEND, labelled
from windowpane.drive.perception.stereo import Depth, Matcher
from windowpane.drive.senses import Pair, Picture
from windowpane.errors import ArgumentError, taken

PLACE = 6.0
"""Metres after which a place is another one: the learner keeps examples of each of the last places."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What is seen in a frame, and known after it (the result of a frame).

    Attributes
    ----------
    frame
        Its number, from 0.
    time
        Seconds, None = not told.
    picture
        (H, W, 3) uint8 RGB, the left one, rectified; None where there is none.
    depth, ground, motion, far
        See their classes.
    ms
        Milliseconds of each step.
    reasons
        What went wrong; empty when all is well.
    """

    frame: int
    time: float | None
    picture: Picture | None
    depth: Depth
    ground: Ground
    motion: Motion
    far: FarView
    ms: dict[str, float]
    reasons: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Sight(frame={self.frame}, ground seen up to {self.far.far:.0f} m, reasons={self.reasons})"

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON: lengths in metres, angles in radians."""
        plane = None
        if self.ground:
            best = self.ground.planes[0]
            plane = {
                "normal": [round(float(value), 5) for value in best.normal],
                "height": round(best.height, 4),
                "quality": round(self.ground.quality, 3),
            }
        return {
            "frame": self.frame,
            "pose": [[round(float(v), 6) for v in row] for row in self.motion.T_world_camera[:3]],
            "plane": plane,
            "ground_share": round(self.far.ground_share, 4),
            "far_m": round(self.far.far, 2),
            "ms": {name: round(value, 2) for name, value in self.ms.items()},
            "reasons": list(self.reasons),
        }

    def _repr_html_(self) -> str:
        told = "; ".join([f"Frame {self.frame}: ground seen up to {self.far.far:.0f} m", *self.reasons])
        if self.picture is None:
            return view(told)
        drawn = labelled(self.picture, self.far.labels, self.far.confidence)
        return view(told, pictures([("", drawn)]), legend(LEGEND))


class Driver:
    """Sees, frame by frame, and learns while it does.

    Parameters
    ----------
    rig
        The stereo cameras, for pictures as they come.
    net
        Of `FarVision`; so are trust, metre, pace, learner, seed, runtime and threads.
    matcher
        Finds the distances; none = one that sees what is as near as a quarter of ``trust``.
    learn
        Whether the last layer learns.
    start
        T_world_camera (4, 4) at the first frame.

    Attributes
    ----------
    window
        The window of the net.
    learner
        What was learned so far; it may be shared with other drivers.

    Raises
    ------
    NetFileError
        For a net that is no robot's.
    ArgumentError
        For metres that are not above 0.
    """

    def __init__(
        self,
        rig: StereoRig,
        net: NetFile | str | Path | bytes | Describer = "ground",
        *,
        trust: float = 12.0,
        metre: float | None = None,
        pace: Hyperparameters | None = None,
        learner: SoftmaxLearner | None = None,
        matcher: Matcher | None = None,
        learn: bool = True,
        start: NDArray[np.float64] | None = None,
        seed: int = 0,
        runtime: RuntimeName = "onnxruntime",
        threads: int = 1,
        disparities: int | None = None,
    ) -> None:
        if start is not None and np.shape(start) != (4, 4):
            raise ArgumentError(f"a driver starts at a pose (4, 4), not at one of shape {np.shape(start)}")
        self.rig, self.learn = rig, learn
        self.vision = FarVision(
            rig.left,
            net,
            trust=trust,
            metre=metre,
            pace=pace,
            learner=learner,
            seed=seed,
            runtime=runtime,
            threads=threads,
        )
        old = None if disparities is None else Matcher(rig, disparities=disparities)
        self.matcher = taken("disparities", old, "matcher", matcher) or _matcher(rig, trust / 4)
        self.finder, self.odometry = GroundFinder(seed=seed), Odometry(rig, start=start)
        self.frame, self.travelled = 0, 0.0

    def __repr__(self) -> str:
        height, width = self.rig.left.size
        return f"Driver({width}x{height}, {self.vision!r}, learn={self.learn}, frame {self.frame})"

    @property
    def window(self) -> Window:
        """The window of the net."""
        return self.vision.window

    @property
    def learner(self) -> SoftmaxLearner:
        """What was learned so far."""
        return self.vision.learner

    @learner.setter
    def learner(self, learner: SoftmaxLearner) -> None:
        self.vision.learner = learner

    def step(
        self,
        left: Picture | None,
        right: Picture | None,
        time: float | None = None,
        prior: NDArray[np.float64] | None = None,
        moved: Motion | None = None,
        mapper: ElevationMapper | None = None,
    ) -> Sight:
        """Return what is known after a frame; never raises for what the cameras give.

        Parameters
        ----------
        left, right
            As the cameras took them, (H, W, 3) or (H, W) uint8 RGB; None where there is no picture.
        time
            Seconds.
        prior
            T_last_this (4, 4) from wheels or an IMU, for the odometry.
        moved
            The motion, where it is known already, by cameras that are quicker: then these do not look for it.
        mapper
            Makes a better ground of the planes of the frame; none = they are it.
        """
        timing, why = Stopwatch(), Diagnostics()
        with timing("rectify"):
            pair = self._rectified(as_rgb(left), as_rgb(right), why)
        with timing("odometry"):
            motion = moved or self._motion(pair, time, prior, why)
        with timing("stereo"):
            depth = self._depth(pair, why)
        with timing("ground"):
            ground = self._ground(depth, motion, mapper, why)
        self.travelled += float(np.linalg.norm(motion.T_last_this[:3, 3]))
        with timing("far"):
            far = self._far(pair[0], depth, ground, why)
        why.add(motion.reason, depth.reason, ground.reason, far.reason)
        self.frame += 1
        return Sight(
            frame=self.frame - 1,
            time=time,
            picture=pair[0],
            depth=depth,
            ground=ground,
            motion=motion,
            far=far,
            ms=_times(timing.ms, far.ms),
            reasons=tuple(why.reasons),
        )

    # -- The stages: each returns its result, or what is known without it -----------------------------------

    def _rectified(self, left: Picture | None, right: Picture | None, why: Diagnostics) -> Pair:
        """Return both pictures rectified; the one that there is where the other is missing."""
        one, other = left if left is not None else right, right if right is not None else left
        if one is None or other is None:
            return None, None
        with why.catching():
            one, other = self.rig.rectify(one, other)
            return (one if left is not None else None), (other if right is not None else None)
        return None, None

    def _motion(
        self, pair: Pair, time: float | None, prior: NDArray[np.float64] | None, why: Diagnostics
    ) -> Motion:
        with why.catching():
            return self.odometry.update(*pair, time, prior)
        return Motion(self.odometry.T_world_camera, np.eye(4), 0, 0.0, False)

    def _depth(self, pair: Pair, why: Diagnostics) -> Depth:
        with why.catching():
            return self.matcher.match(*pair)
        return Depth.blank(*self.rig.left.size)

    def _ground(
        self, depth: Depth, motion: Motion, mapper: ElevationMapper | None, why: Diagnostics
    ) -> Ground:
        with why.catching():
            ground = self.finder.update(depth, motion.T_last_this if motion.ok else None)
            return ground if mapper is None else mapper.refined(depth, ground)
        return Ground()

    def _far(self, picture: Picture | None, depth: Depth, ground: Ground, why: Diagnostics) -> FarView:
        if picture is None:
            return FarView.blank(*self.rig.left.size, "there is no left picture")
        # What is remembered of the ground is good enough to look by, not to learn from.
        learn, place = self.learn and not depth.reason and not ground.reason, int(self.travelled / PLACE)
        with why.catching():
            return self.vision.update(picture, depth, ground, learn=learn, place=place)
        return FarView.blank(*self.rig.left.size, "")


def _matcher(rig: StereoRig, nearest: float) -> Matcher:
    """Return a matcher that sees what is so many metres near, as far as two cameras can agree on it."""
    most = rig.left.width // 2
    return Matcher(rig, disparities=int(min(most, max(48, rig.left.fx * rig.baseline / nearest))))


def _times(steps: dict[str, float], far: dict[str, float]) -> dict[str, float]:
    """Return the milliseconds of each step, of what the last of them consists of, and of all."""
    return {**steps, **{f"far: {name}": ms for name, ms in far.items()}, "all": sum(steps.values())}


def as_rgb(picture: Picture | None) -> Picture | None:
    """Return a picture as (H, W, 3); None for what is none."""
    if picture is None or picture.dtype != np.uint8 or not picture.size:
        return None
    if picture.ndim == 2:
        return np.dstack([picture] * 3)
    return picture if picture.ndim == 3 and picture.shape[2] == 3 else None
