"""Transcripts as symbols: digits, sets of marks, and what is not known."""

import pytest
import torch

from windowpane.read.alphabet.labels import MARKS, NAMES
from windowpane.train.read.symbols import ANY, OPENED, SETS, is_digit, label_of, sets_of, symbols_of


def held(code):
    return {mark for mark, on in zip(MARKS, sets_of(torch.tensor([code]))[0].tolist(), strict=True) if on}


def test_digits_are_themselves():
    assert symbols_of("94720").tolist() == [9, 4, 7, 2, 0]
    assert symbols_of("").tolist() == []
    assert symbols_of("#").tolist() == [ANY]


@pytest.mark.parametrize(
    ("text", "marks"), [(".", {"."}), ("???", {"other"}), ("?:", {"other", ":"}), ("--/", {"-", "/"})]
)
def test_neighbouring_marks_are_one_set(text, marks):
    one, mark, other = symbols_of(f"1{text}2").tolist()
    assert (one, other) == (1, 2)
    assert held(mark) == marks
    assert is_digit(torch.tensor([one, mark])).tolist() == [True, False]


def test_behind_an_open_digit_anything_may_stand():
    opened, two = symbols_of("1~2").tolist()
    assert (opened, two) == (1 + OPENED, 2)
    assert is_digit(torch.tensor(opened))
    assert held(opened) == set(MARKS)
    assert held(two) == set()
    assert symbols_of("~1").tolist() == [1]


def test_a_mark_that_is_told_closes_what_was_open():
    assert symbols_of("1~.").tolist() == symbols_of("1.").tolist() == [1, SETS + 1]


def test_a_column_has_the_label_of_what_it_looks_at():
    assert [label_of(c) for c in "7.?"] == [NAMES.index(name) for name in ("7", ".", "other")]
    assert label_of("#") is None
    assert label_of("~") is None
