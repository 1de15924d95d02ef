"""A parser's net taken apart and given another last layer: that is a parser's net like any other."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from windowpane import Parser
from windowpane.core.engine import Engine
from windowpane.core.last_layer import LastLayer
from windowpane.core.netfile import load_net
from windowpane.errors import NetFileError
from windowpane.teach.nets import backbone_of, features_of, folded
from windowpane.teach.strokes import Stroke

NAMES = ("grass", "water", "brick")


def test_the_backbones_of_a_net_have_one_output_of_features_each():
    backbone = backbone_of(load_net("scenes"))
    assert len(backbone.chain) == 2, "one for the first level and one for the others"
    for one in backbone.chain:
        (seen,) = Engine(one).run(np.zeros((100, 120, 3), np.float32))
        assert seen.name == "features"
    _, *others = features_of(backbone)
    assert seen.scores.shape[0] == others[-1]
    assert len(others) == 3
    assert len(set(others)) == 1


def test_a_layer_for_features_less_their_mean_over_their_deviation_is_folded_into_one_for_the_features():
    rng = np.random.default_rng(0)
    features, mean = rng.normal(3, 2, (50, 6)).astype(np.float32), rng.normal(3, 1, 6).astype(np.float32)
    deviation = rng.uniform(0.5, 2, 6).astype(np.float32)
    layer = LastLayer(rng.normal(0, 1, (4, 6)).astype(np.float32), rng.normal(0, 1, 4).astype(np.float32))
    one = folded(layer, mean, deviation)
    expected = (features - mean) / deviation @ layer.weights.T + layer.bias
    np.testing.assert_allclose(features @ one.weights.T + one.bias, expected, atol=1e-4)


def test_a_taught_net_is_a_parsers_net_and_gives_the_same_labels(teacher, tmp_path, field, dabs):
    picture, _ = field()
    seen = teacher.look(picture)
    layer = teacher.learn([(seen, dabs())], 3)
    net = teacher.net(layer, NAMES, "field", 1)
    (tmp_path / "field.onnx").write_bytes(net.data)
    parser = Parser(tmp_path / "field.onnx")
    scene = parser.parse(picture)
    assert scene.names == NAMES
    assert (scene.class_ids == teacher.label(seen, layer, NAMES).class_ids).mean() > 0.999
    assert "brush" in parser.manifest.card["recipe"]


def test_a_taught_net_sees_larger_pictures_as_small_as_those_it_was_taught_with(teacher, tmp_path, field):
    picture, truth = field(height=680, width=1020)
    wide = [Stroke(label, [(170 + 340 * label, 300), (190 + 340 * label, 330)], 30) for label in range(3)]
    layer = teacher.learn([(teacher.look(picture), wide)], 3)
    (tmp_path / "field.onnx").write_bytes(teacher.net(layer, NAMES, "field", 1).data)
    large = cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    parsed = Parser(tmp_path / "field.onnx").parse(large)
    assert parsed.class_ids.shape == large.shape[:2]
    expected = cv2.resize(truth.astype(np.uint8), large.shape[1::-1], interpolation=0)
    assert (parsed.class_ids == expected).mean() > 0.85


def test_a_net_without_a_single_backbone_is_refused():
    with pytest.raises(NetFileError, match="no single backbone"):
        backbone_of(load_net("digits"))
