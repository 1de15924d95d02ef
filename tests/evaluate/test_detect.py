"""The table of the face detector, with detectors whose answers are known."""

import numpy as np
import pytest

from windowpane.data.faces import cmu_mit, frame_boxes, ytf68
from windowpane.detect.detections import Detections
from windowpane.errors import DataError
from windowpane.evaluate import detect as faces


def answer(boxes, scores, landmarks=None):
    boxes = np.asarray(boxes, float).reshape(-1, 4)
    labels = np.zeros(len(boxes), np.intp)
    return Detections(boxes, np.asarray(scores, float), labels, ("face",), landmarks, 100, 100)


def known(pictures):
    return {picture.path: picture for picture in pictures}


def test_an_unknown_set_is_named():
    with pytest.raises(DataError, match="'cmu'"):
        faces.evaluate(["cmu"])


@pytest.mark.realdata
def test_a_detector_that_finds_every_second_face_has_half_the_rate(data, monkeypatch):
    truth = known([p for part in ("newtest", "test", "test-low") for p in cmu_mit(data, part)])

    class Half:
        def __init__(self, net, *, threshold):
            assert net == "my.onnx"

        def detect(self, paths):
            for path in paths:
                boxes = frame_boxes(truth[path].frames)[::2]
                yield answer([*boxes, (0, 0, 1, 1)], [0.9] * len(boxes) + [0.1])

    monkeypatch.setattr(faces, "Detector", Half)
    whole, *groups = faces.evaluate(["cmu_mit"], net="my.onnx")
    assert (whole["pictures"], whole["faces"]) == (130, 511)
    expected = sum(-(-len(picture.frames) // 2) for picture in truth.values()) / 511
    assert whole["found_at_1_false"] == whole["found_at_100_false"] == pytest.approx(expected)
    parts = [row for row in groups if "px" not in row["set"]]
    heights = [row for row in groups if "px" in row["set"]]
    assert sum(row["faces"] for row in parts) == sum(row["faces"] for row in heights) == 511
    found = sum(row["faces"] * row["found_at_10_false"] for row in heights)
    assert found == pytest.approx(expected * 511)


@pytest.mark.realdata
def test_landmarks_that_are_a_tenth_of_the_eye_distance_off_have_that_error(data, monkeypatch):
    truth = known(ytf68(data))

    class Near:
        def __init__(self, net):
            pass

        def detect(self, paths):
            for path in paths:
                points = truth[path].landmarks.copy()
                points[:, :, 0] += 0.1 * np.linalg.norm(points[:, 1] - points[:, 0], axis=1)[:, None]
                yield answer(frame_boxes(truth[path].frames), [0.9], points)

    monkeypatch.setattr(faces, "Detector", Near)
    (row,) = faces.evaluate(["people"])
    assert row["found"] == 1
    assert row["landmark_error"] == pytest.approx(0.1)
    assert 100 < row["faces"] < 300


@pytest.mark.realdata
def test_false_boxes_are_counted_for_a_picture(data, monkeypatch):
    class Two:
        def __init__(self, net):
            pass

        def detect(self, picture):
            return answer([(0, 0, 9, 9), (20, 20, 40, 40)], [0.9, 0.8])

    monkeypatch.setattr(faces, "Detector", Two)
    (row,) = faces.evaluate(["negatives"])
    assert row["false_per_picture"] == 2
    assert row["false_per_megapixel"] > 0
