"""What goes wrong on a robot, made to go wrong on purpose (fault injection).

    tamper = Tamper(Fault.GPS_OFF, seed=3)
    images, senses = tamper(images, senses, time)

All begins after `BEGINS` seconds, when the robot drives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np

from windowpane.drive.senses import Images, Pair
from windowpane.sim.robot.sensors import Senses

BEGINS = 5.0  # seconds
DROPPED = 0.2  # share of the frames
GPS_ERROR = 10.0  # metres
DELAY = 0.5  # seconds
RESET_EVERY = 10.0  # seconds from one time that the odometry forgets what it saw to the next


class Fault(StrEnum):
    """What can be made to go wrong."""

    DROPPED_FRAMES = "dropped-frames"
    BLACK_CAMERA = "black-camera"
    GPS_OFF = "gps-off"
    ODOMETRY_RESET = "odometry-reset"
    FAR_STOPPED = "far-stopped"
    IMAGES_DELAYED = "images-delayed"


class Tamper:
    """Spoils what the navigator is given by one kind of fault.

    Parameters
    ----------
    fault
        None = by nothing.
    """

    def __init__(self, fault: Fault | None, seed: int = 0) -> None:
        self.fault = fault
        self._rng = np.random.default_rng([seed, 3])
        self._waiting: deque[Images] = deque()
        self._reset_at = BEGINS

    def __call__(self, images: Images, senses: Senses, time: float) -> tuple[Images, Senses]:
        """Return pictures and senses as they reach the navigator at a time in seconds."""
        images = replace(images, taken=time)
        dropped = self._rng.random() < DROPPED
        if self.fault is Fault.IMAGES_DELAYED:
            images = self._delayed(images, time)
        if time < BEGINS:
            return images, senses
        match self.fault:
            case Fault.DROPPED_FRAMES if dropped:
                images = _nothing(images)
            case Fault.BLACK_CAMERA:
                far = None if images.far is None else _blackened(images.far)
                images = replace(images, near=_blackened(images.near), far=far)
            case Fault.FAR_STOPPED:
                images = replace(images, far=None)
            case Fault.GPS_OFF if senses.gps is not None:
                senses = replace(
                    senses, gps=(senses.gps[0] + GPS_ERROR * 0.6, senses.gps[1] - GPS_ERROR * 0.8)
                )
            case _:
                pass
        return images, senses

    def resets(self, time: float) -> bool:
        """Say whether the odometry forgets what it saw, at a time in seconds."""
        if self.fault is not Fault.ODOMETRY_RESET or time < self._reset_at:
            return False
        self._reset_at += RESET_EVERY
        return True

    def _delayed(self, images: Images, time: float) -> Images:
        """Return the latest pictures that are old enough; none at first."""
        self._waiting.append(images)
        ready = None
        while self._waiting and time - (self._waiting[0].taken or 0.0) >= DELAY - 1e-6:
            ready = self._waiting.popleft()
        return ready or _nothing(replace(images, far=None))


def _nothing(images: Images) -> Images:
    """Return a frame without pictures."""
    nothing: Pair = (None, None)
    far = None if images.far is None else [nothing] * len(images.far)
    return replace(images, near=[nothing] * len(images.near), far=far)


def _blackened(pairs: Sequence[Pair]) -> list[Pair]:
    """Return pairs of which the first one's left camera gives black pictures."""
    (left, right), *others = pairs
    return [(None if left is None else np.zeros_like(left), right), *others]
