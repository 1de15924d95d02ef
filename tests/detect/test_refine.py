"""The cascade: what the first net lets pass too easily, the second one verifies."""

import base64

import numpy as np
import onnx
import pytest

from windowpane.core.boxes import overlap
from windowpane.core.netfile import SECOND, load_net
from windowpane.detect.detector import Detector
from windowpane.errors import ArgumentError, NetFileError

DISCS = [(60, 70, 20), (150, 60, 28), (270, 80, 44), (130, 330, 110), (430, 300, 200)]


def box_of(x, y, size):
    return [x - size / 2, y - size / 2, x + size / 2, y + size / 2]


@pytest.fixture(scope="module")
def credulous(make_net):
    """A net that takes for a disc what only looks a little like one."""
    return make_net(threshold=0.02)


@pytest.fixture(scope="module")
def both(make_net):
    """The same, with a second net that is strict: an object of 20 pixels fills its discs exactly."""
    return make_net(threshold=0.02, second=make_net(threshold=0.9, nominal=20))


@pytest.fixture(scope="module")
def scene(discs):
    """Discs, and bright bars that are none."""
    image = discs(640, 480, *DISCS)
    for x, y, width, height in [(330, 60, 12, 70), (470, 60, 90, 30), (30, 150, 24, 12), (600, 130, 30, 60)]:
        image[y : y + height, x : x + width] = 235
    return image


def test_what_only_looks_like_an_object_at_first_is_left_out(credulous, both, scene):
    first, answer = Detector(credulous).detect(scene), Detector(both).detect(scene)
    assert len(first) > len(DISCS)
    assert len(answer) == len(DISCS)
    places = [box_of(*disc) for disc in DISCS]
    assert (overlap(places, answer.boxes).max(axis=1) > 0.9).all()
    assert (np.diff(answer.confidence) <= 0).all()


@pytest.mark.parametrize("size", [18, 20, 25, 31, 40, 57, 95, 160, 320])
def test_boxes_and_landmarks_are_the_second_nets_in_pixels_of_the_picture(both, discs, size):
    x, y = 331.3, 238.6
    (disc,) = Detector(both).detect(discs(640, 480, (x, y, size)))
    np.testing.assert_allclose(disc.box, box_of(x, y, size), atol=0.5 + 0.01 * size)
    face = np.array([[-0.2, -0.1], [0.2, -0.1], [0, 0.05], [-0.15, 0.25], [0.15, 0.25]])
    np.testing.assert_allclose(disc.landmarks, np.array([x, y]) + size * face, atol=1 + 0.01 * size)


@pytest.mark.parametrize("size", [22, 60, 140])
def test_an_object_at_the_edge_is_judged_whole_and_its_box_ends_there(both, discs, size):
    (disc,) = Detector(both).detect(discs(397, 291, (397 - size / 2, 291 - size / 2, size)))
    assert overlap([disc.box], [box_of(397 - size / 2, 291 - size / 2, size)])[0, 0] > 0.8
    assert max(disc.box[2] - 397, disc.box[3] - 291) <= 0


@pytest.fixture(scope="module")
def leaning(make_net):
    """A second net to which the right half of a disc counts three times as much as the left one."""

    def make(**settings):
        return make_net(threshold=0.02, second=make_net(threshold=0.1, nominal=20, lean=0.5, **settings))

    return make


def test_what_may_be_mirrored_is_judged_mirrored_too(leaning, discs):
    whole, half = discs(320, 240, (160, 120, 60)), discs(320, 240, (160, 120, 60))
    half[:, :160] //= 2
    once, twice = Detector(leaning()), Detector(leaning(mirrored=True))
    (as_it_is,) = once.detect(half)
    (both_ways,) = twice.detect(half)
    assert both_ways.confidence < as_it_is.confidence - 0.02
    assert twice.detect(whole)[0].confidence == pytest.approx(once.detect(whole)[0].confidence, abs=0.01)


def test_what_is_in_doubt_is_seen_from_nearer_and_farther_and_what_is_sure_is_not(make_net, discs):
    """A net that wants its discs exact finds them wrong from nearer and from farther."""

    def confidence(**settings):
        second = make_net(threshold=0.001, nominal=20, **settings)
        (disc,) = Detector(make_net(threshold=0.02, second=second)).detect(discs(320, 240, (160, 120, 60)))
        return disc.confidence

    once = confidence()
    assert confidence(zooms=[0.8, 1.25]) < once - 0.001
    assert confidence(zooms=[0.8, 1.25], sure=5.0) == pytest.approx(once, abs=1e-6)


def test_the_threshold_that_is_asked_for_is_the_second_nets(both, scene):
    assert Detector(both).detect(scene).confidence.min() > 0.9
    assert len(Detector(both, threshold=1).detect(scene)) == 0
    assert len(Detector(both, threshold=0.001).detect(scene)) > len(DISCS)
    with pytest.raises(ArgumentError, match="threshold of 2"):
        Detector(both, threshold=2)


def test_a_picture_without_candidates_has_an_empty_answer(both):
    answer = Detector(both).detect(np.zeros((90, 120, 3), np.uint8))
    assert answer.boxes.shape == (0, 4)
    assert answer.landmarks.shape == (0, 5, 2)
    assert len(Detector(both).detect(np.zeros((1, 1, 3), np.uint8))) == 0


def test_every_object_is_judged_by_itself(both, discs):
    detector = Detector(both)
    together = detector.detect(discs(640, 480, *DISCS))
    for disc in DISCS:
        (alone,) = detector.detect(discs(640, 480, disc))
        nearest = overlap([alone.box], together.boxes)[0].argmax()
        np.testing.assert_allclose(together.boxes[nearest], alone.box, atol=1e-3)
        np.testing.assert_allclose(together.confidence[nearest], alone.confidence, atol=1e-5)


def test_every_step_is_explained(both, scene):
    steps = Detector(both).explain(scene)
    assert len(steps.candidates) > len(steps.detections) == len(DISCS)
    assert list(steps.ms) == ["picture", "pyramid", "net", "boxes", "best boxes", "second look"]
    np.testing.assert_array_equal(steps.detections.boxes, Detector(both).detect(scene).boxes)


def test_a_net_file_brings_its_second_net_with_it(both, tmp_path):
    path = tmp_path / "copy.onnx"
    path.write_bytes(both.data)
    copy = load_net(path)
    assert copy.second.manifest == both.second.manifest
    assert load_net(copy.second.data).manifest.threshold == 0.9


def test_a_second_net_that_is_broken_is_named(both):
    model = onnx.load_model_from_string(both.data)
    (entry,) = [entry for entry in model.metadata_props if entry.key == SECOND]
    entry.value = "no base64!"
    with pytest.raises(NetFileError, match="second net"):
        load_net(model.SerializeToString())
    entry.value = base64.b64encode(both.second.data[:100]).decode()
    with pytest.raises(NetFileError, match="no ONNX model"):
        load_net(model.SerializeToString())


def test_what_the_first_net_thinks_counts_as_much_as_the_file_says(make_net, discs):
    picture = discs(320, 240, (160, 120, 60))

    def odds(**settings):
        net = make_net(threshold=0.02, second=make_net(threshold=0.1, nominal=20, **settings))
        found = Detector(net).detect(picture)[0]
        return np.log(found.confidence / (1 - found.confidence))

    first = Detector(make_net(threshold=0.02)).detect(picture)[0]
    raised = odds(prior=0.25) - odds()
    assert raised == pytest.approx(0.25 * np.log(first.confidence / (1 - first.confidence)), rel=0.01)
