"""``windowpane drive --course``: the robot drives to a goal in a world that answers (closed loop)."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from windowpane.cli.common.output import Record, write_picture

if TYPE_CHECKING:
    from windowpane.drive.navigator import Navigator, Step

EVERY = 10
"""Steps from one screen to the next that is kept as a picture; the film has every one."""


def drive_course(
    course: str, seed: int, vision: Literal["far", "near"], net: str, out: Path | None, threads: int
) -> Record:
    """Drive a course and return what came of it; with ``out`` there are screens, a film and the map.

    Raises
    ------
    WindowpaneError
        For a course that there is not.
    MissingExtraError
        Without the extra ``sim``.
    """
    from windowpane.cli.drive.output import VIDEO
    from windowpane.drive.navigator import Navigator
    from windowpane.show.overview import overview
    from windowpane.sim.robot.vehicle import RIGS
    from windowpane.sim.simulator import FAR_LATENCY, Simulator
    from windowpane.sim.world.courses import make

    made = make(course, seed)
    navigator = Navigator(
        made.goal,
        RIGS.near,
        RIGS.far,
        vision=vision,
        net=net,
        far_latency=FAR_LATENCY,
        seed=seed,
        threads=threads,
    )
    with ExitStack() as stack:
        screens = None if out is None else stack.enter_context(Screens(out, navigator))

        def on_step(step: Step) -> None:
            _progress(step)
            if screens is not None:
                screens.add(step)

        outcome = Simulator(made).run(navigator, on_step)
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    record: Record = outcome.to_dict()
    del record["track"]
    if out is not None:
        path = out / "map.png"
        write_picture(path, overview(made.scene, {f"{vision} vision": outcome.track}, made.goal))
        record |= {"map": str(path), "film": str(out / VIDEO)}
    return record


def _progress(step: Step) -> None:
    """Keep one line on a terminal up to date."""
    if not sys.stderr.isatty():
        return
    x, y = step.goal_odom[0] - step.pose[0, 3], step.goal_odom[1] - step.pose[1, 3]
    why = step.reasons[0] if step.reasons else step.command.reason
    line = (
        f"{step.time:6.1f} s  goal in {(x * x + y * y) ** 0.5:5.1f} m  {step.command.speed:+.2f} m/s  {why}"
    )
    sys.stderr.write(f"\r{line[:110]:<110}")
    sys.stderr.flush()


class Screens:
    """The operator's screen of a drive: a film, and a picture a second."""

    def __init__(self, folder: Path, navigator: Navigator) -> None:
        from windowpane.cli.drive.output import Film

        self.folder, self.navigator, self._count = folder, navigator, 0
        self._film = Film(folder, 10.0)

    def __enter__(self) -> Screens:
        return self

    def __exit__(self, *_: object) -> None:
        self._film.close()

    def add(self, step: Step) -> None:
        """Draw a step."""
        from windowpane.show.cockpit import cockpit

        drawn = cockpit(step, self.navigator.near, self.navigator.window)
        self._film.add(drawn)
        if self._count % EVERY == 0 or step.reached:
            write_picture(self.folder / f"{self._count:05d}-screen.png", drawn)
        self._count += 1


def said(record: Record) -> str:
    """A line for people."""
    far = "" if record["vision"] == "far" else ", near vision only"
    end = "the goal is reached" if record["reached"] else f"not at the goal: {record['reason']}"
    if record["reached"]:
        more = record["distance_m"] / max(record["shortest_m"], 1e-6)
        end += (
            f" after {record['time_s']:.0f} s and {record['distance_m']:.1f} m, {more:.2f} times the shortest"
        )
    hurt = f"{record['collisions']} collisions, {record['interventions']} interventions"
    return f"{record['course']} {record['seed']}{far}: {end}; {hurt}"
