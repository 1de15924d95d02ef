"""Which readings of a page count, on readings made by hand."""

import numpy as np
import pytest

from windowpane.read.alphabet.marks import Beside
from windowpane.read.pages.choice import FEATURES, PageCurve, Spotted, chosen, features
from windowpane.read.pages.numbers import Number
from windowpane.read.reading import Alternative, Digit, Reading

PLAIN = PageCurve.of({})
NO_LETTERS = Beside(0.0, 0.0, 0.0)


def a_number(text="123", beside=0, evidence=5.0, among=0.0):
    return Number(np.zeros((len(text), 2)), 20.0, 0.0, (40.0, 40.0), text, beside, evidence, among)


def a_reading(text, confidence=0.95, box=(0.0, 0.0, 30.0, 20.0)):
    digits = tuple(Digit(one, box, confidence) for one in text)
    return Reading(text, confidence, False, digits, (Alternative("9", 0.04),), box)


def given(*readings, threshold=0.9, every=False, curve=PLAIN):
    spotted = [Spotted(a_number(), reading, NO_LETTERS) for reading in readings]
    return chosen(spotted, curve, threshold, every=every)


def test_without_a_curve_the_readers_confidence_decides():
    sure, unsure = a_reading("123", 0.95), a_reading("456", 0.8)
    assert [one.text for one in given(sure, unsure)] == ["123"]
    assert given(sure)[0].confidence == pytest.approx(0.95)


def test_all_are_given_where_that_is_asked_for_and_marked():
    found = given(a_reading("123", 0.95), a_reading("456", 0.8), a_reading("", 0.99), every=True)
    assert [(one.text, one.rejected) for one in found] == [("123", False), ("456", True)]


def test_numbers_come_from_top_to_bottom_and_then_from_the_left():
    boxes = {"1": (0.0, 50.0, 10.0, 70.0), "2": (50.0, 0.0, 60.0, 20.0), "3": (0.0, 0.0, 10.0, 20.0)}
    found = given(*(a_reading(text, box=box) for text, box in boxes.items()))
    assert [one.text for one in found] == ["3", "2", "1"]


def test_what_is_weighed():
    one = Spotted(a_number("123", 1, 2.5, -3.0), a_reading("1234", 0.5), Beside(0.1, 0.3, 0.7))
    assert dict(zip(FEATURES, features(one), strict=True)) == {
        "reader": 0,
        "evidence": 2.5,
        "agree": 0,
        "beside": 1,
        "among": -3.0,
        "apart": 2.0,
        "length": pytest.approx(np.log(4)),
        "lone": 0,
        "near": 0.7,
        "amid": 0.3,
    }
    agreeing = Spotted(a_number(), a_reading("123"), NO_LETTERS)
    assert features(agreeing)[FEATURES.index("agree")] == 1
    alone = Spotted(a_number("1", among=4.0), a_reading("1"), NO_LETTERS)
    assert features(alone)[FEATURES.index("lone")] == 4
    assert features(Spotted(a_number("1"), a_reading("", 1.0), NO_LETTERS))[0] == 8  # no surer than that


def test_a_curve_learns_what_makes_a_number():
    rng = np.random.default_rng(0)
    weighed = np.column_stack(
        [rng.normal(3, 2, 800), rng.normal(0, 3, 800), *np.zeros((len(FEATURES) - 2, 800))]
    )
    right = rng.random(800) < 1 / (1 + np.exp(-weighed[:, 1]))
    curve = PageCurve.fit(weighed, right)
    assert curve.weights[1] == pytest.approx(1, abs=0.2)
    assert abs(curve.weights[0]) < 0.15
    again = PageCurve.of({"page": curve.to_settings()})
    assert again.confidence(weighed[0]) == pytest.approx(curve.confidence(weighed[0]), abs=1e-3)


def test_the_finder_can_overrule_the_reader():
    curve = PageCurve.of({"page": {"reader": 0.5, "evidence": 1.0, "beside": -2.0, "shift": -3.0}})
    clear, letters, beside = (a_number("123", *seen) for seen in ((0, 5.0), (0, 0.2), (2, 4.0)))
    spotted = [Spotted(one, a_reading("123", 0.99), NO_LETTERS) for one in (clear, letters, beside)]
    found = chosen(spotted, curve, 0.9, every=True)
    assert [one.rejected for one in found] == [False, True, True]
    assert found[0].alternatives[0].confidence <= 0.04 / 0.99


def test_letters_that_the_reader_saw_can_reject_a_number():
    curve = PageCurve.of({"page": {"reader": 1.0, "near": -4.0, "amid": -6.0}})
    some = [NO_LETTERS, Beside(0.95, 0.0, 0.0), Beside(0.0, 0.9, 0.0)]
    spotted = [Spotted(a_number(), a_reading("123", 0.97), letters) for letters in some]
    assert [one.rejected for one in chosen(spotted, curve, 0.9, every=True)] == [False, True, True]
