"""The map as the operator sees it."""

from __future__ import annotations

import numpy as np

from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.mapping.map_picture import BUMPED, LEGEND, LETHAL, UNSEEN, WAY, colours, drawn


def patch(x: float, y: float, half: float) -> np.ndarray:
    """Points (N, 3) all over a square of ground."""
    along = np.arange(-half, half, 0.04)
    return np.array([(x + a, y + b, 0.0) for a in along for b in along])


def test_the_picture_has_the_original_screens_colours_and_ahead_above() -> None:
    costmap, T = CostMap(), np.eye(4)
    T[:2, :2] = [[0, -1], [1, 0]]  # looks along y
    costmap.move(T)
    wall = np.concatenate([patch(x, 8, 0.4) for x in np.arange(-3, 3, 0.4)])
    costmap.add_near(wall, np.ones(len(wall), bool), 0.0)
    costmap.bump(T, 0.0)
    image = drawn(costmap, 300, [[0, 0], [0, 5]], now=0.0)
    assert image.shape == (300, 300, 3)
    assert image.dtype == np.uint8
    magenta = np.argwhere((image == LETHAL).all(axis=-1))
    assert magenta[:, 0].max() < 150  # all of it above the middle
    assert (image == BUMPED).all(axis=-1).any()
    assert (image[220:260, 140:160] == UNSEEN).all(axis=-1).mean() > 0.8


def test_a_goal_is_marked_and_one_beyond_the_map_on_its_rim() -> None:
    plain = drawn(CostMap(), 300)
    for goal in ((30.0, 0.0), (1000.0, 0.0)):
        marked = drawn(CostMap(), 300, goal=goal)
        new = np.argwhere((marked == WAY).all(axis=-1) & (plain != WAY).any(axis=-1))
        assert len(new)
        assert new[:, 0].max() < 150


def test_what_costs_more_has_another_colour_and_blocked_and_unseen_have_their_own() -> None:
    cost = np.array([1.0, 4.0, 14.0, np.inf, 2.0], np.float32)
    free, doubtful, costly, blocked, unseen = colours(cost, np.array([True] * 4 + [False])).tolist()
    told = {name: list(colour) for colour, name in LEGEND}
    expected = (told["free"], told["doubtful"], told["costly"])
    for one, other in zip((free, doubtful, costly), expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1)
    assert blocked == told["blocked"]
    assert unseen == told["unseen"]
