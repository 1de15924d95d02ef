"""Where numbers stand on a row, from what a reader would see there."""

import numpy as np
import pytest

from windowpane.read.alphabet.labels import MARKS, OTHER, SEPARATORS
from windowpane.read.lattice import Path
from windowpane.read.line import Line, Writing
from windowpane.read.pages.numbers import Glance, Number, numbers, once
from windowpane.read.pages.rows import Row
from windowpane.read.pages.strips import Strip

HEIGHT = 20.0
STEP = 4  # pixels of a line from column to column
PITCH = 4  # columns from a character to the next


def seen(text, at=(100.0, 50.0), pitch=PITCH):
    """A level row of characters, as the finder and the reader see it: digits, letters, marks, blanks."""
    scale = 1.1  # line pixels for a pixel of the page
    columns = [10 + pitch * place for place, one in enumerate(text) if one.isdigit()]
    marks = np.full((len(MARKS), 20 + pitch * len(text)), -9.0)
    for place, one in enumerate(text):
        if one.isalpha() or one in SEPARATORS:
            marks[MARKS.index(OTHER if one.isalpha() else one), 10 + pitch * place] = -0.01
    path = Path("".join(filter(str.isdigit, text)), tuple(columns), 0.0)
    line = Line(np.zeros((32, 9), np.uint8), (scale, scale), 0.0, 0.0)
    glance = Glance(line, path, np.array(columns, float) * STEP, marks)
    everywhere = [(place, one) for place, one in enumerate(text) if one != " "]
    x = [at[0] + (10 + pitch * place) * STEP / scale for place, _ in everywhere]
    middles = np.stack([x, np.full(len(x), at[1])], axis=1)
    odds = np.array([5.0 if one.isdigit() else -5.0 for _, one in everywhere])
    row = Row(middles, HEIGHT, 0.0, (60.0, 60.0), np.full(len(x), HEIGHT), odds)
    matrix = np.array([[1.0, 0.0, at[0]], [0.0, 1.0, at[1] - 15]])
    strip = Strip(Writing(np.zeros((30, 9), np.uint8), (0, 5, 9, 25), 1.0), matrix)
    return row, strip, glance


def texts(text, **how):
    return [one.text for one in numbers(*seen(text, **how))]


def test_digits_side_by_side_are_one_number_with_its_place_on_the_page():
    (one,) = numbers(*seen("94720"))
    row = seen("94720")[0]
    assert one.text == "94720"
    assert one.middles == pytest.approx(row.middles)
    assert (one.height, one.angle, one.beside) == (HEIGHT, 0.0, 0)
    assert one.evidence == 5.0
    assert one.reach == (60.0, 60.0)


def test_a_blank_and_a_letter_end_a_number():
    assert texts("947 20") == ["947", "20"]
    assert texts("947a20") == ["947", "20"]
    assert texts("ab") == []


def test_a_separator_links_what_a_blank_would_part():
    assert texts("3 4", pitch=3) == ["3", "4"]
    assert texts("3.4", pitch=3) == texts("3-4", pitch=3) == ["34"]
    assert texts("3.4", pitch=6) == ["3", "4"]


def test_digits_that_are_all_apart_are_one_number():
    wide = 2 * PITCH  # 1.45 heights: each in a box of its own
    assert texts("8443", pitch=wide) == ["8443"]
    assert texts("84", pitch=wide) == ["8", "4"]  # two may be two
    assert texts("844 3", pitch=wide) == ["844", "3"]
    assert texts("8443", pitch=3 * PITCH) == list("8443")


def test_how_far_the_next_digits_are_is_told():
    first, second = numbers(*seen("947 20"))
    gap = 2 * PITCH * STEP / 1.1
    assert first.reach == pytest.approx((60.0, gap))
    assert second.reach == pytest.approx((gap, 60.0))


@pytest.mark.parametrize(("text", "beside"), [("947", 0), ("a947", 1), ("a947b", 2), ("a   947", 0)])
def test_letters_that_the_finder_sees_beside_are_told(text, beside):
    assert [one.beside for one in numbers(*seen(text))] == [beside]


def test_what_the_rest_of_the_row_looks_like_is_told():
    (one,) = numbers(*seen("947 ab"))
    assert one.among == -5.0
    assert numbers(*seen("947"))[0].among == 0.0


def test_where_the_finder_saw_nothing_its_evidence_is_against_it():
    row, strip, glance = seen("94720")
    far = Row(row.middles + np.array([0, 100]), HEIGHT, 0.0, row.reach, row.heights, row.odds)
    assert numbers(far, strip, glance)[0].evidence < 0


def a_number(text, x, y=50.0, evidence=5.0, height=HEIGHT):
    middles = np.array([[x + 0.7 * height * place, y] for place in range(len(text))])
    return Number(middles, height, 0.0, (60.0, 60.0), text, 0, evidence, 0.0)


def kept(*found):
    return [one.text for one in once(found)]


def test_what_was_seen_in_two_rows_is_one_number():
    assert kept(a_number("94720", 100), a_number("947", 101)) == ["94720"]
    assert kept(a_number("720", 128), a_number("94720", 100)) == ["94720"]
    assert kept(a_number("94721", 100, evidence=1.0), a_number("94720", 102, evidence=4.0)) == ["94720"]


def test_of_two_that_share_digits_the_whole_is_told():
    (one,) = once([a_number("9472", 100), a_number("2053", 100 + 3 * 14)])
    assert one.text == "9472053"
    assert one.middles[:, 0].tolist() == pytest.approx([100 + 14 * place for place in range(7)])
    other_size = a_number("253", 100 + 3 * 14, height=40)
    assert sorted(kept(a_number("9472", 100), other_size)) == ["253", "9472"]


def test_what_stands_elsewhere_stays():
    some = [a_number("94720", 100), a_number("947", 200), a_number("12345", 100, y=75)]
    assert sorted(kept(*some)) == ["12345", "947", "94720"]
    assert kept() == []
