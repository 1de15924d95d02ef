"""The route: around what is blocked, over what is cheap, and what is left to go from anywhere."""

from __future__ import annotations

import builtins
import re

import numpy as np
import pytest

from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.mapping.inflation import UNSEEN
from windowpane.drive.planning.planner import Route, plan
from windowpane.errors import MissingExtraError, install


def squares(xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """Points (N, 3), many in every cell of a rectangle."""
    x, y = np.meshgrid(xs, ys)
    return np.column_stack([x.ravel(), y.ravel(), 0 * x.ravel()])


def seen(*walls: tuple[float, float, float, float]) -> CostMap:
    """A map whose ground is free 12 m around but for walls (x0, y0, x1, y1)."""
    costmap = CostMap()
    points = squares(np.arange(-12, 12, 0.1), np.arange(-12, 12, 0.1))
    for x0, y0, x1, y1 in walls:
        under = np.abs(points[:, :2] - ((x0 + x1) / 2, (y0 + y1) / 2)) < (
            (x1 - x0) / 2 + 0.2,
            (y1 - y0) / 2 + 0.2,
        )
        points = points[~under.all(axis=1)]
        wall = squares(np.arange(x0, x1, 0.05), np.arange(y0, y1, 0.05))
        costmap.add_near(wall, np.ones(len(wall), bool), 0.0)
    for _ in range(2):
        costmap.add_near(points, np.zeros(len(points), bool), 0.0)
    return costmap


def length(points: np.ndarray) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


@pytest.mark.parametrize("goal", [(9.0, 0.0), (-5.0, 6.0), (0.3, -8.2)])
def test_over_free_ground_the_way_is_straight(goal: tuple[float, float]) -> None:
    route = plan(seen(), goal, 0.0)
    assert route.reached
    assert length(route.points) < 1.02 * np.hypot(*goal) + 0.2
    assert route.cost == pytest.approx(np.hypot(*goal), rel=0.05)
    assert route.points[0].tolist() == [0, 0]
    assert route.points[-1].tolist() == list(goal)


def test_it_goes_around_a_wall_where_that_is_shorter() -> None:
    route = plan(seen((4, -6, 4.4, 3)), (8.0, 0.0), 0.0)
    assert route.reached
    crossing = route.points[np.argmin(np.abs(route.points[:, 0] - 4.2))]
    assert 3.4 < crossing[1] < 5.5
    assert length(route.points) < 1.2 * (np.hypot(4, 3.6) + np.hypot(4, 3.6))


def test_it_backs_out_of_a_dead_end() -> None:
    route = plan(seen((4, -2, 4.4, 2.4), (-2, -2.4, 4.4, -2), (-2, 2, 4.4, 2.4)), (8.0, 0.0), 0.0)
    assert route.reached
    assert route.points[:, 0].min() < -2
    assert length(route.points) > 14


def test_a_goal_that_is_shut_in_is_said_to_be_so() -> None:
    box = (5, -2, 5.4, 2), (8.6, -2, 9, 2), (5, -2, 9, -1.6), (5, 1.6, 9, 2)
    route = plan(seen(*box), (7.0, 0.0), 0.0)
    assert not route.reached
    assert "blocked" in route.reason


def test_a_robot_in_what_is_blocked_still_finds_its_way_out() -> None:
    route = plan(seen((-0.3, -0.3, 0.3, 0.3)), (8.0, 0.0), 0.0)
    assert route.reached


def test_a_goal_beyond_the_map_is_aimed_at() -> None:
    route = plan(CostMap(), (0.0, 1000.0), 0.0)
    assert route.reached
    assert route.points[-1] == pytest.approx([0, 180], abs=25)
    assert route.cost == pytest.approx(UNSEEN * 1000, rel=0.05)


def test_the_field_falls_along_the_way_and_is_the_cost_to_go() -> None:
    route = plan(seen((4, -6, 4.4, 3)), (8.0, 0.0), 0.0)
    values = route.field.at(route.points[::4])
    assert (np.diff(values) < 0.1).all()
    assert values[0] == pytest.approx(route.cost, rel=0.05)
    assert route.field.at([3.4, 0.0]) > route.field.at([4.2, 4.0])
    assert np.isfinite(route.field.at([[500.0, 500.0], [0.0, 0.0]])).all()


def test_the_field_stays_where_it_is_when_the_robot_drives_on() -> None:
    costmap = seen()
    route = plan(costmap, (8.0, 0.0), 0.0)
    before = route.field.at([5.0, 1.0])
    T = np.eye(4)
    T[:2, 3] = 2.0, 0.5
    costmap.move(T)
    assert route.field.at([5.0, 1.0]) == before
    assert plan(costmap, (8.0, 0.0), 0.0).field.at([5.0, 1.0]) == pytest.approx(before, abs=0.4)


def test_a_search_that_ends_early_finds_the_same_way() -> None:
    costmap = seen((4, -6, 4.4, 3))
    whole = plan(costmap, (8.0, 0.0), 0.0)
    for last in (whole, plan(seen(), (8.0, 0.0), 0.0)):  # also if it was cheaper before
        again = plan(costmap, (8.0, 0.0), 0.0, last)
        assert length(again.points) == pytest.approx(length(whole.points), rel=0.02)
        assert 0.75 * whole.cost < again.cost <= whole.cost


def test_it_does_not_change_its_mind_for_little() -> None:
    left = plan(seen((4, -3.6, 4.4, 3)), (8.0, 0.0), 0.0)
    little, much = seen((4, -3, 4.4, 3.6)), seen((4, -3, 4.4, 8))

    def side(route: Route) -> float:
        return float(route.points[np.argmin(np.abs(route.points[:, 0] - 4.2)), 1])

    assert side(left) > 3
    assert side(plan(little, (8.0, 0.0), 0.0)) < -3
    assert side(plan(little, (8.0, 0.0), 0.0, left)) > 3
    assert side(plan(much, (8.0, 0.0), 0.0, left)) < -3


def test_without_scipy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.startswith("scipy"):
            raise ImportError(name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=re.escape(install("drive"))):
        plan(CostMap(), (5.0, 0.0), 0.0)
