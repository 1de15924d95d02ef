"""The robot's recipe, from made-up scenes to a backbone."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from windowpane.core.netfile import load_net
from windowpane.drive.perception.backbone import Backbone
from windowpane.drive.perception.labels import NAMES, Label
from windowpane.errors import ConfigError
from windowpane.train.drive import recipe
from windowpane.train.drive.net import WINDOW
from windowpane.train.drive.recipe import train
from windowpane.train.drive.targets import labels_of, shares
from windowpane.train.drive.terrain import COMMON, strip

TINY = """
name = "heath"
maps = [8, 16, 24]
height = 30
width = 61
steps = 120
batch = 8
"""


@pytest.fixture(scope="module")
def net(tmp_path_factory, heath):
    base, rng = tmp_path_factory.mktemp("drive"), np.random.default_rng(0)
    (base / "heath.toml").write_text(TINY + "patience = 9\n")
    scenes = [heath(rng) for _ in range(12)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe, "read_terrain", lambda names, root: scenes)
        patch.setenv("WINDOWPANE_DATA", str(base))
        return train(base / "heath.toml", out=base / "run")


def test_the_backbone_is_a_net_file_that_a_robot_takes(net):
    backbone = Backbone(net)
    assert backbone.window == WINDOW
    assert backbone.count == 24
    assert backbone.names == NAMES
    features = backbone.describe(np.random.default_rng(0).normal(size=(36, 90, 3)).astype(np.float32))
    assert features.shape == (*WINDOW.map_size(36, 90), 24)
    manifest = load_net(net).manifest
    assert manifest.card["recipe"]["steps"] == 120
    log = [json.loads(line) for line in (net.parent / "log.jsonl").read_text().splitlines()]
    assert log[-1]["loss"] < 4
    assert log[-1]["aside"] < 4
    assert 0.5 < manifest.card["kept_aside"]["labels"] <= 1


def test_the_lab_s_last_layer_tells_ground_from_obstacles(net, heath):
    backbone, rng = Backbone(net), np.random.default_rng(50)
    right = count = 0
    for _ in range(20):
        band, kinds = strip(rng, *heath(rng), 60, 100, False)
        wanted = labels_of(shares(torch.from_numpy(kinds.astype(np.int64))[None], len(COMMON)))[0].numpy()
        logits = backbone.describe(band) @ backbone.lab.weights.T + backbone.lab.bias
        pure = wanted[[Label.SUPER_GROUND, Label.SUPER_OBSTACLE]].sum(0) > 0
        given = logits.argmax(-1) <= Label.GROUND
        right += int((given == (wanted[Label.SUPER_GROUND] > 0))[pure].sum())
        count += int(pure.sum())
    assert right > 0.85 * count


def test_a_run_is_not_overwritten(net):
    with pytest.raises(ConfigError, match="--resume"):
        train(net.parents[1] / "heath.toml", out=net.parent)
