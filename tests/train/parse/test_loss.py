"""What a parser's answer costs."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from windowpane.core.netfile import load_net
from windowpane.train.loop.weights import count_parameters
from windowpane.train.parse.batches import batches
from windowpane.train.parse.config import Config
from windowpane.train.parse.loss import Geometry, class_weights, cross_entropy, loss
from windowpane.train.parse.net_file import write_net
from windowpane.train.parse.recipe import make_net


def test_what_each_level_says_alone_counts_in_training_and_is_not_in_the_file(shore, scene, tmp_path):
    config = replace(Config.load(shore / "shore.toml"), drop=0.0, blind=0.0, auxiliary=0.3)
    net = make_net(config, 3)
    views = zip(*([some] * 2 for some in scene(np.random.default_rng(0))), strict=True)
    kinds = {"pyramid": config.pyramid, "levels": config.levels, "window": net.window}
    (batch,) = batches(list(views), size=2, augmentation=config.augmentation, seed=(1, 0), **kinds)
    cost = partial(loss, net, Geometry.of(config, net.window), torch.ones(3))
    none, half, whole = (cost(auxiliary, batch).item() for auxiliary in (0.0, 0.5, 1.0))
    assert whole - none > 3 * 0.5  # three levels that know nothing yet
    assert half - none == pytest.approx((whole - none) / 2, rel=1e-3)
    net.eval()
    assert cost(0.0, batch).item() == cost(1.0, batch).item()
    card = load_net(write_net([net], ("sky", "sand", "water"), config, tmp_path / "net.onnx")).manifest.card
    assert card["parameters"] == count_parameters(make_net(replace(config, auxiliary=0), 3))


def test_rare_classes_count_more_the_more_they_are_balanced():
    labels = np.zeros((10, 10), np.uint8)
    labels[0] = 1
    scenes = [(np.zeros((10, 10, 3), np.uint8), labels)]
    assert class_weights(scenes, 2, 0.0).tolist() == [1, 1]
    rare = [float(class_weights(scenes, 2, balance)[1]) for balance in (0.3, 0.6, 1.0)]
    assert 1 < rare[0] < rare[1] < rare[2] == pytest.approx(5)


def test_of_classes_that_are_not_known_nothing_is_learned():
    probabilities = torch.full((1, 2, 1, 3), 0.5, requires_grad=True)
    value = cross_entropy(probabilities, torch.tensor([[[0, 1, 255]]]), torch.tensor([1.0, 3.0]))
    value.backward()
    assert value.item() == pytest.approx(-np.log(0.5), rel=1e-3)
    assert probabilities.grad[0, :, 0, 2].tolist() == [0, 0]
