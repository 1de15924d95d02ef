"""The accuracy table of the detector, with detectors whose answers are known."""

import cv2
import numpy as np
import pytest

from windowpane.data.faces import cmu_mit, frame_boxes, ytf68
from windowpane.detect.detections import Detections
from windowpane.errors import DataError
from windowpane.evaluate import detect as table

CENTRES = {"a": ["0 .25 .5 .2 .2", "1 .75 .5 .2 .2"], "b": ["0 .5 .5 .4 .4"], "c": []}


def answer(boxes, scores, landmarks=None):
    boxes = np.asarray(boxes, float).reshape(-1, 4)
    labels = np.zeros(len(boxes), np.intp)
    return Detections(boxes, np.asarray(scores, float), labels, ("face",), landmarks, 100, 100)


def known(pictures):
    return {picture.path: picture for picture in pictures}


def test_an_unknown_set_is_named():
    with pytest.raises(DataError, match="'cmu'"):
        table.evaluate(["cmu"])


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

    monkeypatch.setattr(table, "Detector", Half)
    whole, *groups = table.evaluate(["cmu_mit"], net="my.onnx")
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

    monkeypatch.setattr(table, "Detector", Near)
    (row,) = table.evaluate(["people"])
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

    monkeypatch.setattr(table, "Detector", Two)
    (row,) = table.evaluate(["negatives"])
    assert row["false_per_picture"] == 2
    assert row["false_per_megapixel"] > 0


# -- A folder of one's own ---------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Three pictures of 100 x 100 with a cat and a dog, a large cat, and nothing."""
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    (tmp_path / "classes.txt").write_text("cat\ndog\n")
    for name, lines in CENTRES.items():
        cv2.imwrite(str(tmp_path / "images" / f"{name}.png"), np.full((100, 100, 3), ord(name), np.uint8))
        (tmp_path / "labels" / f"{name}.txt").write_text("\n".join(lines))
    return tmp_path


@pytest.fixture
def net(monkeypatch):
    """A net for dogs and cats: it finds the large cat, takes the dog for a cat, and sees one in nothing."""
    found = {
        "a": ([(15, 40, 35, 60), (65, 40, 85, 60)], [0.9, 0.8], [1, 1]),
        "b": ([(32, 32, 70, 70)], [0.95], [1]),
        "c": ([(0, 0, 30, 30)], [0.05], [1]),
    }

    class Fake:
        def __init__(self, file, *, threshold=0.5):
            self.threshold = threshold

        def detect(self, paths):
            for path in paths:
                places, scores, labels = (np.array(one) for one in found[path.stem])
                sure = scores >= self.threshold
                parts = places[sure].astype(float), scores[sure], labels[sure]
                yield Detections(*parts, ("dog", "cat"), None, 100, 100)

    class Output:
        name, names = "score", ("dog", "cat")

    class File:
        class manifest:  # noqa: N801
            outputs = (Output,)

    monkeypatch.setattr(table, "Detector", Fake)
    monkeypatch.setattr(table, "load_net", lambda net: File)


def test_a_folder_of_ones_own_has_a_row(folder, net):
    (row,) = table.evaluate([str(folder)], net="my.onnx")
    assert (row["pictures"], row["objects"]) == (3, 3)
    assert row["found"] == pytest.approx(2 / 3)  # both cats
    assert row["false_per_picture"] == pytest.approx(1 / 3)  # the dog is no cat; in nothing it is not sure
    assert row["average_precision_cat"] == pytest.approx(1)
    assert row["average_precision_dog"] == 0


def test_a_folder_of_other_things_is_refused(folder, net):
    (folder / "classes.txt").write_text("cat\ncow\n")
    with pytest.raises(DataError, match=r"cat, cow, and the net knows dog, cat"):
        table.evaluate([str(folder)], net="my.onnx")
