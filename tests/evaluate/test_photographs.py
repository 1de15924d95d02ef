"""The rows of the photographs of today, with detectors whose answers are known, on pictures that are made."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from windowpane.data.photographs import Photograph
from windowpane.detect.detections import Detections
from windowpane.errors import DataError
from windowpane.evaluate import detect as table
from windowpane.evaluate import photographs as rows_of
from windowpane.evaluate.measures.photographs import truth
from windowpane.evaluate.photographs import (
    Shown,
    finds,
    given_landmarks,
    judged,
    kinds,
    rates,
    show,
    size_names,
)
from windowpane.evaluate.stress import STRESSES, Portrait

POINTS = np.array([[[80, 80], [120, 80], [100, 105], [85, 125], [115, 125]]], float)
FACES = [(100, 100, 60, 80, "with_mask"), (500, 100, 60, 80, "without_mask"), (900, 100, 12, 16, "with_mask")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The set mask848 alone: three pictures of 1280 x 640 with a masked, a bare and a small face."""
    home = tmp_path / "faces_mask848"
    (home / "images").mkdir(parents=True)
    labels, images = ["file,x,y,w,h,note"], ["file,width,height,faces,split,note"]
    for name in ("a.png", "b.png", "c.png"):
        cv2.imwrite(str(home / "images" / name), np.full((640, 1280, 3), 90, np.uint8))
        images.append(f"{name},1280,640,3,,")
        labels += [f"{name},{x},{y},{w},{h},{note}" for x, y, w, h, note in FACES]
    (home / "labels.csv").write_text("\n".join(labels))
    (home / "images.csv").write_text("\n".join(images))
    whole = rows_of.photographs
    monkeypatch.setattr(rows_of, "photographs", lambda root, name, fold: whole(root, name))
    monkeypatch.setattr(rows_of, "data_root", lambda: tmp_path)
    return tmp_path


class Masked:
    """Finds all masked faces surely, one bare face hardly, and a face where there is none; no landmarks."""

    def __init__(self, net, *, threshold=0.5):
        self.threshold = threshold

    def detect(self, pictures):
        for place, pixels in enumerate(pictures):
            assert pixels.shape == (320, 640, 3)
            boxes = np.array(
                [(50, 50, 80, 90), (250, 50, 280, 90), (0, 200, 40, 240), (450, 50, 456, 58)], float
            )
            scores = np.array([0.9, 0.3 if place == 0 else 0.0, 0.8 if place == 1 else 0.0, 0.95])
            sure = scores >= self.threshold
            yield Detections(
                boxes[sure], scores[sure], np.zeros(sure.sum(), np.intp), ("face",), None, 320, 640
            )


def test_a_set_has_a_row(folder, monkeypatch):
    monkeypatch.setattr(rows_of, "Detector", Masked)
    (row,) = table.evaluate(["mask848"])
    assert (row["set"], row["pictures"], row["faces"]) == (
        "mask848",
        3,
        6,
    )  # the small ones are not asked for
    assert [row[f"found_at_{k}_per_100"] for k in (1, 10, 100)] == pytest.approx([3 / 6, 3 / 6, 4 / 6])
    assert row["found"] == pytest.approx(3 / 6)
    assert row["false_per_100_pictures"] == pytest.approx(100 / 3)
    assert "landmark_error" not in row


def test_all_sets_together_have_a_row_and_one_for_each_kind(folder, monkeypatch):
    monkeypatch.setattr(rows_of, "Detector", Masked)
    whole, *groups = table.evaluate(["photographs"])
    assert (whole["pictures"], whole["faces"]) == (3, 6)
    assert whole["calibration_error"] == pytest.approx((abs(3 * 0.9 - 3) + abs(0.3 - 1) + 0.8) / 5)
    by_name = {row["set"]: row for row in groups}
    assert by_name["photographs, 24-39 px"]["found_at_10_per_100"] == pytest.approx(3 / 6)
    assert set(by_name) == {
        "photographs, 24-39 px"
    }  # masks of faces from 40 pixels, poses of landmarks alone


def test_without_a_set_of_photographs_none_can_be_measured(tmp_path):
    with pytest.raises(DataError, match="no set of photographs"):
        rows_of.sets_there(tmp_path)


def test_boxes_in_pictures_without_people_are_false(folder, monkeypatch):
    pictures = sorted((folder / "faces_mask848" / "images").iterdir())
    monkeypatch.setattr(rows_of, "people_free", lambda root: pictures)
    monkeypatch.setattr(rows_of, "Detector", Masked)
    (row,) = table.evaluate(["people_free"])
    assert (row["pictures"], row["false_per_picture"]) == (3, pytest.approx((3 + 3 + 1) / 3))


def test_portraits_have_a_row_for_all_that_is_done_to_them(monkeypatch):
    class Centred(Masked):
        def detect(self, picture):
            box = np.array([[10.0, 10.0, 50.0, 50.0]])
            return Detections(box, np.ones(1), np.zeros(1, np.intp), ("face",), None, *picture.shape[:2])

    given = [Portrait(np.zeros((60, 60, 3), np.uint8), np.array([10.0, 10.0, 50.0, 50.0]))]
    monkeypatch.setattr(rows_of, "portraits", lambda root: given)
    monkeypatch.setattr(rows_of, "data_root", lambda: None)
    monkeypatch.setattr(rows_of, "Detector", Centred)
    found = {row["set"]: row["found"] for row in table.evaluate(["portraits"])}
    assert len(found) == len(STRESSES)
    assert found["portraits, as they are"] == found["portraits, turned by 180 degrees"] == 1
    assert found["portraits, reduced to 16 pixels"] == 0


def test_a_photograph_is_reduced_with_all_that_is_known_of_it(tmp_path):
    path = tmp_path / "one.png"
    cv2.imwrite(str(path), np.zeros((1280, 960, 3), np.uint8))
    boxes = np.array([(100, 100, 200, 220), (400, 400, 420, 420), (500, 500, 700, 700)], float)
    ignored = np.array([False, False, True])
    landmarks = np.repeat(POINTS, 3, axis=0)
    one = show(Photograph(path, boxes, ignored, landmarks, ("with_mask", "", "without_mask")))
    assert one.pixels.shape == (640, 480, 3)
    assert one.truth.asked.tolist() == [[50, 50, 100, 110]]
    assert one.landmarks.tolist() == (POINTS / 2).tolist()
    assert one.masks == ("masked",)


def test_kinds_have_their_groups_and_masked_faces_no_tone():
    pixels = np.full((200, 200, 3), (220, 160, 120), np.uint8)
    true = truth(np.array([(60, 50, 140, 150)] * 2, float), np.zeros(2, np.bool_), 1.0)
    told = kinds(Shown(pixels, true, np.repeat(POINTS, 2, axis=0), ("masked", "bare")))
    assert told["pose"].tolist() == ["frontal"] * 2
    assert told["turn"].tolist() == ["upright"] * 2
    assert told["tone"][0] == "unknown" != told["tone"][1]
    assert size_names([16, 23.9, 24, 159, 400]).tolist() == [
        "16-23 px", "16-23 px", "24-39 px", "80-159 px", "from 160 px"
    ]  # fmt: skip
    found, groups = np.array([True, False, True]), np.array(["masked", "masked", "unknown"])
    assert rates(found, groups, "mask") == {"masked": (0.5, 2)}


def test_landmarks_are_those_of_the_boxes_that_find_the_faces():
    """Of three boxes the first is on an ignored region, the second finds the face, the third is false."""
    true = truth(np.array([(0, 0, 40, 40), (60, 50, 140, 150)], float), np.array([True, False]), 1.0)
    answer = [([(5, 5, 30, 30), (60, 50, 140, 150), (300, 300, 340, 340)], [0.9, 0.8, 0.7])]
    one = judged(answer, answer, [true])
    points = np.concatenate([POINTS + 1, POINTS, POINTS + 2])
    assert given_landmarks([points], one, 0.5).tolist() == POINTS.tolist()
    assert np.isnan(given_landmarks([points], one, 0.85)).all()
    assert np.isnan(given_landmarks([None], one, 0.5)).all()


def test_a_portrait_is_found_by_one_fitting_box_of_several():
    portrait = Portrait(np.zeros((60, 60, 3), np.uint8), np.array([10.0, 10.0, 50.0, 50.0]))
    assert finds([(0, 0, 5, 5), (12, 8, 52, 48)], portrait)
    assert not finds([(0, 0, 5, 5), (40, 40, 60, 60)], portrait)
    assert not finds([], portrait)
