"""Characters on a page, with a net that takes dark blots of one size for digits."""

import math

import numpy as np
import onnx
import pytest

from windowpane.core.netfile import Manifest, Output, save
from windowpane.core.windows import Window
from windowpane.errors import NetFileError
from windowpane.read.pages.characters import DIGIT, CharacterFinder, Characters

SIDE = 32  # of the window, pixels
BLOT = 16


def blots_net(path, task="strings"):
    """A net whose score is high where the middle of the window is dark and its rim is light."""
    proto = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[N, 1, H, W] image) => (float[N, 3, R, C] score, float[N, 5, S, D] place) {
            score = Conv<strides = [4, 4]>(image, kernel, bias)
            place = Conv<strides = [4, 4]>(image, nothing, where)
        }""")
    rim = np.full((SIDE, SIDE), 10.0 / (SIDE**2 - BLOT**2))
    edge = (SIDE - BLOT) // 2
    rim[edge:-edge, edge:-edge] = -10.0 / BLOT**2
    kernel = np.stack([rim, 0 * rim, 0 * rim])[:, None]
    values = {
        "kernel": kernel,
        "bias": np.array([-5.0, -20.0, -20.0]),
        "nothing": np.zeros((5, 1, SIDE, SIDE)),
        "where": np.array([0.0, 0.0, 0.0, math.cos(0.2), math.sin(0.2)]),
    }
    for name, value in values.items():
        proto.graph.initializer.append(onnx.numpy_helper.from_array(value.astype(np.float32), name))
    window = Window(SIDE, SIDE, (4, 4))
    outputs = (
        Output("score", ("digit", "letter", "mark"), window),
        Output("place", ("x", "y", "height", "cos", "sin"), window),
    )
    settings = {"object_size": float(BLOT), "reach": 1.45}
    manifest = Manifest("blots", task, 1, "grey", (0.0,), (1.0,), outputs, None, settings)
    return save(path, proto.SerializeToString(), manifest)


@pytest.fixture(scope="module")
def finder(tmp_path_factory):
    return CharacterFinder(blots_net(tmp_path_factory.mktemp("nets") / "blots.onnx"))


def page(*blots, size=(96, 128)):
    pixels = np.full(size, 255, np.uint8)
    for x, y, side in blots:
        pixels[y : y + side, x : x + side] = 0
    return pixels


def test_a_character_is_found_once_where_it_is(finder):
    found = finder.find(page((40, 32, 16)))
    assert len(found) == 1
    assert found.middles[0] == pytest.approx([48, 40], abs=3)
    assert found.heights[0] == pytest.approx(16, rel=0.4)
    assert found.angles[0] == pytest.approx(0.2)
    assert found.class_ids.tolist() == [DIGIT]


@pytest.mark.parametrize("side", [16, 32, 64, 90])
def test_large_ones_are_found_on_smaller_levels(finder, side):
    found = finder.find(page((64, 64, side), size=(256, 256)))
    assert found.heights[0] == pytest.approx(side, rel=0.4)
    assert found.middles[0] == pytest.approx([64 + side / 2] * 2, abs=0.2 * side)


def test_those_at_the_edge_are_seen_and_colours_are_made_grey(finder):
    pixels = page((0, 0, 16), (112, 80, 16))
    found = finder.find(np.stack([pixels] * 3, axis=2))
    for corner in ([8, 8], [120, 88]):
        assert np.hypot(*(found.middles - corner).T).min() < 5


def test_blank_and_tiny_pages_hold_nothing(finder):
    assert len(finder.find(page())) == 0
    assert len(finder.find(np.full((3, 5), 200, np.uint8))) == 0
    assert finder.find(page()).class_ids.tolist() == []


def test_characters_are_chosen_by_a_mask():
    some = Characters(np.arange(6.0).reshape(3, 2), np.ones(3), np.zeros(3), np.eye(3))
    assert some[np.array([True, False, True])].class_ids.tolist() == [0, 2]


def test_another_net_is_no_finder(tmp_path):
    with pytest.raises(NetFileError, match="train strings"):
        CharacterFinder(blots_net(tmp_path / "other.onnx", task="read"))
