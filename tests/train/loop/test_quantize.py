"""Nets of 8 bits: smaller, and of the same opinion."""

from importlib import resources

import numpy as np
import onnx
import pytest

from windowpane.core.engine import Engine
from windowpane.core.netfile import load_net
from windowpane.detect.detector import Detector
from windowpane.errors import DataError, NetFileError
from windowpane.images import load
from windowpane.read.reader import Reader
from windowpane.train.loop.quantize import quantize

DEMO = resources.files("windowpane") / "demo"


def picture(name):
    return load((DEMO / name).read_bytes())


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    lines = [picture(name) for name in ("ink.png", "chalk.png", "pencil.png")]
    return quantize("digits", lines, tmp_path_factory.mktemp("nets") / "digits8.onnx")


def whole_numbers(net):
    """Return the share of a net's weights that are stored in 8 bits."""
    weights = [one for one in onnx.load_model_from_string(net.data).graph.initializer if len(one.dims) > 1]
    small = [one for one in weights if one.data_type == onnx.TensorProto.INT8]
    return sum(np.prod(one.dims) for one in small) / sum(np.prod(one.dims) for one in weights)


def test_the_file_is_a_third_and_its_weights_are_whole_numbers(digits):
    assert len(digits.data) < len(load_net("digits").data) / 3
    assert whole_numbers(digits) == 1


def test_it_reads_a_line_that_it_was_not_shown(digits):
    reading = Reader(digits.source).read(picture("ruled.png"))
    assert reading.text == "94720"
    assert abs(reading.confidence - Reader().read(picture("ruled.png")).confidence) < 0.05


def test_the_scores_are_nearly_the_same(digits):
    ink = np.random.default_rng(0).integers(0, 256, (32, 160), dtype=np.uint8)
    for one, other in zip(Engine("digits").run(ink), Engine(digits).run(ink), strict=True):
        assert 0 < np.abs(one.scores - other.scores).max() < 0.1 * np.abs(one.scores).max()


def test_the_manifest_is_that_of_the_net_but_for_scores_that_are_no_longer_its_own(digits):
    before, after = load_net("digits").manifest, digits.manifest
    assert after.card["precision"] == "int8"
    assert "scores" not in after.card
    assert (after.outputs, after.settings, after.threshold) == (
        before.outputs,
        before.settings,
        before.threshold,
    )


def test_a_detector_and_its_cascade_stage(tmp_path):
    net = quantize("faces", [picture("portrait.jpg")], tmp_path / "faces8.onnx")
    assert whole_numbers(net) == whole_numbers(net.second) == 1
    (box,), (same,) = (Detector(each).detect(picture("portrait.jpg")).boxes for each in ("faces", net))
    np.testing.assert_allclose(same, box, atol=6)  # a tenth of the face


def test_pictures_may_be_named(tmp_path):
    with resources.as_file(DEMO / "ink.png") as path:
        assert quantize("digits", [path], tmp_path / "net.onnx").manifest.name == "digits"


def test_what_cannot_be_is_explained(tmp_path):
    with pytest.raises(DataError, match="no pictures"):
        quantize("digits", [], tmp_path / "net.onnx")
    with pytest.raises(DataError, match="nothing to look at"):  # no face, so no second look
        quantize("faces", [np.zeros((60, 60, 3), np.uint8)], tmp_path / "net.onnx")
    with pytest.raises(NetFileError, match="'drive'"):
        quantize("ground", [picture("rocket.jpg")], tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())
