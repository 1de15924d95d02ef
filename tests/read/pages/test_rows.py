"""Rows of characters that were put there by hand: no net is needed to link them."""

import math

import numpy as np
import pytest

from windowpane.read.pages.characters import NO_CHARACTERS, Characters
from windowpane.read.pages.rows import _turned_back, find_rows, rows_of, turned

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
    return sorted(len(one.middles) for one in rows_of(found))


def test_characters_side_by_side_are_one_row():
    (one,) = rows_of(row("No. 94720"))
    assert one.middles[:, 0].tolist() == [50, 64, 78, 106, 120, 134, 148, 162]
    assert one.height == 20
    assert one.angle == pytest.approx(0)
    assert (one.odds > 0).tolist() == [False] * 2 + [False] + [True] * 5


@pytest.mark.parametrize("angle", [-0.5, 0.3, math.pi / 2, math.pi, -math.pi / 2])
def test_rows_may_go_any_way(angle):
    (one,) = rows_of(row("947205", x=300, y=300, angle=angle))
    assert math.cos(one.angle - angle) > 0.999
    steps = np.diff(one.middles, axis=0) @ [math.cos(angle), math.sin(angle)]
    assert (steps > 0).all()


def test_the_order_of_the_characters_does_not_matter():
    found = joined(row("94720"), row("123", y=200))
    mixed = found[np.random.default_rng(0).permutation(len(found))]
    assert counts(mixed) == [3, 5]
    first = min(rows_of(mixed), key=lambda one: one.middles[0, 1])
    assert np.array_equal(first.middles, row("94720").middles)


def test_a_row_goes_on_over_a_blank_and_over_a_character_that_was_missed():
    assert counts(row("947 20")) == [5]
    found = row("94720")
    assert counts(found[np.array([0, 1, 3, 4])]) == [4]
    assert counts(row("947      20")) == [2, 3]


def test_rows_without_anything_like_a_digit_are_left_out():
    assert rows_of(row("abcdef")) == []
    assert counts(row("abc1def")) == [7]


def test_one_character_that_is_out_of_line_does_not_tilt_a_row():
    found = row("94720531688")
    found.middles[0, 1] += 7
    (one,) = rows_of(found)
    assert abs(one.angle) < 0.02


def test_a_row_is_parted_where_it_bends():
    found = row("1234567890" * 3)
    found.middles[:, 1] += np.abs(np.arange(30) - 15) * 3.0
    parts = rows_of(found)
    assert len(parts) >= 2
    for part in parts:
        down = np.array([-math.sin(part.angle), math.cos(part.angle)])
        aside = part.middles @ down
        assert np.ptp(aside) < 0.5 * part.height


def test_a_row_is_parted_where_it_would_be_too_long():
    assert len(rows_of(row("1234567890" * 20))) == 2


def test_rows_of_other_heights_and_other_rows_are_apart():
    found = joined(row("123", x=50), row("45", x=50 + 3 * 14 + 6, height=60), row("678", y=71))
    assert counts(found) == [2, 3, 3]


def test_thousands_of_rows_are_linked_in_no_time_and_little_memory():
    rows = [row("94720", x=150.0 * (k % 50), y=40.0 * (k // 50) + 30) for k in range(3000)]
    found = Characters(
        *(
            np.concatenate([getattr(one, name) for one in rows])
            for name in ("middles", "heights", "angles", "logits")
        )
    )
    assert counts(found) == [5] * 3000


def test_nothing_is_found_among_nothing():
    assert rows_of(NO_CHARACTERS) == []


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
def test_a_page_is_turned_and_its_rows_turned_back(quarters):
    upright = np.full((100, 300), 255, np.uint8)
    upright[0, 0] = 0
    page = np.rot90(upright, -quarters)
    (one,) = find_rows(page, Upright("947205316"))
    expected = row("947205316", x=40, y=30)
    back = _turned_back(expected, quarters, page.shape)
    assert np.allclose(one.middles, back.middles)
    assert math.cos(one.angle - quarters * math.pi / 2) > 0.999
    height, width = page.shape
    first = {0: (40, 30), 1: (width - 30, 40), 2: (width - 40, height - 30), 3: (30, height - 40)}[quarters]
    assert one.middles[0].tolist() == pytest.approx(first)
