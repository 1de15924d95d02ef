"""Write the built-in course of ``windowpane demo``: a robot drives to a goal in the simulator.

    python tools/make_demo_course.py [FOLDER]        (default: src/windowpane/demo/course)

Needs the extras ``sim`` and ``drive``, which the demo itself does not: it shows the pictures that this script
leaves. The same course is driven with far vision and without; of the first the folder gets some of the
operator's screens, of both the ways on the ground as it is, and ``outcome.json`` tells how they ended. Same
seed, same pictures.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from windowpane.drive.navigator import Navigator, Step, Vision
from windowpane.images.drawing import Image, jpeg
from windowpane.show.cockpit import cockpit
from windowpane.show.overview import overview
from windowpane.sim.robot.vehicle import RIGS
from windowpane.sim.simulator import FAR_LATENCY, Outcome, Simulator
from windowpane.sim.world.courses import Course, make

COURSE, SEED = "culdesac", 0
SHOWN = (0.1, 0.35, 0.7)
"""Of the way to the goal: when a screen is kept."""


def main() -> None:
    """Drive twice and write the pictures."""
    cv2.setNumThreads(1)
    home = Path(__file__).parents[1] / "src" / "windowpane" / "demo" / "course"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else home
    folder.mkdir(parents=True, exist_ok=True)
    course = make(COURSE, SEED)
    far, screens = drive(course, "far")
    near, _ = drive(course, "near")
    for number, screen in enumerate(screens):
        save(folder / f"screen{number}.jpg", screen)
    ways = {"far vision": far.track, "near vision only": near.track, "shortest": course.line}
    save(folder / "map.jpg", overview(course.scene, ways, course.goal))
    told = [without_track(one) for one in (far, near)]
    (folder / "outcome.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def drive(course: Course, vision: Vision) -> tuple[Outcome, list[Image]]:
    """Return how it ended, and the screens of some moments on the way."""
    navigator = Navigator(
        course.goal, RIGS.near, RIGS.far, vision=vision, far_latency=FAR_LATENCY, seed=course.seed
    )
    screens: list[Image] = []
    whole = float(np.hypot(course.goal[0] - course.start[0], course.goal[1] - course.start[1]))

    def on_step(step: Step) -> None:
        left = float(np.hypot(step.goal_odom[0] - step.pose[0, 3], step.goal_odom[1] - step.pose[1, 3]))
        if (
            navigator.loop is not None
            and len(screens) < len(SHOWN)
            and 1 - left / whole >= SHOWN[len(screens)]
        ):
            window = navigator.window
            screens.append(cockpit(step, navigator.near, window))

    return Simulator(course).run(navigator, on_step), screens


def without_track(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as the command line tells it."""
    return {name: value for name, value in outcome.to_dict().items() if name != "track"}


def save(path: Path, image: Image) -> None:
    """Write a JPEG."""
    path.write_bytes(jpeg(image, 82))


if __name__ == "__main__":
    main()
