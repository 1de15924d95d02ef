"""What a robot tells a navigator beside its pictures, and the pictures of a step.

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

    near: small ones, for the fast loop, in every step. far: large ones, for the far loop, in the steps that
    have them; None in the others. taken: seconds, when; None = at the time of the step.
    """

    near: Sequence[Pair]
    far: Sequence[Pair] | None = None
    taken: float | None = None


@dataclass(frozen=True, slots=True)
class Imu:
    """Attitude. roll: above 0 the right side is lower. pitch: above 0 the nose is lower. yaw_rate: rad/s."""

    roll: float
    pitch: float
    yaw: float
    yaw_rate: float


@dataclass(frozen=True, slots=True)
class Wheels:
    """Speeds of the left and the right wheels over the ground, m/s."""

    left: float
    right: float
