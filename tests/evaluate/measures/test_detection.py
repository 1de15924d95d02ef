"""The protocol of CMU+MIT and average precision, against hand-computed cases and the plainest versions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windowpane.data.faces import face_frames
from windowpane.evaluate.measures.detection import (
    Matches,
    average_precision,
    detection_curve,
    landmark_error,
    match,
    match_all,
    rate_by,
    size_group,
)

FACE = [[100.0, 100.0, 40.0]]  # centre and size of the one true face of many a test


def square(x: float, y: float, side: float) -> list[float]:
    return [x - side / 2, y - side / 2, x + side / 2, y + side / 2]


# -- One picture -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("box", "finds"),
    [
        (square(100, 100, 40), True),
        (square(120, 100, 40), True),  # just half a size beside
        (square(120.1, 100, 40), False),
        (square(112, 116, 40), True),  # half a size along the slope
        (square(113, 116, 40), False),
        (square(100, 100, 20), True),
        (square(100, 100, 19.9), False),
        (square(100, 100, 100), True),
        (square(100, 100, 100.1), False),
        ([95, 60, 105, 140], True),  # 10 x 80: the geometric mean is 28
        ([98, 60, 102, 140], False),  # 4 x 80: 18
        ([50, 60, 150, 160], True),  # 100 x 100, its centre 10 below
        ([120, 120, 80, 80], False),  # inside out
        ([-math.inf, -math.inf, math.inf, math.inf], False),
        ([math.nan, 80, 120, 120], False),
    ],
)
def test_a_box_finds_a_face_by_its_centre_and_its_size(box, finds):
    assert match([box], [0.5], FACE).tolist() == [0 if finds else -1]


def test_the_frame_of_a_face_is_that_of_its_landmarks():
    eyes_nose_mouth = [[[90, 80], [110, 80], [100, 90], [92, 100], [108, 100]]]
    (frame,) = face_frames(np.array(eyes_nose_mouth, float))
    assert frame.tolist() == [100, 90, 40]
    assert match([square(100, 90, 40)], [0.5], [frame]).tolist() == [0]


def test_a_second_box_on_a_face_is_false_whichever_comes_first():
    boxes = [square(101, 100, 40), square(100, 100, 40)]
    assert match(boxes, [0.9, 0.8], FACE).tolist() == [0, -1]
    assert match(boxes, [0.8, 0.9], FACE).tolist() == [-1, 0]
    assert match(boxes, [0.8, 0.8], FACE).tolist() == [0, -1]


def test_a_box_finds_the_nearest_face_in_sizes_of_the_face_that_is_still_free():
    frames = [[100, 100, 40], [110, 100, 80]]
    boxes = [square(104, 100, 60)] * 3  # 0.1 sizes from the first, 0.075 from the second
    assert match(boxes, [0.9, 0.8, 0.7], frames).tolist() == [1, 0, -1]


@st.composite
def pictures(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Crowds of boxes around crowded faces; scores on few levels, so that many tie."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    faces, boxes = draw(st.integers(0, 6)), draw(st.integers(0, 15))
    frames = np.column_stack([random.integers(0, 60, (faces, 2)), random.integers(10, 50, faces)])
    centres, sides = random.integers(0, 60, (boxes, 2)), random.integers(5, 90, (boxes, 2))
    scores = random.integers(0, draw(st.sampled_from([2, 5, 1000])), boxes) / 7
    return np.hstack([centres - sides / 2, centres + sides / 2]), scores, frames.astype(float)


def fits(box: list[float], frame: list[float]) -> bool:
    x0, y0, x1, y1 = box
    far = math.hypot((x0 + x1) / 2 - frame[0], (y0 + y1) / 2 - frame[1])
    return far <= 0.5 * frame[2] and 0.5 <= math.sqrt((x1 - x0) * (y1 - y0)) / frame[2] <= 2.5


@settings(max_examples=200, deadline=None)
@given(pictures())
def test_matching_is_one_to_one_fitting_and_leaves_no_face_to_a_false_box(picture):
    boxes, scores, frames = picture
    faces = match(boxes, scores, frames).tolist()
    found = [face for face in faces if face >= 0]
    assert len(set(found)) == len(found)
    assert all(fits(boxes[b].tolist(), frames[f].tolist()) for b, f in enumerate(faces) if f >= 0)
    order = sorted(range(len(boxes)), key=lambda b: (-scores[b], b))
    for place, box in enumerate(order):
        if faces[box] < 0:
            taken = {faces[before] for before in order[:place]}
            left = [f for f in range(len(frames)) if f not in taken]
            assert not any(fits(boxes[box].tolist(), frames[f].tolist()) for f in left)


@settings(max_examples=100, deadline=None)
@given(pictures(), st.integers(0, 6))
def test_a_threshold_is_a_cut_through_the_same_matches(picture, level):
    boxes, scores, frames = picture
    kept = scores >= level / 7
    assert match(boxes[kept], scores[kept], frames).tolist() == match(boxes, scores, frames)[kept].tolist()


def test_a_picture_may_have_no_boxes_and_no_faces():
    assert match([], [], FACE).shape == (0,)
    assert match([square(100, 100, 40)], [0.5], []).tolist() == [-1]


@pytest.mark.parametrize(
    ("boxes", "scores", "frames", "words"),
    [
        ([[0, 0, 1]], [0.5], FACE, r"boxes have the shape \(1, 3\)"),
        ([square(0, 0, 1)], [0.5, 0.6], FACE, "1 boxes need as many scores"),
        ([square(0, 0, 1)], [math.nan], FACE, "NaN or infinite"),
        ([], [], [[1, 2]], r"true faces have the shape \(1, 2\)"),
        ([], [], [[1, 2, 0]], "no place or no size"),
        ([], [], [[math.nan, 2, 3]], "no place or no size"),
    ],
)
def test_what_cannot_be_matched_is_refused(boxes, scores, frames, words):
    with pytest.raises(ValueError, match=words):
        match(boxes, scores, frames)


# -- A set of pictures -------------------------------------------------------------------------------------

FAR = square(500, 500, 40)
HIT = square(100, 100, 40)


def a_set() -> Matches:
    """Three pictures: found at 0.9; false at 0.8 and 0.6, found at 0.6; no face and false at 0.7."""
    return match_all(
        [[HIT], [FAR, HIT, FAR], [FAR]], [[0.9], [0.8, 0.6, 0.6], [0.7]], [FACE, [*FACE, [20, 20, 80]], []]
    )


def test_a_set_counts_boxes_and_faces_from_picture_to_picture():
    matches = a_set()
    assert matches.faces.tolist() == [0, -1, 1, -1, -1]
    assert matches.boxes.tolist() == [0, 2, -1]
    assert matches.sizes.tolist() == [40, 40, 80]
    assert matches.found(0.6).tolist() == [True, True, False]
    assert matches.found(0.61).tolist() == [True, False, False]


def test_equal_scores_come_and_go_together_on_the_curve():
    matches = a_set()
    # 0.9: none false; 0.8: 1; 0.7: 2; 0.6: 3, and with it the second face
    assert detection_curve(matches, 5).tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 2 / 3])
    assert [matches.threshold(false) for false in range(5)] == [0.9, 0.8, 0.7, 0.6, 0.6]


def test_a_first_box_that_is_false_leaves_nothing_to_find_without_false_boxes():
    matches = match_all([[FAR, HIT]], [[0.9, 0.9]], [FACE])
    assert detection_curve(matches, 1).tolist() == [0, 1]
    assert matches.threshold(0) == math.inf
    assert not matches.found(math.inf).any()


def test_nothing_found_at_all():
    matches = match_all([[]], [[]], [FACE])
    assert detection_curve(matches).tolist() == [0] * 101
    assert matches.threshold(100) == math.inf


def test_false_boxes_in_a_picture():
    matches = a_set()
    assert [matches.false_per_image(t) for t in (0.0, 0.6, 0.65, 0.8, 0.85)] == pytest.approx(
        [1, 1, 2 / 3, 1 / 3, 0]
    )
    assert math.isnan(match_all([], [], []).false_per_image(0.5))


@settings(max_examples=100, deadline=None)
@given(st.lists(pictures(), min_size=1, max_size=4), st.integers(0, 8))
def test_the_curve_is_the_best_rate_of_all_thresholds_with_so_few_false_boxes(images, false):
    boxes, scores, frames = zip(*images, strict=True)
    matches = match_all(boxes, scores, frames)
    count = len(matches.sizes)
    if not count:
        with pytest.raises(ValueError, match="no true face"):
            detection_curve(matches)
        return
    best = 0.0
    for threshold in np.concatenate(scores):
        faces = [match(b[s >= threshold], s[s >= threshold], f) for b, s, f in images]
        if sum((f < 0).sum() for f in faces) <= false:
            best = max(best, sum((f >= 0).sum() for f in faces) / count)
    assert detection_curve(matches, false)[false] == pytest.approx(best)
    assert matches.found(matches.threshold(false)).mean() == pytest.approx(best)
    backwards = match_all(boxes[::-1], scores[::-1], frames[::-1])
    assert (detection_curve(backwards, 20) == detection_curve(matches, 20)).all()
    assert (np.diff(detection_curve(matches, 20)) >= 0).all()


def test_rates_by_part_and_by_size():
    matches = a_set()
    parts = ["test", "newtest", "test"]
    assert rate_by(matches, parts, 0.6) == {"newtest": (1, 1), "test": (0.5, 2)}
    assert rate_by(matches, size_group(matches.sizes, [40, 60]), 0.6) == {1: (1, 2), 2: (0, 1)}
    assert size_group([19.9, 20, 29, 1000], [20, 30]).tolist() == [0, 1, 1, 2]
    with pytest.raises(ValueError, match="3 faces need as many groups"):
        rate_by(matches, ["test"], 0.6)


def test_sets_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="boxes of 1 pictures need as many scores and frames, not 1 and 0"):
        match_all([[HIT]], [[0.5]], [])
    with pytest.raises(ValueError, match="at most -1 false"):
        detection_curve(a_set(), -1)


def test_the_landmark_error_is_measured_in_eye_distances():
    true = np.array([[[0, 0], [10, 0], [5, 5], [2, 10], [8, 10]], [[0, 0], [0, 20], [9, 9], [1, 1], [2, 2]]])
    moved = true + np.array([[[3, 4]], [[0, 0]]])
    assert landmark_error(moved, true).tolist() == pytest.approx([0.5, 0])
    one = true.copy()
    one[1, 4] += (0, 10)  # one of five, by half an eye distance
    assert landmark_error(one, true).tolist() == pytest.approx([0, 0.1])
    with pytest.raises(ValueError, match=r"landmarks have the shape \(2, 6, 2\)"):
        landmark_error(np.zeros((2, 6, 2)), true)
    with pytest.raises(ValueError, match="2 true faces need as many"):
        landmark_error(true[:1], true)
    with pytest.raises(ValueError, match="both eyes at one place"):
        landmark_error(true, np.zeros((2, 5, 2)))


# -- Objects of any class ----------------------------------------------------------------------------------


def test_average_precision_of_a_case_by_hand():
    """Hit, false, hit, false and one of three objects missed: precisions 1 and 2/3 at recalls 1/3 and 2/3."""
    a, b, c, nowhere = [0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10], [90, 90, 99, 99]
    measured = average_precision(
        [[a, nowhere], [b, nowhere]],
        [[0.9, 0.8], [0.7, 0.6]],
        [["cup", "cup"], ["cup", "cup"]],
        [[a], [b, c]],
        [["cup"], ["cup", "cup"]],
    )
    assert measured == {"cup": pytest.approx(1 / 3 * 1 + 1 / 3 * 2 / 3)}


def test_the_precision_at_a_recall_is_the_best_at_this_or_a_higher_one():
    a, b = [0, 0, 10, 10], [20, 0, 30, 10]
    nowhere = [90, 90, 99, 99]
    boxes, scores = [[nowhere, a, b]], [[0.9, 0.8, 0.7]]  # precisions 0, 1/2, 2/3
    assert average_precision(boxes, scores, [[1, 1, 1]], [[a, b]], [[1, 1]]) == {1: pytest.approx(2 / 3)}


def test_a_class_is_measured_by_itself_and_only_if_there_are_objects_of_it():
    a, b = [0, 0, 10, 10], [20, 0, 30, 10]
    measured = average_precision([[a, b, b]], [[0.9, 0.8, 0.1]], [[2, 1, 7]], [[a, b]], [[1, 1]])
    assert measured == {1: pytest.approx(0.5)}
    assert average_precision([[a]], [[0.9]], [[1]], [[]], [[]]) == {}
    assert average_precision([[]], [[]], [[]], [[a]], [[1]]) == {1: 0}


def test_the_overlap_of_a_hit_can_be_chosen_and_is_enough_when_reached():
    box, true = [0, 0, 10, 10], [0, 0, 10, 20]
    for least, right in ((0.5, 1), (0.51, 0)):
        assert average_precision([[box]], [[1]], [[0]], [[true]], [[0]], overlap=least) == {0: right}


def test_a_second_box_on_an_object_is_false_even_where_another_object_is_near():
    """VOC: each box speaks for the object that it overlaps most."""
    first, near = [0, 0, 10, 10], [0, 0, 10, 12]
    boxes = [[first, [0, 0, 10, 10.5]]]
    measured = average_precision(boxes, [[0.9, 0.8]], [[0, 0]], [[first, near]], [[0, 0]])
    assert measured == {0: pytest.approx(0.5)}


def plain_precision(images: list, count: int, least: float) -> float:
    """For each object the best precision of all thresholds that recall so many, on average."""
    curve = []
    for threshold in {score for _, scores, _ in images for score in scores.tolist()}:
        hits = boxes = 0
        for rows, scores, objects in images:
            taken: set[int] = set()
            for score, row in sorted(zip(scores, rows.tolist(), strict=True), key=lambda each: -each[0]):
                if score < threshold:
                    continue
                boxes += 1
                overlaps = [plain_overlap(row, true) for true in objects.tolist()]
                if overlaps and max(overlaps) >= least:
                    best = overlaps.index(max(overlaps))
                    hits += best not in taken
                    taken.add(best)
        curve.append((hits, hits / boxes))
    return sum(max((p for h, p in curve if h >= n), default=0.0) for n in range(1, count + 1)) / count


def plain_overlap(a: list[float], b: list[float]) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


@st.composite
def objects(draw: st.DrawFn) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Pictures with objects, boxes near and far from them, and scores of which many tie."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    levels = draw(st.sampled_from([2, 6, 10**6]))
    images = []
    for _ in range(draw(st.integers(1, 3))):
        counts = draw(st.integers(1, 4)), draw(st.integers(0, 8))
        true, rows = (
            np.hstack([corner, corner + random.integers(4, 9, (count, 2))])
            for count in counts
            for corner in [random.integers(0, 8, (count, 2)).astype(float)]
        )
        images.append((rows, random.integers(0, levels, counts[1]) / levels, true))
    return images


def precision(images: list, **options: float) -> float:
    boxes, scores, true = zip(*images, strict=True)
    classes, true_classes = [np.zeros(len(b)) for b in boxes], [np.zeros(len(t)) for t in true]
    return average_precision(boxes, scores, classes, true, true_classes, **options)[0]


@settings(max_examples=150, deadline=None)
@given(objects(), st.sampled_from([0.25, 0.5, 0.75]))
def test_average_precision_is_the_plain_definition(images, least):
    count = sum(len(true) for *_, true in images)
    measured = precision(images, overlap=least)
    assert measured == pytest.approx(plain_precision(images, count, least))


@settings(max_examples=100, deadline=None)
@given(objects())
def test_what_average_precision_does_and_does_not_depend_on(images):
    measured = precision(images)
    assert 0 <= measured <= 1
    assert precision(images[::-1]) == pytest.approx(measured)
    assert precision([(b, s**3 - 5, t) for b, s, t in images]) == pytest.approx(measured)  # only the order
    late = [(np.vstack([b, [[90, 90, 99, 99]]]), np.append(s, -1), t) for b, s, t in images]
    assert precision(late) == pytest.approx(measured)  # a false box after all others takes nothing away
    early = [(np.vstack([b, [[90, 90, 99, 99]]]), np.append(s, 2), t) for b, s, t in images]
    assert precision(early) <= measured
    perfect = [(np.vstack([t, b]), np.append(np.full(len(t), 2), s), t) for b, s, t in images]
    assert precision([(t, np.ones(len(t)), t) for *_, t in images]) >= precision(perfect) >= measured


def test_what_has_no_average_precision_is_refused():
    box = [0, 0, 10, 10]
    with pytest.raises(ValueError, match="different numbers of pictures"):
        average_precision([[box]], [[1]], [[0]], [], [])
    with pytest.raises(ValueError, match="1 boxes need as many classes"):
        average_precision([[box]], [[1]], [[0, 0]], [[box]], [[0]])
    with pytest.raises(ValueError, match="1 boxes need as many classes"):
        average_precision([[box]], [[1]], [[0]], [[box]], [[0, 0]])
    with pytest.raises(ValueError, match="overlap is 0"):
        average_precision([[box]], [[1]], [[0]], [[box]], [[0]], overlap=0)
