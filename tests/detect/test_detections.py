import json
import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from windowpane.detect.detections import Detections, plural
from windowpane.errors import MissingExtraError


def found(names=("face",), class_ids=(0, 0, 0), landmarks=True):
    """Boxes of 10, 20, 30, ... pixels, in a picture of 640 x 480."""
    count = len(class_ids)
    corners = np.arange(count)[:, None] * np.array([100.0, 50.0])
    boxes = np.hstack([corners, corners + 10 * np.arange(1, count + 1)[:, None]])
    points = boxes[:, None, :2] + np.arange(10).reshape(5, 2) if landmarks else None
    scores = np.linspace(0.9, 0.5, count)
    return Detections(boxes, scores, np.array(class_ids, np.intp), tuple(names), points, 640, 480)


def test_each_of_them_knows_its_box_confidence_name_and_landmarks():
    first, _, last = found()
    assert first.box == (0, 0, 10, 10)
    assert last.box == (200, 100, 230, 130)
    assert (last.confidence, last.name) == (0.5, "face")
    assert last.landmarks.tolist() == [[200, 101], [202, 103], [204, 105], [206, 107], [208, 109]]
    assert found(landmarks=False)[0].landmarks is None


def test_the_old_names_are_still_there_and_say_so():
    answer = found(("car", "person"), (1, 0))
    with pytest.warns(DeprecationWarning, match=r"Detections\.scores is now called confidence"):
        assert answer.scores is answer.confidence
    with pytest.warns(DeprecationWarning, match=r"Detections\.labels is now called class_ids"):
        assert answer.labels is answer.class_ids
    with pytest.warns(DeprecationWarning, match=r"Detection\.score is now called confidence"):
        assert answer[0].score == answer[0].confidence
    with pytest.warns(DeprecationWarning, match=r"Detection\.label is now called name"):
        assert answer[0].label == "person"


def test_they_say_in_a_line_what_they_are():
    answer = found(("car", "bus"), (0, 1, 1))
    assert repr(answer) == "Detections(1 car, 2 buses in 640 x 480 pixels, confidence 0.900 to 0.500)"
    assert repr(answer[0]) == "Detection(car, confidence 0.900, box (0.0, 0.0, 10.0, 10.0), 5 landmarks)"
    assert repr(found(class_ids=())) == "Detections(nothing in 640 x 480 pixels)"
    assert "landmarks" not in repr(found(landmarks=False)[0])


def test_they_are_counted_from_both_ends():
    answer = found()
    assert answer[-1].box == answer[2].box == answer[np.int64(2)].box
    with pytest.raises(IndexError):
        answer[3]


@pytest.mark.parametrize("chosen", [slice(0, 2), np.array([True, True, False]), np.array([0, 1])])
def test_a_slice_a_mask_or_indices_choose_some(chosen):
    answer = found(("car", "person"), (0, 1, 0))
    some = answer[chosen]
    assert [one.box for one in some] == [one.box for one in answer][:2]
    assert [one.name for one in some] == ["car", "person"]
    assert some.landmarks.shape == (2, 5, 2)
    assert (some.width, some.height) == (640, 480)


def test_landmarks_beyond_the_edge_of_the_picture_are_not_visible():
    answer = found()
    points = answer.landmarks.copy()
    points[0, 0], points[1, 3], points[2, 4] = (-0.5, 3), (5, 480), (640, 0)
    seen = replace(answer, landmarks=points).visible
    assert np.argwhere(~seen).tolist() == [[0, 0], [1, 3], [2, 4]]
    assert found(landmarks=False).visible is None


def test_nothing_is_an_answer():
    nothing = found(class_ids=())
    assert len(nothing) == 0
    assert list(nothing) == []
    assert nothing.to_dict() == {"width": 640, "height": 480, "faces": []}
    assert len(found()[found().confidence > 1]) == 0


def test_as_a_dict_it_is_json_with_the_label_in_the_plural():
    record = json.loads(json.dumps(found(class_ids=(0,)).to_dict()))
    points = [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
    assert record == {
        "width": 640,
        "height": 480,
        "faces": [{"box": [0, 0, 10, 10], "score": 0.9, "landmarks": points}],
    }
    assert set(found(landmarks=False).to_dict()["faces"][0]) == {"box", "score"}


def test_as_a_dict_every_class_has_a_key_also_one_of_which_nothing_was_found():
    record = found(("car", "bus", "boy", "lady"), (2, 0, 2)).to_dict()
    assert list(record) == ["width", "height", "cars", "buses", "boys", "ladies"]
    assert [len(record[key]) for key in ("cars", "buses", "boys", "ladies")] == [1, 0, 2, 0]
    assert [one["score"] for one in record["boys"]] == [0.9, 0.5]


@pytest.mark.parametrize(
    ("one", "several"), [("box", "boxes"), ("torch", "torches"), ("bush", "bushes"), ("key", "keys")]
)
def test_plurals(one, several):
    assert plural(one) == several


def test_supervision_gets_boxes_scores_classes_and_their_names(monkeypatch):
    module = ModuleType("supervision")
    module.Detections = SimpleNamespace
    monkeypatch.setitem(sys.modules, "supervision", module)
    theirs = found(("car", "person"), (0, 1, 1)).to_supervision()
    assert theirs.xyxy.shape == (3, 4)
    assert theirs.confidence.tolist() == pytest.approx([0.9, 0.7, 0.5])
    assert theirs.class_id.tolist() == [0, 1, 1]
    assert theirs.data["class_name"].tolist() == ["car", "person", "person"]


def test_supervision_gets_the_numbers_of_tracks(monkeypatch):
    module = ModuleType("supervision")
    module.Detections = SimpleNamespace
    monkeypatch.setitem(sys.modules, "supervision", module)
    assert found().to_supervision().tracker_id is None
    tracked = replace(found(), ids=np.array([4, 2, -1]))
    assert tracked.to_supervision().tracker_id.tolist() == [4, 2, -1]


def test_without_supervision_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(MissingExtraError, match="pip install supervision"):
        found().to_supervision()


def test_the_real_supervision_takes_them():
    pytest.importorskip("supervision")
    theirs = found(("car", "person"), (0, 1, 1)).to_supervision()
    assert len(theirs[theirs.confidence > 0.6]) == 2
    assert len(found(class_ids=()).to_supervision()) == 0
