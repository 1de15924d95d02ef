"""Lines of numbers and words: what they hold, and the hands that write them."""

import numpy as np
import pytest

from windowpane.data.glyphs import GlyphSet
from windowpane.data.writing.hands import FIRST_STRANGE, SEPARATORS, Hand
from windowpane.data.writing.lines import PLAIN, compose
from windowpane.data.writing.words import hands_of, mixed, number, with_separators, word, words

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def drawn(characters):
    """A hand with a stroke for each character."""
    images = np.zeros((len(characters), 40, 40), np.uint8)
    images[:, 10:30, 18:23] = 255
    return Hand("drawn", "drawn", images, np.array(list(characters)), 20)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_words_are_letters_and_numbers_are_digits_with_separators(rng):
    for _ in range(50):
        assert word(rng).isalpha()
        assert set(number(rng)) <= set("0123456789 " + SEPARATORS)
    assert {"." in number(rng) for _ in range(50)} == {True, False}


def test_a_line_holds_only_what_the_hand_has(rng):
    for hand in (drawn("0123456789"), drawn("0123456789.-"), drawn("0123456789" + LETTERS + SEPARATORS)):
        lines = [mixed(rng, hand) for _ in range(60)]
        assert all(set(line) <= {*hand.places, " "} for line in lines)
        assert all(lines)
    assert any("." in line for line in lines)
    assert any(any(map(str.isalpha, line)) for line in lines)


def test_words_have_no_digits_and_need_letters(rng):
    lines = [words(rng, drawn("0123456789" + LETTERS)) for _ in range(30)]
    assert not any(c.isdigit() for line in lines for c in line)
    assert words(rng, drawn("0123456789")) == ""


def test_a_writer_gets_separators_of_a_size_with_the_digits(rng):
    hand = with_separators(rng, drawn("0123456789"))
    assert set(SEPARATORS) <= set(hand.places)
    rows = {mark: np.flatnonzero(hand.images[hand.places[mark]].max((0, 2)) > 60) for mark in SEPARATORS}
    assert rows["."].min() >= 22  # at the foot of the digits, which reach from 10 to 30
    assert 10 < rows["-"].mean() < 30
    assert rows["-"].max() - rows["-"].min() < 8
    assert rows["/"].max() - rows["/"].min() > 16


def test_what_is_written_is_told_with_its_places(rng):
    hand = with_separators(rng, drawn("0123456789" + LETTERS))
    ink = compose(rng, hand, "No 3.14", PLAIN)
    assert (ink.text, ink.script) == ("314", "??3.14")
    assert len(ink.middles) == 6
    assert (np.diff(ink.middles) > 0).all()
    np.testing.assert_array_equal(ink.centres, ink.middles[[2, 4, 5]])


def test_signs_are_no_part_of_the_script(rng):
    assert compose(rng, drawn("0123456789$%"), "$12%", PLAIN).script == "12"


def test_sets_of_characters_are_hands_by_their_writers(rng):
    images = np.full((4, 30, 30), 255, np.uint8)
    one, other = hands_of(GlyphSet(images, np.array(["A", "7", "A", "b"]), np.array([*"xxyy"])), 20.0)
    assert (set(one.places), one.digits) == ({"A", "7"}, ["7"])
    assert set(other.places) == {"A", "b"}
    strangers = GlyphSet(images, np.array(["Greek/1", "Greek/2", "Greek/1", "Greek/2"]), np.array([*"xxxx"]))
    (strange,) = hands_of(strangers, 20.0, strange=True)
    assert set(map(ord, strange.places)) == {FIRST_STRANGE, FIRST_STRANGE + 1}
    assert set(words(rng, strange)) <= set(strange.places)
    assert set(compose(rng, strange, words(rng, strange), PLAIN).script) == {"?"}
