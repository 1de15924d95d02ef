"""From score maps to boxes: which cells count, where their boxes lie, and which of them stay."""

import math

import numpy as np
import pytest

from windowpane.core.engine import ScoreMap
from windowpane.core.pyramids import Level
from windowpane.detect.decoder import Anchors, Candidates, Decoder
from windowpane.errors import ArgumentError, NetFileError


@pytest.fixture(scope="module")
def decoder(make_net):
    """Of a net whose windows of 32 pixels, in steps of 4, look for discs of 20 pixels."""
    return Decoder(make_net(labels=("disc", "ball"), object_size=20, threshold=0.5).manifest)


@pytest.fixture
def level():
    """A level of half the picture's size; its map has 3 x 4 cells."""
    return Level(np.zeros((40, 44), np.uint8), (0.5, 0.5))


def maps_of(decoder, **cells):
    """Maps of 3 x 4 cells, all below the threshold but those given: ``disc`` or ``ball`` = (row, column)."""
    score = np.full((2, 3, 4), -5, np.float32)
    for name, (row, col) in cells.items():
        score[decoder.names.index(name), row, col] = 1.5
    values = {"box": np.zeros((4, 3, 4), np.float32), "landmarks": np.zeros((10, 3, 4), np.float32)}
    return [ScoreMap(name, (), one, decoder.window) for name, one in {"score": score, **values}.items()]


def test_cells_above_the_threshold_are_candidates_each_of_its_class(decoder, level):
    candidates = decoder.candidates(level, maps_of(decoder, disc=(1, 2), ball=(2, 0)))
    assert candidates.class_ids.tolist() == [0, 1]
    assert candidates.logits.tolist() == [1.5, 1.5]
    assert candidates.anchors.windows.tolist() == [[16, 8, 80, 72], [0, 16, 64, 80]]  # of the picture
    assert candidates.anchors.sizes.tolist() == [[40, 40], [40, 40]]
    assert decoder.candidates(level, maps_of(decoder)) is None


def test_a_box_lies_where_the_net_moves_and_stretches_its_anchor(decoder):
    anchors = Anchors(np.array([[0.0, 0, 64, 64]]), np.array([[40.0, 40]]))
    box = np.array([[0.5, -0.25, math.log(2), 0]], np.float32)
    landmarks = np.tile(np.float32([0.1, 0.2]), 5)[None]
    candidates = Candidates(anchors, np.zeros(1), np.zeros(1, np.intp), (box, landmarks))
    found = decoder.regress(candidates, decoder.nothing(480, 640))
    np.testing.assert_allclose(found.boxes, [[12, 2, 92, 42]], atol=1e-5)  # 80 x 40 about (52, 22)
    np.testing.assert_allclose(found.landmarks, np.tile([36, 40], (1, 5, 1)), atol=1e-5)
    assert found.confidence.tolist() == [0.5]
    assert (found.width, found.height) == (640, 480)


def test_all_levels_are_decoded_together_and_none_is_an_answer_too(decoder, level):
    nothing = decoder.nothing(80, 88)
    some = decoder.candidates(level, maps_of(decoder, disc=(1, 2), ball=(2, 0)))
    assert len(decoder.decode([None, some, some], nothing)) == 4
    assert decoder.decode([None, None], nothing) is nothing


def test_of_boxes_of_a_class_that_overlap_the_surest_stays(decoder, level):
    near = decoder.candidates(level, maps_of(decoder, disc=(1, 2), ball=(1, 2)))
    surer = decoder.candidates(level, maps_of(decoder, disc=(1, 1)))
    surer.logits[:] = 3
    found = decoder.nms(decoder.decode([near, surer], decoder.nothing(80, 88)))
    assert [(one.name, round(one.confidence, 2)) for one in found] == [("disc", 0.95), ("ball", 0.82)]


@pytest.mark.parametrize(("threshold", "logit"), [(0.5, 0.8), (0.9, 0.8 + 2 * math.log(9)), (0, -math.inf)])
def test_the_threshold_on_logits_goes_through_the_calibration(make_net, threshold, logit):
    decoder = Decoder(make_net(calibration=[0.5, -0.4]).manifest, threshold)
    assert decoder.logit_threshold == pytest.approx(logit)


@pytest.mark.parametrize("threshold", [-0.1, 1.5, math.nan])
def test_a_threshold_that_is_no_probability_is_refused(net, threshold):
    with pytest.raises(ArgumentError, match="no probability"):
        Decoder(net.manifest, threshold)


@pytest.mark.parametrize(
    ("different", "complaint"),
    [
        ({"task": "read"}, "the task 'read'.*train detect"),
        ({"object_size": None}, "'object_size' above 0"),
        ({"object_size": "20"}, "'object_size' above 0"),
        ({"overlap": 2}, "'overlap' of 0 to 1"),
        ({"aspect": 0}, "'aspect'"),
        ({"calibration": [0, 1]}, "'calibration'"),
        ({"calibration": 3}, "'calibration'"),
    ],
)
def test_a_net_that_is_no_detector_says_what_it_lacks(make_net, different, complaint):
    with pytest.raises(NetFileError, match=complaint):
        Decoder(make_net(**different).manifest)
