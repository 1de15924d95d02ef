"""Composed pages: the truth about them is true, whichever way they lie."""

import numpy as np
import pytest

from windowpane.data.writing.blocks import Stock
from windowpane.data.writing.pages import DIGIT, LETTER, MARK, ComposedPage, compose, lit


def a_page(seed=0, **options):
    return compose(np.random.default_rng(seed), Stock(), 200, 260, heights=(14.0, 30.0), **options)


def by_hand(text, words):
    """Characters in one row, 10 pixels apart."""
    count = len(text)
    middles = np.column_stack([np.arange(count) * 10.0 + 5, np.full(count, 20.0)])
    sizes = np.tile([8.0, 12.0], (count, 1))
    pixels = np.zeros((40, 10 * count), np.uint8)
    return ComposedPage(pixels, text, np.array(words), middles, sizes, np.zeros(count))


def test_the_same_seed_gives_the_same_page():
    one, other = a_page(), a_page()
    assert np.array_equal(one.pixels, other.pixels)
    assert one.text == other.text
    assert np.array_equal(one.middles, other.middles)
    assert not np.array_equal(one.pixels, a_page(1).pixels)


def test_pages_have_the_size_asked_for_and_characters_of_every_class():
    pages = [a_page(seed, turned=0.5) for seed in range(12)]
    assert {page.pixels.shape for page in pages} == {(200, 260)}
    assert set(np.concatenate([page.class_ids for page in pages])) == {DIGIT, LETTER, MARK}


@pytest.mark.parametrize("options", [{"tilt": 0.0, "turned": 0.0}, {"tilt": 0.5, "turned": 1.0}])
def test_there_is_ink_where_a_character_is_told(options):
    """Between a row's digits and its surroundings is more contrast than in the paper beside it."""
    told = []
    for seed in range(15):
        page = a_page(seed, **options)
        height, width = page.pixels.shape
        for (x, y), (_, high), class_id in zip(page.middles, page.sizes, page.class_ids, strict=True):
            far = 0.6 * high
            if class_id == DIGIT and far < x < width - far and far < y < height - far:
                part = page.pixels[int(y - far) : int(y + far), int(x - far) : int(x + far)]
                told.append(float(part.max()) - float(part.min()))
    assert len(told) > 50
    assert np.mean(np.array(told) > 25) > 0.85


def test_the_direction_turns_with_the_page():
    level = np.concatenate([a_page(seed, tilt=0.0, turned=0.0).angles for seed in range(5)])
    assert np.abs(level).max() < 0.3
    turned = np.concatenate([a_page(seed, tilt=0.0, turned=1.0).angles for seed in range(20)])
    quarters = set(np.round(turned / (np.pi / 2)).astype(int) % 4)
    assert quarters == {1, 2, 3}


def test_rows_go_the_way_that_is_told():
    for seed in range(10):
        page = a_page(seed, tilt=0.5, turned=0.5)
        steps = page.middles[1:] - page.middles[:-1]
        same = page.words[1:] == page.words[:-1]
        along = (steps * np.stack([np.cos(page.angles), np.sin(page.angles)], axis=1)[1:]).sum(axis=1)
        assert (along[same] > 0).mean() > 0.98


def test_numbers_are_digits_with_single_marks_between():
    page = by_hand("1,250.00x7ab12--34.", [0] * 10 + [1] * 9)
    assert [number.text for number in page.numbers()] == ["1,250.00", "7", "12", "34"]
    assert page.numbers()[0].digits == "125000"


def test_a_number_has_corners_in_the_order_of_reading():
    (number,) = by_hand("123", [0, 0, 0]).numbers()
    assert number.corners.tolist() == [[1, 14], [29, 14], [29, 26], [1, 26]]


def test_what_the_edge_cuts_off_is_no_number():
    page = by_hand("123", [0, 0, 0])
    page.middles[2, 0] = 31
    assert page.numbers() == []


def test_light_changes_pixels_and_nothing_else():
    page = a_page()
    seen = lit(np.random.default_rng(3), page)
    assert seen.pixels.shape == page.pixels.shape
    assert seen.text == page.text
    assert seen.middles is page.middles
