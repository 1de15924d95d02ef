"""The ground and what stands on it: heights, slopes, and where a robot must not be."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from windowpane.sim.world.scene import HARD, Class, Scene, Thing
from windowpane.sim.world.terrain import CELL, Footpath, Hill, Terrain


def test_a_hill_is_as_high_as_asked_and_its_normals_lean_away_from_the_top() -> None:
    terrain = Terrain.grown(0, relief=0, bumps=0, hills=[Hill(5.0, (10.0, -4.0), 8.0)])
    assert terrain.height(10, -4) == pytest.approx(5.0, abs=0.01)
    assert terrain.height(18, -4) == pytest.approx(5 * np.exp(-0.5), abs=0.01)
    east, north = terrain.normal([16, 10], [-4, 2])
    assert east[0] > 0.3
    assert north[1] > 0.3
    assert np.linalg.norm([east, north], axis=1) == pytest.approx(1)


def test_heights_between_the_grid_s_points_are_on_the_line_between_them() -> None:
    heights = np.arange(9, dtype=np.float32).reshape(3, 3) ** 2
    terrain = Terrain(heights, np.zeros((3, 3), np.uint8), 2 * CELL)
    assert terrain.height([0, CELL / 2], [0, 0]) == pytest.approx([16, (16 + 25) / 2])
    assert terrain.height(99, 99) == pytest.approx(64)  # level beyond the edge


def test_a_path_is_where_it_was_asked_for() -> None:
    terrain = Terrain.grown(3, paths=[Footpath([(-20, 5), (20, 5)], 2.0)])
    assert (terrain.surface_at(np.linspace(-19, 19, 50), 5) == Class.PATH).all()
    assert (terrain.surface_at(np.linspace(-19, 19, 50), 9) != Class.PATH).all()


def test_the_same_seed_is_the_same_ground() -> None:
    one, same, other = (Terrain.grown(seed) for seed in (5, 5, 6))
    assert (one.heights == same.heights).all()
    assert (one.surface == same.surface).all()
    assert not (one.heights == other.heights).all()


def test_only_what_is_hard_is_blocked() -> None:
    assert {Class.BUSH, Class.WALL, Class.PERSON} < HARD
    things = [Thing(Class.TALL_GRASS, 0, 0, 0, (1, 1, 0.5)), Thing(Class.WALL, 5, 2, pi / 2, (4, 0.4, 1.5))]
    plan = Scene(Terrain.flat(), things).blocked()
    assert not plan.at(0, 0)
    assert plan.at([5, 5, 5.15], [0.1, 3.9, 2]).all()  # it lies north to south
    assert not plan.at([4.7, 5, 5.35], [2, 4.2, 2]).any()
    assert plan.at(61, 0)  # and so is the world's end
    assert plan.mask.sum() * plan.cell**2 == pytest.approx(4 * 0.4, rel=0.3)


def test_under_a_tree_only_its_trunk_is_in_the_way() -> None:
    plan = Scene(Terrain.flat(), [Thing(Class.TREE, 0, 0, 0, (4, 4, 6))]).blocked()
    assert plan.at(0.15, 0)
    assert not plan.at(0.6, 0)


class Walk:
    def at(self, time: float) -> tuple[float, float]:
        return 3.0, 1.2 * time


def test_people_are_where_their_walk_takes_them_and_look_there() -> None:
    (thing,) = Scene(Terrain.flat(), persons=[Walk()]).at(2.0)
    assert (thing.kind, thing.x, thing.y) == (Class.PERSON, 3.0, pytest.approx(2.4))
    assert thing.yaw == pytest.approx(pi / 2)
