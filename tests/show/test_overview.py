"""The course from above."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from windowpane.errors import ArgumentError
from windowpane.show.overview import THINGS, overview
from windowpane.sim.world.scene import Class, Scene, Thing
from windowpane.sim.world.terrain import Terrain


def test_the_overview_shows_things_ways_and_north_up():
    block = Thing(Class.WALL, 0.0, 6.0, 0.0, (4.0, 4.0, 2.0))
    scene = Scene(Terrain.flat(), [block])
    image = overview(scene, {"way": [[-5.0, 0.0], [5.0, 0.0]]}, (5.0, 0.0), 400)
    assert max(image.shape) == 400
    height = image.shape[0]
    brick = np.abs(image.astype(int) - THINGS[Class.WALL]).sum(axis=2) < 12
    rows = np.flatnonzero(brick.any(axis=1))
    assert rows.size
    assert rows.mean() < height / 2
    assert (image[height // 2 - 4 : height // 2 + 4] == 255).all(axis=2).any()


@pytest.mark.parametrize("ways", [{}, {"way": []}])
def test_an_overview_needs_a_way(ways):
    with pytest.raises(ArgumentError, match="give at least one"):
        overview(Scene(Terrain.flat(), []), ways, (5.0, 0.0))
