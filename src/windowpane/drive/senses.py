"""What a robot tells a navigator in a step: its pictures and its other sensors (sensor messages).

Frames and units: metres, radians, seconds. The robot's frame has x forward, y left and z up, its origin on
the ground below its middle (REP 103); yaw is counter-clockwise from east (REP 103, ENU).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float64]
Pair = tuple[Picture | None, Picture | None]
"""The left and the right picture, (H, W, 3) or (H, W) uint8 RGB as the cameras took them; None = none."""


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """The pictures of a step: a pair for each of the navigator's rigs, in their order.

    Attributes
    ----------
    near
        Small ones, for the fast loop, in every step.
    far
        Large ones, for the far loop, in the steps that have them; None in the others.
    taken
        Seconds, when; None = at the time of the step.
    """

    near: Sequence[Pair]
    far: Sequence[Pair] | None = None
    taken: float | None = None

    def __repr__(self) -> str:
        far = "none" if self.far is None else f"{len(self.far)} pairs"
        return f"Images({len(self.near)} pairs near, {far} far, taken={self.taken})"


@dataclass(frozen=True, slots=True)
class Imu:
    """Attitude: radians.

    Attributes
    ----------
    roll, pitch
        Above 0 the right side, and the nose, is lower.
    yaw
        Counter-clockwise from east.
    yaw_rate
        rad/s.
    """

    roll: float
    pitch: float
    yaw: float
    yaw_rate: float


@dataclass(frozen=True, slots=True)
class Wheels:
    """How fast the wheels roll over the ground.

    Attributes
    ----------
    left, right
        Of each side, m/s.
    """

    left: float
    right: float
