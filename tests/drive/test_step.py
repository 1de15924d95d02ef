"""What a step tells of itself."""

from __future__ import annotations

import json

import numpy as np
import pytest

from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.perception.near import Obstacles
from windowpane.drive.planning.controller import Command
from windowpane.drive.step import Step


@pytest.fixture
def step() -> Step:
    return Step(
        time=12.3,
        command=Command(0.5, -0.2, "drives"),
        route=None,
        map=CostMap(),
        pose=np.eye(4),
        place=(1.0, 2.0),
        goal_odom=(9.0, 0.0),
        reached=False,
        sights=(),
        far_time=None,
        near=Obstacles.none(np.eye(4)),
        reasons=("dark",),
    )


def test_it_fits_in_a_line(step: Step) -> None:
    assert repr(step) == ("Step(12.3 s, at (1.0, 2.0), 0.50 m/s, -0.20 rad/s, drives, reasons=('dark',))")


def test_it_is_plain_json(step: Step) -> None:
    told = json.loads(json.dumps(step.to_dict()))
    assert told["command"] == {"speed": 0.5, "turn": -0.2}
    assert told["route"] == []
    assert told["reasons"] == ["dark"]
