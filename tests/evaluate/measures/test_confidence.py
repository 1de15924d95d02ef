"""Calibration and rejection, against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windowpane.evaluate.measures.confidence import (
    accepted_at_error,
    expected_calibration_error,
    fit_curve,
    mean_interval,
    share_interval,
)
from windowpane.read.confidence import calibrated


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


def test_the_curve_makes_exaggerated_probabilities_honest():
    random = np.random.default_rng(0)
    honest = random.uniform(0.02, 0.999, 20_000)
    right = random.random(20_000) < honest
    odds = np.log(honest / (1 - honest))
    told = 1 / (1 + np.exp(-(2.5 * odds + 1)))  # too sure by far
    slope, shift = fit_curve(told, right)
    assert slope == pytest.approx(1 / 2.5, abs=0.03)
    assert shift == pytest.approx(-1 / 2.5, abs=0.06)
    after = np.array([calibrated(float(p), (slope, shift)) for p in told])
    assert expected_calibration_error(told, right) > 0.05
    assert expected_calibration_error(after, right) < 0.015


@pytest.mark.parametrize("right", [True, False])
def test_a_perfect_or_hopeless_set_gives_a_finite_curve(right):
    told = np.array([1.0, 0.999, 0.9999, 1.0])
    slope, shift = fit_curve(told, np.full(4, right))
    assert np.isfinite([slope, shift]).all()
    assert 0 < calibrated(0.999, (slope, shift)) < 1


def test_the_interval_of_a_share_is_wilsons():
    low, high = share_interval(20, 20)
    assert (low, high) == pytest.approx((0.8389, 1.0), abs=1e-3)
    assert share_interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-3)
    assert share_interval(0, 0) == (0.0, 1.0)


def test_the_interval_of_a_mean_holds_the_mean_and_narrows_with_more():
    few, many = np.arange(10.0), np.tile(np.arange(10.0), 20)
    (a, b), (c, d) = mean_interval(few), mean_interval(many)
    assert a < 4.5 < b
    assert d - c < (b - a) / 3
    assert np.isnan(mean_interval(np.zeros(0))).all()
