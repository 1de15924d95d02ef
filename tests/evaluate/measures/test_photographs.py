"""The protocol of today's photographs, against hand-computed cases."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.errors import ArgumentError
from windowpane.evaluate.measures.photographs import (
    Truth,
    allowed,
    calibration_error,
    landmark_error,
    match_photographs,
    recall,
    scale_of,
    sizes,
    truth,
)


def square(x: float, y: float, side: float) -> list[float]:
    return [x - side / 2, y - side / 2, x + side / 2, y + side / 2]


def faces(*boxes: list[float], ignored: tuple[int, ...] = ()) -> Truth:
    marks = np.zeros(len(boxes), np.bool_)
    marks[list(ignored)] = True
    return truth(np.array(boxes, float).reshape(-1, 4), marks, 1.0)


FACE = square(100, 100, 40)
REGION = square(300, 100, 80)


def test_pictures_are_reduced_to_a_longer_side_of_640_and_never_enlarged():
    assert scale_of(640, 1280) == scale_of(1280, 320) == 0.5
    assert scale_of(400, 300) == scale_of(640, 480) == 1


def test_the_size_of_a_box_is_the_root_of_its_area():
    assert sizes([[0, 0, 40, 90], [5, 5, 5, 9], [9, 9, 0, 0]]).tolist() == [60, 0, 0]


def test_faces_that_are_small_at_the_size_looked_at_are_ignored():
    boxes = np.array([square(50, 50, 31.9), square(100, 100, 32), square(200, 200, 80)])
    one = truth(boxes, np.array([False, False, True]), 0.5)
    assert one.ignored.tolist() == [True, False, True]
    assert one.asked.tolist() == [square(50, 50, 16)]


@pytest.mark.parametrize(
    ("box", "finds"),
    [
        (FACE, True),
        (square(120, 100, 40), True),
        (square(121, 100, 40), False),
        (square(100, 100, 16), True),
        (square(100, 100, 15.9), False),
        (square(100, 100, 100), True),
        (square(100, 100, 101), False),
    ],
)
def test_a_box_finds_a_face_by_its_centre_and_its_size(box, finds):
    matches, counts = match_photographs([[box]], [[0.5]], [faces(FACE)])
    assert matches.faces.tolist() == [0 if finds else -1]
    assert counts.all()


def test_a_box_on_what_is_ignored_counts_for_nothing():
    boxes = [FACE, square(310, 110, 20), square(341, 100, 20), square(100, 100, 40)]
    matches, counts = match_photographs([boxes], [[0.9, 0.8, 0.7, 0.6]], [faces(FACE, REGION, ignored=(1,))])
    assert counts.tolist() == [True, False, True, True]
    assert matches.faces.tolist() == [0, -1, -1]  # beside the region, and the second on the face
    assert matches.scores.tolist() == [0.9, 0.7, 0.6]
    assert matches.sizes.tolist() == [40]


def test_a_box_that_finds_a_face_counts_though_its_middle_is_ignored():
    matches, counts = match_photographs([[FACE]], [[0.9]], [faces(FACE, square(100, 100, 200), ignored=(1,))])
    assert matches.faces.tolist() == [0]
    assert counts.tolist() == [True]


def test_a_box_on_a_face_that_is_too_small_is_not_false():
    matches, counts = match_photographs([[square(50, 50, 12)]], [[0.9]], [faces(square(50, 50, 12))])
    assert len(matches.sizes) == len(matches.faces) == 0
    assert counts.tolist() == [False]


def test_faces_and_boxes_count_on_from_picture_to_picture():
    given = [faces(FACE), faces(), faces(FACE, FACE)]
    matches, counts = match_photographs([[], [FACE], [FACE]], [[], [0.4], [0.9]], given)
    assert matches.pictures == 3
    assert matches.faces.tolist() == [-1, 1]
    assert counts.tolist() == [True, True]


def test_other_numbers_of_pictures_are_refused():
    with pytest.raises(ArgumentError, match="2 pictures need as many truths, not 1"):
        match_photographs([[], []], [[], []], [faces()])


def test_recall_is_told_at_false_boxes_for_a_hundred_pictures():
    """20 pictures of a face each, found at 0.9, 0.86 ...; in the first ten a false box too, below each."""
    falling = [0.9 - 0.04 * place for place in range(20)]
    boxes = [[FACE, square(500, 500, 40)][: 2 if place < 10 else 1] for place in range(20)]
    scores = [[score, score - 0.02][: len(each)] for score, each in zip(falling, boxes, strict=True)]
    matches, _ = match_photographs(boxes, scores, [faces(FACE)] * 20)
    assert [allowed(20, one) for one in (1, 10, 100)] == [0, 2, 20]
    assert recall(matches) == pytest.approx([1 / 20, 3 / 20, 1])


def test_the_calibration_error_weighs_every_box_of_every_set_the_same():
    """Three boxes at 0.75, two of them right, and one at 0.25 that is: gaps of 0.25 and 0.75 boxes in 4."""
    one, _ = match_photographs([[FACE, square(500, 500, 40)]], [[0.75, 0.75]], [faces(FACE)])
    other, _ = match_photographs([[FACE], [FACE], []], [[0.75], [0.25], []], [faces(FACE)] * 3)
    assert calibration_error([one, other]) == pytest.approx((0.25 + 0.75) / 4)
    assert calibration_error([one, other], least=0.5) == pytest.approx(0.25 / 3)


def test_landmarks_are_off_in_distances_of_the_eyes_whatever_the_corners_of_the_mouth():
    true = np.array([[[90, 80], [110, 80], [100, 90], [92, 100], [108, 100]]], float)
    wider = true + np.array([[0, 0], [0, 0], [0, 0], [-3, 0], [3, 0]])
    assert landmark_error(wider, true).tolist() == [0]
    assert landmark_error(true + np.array([2, 0]), true) == pytest.approx([0.1])
