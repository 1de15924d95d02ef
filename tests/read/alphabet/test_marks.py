"""What stands between digits and beside them, told from maps written by hand."""

from dataclasses import astuple

import numpy as np
import pytest

from windowpane.read.alphabet.labels import MARKS
from windowpane.read.alphabet.marks import REACH, letters, separators


def marks(columns, **places):
    """Log-probabilities of marks, told by their names, as (column, probability) each."""
    names = {"point": ".", "comma": ",", "dash": "-", "slash": "/", "colon": ":", "other": "other"}
    made = np.full((len(MARKS), columns), 1e-4)
    for name, seen in places.items():
        for column, probability in seen:
            made[MARKS.index(names[name]), column] = probability
    return np.log(made)


def test_separators_are_told_where_they_stand():
    before, sure = separators(marks(30, point=[(10, 0.95)], slash=[(20, 0.9)]), [2, 7, 13, 17, 23])
    assert before == ["", "", ".", "", "/"]
    assert sure == pytest.approx(0.95 * 0.9, abs=0.01)


def test_a_mark_seen_half_by_two_columns_is_there():
    before, sure = separators(marks(12, comma=[(4, 0.5), (5, 0.5)]), [1, 9])
    assert before == ["", ","]
    assert sure == pytest.approx(0.75, abs=0.01)


def test_what_may_be_there_makes_the_answer_less_sure():
    before, sure = separators(marks(12, point=[(5, 0.3)]), [1, 9])
    assert before == ["", ""]
    assert sure == pytest.approx(0.7, abs=0.01)


def test_only_a_minus_stands_before_a_number_and_nothing_behind():
    given = [6, 11]
    assert separators(marks(20, dash=[(3, 0.9)]), given)[0] == ["-", ""]
    assert separators(marks(20, point=[(3, 0.9)], colon=[(14, 0.9)]), given)[0] == ["", ""]
    assert separators(marks(20, dash=[(6 - REACH - 1, 0.9)]), given)[0] == ["", ""]


def test_letters_are_told_left_within_and_right():
    seen = marks(40, other=[(6, 0.8), (7, 0.5), (15, 0.3), (25, 0.6)])
    assert astuple(letters(seen, [9, 13, 17, 21])) == pytest.approx((0.9, 0.3, 0.6), abs=0.01)


def test_letters_farther_off_are_not_beside():
    far = marks(40, other=[(3, 0.9), (21 + REACH + 1, 0.9)])
    assert letters(far, [9, 21]).left < 0.01
    assert letters(far, [9, 21]).right < 0.01


@pytest.mark.parametrize("columns", [[], [0], [11]])
def test_ends_of_a_line_and_no_digits(columns):
    before, sure = separators(marks(12), columns)
    assert before == [""] * len(columns)
    assert sure > 0.99
    assert max(letters(marks(12), columns).left, letters(marks(12), columns).right) < 0.01
