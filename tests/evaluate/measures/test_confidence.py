"""Calibration and rejection, against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windowpane.evaluate.measures.confidence import (
    accepted_at_error,
    expected_calibration_error,
)


def test_the_calibration_error_of_known_cases():
    assert expected_calibration_error(np.array([1.0, 1.0, 0.0]), np.array([True, True, False])) == 0
    assert expected_calibration_error(np.array([0.9, 0.9]), np.array([False, False])) == pytest.approx(0.9)
    sure, right = (
        np.array([0.95] * 10 + [0.55] * 10),
        np.array([True] * 9 + [False] + [True] * 5 + [False] * 5),
    )
    assert expected_calibration_error(sure, right) == pytest.approx(0.05)
    assert expected_calibration_error(sure, right, bins=1) == pytest.approx(0.05)
    over_and_under = np.array([0.6] * 10 + [0.8] * 10)
    right = np.array([True] * 8 + [False] * 2 + [True] * 6 + [False] * 4)
    assert expected_calibration_error(over_and_under, right) == pytest.approx(0.2)
    assert expected_calibration_error(over_and_under, right, bins=1) == pytest.approx(0)  # they cancel
    assert expected_calibration_error(np.zeros(0), np.zeros(0, bool)) == 0


answers = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.7, 0.9, 1.0]), st.booleans()), max_size=30)


@given(answers, st.sampled_from([0.0, 0.1, 0.34, 1.0]))
@settings(max_examples=150, deadline=None)
def test_accepted_is_the_largest_share_that_a_threshold_gives(pairs, error):
    sure = np.array([p for p, _ in pairs])
    right = np.array([r for _, r in pairs], bool)
    best = 0.0
    for threshold in set(sure):
        accepted = sure >= threshold
        if (~right[accepted]).sum() <= error * accepted.sum():
            best = max(best, accepted.mean())
    share, threshold = accepted_at_error(sure, right, error)
    assert share == pytest.approx(best)
    if best:
        assert (sure >= threshold).mean() == pytest.approx(share)  # the threshold does what it says
    else:
        assert threshold == 1.0
