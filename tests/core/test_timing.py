"""A stopwatch: every step has its time, also one that fails or comes again."""

import time

import pytest

from windowpane.core.timing import Stopwatch


def test_each_step_has_its_milliseconds_in_the_order_of_their_ends():
    timing = Stopwatch()
    with timing("outer"):
        with timing("inner"):
            time.sleep(0.01)
        time.sleep(0.005)
    assert list(timing.ms) == ["inner", "outer"]
    assert 10 <= timing.ms["inner"] < timing.ms["outer"]


def test_a_step_that_comes_again_is_added_up_and_one_that_fails_counts():
    timing = Stopwatch()
    for _ in range(2):
        with timing("net"):
            time.sleep(0.005)
    with pytest.raises(ZeroDivisionError), timing("net"):
        time.sleep(0.01 / 0)
    assert timing.ms["net"] >= 10
