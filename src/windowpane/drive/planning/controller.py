"""The fast layer: which of some arcs to drive for the next moment, and how fast (controller, local planner).

    controller = Controller()
    command = controller.choose(costmap, route.field, time, speed=speed)

Each fast frame some arcs ahead are laid over the near map (trajectory rollout). An arc is as good as the cost
to go from where it ends, by the planner's field, and the ground on the way there; it ends where the robot
would touch something. Only arcs count on which the robot can still stop from the speed that it really has,
and it drives the best of them no faster than it can stop on it, by what it knows now and how old that is
(dynamic window approach, DWA). Where no arc leads on it turns on the spot, and where that does not help it
backs up and remembers what it has tried.

Sources: Kelly & Stentz 1998, "Rough terrain autonomous mobility", part 2 (arcs scored on a map); Fox, Burgard
& Thrun 1997, "The dynamic window approach to collision avoidance"; Sermanet et al., IROS 2008.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from math import isfinite, pi, radians

import numpy as np
from numpy.typing import NDArray

from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.planning.collision import CollisionChecker
from windowpane.drive.planning.planner import Field
from windowpane.drive.vehicle import Vehicle

Floats = NDArray[np.float64]

CURVATURES: Floats = np.array(
    [-1.8, -1.2, -0.85, -0.6, -0.4, -0.25, -0.12, 0, 0.12, 0.25, 0.4, 0.6, 0.85, 1.2, 1.8]
)
"""Of the arcs, 1/m; above 0 to the left."""
BEND, LONG, STEP = 1.3, 2.2, 0.1  # metres: an arc bends for so long, goes straight on to, in steps of
CREEP = 0.25  # m/s at least, where it is free
ABOUT = radians(65)  # it turns on the spot where the way goes off by more
DONE = radians(20)  # until it is off by no more
SMOOTH = 0.15  # what a change of curvature by 1/m costs, in metres
CLOSE, TIGHT = 0.35, 1.5  # metres of room beside an arc that cost nothing; what none costs more, per metre
SHORT = 3.0  # what each metre costs that an arc is too short
STALE = 1.0  # seconds after which nothing is known any more
PATIENCE = 6.0  # seconds in one place after which the robot counts as stuck
BACK = 0.8  # metres to back up


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """What the wheels shall do.

    Attributes
    ----------
    speed
        m/s, below 0 backwards.
    turn
        rad/s, counter-clockwise.
    reason
        In a few words.
    arcs
        (K, S, 2), the arcs that were laid, in the robot's frame, metres.
    rooms
        (K,), metres that are free on each.
    chosen
        Which of them, -1 = none.
    """

    speed: float
    turn: float
    reason: str
    arcs: Floats = field(default_factory=lambda: np.zeros((0, 0, 2)))
    rooms: Floats = field(default_factory=lambda: np.zeros(0))
    chosen: int = -1

    def __repr__(self) -> str:
        return f"Command({self.speed:.2f} m/s, {self.turn:+.2f} rad/s, {self.reason!r})"


@cache
def laid_arcs() -> Floats:
    """Return the arcs in the robot's frame: (K, S, 3), x, y and heading, every `STEP` metres."""
    s = np.arange(1, round(LONG / STEP) + 1) * STEP
    heading = CURVATURES[:, None] * np.minimum(s, BEND)
    middle = heading - CURVATURES[:, None] * np.where(s <= BEND, STEP / 2, 0)
    x, y = np.cumsum(np.cos(middle), axis=1) * STEP, np.cumsum(np.sin(middle), axis=1) * STEP
    return np.stack([x, y, heading], axis=-1)


class Controller:
    """Chooses arcs, frame by frame (dynamic window approach, DWA), and remembers what it did."""

    def __init__(self) -> None:
        self.last = Command(0.0, 0.0, "has not begun")
        self._back_from: Floats | None = None
        self._place, self._idle, self._time = np.full(2, np.inf), 0.0, 0.0
        self._back_since = 0.0

    def choose(
        self,
        costmap: CostMap,
        field: Field,
        time: float,
        *,
        speed: float | None = None,
        limit: float | None = None,
        bumper: bool = False,
    ) -> Command:
        """Return what to do next.

        Parameters
        ----------
        costmap
            As of now, moved to where the robot is; its vehicle is the robot that is driven.
        field
            Of the last route; it may be some seconds old.
        time
            Seconds.
        speed
            m/s as measured; none = as commanded.
        limit
            m/s; the robot goes no faster.
        bumper
            Whether it is pressed.
        """
        age = costmap.near_age(time)
        around = CollisionChecker(costmap, time)
        if age > STALE:
            self._back_from, self._idle, self._time = None, 0.0, time
            self.last = Command(0.0, 0.0, f"stops: nothing near was seen for {age:.1f} s")
        elif bumper or self._is_stuck(costmap, time) or self._back_from is not None:
            self.last = self._back(costmap, around, time, bumper)
        else:
            self.last = self._ahead(costmap, field, around, age, speed, limit)
        return self.last

    # -- Ahead ---------------------------------------------------------------------------------------------

    def _ahead(
        self,
        costmap: CostMap,
        field: Field,
        around: CollisionChecker,
        age: float,
        measured: float | None,
        limit: float | None,
    ) -> Command:
        arcs = laid_arcs()
        free, beside = self._rooms(around, arcs)
        stops = self._stops(costmap.vehicle, free, measured)
        scores = self._scores(costmap, field, arcs, free, beside)
        best = int(np.argmin(np.where(stops, scores, np.inf)))
        turn = self._turn_on_the_spot(costmap, field, around)
        if turn and around.room(np.zeros(3)) > -0.02:
            return Command(0.0, turn, "turns on the spot", arcs[..., :2], free)
        if not stops[best]:
            return Command(0.0, 0.0, "stops: too fast for what is ahead", arcs[..., :2], free)
        if free[best] < 2 * STEP:
            return Command(0.0, 0.0, "stops: something is in the way", arcs[..., :2], free)
        speed, reason = self._speed(costmap, field, around, best, free[best], beside[best], age)
        if limit is not None and speed > limit:
            speed, reason = limit, "slow: as it is told"
        return Command(speed, speed * float(CURVATURES[best]), reason, arcs[..., :2], free, best)

    def _stops(self, vehicle: Vehicle, free: Floats, measured: float | None) -> NDArray[np.bool_]:
        """Return on which arcs the robot can still stop before it touches anything."""
        told, speed = self.last.speed, self.last.speed
        if measured is not None and isfinite(measured):
            # Until the brakes take, it may still be on its way to what it was told.
            speed = max(measured, min(told, measured + vehicle.acceleration * vehicle.latency))
        rolls = vehicle.stopping_distance(speed, vehicle.latency)
        # Free to its end is free, however fast; and an arc ends somewhere within the step that touches.
        stops = rolls <= np.where(free < LONG - STEP / 2, free + STEP, np.inf)
        # While it is too fast for a bend, it drives a wider one.
        sharpest = vehicle.turning / max(speed, 1e-6)
        driven = np.abs(np.clip(CURVATURES, -sharpest, sharpest)[:, None] - CURVATURES).argmin(axis=1)
        return np.asarray(stops & stops[driven])

    def _rooms(self, around: CollisionChecker, arcs: Floats) -> tuple[Floats, Floats]:
        """Return how many metres of each arc are free, and how much room is beside them at least."""
        room = around.room(arcs)
        # Where it is too near already, it may go where it gets no nearer.
        needed = min(around.vehicle.margin, float(around.room(np.zeros(3))) - 1e-6)
        hit = room < max(needed, -0.1)
        steps = np.where(hit.any(axis=1), hit.argmax(axis=1), arcs.shape[1])
        room = np.where(np.arange(arcs.shape[1]) < steps[:, None], room, np.inf)
        return steps * STEP, np.asarray(room.min(axis=1))

    def _scores(self, costmap: CostMap, field: Field, arcs: Floats, free: Floats, beside: Floats) -> Floats:
        """Return what each arc costs to the goal."""
        here = costmap.robot
        wanted = float(np.clip(np.hypot(*(field.goal - here)), 0.5, LONG))
        used = np.minimum(free, wanted)
        step = np.maximum(np.round(used / STEP).astype(int) - 1, 0)
        ends = arcs[np.arange(len(arcs)), step, :2] @ costmap.T_odom_robot[:2, :2].T + here
        tight = TIGHT * np.clip(1 - beside / CLOSE, 0, 1)
        score = field.at(ends) + used * (1 + tight) + SHORT * (wanted - used)
        if self.last.chosen >= 0:
            score = score + SMOOTH * np.abs(CURVATURES - CURVATURES[self.last.chosen])
        return np.asarray(score)

    def _turn_on_the_spot(self, costmap: CostMap, field: Field, around: CollisionChecker) -> float:
        """Return the turn, rad/s, towards where the way goes on, if that is not ahead; else 0."""
        bearings = np.arange(-pi, pi, pi / 18)
        s = np.arange(STEP, 1.0 + STEP / 2, STEP)
        x, y = np.cos(bearings)[:, None] * s, np.sin(bearings)[:, None] * s
        poses = np.stack([x, y, np.broadcast_to(bearings[:, None], x.shape)], axis=-1)
        free = (around.room(poses) > 0).all(axis=1)
        ends = poses[:, -1, :2] @ costmap.T_odom_robot[:2, :2].T + costmap.robot
        off = float(bearings[int(np.argmin(field.at(ends) + SHORT * ~free))])
        turning = self.last.speed == 0 and self.last.turn != 0
        if abs(off) < (DONE if turning else ABOUT):
            return 0.0
        if turning and abs(off) > radians(150):
            off = float(np.copysign(off, self.last.turn))  # both ways are as good: go on
        return float(np.clip(1.5 * off, -around.vehicle.turning, around.vehicle.turning))

    def _speed(
        self,
        costmap: CostMap,
        field: Field,
        around: CollisionChecker,
        best: int,
        free: float,
        beside: float,
        age: float,
    ) -> tuple[float, str]:
        """Return how fast an arc may be driven, m/s, and what limits it."""
        vehicle, delay = around.vehicle, around.vehicle.latency + age
        known = around.known(laid_arcs()[best])
        seen = LONG if known.all() else STEP * float(np.argmin(known)) - vehicle.length / 2
        goal = float(np.hypot(*(field.goal - costmap.robot)))
        limits = [(vehicle.fastest, "drives")]
        if free < LONG - STEP / 2:
            limits.append((vehicle.stopping_speed(free - STEP, delay), "slow: something is ahead"))
        if seen < LONG:
            limits.append((max(2 * CREEP, vehicle.stopping_speed(seen, delay)), "slow: unseen ground"))
        if around.moves_ahead():
            limits.append((CREEP, "slow: something moves ahead"))
        limits.append((max(CREEP, 0.4 + 2.5 * beside), "slow: narrow"))
        limits.append((vehicle.turning / max(abs(float(CURVATURES[best])), 1e-6), "slow: bend"))
        limits.append((max(CREEP, vehicle.stopping_speed(goal, delay)), "slow: the goal is near"))
        speed, reason = min(limits)
        return float(speed), reason

    # -- Back ----------------------------------------------------------------------------------------------

    def _is_stuck(self, costmap: CostMap, time: float) -> bool:
        """Say whether the robot has been in one place for too long; to turn on the spot may take longer."""
        passed = min(max(0.0, time - self._time), 0.5)
        self._idle += passed / 3 if self.last.turn else passed
        self._time = time
        if np.hypot(*(costmap.robot - self._place)) > 0.4:
            self._place, self._idle = costmap.robot.copy(), 0.0
        return self._idle > PATIENCE

    def _back(self, costmap: CostMap, around: CollisionChecker, time: float, bumper: bool) -> Command:
        """Return the command that backs up, as far as there is room."""
        here = costmap.robot.copy()
        if self._back_from is None or bumper:
            self._back_from, self._back_since = here, time
            costmap.avoid(here + 0.8 * costmap.T_odom_robot[:2, 0])
        s = np.arange(STEP, 0.6, STEP)
        room = around.room(np.stack([-s, 0 * s, 0 * s], axis=-1))
        start = float(around.room(np.zeros(3)))
        blocked = bool((room < min(0.0, start - 0.01)).any())
        if blocked or np.hypot(*(here - self._back_from)) > BACK or time - self._back_since > 4:
            self._back_from, self._idle = None, 0.0
            return Command(0.0, 0.0, "stops: has backed up")
        return Command(-0.4, 0.0, "backs up")
