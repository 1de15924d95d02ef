"""Numbers on a page: what is in the text and what is not, and which cell a digit is in."""

import numpy as np
import pytest

from windowpane.evaluate.measures.numbers import (
    Counts,
    Number,
    digit_middles,
    in_cells,
    in_text,
    roll_error,
    row_text,
    shows,
)

LINES = ["TEL: 03-5512 217", "TOTAL 31.00", "2 X 4.50", "INV A1234B"]


def number(text, box=(0, 0, 10, 10), digits=()):
    return Number(text, 0.9, True, box, digits)


@pytest.mark.parametrize(
    ("given", "found", "right"),
    [
        (["5512", "217", "1234"], 3, 3),
        (["035512217"], 2, 1),  # a chain in one
        (["03-5512 217", "31.00"], 2, 2),  # as it is written
        (["3100"], 0, 1),  # in the text, and no run of three digits
        (["5512", "5512"], 1, 2),  # one number is found once
        (["55122", "12345", "9"], 0, 0),  # pieces across runs, too much, not there
        (["7", ""], 0, 0),
        ([], 0, 0),
    ],
)
def test_numbers_are_held_against_the_text(given, found, right):
    asked = 3  # 5512, 217, 1234
    assert in_text(given, LINES) == Counts(asked, found, len([one for one in given if one]), right)


def test_no_number_goes_over_letters_or_two_lines():
    assert in_text(["12", "34"], ["1A2", "3", "4"], least=1).right == 0
    assert in_text(["12"], ["1 2"], least=1) == Counts(2, 2, 1, 1)


def test_counts_add_up_and_give_shares():
    total = in_text(["5512"], LINES) + in_text(["1"], LINES)
    assert total == Counts(6, 1, 2, 1)
    assert (total.recall, total.precision) == (1 / 6, 1 / 2)
    assert (Counts().recall, Counts().precision) == (0, 0)


CELLS = np.array([[[x, 0], [x + 10, 0], [x + 10, 10], [x, 10]] for x in (0, 10, 30)], float)


def test_digits_are_held_against_the_cells_that_they_are_in():
    assert in_cells([number("12", (0, 0, 20, 10))], CELLS, "123") == Counts(3, 2, 2, 2)
    assert in_cells([number("21", (0, 0, 20, 10))], CELLS, "123") == Counts(3, 0, 2, 0)
    assert in_cells([number("1", (20, 0, 30, 10))], CELLS, "123") == Counts(3, 0, 1, 0)  # among them
    assert in_cells([number("1", (50, 0, 60, 10))], CELLS, "123") == Counts(3, 0, 0, 0)  # not known
    assert in_cells([number("1", (20, 0, 30, 10))], CELLS, "123", between=False) == Counts(3, 0, 0, 0)
    digits = ((0, 0, 9, 9), (31, 1, 38, 9))
    assert in_cells([number("13", (0, 0, 40, 10), digits)], CELLS, "123") == Counts(3, 2, 2, 2)


def test_digits_share_the_box_along_its_longer_side():
    np.testing.assert_allclose(digit_middles(number("12", (0, 0, 20, 10))), [[5, 5], [15, 5]])
    np.testing.assert_allclose(digit_middles(number("12", (0, 0, 10, 40))), [[5, 10], [5, 30]])
    np.testing.assert_allclose(digit_middles(number("1.2", (0, 0, 30, 10))), [[5, 5], [25, 5]])
    np.testing.assert_allclose(digit_middles(number("7", (0, 0, 10, 40))), [[5, 20]])


def test_a_display_is_the_row_of_the_tallest_number():
    numbers = [number("02", (60, 12, 80, 38)), number("62", (0, 10, 50, 40)), number("95", (0, 60, 20, 70))]
    assert row_text(numbers) == "6202"
    assert row_text([]) == ""
    assert [shows(text, "62") for text in ("62", "6202", "620", "6302", "162", "")] == [True, True] + 4 * [
        False
    ]


def test_a_roll_goes_round():
    assert roll_error("0", "9.8") == pytest.approx(0.2)
    assert roll_error("4", "4.3") == pytest.approx(0.3)
    assert roll_error("7", "2") == 5
    assert roll_error("", "2") is None
