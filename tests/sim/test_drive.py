"""The whole: a navigator drives in the drawn world, and drives the same again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("scipy")

from windowpane.drive.navigator import Navigator
from windowpane.errors import MissingExtraError
from windowpane.sim.render.renderer import Renderer
from windowpane.sim.robot.vehicle import RIGS
from windowpane.sim.simulator import FAR_LATENCY, Outcome, Simulator
from windowpane.sim.world.courses import Course, make


@pytest.fixture(scope="module")
def course() -> Course:
    made = make("hillside", 0)
    try:
        Renderer(made.scene, RIGS.near[0].left)
    except MissingExtraError as missing:
        pytest.skip(str(missing))
    return made


def driven(course: Course) -> Outcome:
    navigator = Navigator(course.goal, RIGS.near, RIGS.far, far_latency=FAR_LATENCY)
    return Simulator(course).run(navigator)


@pytest.mark.slow
def test_it_gets_to_a_goal_some_metres_up_the_hill_and_touches_nothing(course: Course) -> None:
    way = course.line[-1] - course.line[0]
    x, y = course.line[0] + 7 * way / np.hypot(*way)
    outcome = driven(replace(course, goal=(float(x), float(y)), timeout=25.0))
    assert outcome.reached
    assert (outcome.collisions, outcome.interventions, outcome.reason) == (0, 0, "")
    assert outcome.distance_m < 10


@pytest.mark.slow
def test_the_same_seed_is_the_same_drive(course: Course) -> None:
    short = replace(course, timeout=2.5)
    one, other = driven(short), driven(short)
    assert np.array_equal(one.track, other.track)
    assert one.vision == "far"
