"""Strings of digits among characters, put there by hand: no net is needed to link them."""

import math

import numpy as np
import pytest

from windowpane.read.pages.characters import NO_CHARACTERS, Characters
from windowpane.read.pages.locate import _turned_back, locate, strings, turned

SURE = 4.0


def row(text, x=50.0, y=50.0, height=20.0, pitch=0.7, angle=0.0):
    """Characters of a text in a row: digits, letters, marks; a blank leaves a gap."""
    along = np.array([math.cos(angle), math.sin(angle)])
    middles, logits = [], []
    for place, character in enumerate(text):
        if character != " ":
            middles.append(np.array([x, y]) + along * place * pitch * height)
            kind = 0 if character.isdigit() else 2 if character in ".,-" else 1
            logits.append([SURE if kind == one else -SURE for one in range(3)])
    count = len(middles)
    return Characters(
        np.array(middles), np.full(count, height), np.full(count, angle), np.array(logits, float)
    )


def joined(*rows):
    return Characters.joined(list(rows))


def counts(found):
    return sorted(len(place.middles) for place in strings(found))


def test_digits_of_a_row_are_one_string():
    (place,) = strings(row("94720"))
    assert place.middles[:, 0].tolist() == [50, 64, 78, 92, 106]
    assert place.height == 20
    assert place.angle == pytest.approx(0)
    assert place.beside == 0
    assert place.evidence == pytest.approx(6)  # clipped


@pytest.mark.parametrize("angle", [-0.5, 0.3, math.pi / 2, math.pi, -math.pi / 2])
def test_rows_may_go_any_way(angle):
    (place,) = strings(row("947205", x=300, y=300, angle=angle))
    assert math.cos(place.angle - angle) > 0.999
    steps = np.diff(place.middles, axis=0) @ [math.cos(angle), math.sin(angle)]
    assert (steps > 0).all()


def test_the_order_of_the_characters_does_not_matter():
    found = joined(row("94720"), row("123", y=200))
    mixed = found[np.random.default_rng(0).permutation(len(found))]
    assert counts(mixed) == [3, 5]
    first = min(strings(mixed), key=lambda place: place.middles[0, 1])
    assert np.array_equal(first.middles, row("94720").middles)


def test_a_gap_wider_than_between_digits_parts_two_strings():
    assert counts(row("947 20")) == [2, 3]
    assert counts(row("94720", pitch=1.3)) == [5]  # one box for each digit


def test_letters_part_strings_and_are_told_of():
    places = strings(row("12ab345"))
    assert [len(place.middles) for place in places] == [2, 3]
    assert [place.beside for place in places] == [1, 1]
    assert strings(row("abcdef")) == []
    assert [place.beside for place in strings(row("abc 345"))] == [0]


def test_marks_within_belong_to_a_string_and_are_no_digits():
    (place,) = strings(row("1,250.00"))
    assert len(place.middles) == 6
    assert counts(row("12.")) == [2]


def test_one_doubtful_character_among_digits_is_a_digit_too():
    found = row("94720")
    found.logits[2] = [0.0, 0.5, -4.0]
    assert counts(found) == [5]


def test_rows_of_other_heights_and_other_rows_are_apart():
    found = joined(row("123", x=50), row("45", x=50 + 3 * 14 + 6, height=60), row("678", y=71))
    assert counts(found) == [2, 3, 3]


def test_what_stands_beside_limits_the_paper_around():
    left, right = strings(row("947 x"))[0].reach
    assert left == pytest.approx(40)  # as far as a neighbour is looked for
    assert right == pytest.approx(28)


def test_thousands_of_strings_are_linked_in_no_time_and_little_memory():
    rows = [row("94720", x=150.0 * (k % 50), y=40.0 * (k // 50) + 30) for k in range(3000)]
    found = Characters(
        *(
            np.concatenate([getattr(one, name) for one in rows])
            for name in ("middles", "heights", "angles", "logits")
        )
    )
    places = strings(found)
    assert len(places) == 3000
    assert {len(place.middles) for place in places} == {5}


def test_nothing_is_found_among_nothing():
    assert strings(NO_CHARACTERS) == []


# -- How the page lies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_most_characters_say_how_a_page_lies(quarters):
    angle = quarters * math.pi / 2
    found = joined(
        row("947205316", x=300, y=300, angle=angle + 0.1), row("123", x=500, y=500, angle=angle + 1.5)
    )
    assert turned(found) == quarters


def test_a_few_characters_do_not_turn_a_page():
    assert turned(row("947", angle=math.pi / 2)) == 0
    assert turned(NO_CHARACTERS) == 0


class Upright:
    """Finds a text only where a page is upright: its upper left pixel is black."""

    def __init__(self, text):
        self.text = text

    def find(self, page):
        where = [page[0, 0], page[0, -1], page[-1, -1], page[-1, 0]].index(0)
        return row(self.text, x=40, y=30, angle=where * math.pi / 2) if where else row(self.text, x=40, y=30)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_is_turned_and_its_strings_turned_back(quarters):
    upright = np.full((100, 300), 255, np.uint8)
    upright[0, 0] = 0
    page = np.rot90(upright, -quarters)
    (place,) = locate(page, Upright("947205316"))
    expected = row("947205316", x=40, y=30)
    back = _turned_back(expected, quarters, page.shape)
    assert np.allclose(place.middles, back.middles)
    assert math.cos(place.angle - quarters * math.pi / 2) > 0.999
    height, width = page.shape
    first = {0: (40, 30), 1: (width - 30, 40), 2: (width - 40, height - 30), 3: (30, height - 40)}[quarters]
    assert place.middles[0].tolist() == pytest.approx(first)
