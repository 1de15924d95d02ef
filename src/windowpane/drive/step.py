"""What a navigator knows and does after a step (the result of a step), with its map and route to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from windowpane.core.notebook import legend, pictures, view
from windowpane.drive.driver import Sight
from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.mapping.map_picture import LEGEND, drawn
from windowpane.drive.perception.near import Obstacles
from windowpane.drive.planning.controller import Command
from windowpane.drive.planning.planner import Route
from windowpane.drive.senses import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What is known and to be done after a step.

    Attributes
    ----------
    time
        Seconds.
    command
        What to do.
    route
        To the goal, None before the first.
    map
        Of which `windowpane.drive.mapping.map_picture.drawn` and
        `windowpane.drive.mapping.cell_report.explained` tell; the navigator's own, and it goes on changing.
    pose
        T_odom_robot (4, 4).
    place
        (east, north), metres in the world.
    goal_odom
        (x, y), where the goal is thought to be.
    reached
        Whether the robot is there.
    sights
        What far vision saw last, one for each pair; empty before its first answer.
    far_time
        When their pictures were taken, None = never.
    near
        What stands nearby.
    ms
        Milliseconds of each part.
    reasons
        What went wrong; empty when all is well.
    """

    time: float
    command: Command
    route: Route | None
    map: CostMap
    pose: Floats
    place: tuple[float, float]
    goal_odom: tuple[float, float]
    reached: bool
    sights: tuple[Sight, ...]
    far_time: float | None
    near: Obstacles
    ms: dict[str, float] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON: metres, seconds, radians; the route in odom."""
        route = [] if self.route is None else self.route.points.round(2).tolist()
        return {
            "time": round(self.time, 3),
            "command": {"speed": round(self.command.speed, 3), "turn": round(self.command.turn, 3)},
            "why": self.command.reason,
            "pose": [[round(float(value), 4) for value in row] for row in self.pose[:3]],
            "place": [round(value, 2) for value in self.place],
            "goal_odom": [round(value, 2) for value in self.goal_odom],
            "reached": self.reached,
            "route": route,
            "far_time": self.far_time,
            "ms": {name: round(value, 2) for name, value in self.ms.items()},
            "reasons": list(self.reasons),
        }

    def __repr__(self) -> str:
        east, north = self.place
        return f"Step({self.time:.1f} s, at ({east:.1f}, {north:.1f}), {self._order}, reasons={self.reasons})"

    @property
    def _order(self) -> str:
        return f"{self.command.speed:.2f} m/s, {self.command.turn:+.2f} rad/s, {self.command.reason}"

    def _repr_html_(self) -> str:
        route = None if self.route is None else self.route.points
        chart = drawn(self.map, 400, route, goal=self.goal_odom, now=self.time)
        return view("; ".join([self._order, *self.reasons]), pictures([("", chart)]), legend(LEGEND))
