"""Confidence intervals, against their definitions."""

import numpy as np
import pytest

from windowpane.evaluate.measures.intervals import mean_interval, share_interval


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
