"""The robot's body and what it can do (footprint and dynamic limits): one record for all who plan with it.

vehicle = Vehicle(length=0.9, width=0.6, fastest=0.8)
navigator = Navigator(goal, near=rigs, vehicle=vehicle)

Its size makes obstacles larger on the map, tells which arcs are free, and is drawn; its brakes tell how fast
it may drive.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from windowpane.errors import ArgumentError

ROOM = 0.15
"""Metres that the planner keeps to each side of the robot: a way is not driven to the centimetre."""
BUMPED = 0.1
"""Metres before the robot's front where that must be which the bumper felt."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What the robot can do: metres, seconds, radians; it turns about its middle.

    Attributes
    ----------
    length, width
        Of its footprint.
    track
        Between its left and its right wheels, by which their speeds tell how it turns.
    fastest
        Metres a second, at most.
    acceleration, braking
        Metres a second squared: how it gets faster, and how it surely stops.
    turning
        Radians a second, at most.
    latency
        From a picture until the wheels obey.
    margin
        Room that is kept to what is hard.

    Raises
    ------
    ArgumentError
        For what no robot has.
    """

    length: float = 0.7
    width: float = 0.5
    track: float = 0.5
    fastest: float = 1.2
    acceleration: float = 1.0
    braking: float = 1.0
    turning: float = 1.2
    latency: float = 0.2
    margin: float = 0.06

    def __post_init__(self) -> None:
        for one in fields(self):
            value, may_be_none = getattr(self, one.name), one.name in ("latency", "margin")
            if not (np.isfinite(value) and (value > 0 or (may_be_none and value == 0))):
                least = "0 or more" if may_be_none else "above 0"
                raise ArgumentError(f"a vehicle's {one.name} is {value}: give a number that is {least}")

    @property
    def radius(self) -> float:
        """Metres from the robot's middle that a way keeps free (inflation): half its width, and some room.

        The length does not count: along a way the robot looks ahead. Where it turns, its controller lays the
        whole footprint.
        """
        return self.width / 2 + ROOM

    @property
    def front(self) -> float:
        """Metres from the robot's middle to what its bumper feels."""
        return self.length / 2 + BUMPED

    def stopping_speed(self, room: float, delay: float) -> float:
        """Return the speed, m/s, from which it stops within metres of room, after a delay in seconds."""
        a, room = self.braking, max(room, 0.0)
        return float(a * (np.sqrt(delay * delay + 2 * room / a) - delay))

    def stopping_distance(self, speed: float, delay: float) -> float:
        """Return the metres that it still rolls at a speed, m/s, if it brakes after a delay in seconds."""
        speed = max(speed, 0.0)
        return speed * delay + speed * speed / (2 * self.braking)
