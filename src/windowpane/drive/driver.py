"""One frame of the robot's sight: two pictures in, everything that is known of what is around out.

    driver = Driver(load_calibration("calib.txt", size))
    for frame in Recording("drive/"):
        step = driver.step(frame.left, frame.right, frame.time)

    pictures -> rectified -> motion -> depth -> ground -> labels to the horizon, and learning

Whatever the cameras give (nothing, black, swapped, blurred pictures, something that fills the view), there is
a step: with less in it, and with the reasons why.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.last_layer import Hyperparameters, SoftmaxLearner
from windowpane.core.netfile import NetFile
from windowpane.core.notebook import legend, pictures, view
from windowpane.core.runtimes import RuntimeName
from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.localization.odometry import Motion, Odometry
from windowpane.drive.perception.far import Describer, FarView, FarVision, Stopwatch
from windowpane.drive.perception.ground import Ground, GroundFinder
from windowpane.drive.perception.label_picture import LEGEND, labelled
from windowpane.drive.perception.stereo import Depth, Matcher
from windowpane.drive.senses import Pair, Picture
from windowpane.errors import WindowpaneError

T = TypeVar("T")

PLACE = 6.0
"""Metres after which a place is another one: the learner keeps examples of each of the last places."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What is seen in a frame, and known after it.

    frame: its number, from 0. time: seconds, None = not told. picture: (H, W, 3) uint8 RGB, the left one,
    rectified; None where there is none. depth, ground, motion, far: see their classes. ms: milliseconds of
    each step. reasons: what went wrong; empty when all is well.
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
    rig:
        The stereo cameras, for pictures as they come.
    net, trust, metre, pace, learner, seed, runtime, threads:
        Of `FarVision`.
    disparities:
        Of the stereo matcher; none = as many as it takes to see ``nearest``.
    nearest:
        Metres of the nearest thing that has to be seen.
    learn:
        Whether the last layer learns.
    start:
        T_world_camera (4, 4) at the first frame.

    Attributes
    ----------
    relief:
        What makes a better ground of the planes of a frame, where something knows more; none = they are it.
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
        disparities: int | None = None,
        nearest: float | None = None,
        learn: bool = True,
        start: NDArray[np.float64] | None = None,
        seed: int = 0,
        runtime: RuntimeName = "onnxruntime",
        threads: int = 1,
    ) -> None:
        self.rig, self.learn = rig, learn
        # Half the width of a picture is as near as two cameras can agree.
        limit = rig.left.width // 2
        wanted = rig.left.fx * rig.baseline / (nearest or trust / 4)
        self.matcher = Matcher(rig, disparities=disparities or int(min(limit, max(48, wanted))))
        self.finder, self.odometry = GroundFinder(seed=seed), Odometry(rig, start=start)
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
        self.frame, self.travelled = 0, 0.0
        self.relief: Callable[[Depth, Ground], Ground] | None = None

    def step(
        self,
        left: Picture | None,
        right: Picture | None,
        time: float | None = None,
        prior: NDArray[np.float64] | None = None,
        moved: Motion | None = None,
    ) -> Sight:
        """Return what is known after a frame; never raises for what the cameras give.

        left, right: as the cameras took them, (H, W, 3) or (H, W) uint8 RGB; None where there is no picture.
        time: seconds. prior: T_last_this (4, 4) from wheels or an IMU, for the odometry. moved: the motion,
        where it is known already, by cameras that are quicker: then these do not look for it.
        """
        ms, reasons = Stopwatch(), Reasons()
        nothing = self._nothing()
        left, right = as_rgb(left), as_rgb(right)
        neither: Pair = (None, None)
        both = ms("rectify", lambda: reasons.of(lambda: self._rectified(left, right), neither))
        picture = both[0]
        motion = moved or ms(
            "odometry", lambda: reasons.of(lambda: self.odometry.update(*both, time, prior), nothing[0])
        )
        depth = ms("stereo", lambda: reasons.of(lambda: self.matcher.match(*both), nothing[1]))
        known = motion.T_last_this if motion.ok else None
        ground = ms("ground", lambda: reasons.of(lambda: self._ground(depth, known), Ground()))
        self.travelled += float(np.linalg.norm(motion.T_last_this[:3, 3]))
        far = ms("far", lambda: reasons.of(lambda: self._far(picture, depth, ground), nothing[2]))
        reasons.add(motion.reason, depth.reason, ground.reason, far.reason)
        self.frame += 1
        times = {**ms.times, **{f"far: {name}": value for name, value in far.ms.items()}}
        times["all"] = sum(ms.times.values())
        return Sight(self.frame - 1, time, picture, depth, ground, motion, far, times, tuple(reasons.given))

    def _ground(self, depth: Depth, T_last_this: NDArray[np.float64] | None) -> Ground:
        ground = self.finder.update(depth, T_last_this)
        return ground if self.relief is None else self.relief(depth, ground)

    def _far(self, picture: Picture | None, depth: Depth, ground: Ground) -> FarView:
        if picture is None:
            return FarView.blank(*self.rig.left.size, "there is no left picture")
        # What is remembered of the ground is good enough to look by, not to learn from.
        learn = self.learn and not depth.reason and not ground.reason
        return self.vision.update(picture, depth, ground, learn=learn, place=int(self.travelled / PLACE))

    def _rectified(self, left: Picture | None, right: Picture | None) -> Pair:
        """Return both pictures rectified; the one that there is where the other is missing."""
        one, other = left if left is not None else right, right if right is not None else left
        if one is None or other is None:
            return None, None
        one, other = self.rig.rectify(one, other)
        return (one if left is not None else None), (other if right is not None else None)

    def _nothing(self) -> tuple[Motion, Depth, FarView]:
        """Return a motion, distances and a view of which nothing is known."""
        height, width = self.rig.left.size
        unknown = np.full((height, width), np.nan, np.float32)
        points = np.full((height, width, 3), np.nan, np.float32)
        return (
            Motion(self.odometry.T_world_camera, np.eye(4), 0, 0.0, False),
            Depth(unknown, points, np.full((height, width), np.inf, np.float32)),
            FarView.blank(height, width, ""),
        )


class Reasons:
    """Collects, once each, what went wrong in a frame: `given`."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def add(self, *reasons: str) -> None:
        """Keep reasons; empty ones are none."""
        self.given += [one for one in dict.fromkeys(reasons) if one and one not in self.given]

    def of(self, step: Callable[[], T], otherwise: T) -> T:
        """Return what a step returns; where it fails, something else, and keep the reason."""
        try:
            return step()
        except (WindowpaneError, ValueError, IndexError, np.linalg.LinAlgError, cv2.error) as error:
            self.add(str(error) or type(error).__name__)
            return otherwise


def as_rgb(picture: Picture | None) -> Picture | None:
    """Return a picture as (H, W, 3); None for what is none."""
    if picture is None or picture.dtype != np.uint8 or not picture.size:
        return None
    if picture.ndim == 2:
        return np.dstack([picture] * 3)
    return picture if picture.ndim == 3 and picture.shape[2] == 3 else None
