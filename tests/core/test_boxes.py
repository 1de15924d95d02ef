"""boxes.suppress and boxes.overlap against the plainest versions that can be written."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windowpane.core import boxes


def slow_overlap(a: list[float], b: list[float]) -> float:
    """Count by the definition, box by box, in plain Python."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    both = [max(c[2] - c[0], 0.0) * max(c[3] - c[1], 0.0) for c in (a, b)]
    union = both[0] + both[1] - shared
    return shared / union if shared > 0 else 0.0


def slow_suppress(rows: np.ndarray, scores: np.ndarray, limit: float, classes: np.ndarray) -> list[int]:
    """Compare every box with all kept ones before it."""
    kept: list[int] = []
    for one in sorted(range(len(rows)), key=lambda index: (-scores[index], index)):
        rivals = [other for other in kept if classes[other] == classes[one]]
        if all(slow_overlap(rows[one].tolist(), rows[other].tolist()) <= limit for other in rivals):
            kept.append(one)
    return kept


@st.composite
def detections(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes of every kind of crowd: on a coarse grid (exact ties), jittered, or of very different sizes."""
    count = draw(st.integers(0, 120))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([0.0, 8.0, 60.0, 1000.0, -1e6]))
    largest = draw(st.sampled_from([1.0, 10.0, 500.0]))
    corner = random.uniform(0, 1, (count, 2)) * spread
    sides = np.exp(random.uniform(-np.log(largest), np.log(largest), (count, 2))) * draw(
        st.sampled_from([1.0, 16.0])
    )
    if draw(st.booleans()):
        corner, sides = np.rint(corner), np.ceil(sides)
    levels = draw(st.sampled_from([2, 10, 10**9]))  # two levels: nearly all scores tie
    scores = random.integers(0, levels, count) / levels
    return np.hstack([corner, corner + sides]), scores, random.integers(0, draw(st.integers(1, 4)), count)


@settings(max_examples=150, deadline=None)
@given(detections(), st.sampled_from([0.0, 0.01, 0.2, 1 / 3, 0.5, 0.75, 0.9, 0.99, 1.0]) | st.floats(0, 1))
def test_suppress_is_exactly_the_brute_force_answer(
    found: tuple[np.ndarray, np.ndarray, np.ndarray], limit: float
) -> None:
    rows, scores, classes = found
    one_class = np.zeros_like(classes)
    assert boxes.suppress(rows, scores, overlap=limit).tolist() == slow_suppress(
        rows, scores, limit, one_class
    )
    kept = boxes.suppress(rows, scores, overlap=limit, classes=classes)
    assert kept.tolist() == slow_suppress(rows, scores, limit, classes)


@settings(max_examples=60, deadline=None)
@given(detections(), detections())
def test_overlap_is_the_definition(
    a: tuple[np.ndarray, np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    first, second = a[0][:12], b[0][:12]
    expected = [[slow_overlap(one, other) for other in second.tolist()] for one in first.tolist()]
    result = boxes.overlap(first, second)
    assert result.shape == (len(first), len(second))
    assert np.array_equal(result, np.array(expected).reshape(result.shape))
    assert ((result >= 0) & (result <= 1)).all()


@pytest.mark.parametrize("jitter", [0.02, 0.15])
def test_crowds_larger_than_one_block(jitter: float) -> None:
    random = np.random.default_rng(7)
    centres = np.repeat(random.uniform(0, 400, (12, 2)), 250, axis=0)
    sides = np.repeat(np.exp(random.uniform(2, 5, (12, 1))), 250, axis=0) * np.ones(2)
    centres = centres + random.normal(0, jitter, centres.shape) * sides
    sides = sides * np.exp(random.normal(0, jitter, sides.shape))
    rows, scores = np.hstack([centres - sides / 2, centres + sides / 2]), random.random(3000)
    table = boxes.overlap(rows, rows) > 0.5
    expected: list[int] = []
    for index in np.argsort(-scores, kind="stable"):
        if not table[index, expected].any():
            expected.append(int(index))
    assert boxes.suppress(rows, scores).tolist() == expected


def test_area_and_overlap_by_hand() -> None:
    assert boxes.area([[0, 0, 2, 3], [1, 1, 1, 5], [4, 4, 2, 2]]).tolist() == [6, 0, 0]
    shared = boxes.overlap([[0, 0, 2, 2]], [[1, 0, 3, 2], [0, 0, 2, 2], [2, 0, 4, 2], [0, 0, 1, 1]])
    assert shared.tolist() == [[1 / 3, 1, 0, 0.25]]


def test_the_limit_itself_is_kept() -> None:
    third = [[0, 0, 2, 2], [1, 0, 3, 2]]
    assert boxes.suppress(third, [0.9, 0.8], overlap=1 / 3).tolist() == [0, 1]
    assert boxes.suppress(third, [0.9, 0.8], overlap=0.33).tolist() == [0]
    same = [[0, 0, 2, 2]] * 3
    assert boxes.suppress(same, [1, 3, 2], overlap=1.0).tolist() == [1, 2, 0]


def test_a_box_taken_away_takes_nothing_away() -> None:
    chain = [[0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]]  # each overlaps the next by 3/7
    assert boxes.suppress(chain, [0.9, 0.8, 0.7], overlap=0.4).tolist() == [0, 2]


def test_equal_scores_go_by_index() -> None:
    rows = [[0, 0, 2, 2], [50, 0, 52, 2], [0, 0, 2, 2], [50, 0, 52, 2]]
    assert boxes.suppress(rows, [0.5, 0.5, 0.5, 0.5]).tolist() == [0, 1]


def test_classes_of_any_kind_do_not_compete() -> None:
    rows = [[0, 0, 2, 2]] * 4
    assert boxes.suppress(rows, [4, 3, 2, 1], classes=["face", "hand", "face", "hand"]).tolist() == [0, 1]


def test_what_is_no_detection_is_never_kept() -> None:
    nan, inf = float("nan"), float("inf")
    rows = [
        [0, 0, 0, 5],
        [3, 3, 1, 1],
        [nan, 0, 1, 1],
        [0, 0, inf, 1],
        [0, 0, 2, 2],
        [0, 0, 2, 2],
        [9, 9, 10, 10],
    ]
    assert boxes.suppress(rows, [0.9, 0.9, 0.9, 0.9, nan, 0.1, -inf]).tolist() == [5, 6]
    assert boxes.overlap([[nan, 0, 1, 1], [0, 0, 0, 5]], [[0, 0, 1, 1]]).tolist() == [[0], [0]]


def test_nothing_in_nothing_out() -> None:
    assert boxes.suppress([], []).shape == (0,)
    assert boxes.suppress(np.zeros((0, 4)), np.zeros(0), classes=np.zeros(0)).dtype.kind == "i"
    assert boxes.overlap([], [[0, 0, 1, 1]]).shape == (0, 1)


def test_boxes_far_apart_and_tiny() -> None:
    rows = [[0, 0, 1e-6, 1e-6], [0, 0, 1e-6, 1e-6], [1e9, 1e9, 1e9 + 1e4, 1e9 + 1e4], [-1e12, 0, 1e12, 1]]
    assert boxes.suppress(rows, [1, 2, 3, 4]).tolist() == [3, 2, 1]


def test_the_input_is_left_alone() -> None:
    rows, scores = np.array([[0.0, 0, 2, 2], [0, 0, 2, 3]]), np.array([0.1, 0.2])
    before = rows.copy(), scores.copy()
    boxes.suppress(rows, scores)
    assert np.array_equal(rows, before[0])
    assert np.array_equal(scores, before[1])


def test_wrong_shapes_are_explained() -> None:
    with pytest.raises(ValueError, match=r"shape \(4,\); expected \(N, 4\)"):
        boxes.area([0, 0, 1, 1])
    with pytest.raises(ValueError, match="1 boxes need as many scores"):
        boxes.suppress([[0, 0, 1, 1]], [0.5, 0.5])
    with pytest.raises(ValueError, match="expected 0 to 1"):
        boxes.suppress([[0, 0, 1, 1]], [0.5], overlap=50)
