"""The courses as an environment to learn in: what Gymnasium checks, and what the reward is."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env

from windowpane.errors import MissingExtraError
from windowpane.sim.environment import CourseEnv
from windowpane.sim.render.renderer import Renderer
from windowpane.sim.robot.vehicle import RIGS
from windowpane.sim.world.courses import make


@pytest.fixture(autouse=True)
def drawn() -> None:
    try:
        Renderer(make("hillside", 0).scene, RIGS.near[0].left)
    except MissingExtraError as missing:
        pytest.skip(str(missing))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_gymnasium_finds_nothing_wrong() -> None:
    check_env(CourseEnv("hillside"), skip_render_check=True)


@pytest.mark.slow
def test_driving_towards_the_goal_is_rewarded_by_the_metre() -> None:
    env = CourseEnv("hillside", render_mode="rgb_array")
    first, info = env.reset(seed=0)
    total = 0.0
    for _ in range(30):
        seen, reward, terminated, truncated, after = env.step(np.array([1.0, 0.0], np.float32))
        total += reward
    assert not terminated
    assert not truncated
    assert 1.5 < total == pytest.approx(info["left_m"] - after["left_m"])
    assert seen["motion"][:2] == pytest.approx([1, 1], abs=0.1)
    assert first["pictures"].shape == (2, 2, 120, 160, 3)
    assert np.hypot(*first["goal"]) == pytest.approx(info["left_m"], abs=4)  # as well as GPS knows
    picture = env.render()
    assert picture is not None
    assert picture.shape == (384, 1024, 3)
