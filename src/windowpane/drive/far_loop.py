"""The slow loop beside the quick one (background worker): far vision, which answers when it is ready.

    loop = FarLoop(rigs, "ground", latency=None)
    loop.offer(pairs, T_odom_robot, taken, time)         # is taken if the last pictures are done with
    answer = loop.answer(time)                           # what is ready; None = nothing is

On a robot it works in a thread of its own and holds nobody up. With a latency in seconds it works at once and
keeps the answer back until then: so a simulation tells the same whatever else the machine does.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1 (two processes: one far, about once a second; one quick).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

import numpy as np

from windowpane.core.last_layer import SoftmaxLearner
from windowpane.core.netfile import NetFile
from windowpane.core.windows import Window
from windowpane.drive.driver import Driver, Sight
from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.geometry.transforms import inverse
from windowpane.drive.localization.odometry import Motion
from windowpane.drive.mapping.near_map import CELL
from windowpane.drive.perception.elevation_map import ElevationMapper
from windowpane.drive.perception.far import Describer
from windowpane.drive.perception.near import ObstacleDetector, Obstacles, strict_matcher
from windowpane.drive.perception.stereo import DISPARITY_SIGMA
from windowpane.drive.senses import Floats, Pair
from windowpane.errors import ArgumentError, MissingExtraError, install

METRE = 14.0
"""Pixels of a metre in the bands: a window is 1.8 m wide, so it shows a gap of a few robots' width."""
NEAREST = 0.8
"""Metres that stereo must still see: what is nearer the fast loop knows."""
OFF, REACH = 1 / 12, 25.0
"""The share by which stereo's distances may be off where they still go on the map; metres of that at most."""
WARM = 3
"""Looks at the first pictures: what the lab taught the last layer is not of this place."""


@dataclass(frozen=True, slots=True, eq=False)
class FarAnswer:
    """What the far loop saw.

    Attributes
    ----------
    sights
        One for each rig.
    stereo
        What its stereo shows, farther than the fast loop's.
    T_odom_robot
        (4, 4), from where.
    taken
        When, seconds.
    fault
        Why it failed; then there is nothing.
    """

    sights: tuple[Sight, ...]
    stereo: Obstacles | None
    T_odom_robot: Floats
    taken: float
    fault: str = ""


class FarLoop:
    """Sees far through several pairs of cameras that share what they learn.

    With a thread of its own, BLAS computes with one thread from then on, in the whole process: two loops take
    two cores, and further threads for products of a few numbers only keep each other waiting.

    Parameters
    ----------
    rigs
        Of the large pictures as they come, with their T_robot_camera.
    net
        Of `Driver`; so are learner, seed and threads.
    learn
        Whether the last layer learns.
    latency
        Seconds for which an answer is held back; none = a thread of its own.
    trust
        Metres up to which it is learned from stereo, which goes on the map from farther away: there it need
        not tell the foot of a thing.

    Raises
    ------
    ArgumentError
        Without a rig or for a latency below 0.
    MissingExtraError
        For a thread of its own without the extra ``drive``.
    """

    def __init__(
        self,
        rigs: Sequence[StereoRig],
        net: NetFile | str | Path | bytes | Describer = "ground",
        *,
        learn: bool = True,
        learner: SoftmaxLearner | None = None,
        latency: float | None = None,
        trust: float = 12.0,
        seed: int = 0,
        threads: int = 1,
    ) -> None:
        if not rigs:
            raise ArgumentError("far vision has no cameras: give a pair or more")
        if latency is not None and not latency >= 0:
            raise ArgumentError(f"far vision answers after {latency} s: give 0 or more, or None")
        self.rigs, self.latency, self.trust = tuple(rigs), latency, trust
        if latency is None:
            _one_thread()
        self.drivers: list[Driver] = []
        for rig in rigs:
            driver = Driver(
                rig,
                net,
                trust=trust,
                metre=METRE,
                learn=learn,
                learner=learner,
                matcher=strict_matcher(rig, NEAREST),
                seed=seed,
                threads=threads,
            )
            learner = driver.learner
            self.drivers.append(driver)
        self._stereo = ObstacleDetector(self.rigs, reach=max(trust, min(map(stereo_reach, self.rigs))))
        self._last: Floats | None = None
        self._thread: Thread | None = None
        self._ready: tuple[float, FarAnswer] | None = None

    def __repr__(self) -> str:
        return f"FarLoop({len(self.rigs)} x {self.drivers[0]!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Wait until its thread, if it has one, is done with the last pictures."""
        if self._thread is not None:
            self._thread.join()

    @property
    def window(self) -> Window:
        """The window of the net."""
        return self.drivers[0].window

    @property
    def busy(self) -> bool:
        """Whether it still works on pictures, or has an answer that nobody fetched."""
        return self._ready is not None or (self._thread is not None and self._thread.is_alive())

    @property
    def learner(self) -> SoftmaxLearner:
        """What all pairs have learned."""
        return self.drivers[0].learner

    @learner.setter
    def learner(self, learner: SoftmaxLearner) -> None:
        for driver in self.drivers:
            driver.learner = learner

    def offer(
        self,
        pairs: Sequence[Pair],
        T_odom_robot: Floats,
        taken: float,
        time: float,
        *,
        upright: bool = False,
    ) -> bool:
        """Give it pictures; return whether it takes them.

        Parameters
        ----------
        pairs
            One for each rig.
        T_odom_robot, taken
            The pose (4, 4), and the time in seconds, at which they were taken.
        time
            Seconds, now.
        upright
            Whether the pose's roll and pitch were measured: then far ground is looked for level.
        """
        if self.busy:
            return False
        if self.latency is not None:
            self._ready = time + self.latency, self._answered(pairs, T_odom_robot, taken, upright)
            return True
        self._thread = Thread(
            target=self._work, args=(time, pairs, T_odom_robot, taken, upright), daemon=True
        )
        self._thread.start()
        return True

    def answer(self, time: float) -> FarAnswer | None:
        """Return the answer that is ready at a time in seconds, once."""
        if self._ready is None or time < self._ready[0] - 1e-6:
            return None
        answer, self._ready = self._ready[1], None
        return answer

    def _work(
        self, time: float, pairs: Sequence[Pair], T_odom_robot: Floats, taken: float, upright: bool
    ) -> None:
        self._ready = time, self._answered(pairs, T_odom_robot, taken, upright)

    def _answered(
        self, pairs: Sequence[Pair], T_odom_robot: Floats, taken: float, upright: bool
    ) -> FarAnswer:
        """Look and learn; whatever fails in here is told, not raised: the robot goes on without."""
        try:
            for _ in range(1 if self._last is not None else WARM):
                sights = self._sights(pairs, T_odom_robot, taken, upright)
            stereo = self._stereo.judge([sight.depth for sight in sights], T_odom_robot).thinned(CELL)
        except Exception as error:
            fault = f"far vision failed: {error or type(error).__name__}"
            return FarAnswer((), None, T_odom_robot, taken, fault)
        self._last = T_odom_robot
        return FarAnswer(sights, stereo, T_odom_robot, taken)

    def _sights(
        self, pairs: Sequence[Pair], T_odom_robot: Floats, taken: float, upright: bool
    ) -> tuple[Sight, ...]:
        """Return what each pair sees; the first ones go first, and the others know what they learned."""
        sights = []
        for driver, pair in zip(self.drivers, pairs, strict=False):
            mount = driver.rig.mount
            moved = self._moved(mount, T_odom_robot)
            mapper = ElevationMapper(mount, T_odom_robot, self.trust, upright)
            sights.append(driver.step(*pair, taken, moved=moved, mapper=mapper))
        return tuple(sights)

    def _moved(self, mount: Floats, T_odom_robot: Floats) -> Motion:
        """Return the motion of a camera since the last answer, as the quick loop knows it."""
        now = T_odom_robot @ mount
        last = now if self._last is None else self._last @ mount
        return replace(NO_MOTION, T_world_camera=now, T_last_this=inverse(last) @ now)


def _one_thread() -> None:
    """Have BLAS compute with one thread."""
    try:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtraError(f"two loops at once need {install('drive')}") from None
    threadpool_limits(1, "blas")


def stereo_reach(rig: StereoRig) -> float:
    """Return the metres to which a pair's distances go on the map: an error grows with their square."""
    return min(REACH, OFF * rig.left.fx * rig.baseline / DISPARITY_SIGMA)


NO_MOTION = Motion(np.eye(4), np.eye(4), 0, 1.0, True)
