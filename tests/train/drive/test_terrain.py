"""Scenes of several sets, with one set of classes for all."""

import numpy as np
import pytest

from windowpane.data.scenes import UNKNOWN
from windowpane.errors import DataError
from windowpane.train.drive.terrain import COMMON, GROUND, common, scene_set, strips


def test_classes_that_mean_the_same_are_one():
    labels = np.array([[0, 1, 5, UNKNOWN]], np.uint8)
    names = ("road", "car", "high vegetation", "a", "b", "foreground")
    names = tuple(name if name not in ("a", "b") else "sky" for name in names)
    found = common(labels, names)[0]
    assert COMMON[found[0]] in GROUND
    assert COMMON[found[1]] == COMMON[found[2]] == "object"
    assert found[3] == UNKNOWN
    with pytest.raises(DataError, match="'moon'"):
        scene_set("moon", None)


def test_a_pass_of_strips_is_the_same_for_the_same_seed_and_some_are_grey(heath):
    rng = np.random.default_rng(0)
    scenes = [heath(rng) for _ in range(8)]
    options = {"size": 4, "height": 30, "width": 61}
    one, same = (list(strips(scenes, grey=0.5, seed=(1, 0), **options)) for _ in range(2))
    assert [batch.bands.shape for batch in one] == [(4, 3, 30, 61)] * 2
    assert all((a.bands == b.bands).all() for a, b in zip(one, same, strict=True))
    plain = [float(band[1:].abs().max()) < 1e-3 for batch in one for band in batch.bands]
    assert 0 < sum(plain) < 8
