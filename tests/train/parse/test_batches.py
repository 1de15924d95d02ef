"""Batches of labelled scenes."""

import numpy as np
import pytest
import torch

from windowpane.core.windows import Window
from windowpane.parse.scales import levels_of
from windowpane.train.loop.augment import Augmentation
from windowpane.train.parse.batches import MOMENTS, batches

OPTIONS = {
    "augmentation": Augmentation(48, 64),
    "pyramid": "gaussian",
    "levels": 2,
    "window": Window(7, 7, (2, 2)),
}


def test_a_pass_has_every_scene_in_whole_batches_of_padded_levels(scene):
    rng = np.random.default_rng(0)
    scenes = [scene(rng) for _ in range(5)]
    made = list(batches(scenes, size=2, seed=(1, 0), **OPTIONS))
    assert len(made) == 2  # the fifth is left for another pass
    sizes = [
        level.image.shape[:2]
        for level in levels_of(np.zeros((48, 64, 3), np.uint8), "gaussian", 2, OPTIONS["window"])
    ]
    for batch in made:
        assert [tuple(level.shape) for level in batch.levels] == [(2, 3, *size) for size in sizes]
        assert (batch.labels.shape, batch.labels.dtype) == ((2, 48, 64), torch.int64)


def test_a_pass_is_the_same_for_the_same_seed(scene):
    scenes = [scene(np.random.default_rng(0)) for _ in range(4)]
    one, same, other = (next(batches(scenes, size=4, seed=(1, n), **OPTIONS)) for n in (0, 0, 1))
    torch.testing.assert_close(one.levels[1], same.levels[1])
    assert not torch.equal(one.levels[1], other.levels[1])


def test_a_few_scenes_fill_a_batch_together(scene):
    (batch,) = batches([scene(np.random.default_rng(0))], size=3, seed=(1, 0), **OPTIONS)
    assert len(batch.labels) == 3


def test_the_input_is_normalized_as_the_net_file_says():
    mean, std = MOMENTS["gaussian"]
    grey = np.full((96, 128, 3), 128, np.uint8), np.zeros((96, 128), np.uint8)
    plain = OPTIONS | {"augmentation": Augmentation(48, 64, colour=0.0)}
    (batch,) = batches([grey], size=1, seed=(1, 0), **plain)
    assert batch.levels[0].numpy() == pytest.approx((128 / 255 - mean) / std, abs=1e-6)
