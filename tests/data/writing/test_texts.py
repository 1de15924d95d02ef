"""Made-up texts: what they hold, and that a seed gives them again."""

import re

import numpy as np
import pytest

from windowpane.data.writing.texts import KINDS, SHARES, digits, number, sentence, word


def test_a_seed_gives_the_same_texts_again():
    one, other = (np.random.default_rng(3) for _ in range(2))
    assert [number(one) for _ in range(40)] == [number(other) for _ in range(40)]


def test_words_are_letters_in_small_and_in_capitals():
    words = [word(np.random.default_rng(seed)) for seed in range(200)]
    assert all(one.isascii() and one.isalpha() for one in words)
    assert {one.isupper() for one in words} == {True, False}
    assert len(set(words)) > 150


def test_sentences_are_about_as_long_as_asked_for():
    lengths = [len(sentence(np.random.default_rng(seed), 40)) for seed in range(50)]
    assert min(lengths) >= 38
    assert max(lengths) < 70


def test_digits_are_as_many_as_asked_for():
    rng = np.random.default_rng(0)
    texts = [digits(rng, count) for count in range(1, 13) for _ in range(20)]
    assert [len(text) for text in texts] == [count for count in range(1, 13) for _ in range(20)]
    assert all(text.isdigit() for text in texts)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_number_has_digits(kind):
    rng = np.random.default_rng(5)
    texts = {kind(rng) for _ in range(50)}
    assert len(texts) > 10
    assert all(re.search(r"\d", text) for text in texts)


def test_the_shares_are_of_all():
    assert sum(SHARES) == pytest.approx(1)
    assert len(SHARES) == len(KINDS)
