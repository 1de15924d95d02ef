"""The tables of pages and photographs of numbers: any reader's answers, set by set."""

import numpy as np
import pytest

from windowpane.data.pages import Page
from windowpane.errors import DataError
from windowpane.evaluate import numbers
from windowpane.evaluate.measures.numbers import Number
from windowpane.evaluate.numbers import SETS, Answer, Asked, answers_of, measured, reader_of, spread

SQUARE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], float)


def asked(*texts, note="", corners=None, pixels=(100, 100)):
    quads = np.full((len(texts), 4, 2), np.nan) if corners is None else np.array(corners)
    page = Page("a.jpg", quads, texts, (note,) * len(texts), True)
    return Asked(np.zeros((*pixels, 3), np.uint8), page)


def answer(*found, pixels=10_000, seconds=0.5):
    """Numbers as text, or as text, box and whether they are sure."""
    each = [(one, (0, 0, 10, 10), True) if isinstance(one, str) else one for one in found]
    return Answer([Number(text, 0.9, sure, box) for text, box, sure in each], pixels, seconds)


def test_only_sure_numbers_of_a_receipt_count():
    unsure = ("999", (0, 0, 1, 1), False)
    (row,) = measured("receipts", [asked("TOTAL 123", "NO 456 7")], [answer("123", "80", unsure)])
    assert row == {
        "set": "receipts",
        "count": 1,
        "what": "three digits and more",
        "asked": 2,
        "found": 0.5,
        "given": 2,
        "given_right": 0.5,
        "seconds": 0.5,
    }


def test_numbers_where_there_are_none_are_counted_by_area():
    pictures = [asked("", note="photographs"), asked("", note="photographs"), asked("", note="prose")]
    answers = [answer("1", pixels=1_000_000), answer(pixels=3_000_000), answer("1", "7", pixels=2_000_000)]
    bare, prose = measured("no_numbers", pictures, answers)
    assert (bare["what"], bare["count"], bare["given"], bare["per_10_megapixels"]) == (
        "photographs",
        2,
        1,
        2.5,
    )
    assert (prose["what"], prose["per_10_megapixels"]) == ("prose", 10)


def test_displays_by_how_well_they_can_be_read():
    pictures = [asked("62", note="HQ"), asked("62", note="HQ"), asked("9", note="LQ")]
    answers = [answer("6202"), answer("63", ("6200", (0, 0, 10, 30), False)), answer()]
    good, bad = measured("displays", pictures, answers)
    assert [good[key] for key in ("what", "count", "right", "found", "wrong")] == ["HQ", 2, 0.5, 0.5, 0.5]
    assert [bad[key] for key in ("what", "right", "found", "wrong")] == ["LQ", 0, 0, 0]


def test_all_digits_of_a_meter_are_asked_for():
    answers = [answer("0048240"), answer("4824.0")]
    (row,) = measured("meters", [asked("004824.0")] * 2, answers)
    assert [row[key] for key in ("what", "right", "found", "wrong")] == ["all digits", 0.5, 0.5, 0.5]


def test_rolls_that_stand_and_rolls_on_their_way():
    pictures = [asked("4.0"), asked("7"), asked("4.3"), asked("9.8")]
    answers = [answer("4"), answer("11"), answer("4.5"), answer("0")]
    whole, moving = measured("rolls", pictures, answers)
    assert (whole["what"], whole["count"], whole["right"]) == ("whole steps", 2, 0.5)
    assert (moving["count"], moving["right"], moving["tenths_right"]) == (2, 1.0, 1.0)


def test_cells_and_plates_are_where_they_are():
    cells = asked("1", "2", corners=[SQUARE, np.add(SQUARE, (20, 0))])
    between = ("5", (12, 0, 18, 10), True)
    for name, right in (("sudokus", 0.5), ("screenshots", 1.0)):
        (row,) = measured(name, [cells], [answer("1", between)])
        assert (row["asked"], row["found"], row["given_right"]) == (2, 0.5, right)
    plate = asked("AB12 345", corners=[SQUARE])
    (row,) = measured("plates", [plate], [answer("345", ("777", (50, 50, 60, 60), True), "9")])
    assert (row["asked"], row["found"], row["given"], row["given_right"]) == (2, 0.5, 2, 0.5)


def test_a_reader_is_a_function_from_pixels_to_numbers():
    one, two = asked("1"), asked("2", pixels=(20, 30))
    first, second = answers_of(lambda pixels: [Number("7", 1.0, True, (0, 0, 1, 1))], [one, two])
    assert (first.pixels, second.pixels) == (10_000, 600)
    assert [number.text for number in second.given] == ["7"]
    assert first.seconds >= 0
    assert spread([one, two], None) == [one, two]
    assert len(spread([one] * 9, 4)) == 4


def test_the_reader_that_ships_reads_pages_and_single_digits():
    blank = np.full((40, 200, 3), 255, np.uint8)
    assert reader_of("digits", "page")(blank) == []
    assert len(reader_of("digits", "digit")(blank)) == 1


def test_a_table_of_a_set(monkeypatch, tmp_path):
    plain = numbers.NumberSet(lambda root, fonts, seed: [asked("123")] * seed, SETS["receipts"].rows)
    monkeypatch.setitem(SETS, "receipts", plain)
    monkeypatch.setattr(numbers, "reader_of", lambda net, use: lambda pixels: [])
    (row,) = numbers.evaluate("receipts", "digits", tmp_path, tmp_path, seed=5, limit=2)
    assert (row["seed"], row["count"], row["asked"], row["found"]) == (5, 2, 2, 0)


@pytest.mark.realdata
@pytest.mark.parametrize("name", [name for name in SETS if name != "no_numbers"])
def test_the_sets_have_pictures_and_text(data, tmp_path, name):
    try:
        every = SETS[name].asked(data, tmp_path, 0)
    except DataError as error:
        pytest.skip(str(error))
    assert len(every) > 5
    assert every[0].pixels.ndim == 3
    assert all(one.page.texts for one in every)
