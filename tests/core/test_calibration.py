"""Platt scaling: probabilities that hold, in order, and between 0 and 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windowpane.core.calibration import Platt
from windowpane.evaluate.measures.confidence import expected_calibration_error

probabilities = st.floats(0, 1)
curves = st.builds(Platt, st.floats(0.1, 3), st.floats(-5, 5))


@given(probabilities)
def test_without_a_curve_nothing_changes(probability):
    assert Platt().of_probability(probability) == pytest.approx(probability, abs=1e-9)


@given(probabilities, probabilities, curves)
def test_the_curve_keeps_the_order(one, other, curve):
    low, high = sorted((one, other))
    assert 0 <= curve.of_probability(low) <= curve.of_probability(high) <= 1


def test_the_curve_is_on_the_scale_of_odds():
    assert Platt().of_probability(0.8) == pytest.approx(0.8)  # odds 4 : 1
    assert Platt(2.0).of_probability(0.8) == pytest.approx(16 / 17)
    assert Platt(1.0, -2.1972245773).of_probability(0.5) == pytest.approx(0.1)  # odds 1 : 9


@given(st.floats(0.001, 0.999), curves)
def test_a_threshold_lies_at_the_logit_that_gives_it(threshold, curve):
    assert curve.of_logits(curve.logit(threshold)) == pytest.approx(threshold, abs=1e-9)


def test_no_logit_reaches_a_threshold_of_one_and_each_passes_zero():
    assert Platt().logit(1.0) == np.inf
    assert Platt().logit(0.0) == -np.inf


def test_the_curve_makes_exaggerated_probabilities_honest():
    random = np.random.default_rng(0)
    honest = random.uniform(0.02, 0.999, 20_000)
    right = random.random(20_000) < honest
    odds = np.log(honest / (1 - honest))
    told = 1 / (1 + np.exp(-(2.5 * odds + 1)))  # too sure by far
    curve = Platt.fit(told, right)
    assert curve.slope == pytest.approx(1 / 2.5, abs=0.03)
    assert curve.shift == pytest.approx(-1 / 2.5, abs=0.06)
    after = np.array([curve.of_probability(float(p)) for p in told])
    assert expected_calibration_error(told, right) > 0.05
    assert expected_calibration_error(after, right) < 0.015


@pytest.mark.parametrize("right", [True, False])
def test_a_perfect_or_hopeless_set_gives_a_finite_curve(right):
    told = np.array([1.0, 0.999, 0.9999, 1.0])
    curve = Platt.fit(told, np.full(4, right))
    assert np.isfinite([curve.slope, curve.shift]).all()
    assert 0 < curve.of_probability(0.999) < 1
