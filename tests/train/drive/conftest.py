"""What the tests of the robot's training share: made-up pictures of a heath."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.train.drive.terrain import COMMON


@pytest.fixture(scope="session")
def heath():
    """Make a picture of a heath, with its common classes, from a generator."""
    return make_heath


def make_heath(rng):
    """Sky, trees with bark, grass: a picture and its common classes."""
    kinds = np.full((96, 160), COMMON.index("grass"), np.uint8)
    kinds[: rng.integers(20, 40)] = COMMON.index("sky")
    for _ in range(4):
        x, foot = rng.integers(0, 150), rng.integers(45, 80)
        kinds[foot - 45 : foot, x : x + 12] = COMMON.index("tree")
    colours = {"grass": (90, 140, 60), "sky": (190, 200, 230), "tree": (80, 60, 50)}
    picture = np.zeros((96, 160, 3))
    for name, colour in colours.items():
        picture[kinds == COMMON.index(name)] = colour
    return np.clip(picture + rng.normal(0, 9, picture.shape), 0, 255).astype(np.uint8), kinds
