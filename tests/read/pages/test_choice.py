"""Which readings of a page count, on readings made by hand."""

from windowpane.read.page import whole_strings
from windowpane.read.reading import Digit, Reading

CROP = (0, 0, 100, 100)


def a_reading(text, box, confidence=0.95, rejected=False):
    digits = tuple(Digit(one, box, confidence) for one in text)
    return Reading(text, confidence, rejected, digits, (), box)


def texts(*readings, threshold=0.9):
    return [one.text for one in whole_strings([CROP] * len(readings), readings, threshold)]


def test_boxes_are_moved_to_the_page():
    (one,) = whole_strings([(30, 40, 90, 80)], [a_reading("12", (1.5, 2, 20, 22))], 0.9)
    assert one.box == (31.5, 42, 50, 62)
    assert [digit.box for digit in one.digits] == [one.box, one.box]


def test_strings_come_from_top_to_bottom_and_then_from_the_left():
    lower = a_reading("1", (0, 50, 10, 70))
    right, left = a_reading("2", (50, 0, 60, 20)), a_reading("3", (0, 0, 10, 20))
    assert texts(lower, right, left) == ["3", "2", "1"]


def test_pieces_of_a_longer_string_are_left_out():
    whole, piece = a_reading("94720", (0, 0, 100, 20)), a_reading("947", (0, 0, 60, 20), 0.99)
    assert texts(piece, whole) == ["94720"]
    beside = a_reading("947", (80, 0, 180, 20))
    assert texts(beside, whole) == ["94720", "947"]


def test_of_two_that_are_as_long_the_surer_one_stays():
    one, other = a_reading("94720", (0, 0, 100, 20), 0.93), a_reading("94728", (2, 0, 100, 20), 0.96)
    assert texts(one, other) == ["94728"]


def test_rejected_ones_stay_if_they_are_long_and_half_sure():
    def doubtful(text, confidence):
        return a_reading(text, (0, 0, 100, 20), confidence, rejected=True)

    assert texts(doubtful("947", 0.6)) == ["947"]
    assert texts(doubtful("94", 0.6)) == []
    assert texts(doubtful("947", 0.4)) == []
    assert texts(a_reading("947", (0, 0, 100, 20), 0.4), threshold=0.3) == ["947"]
    assert texts(a_reading("", (0, 0, 100, 20))) == []
