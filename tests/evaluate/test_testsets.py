"""The test sets: the same pictures every time, of what they are said to show."""

from itertools import islice

import numpy as np
import pytest

from windowpane.evaluate import testsets
from windowpane.evaluate.testsets import (
    cheque_amounts,
    composed_zips,
    printed_numbers,
    prose_pages,
    single_digits,
    touching_zips,
)
from windowpane.read.lexicon import Lexicon


@pytest.fixture
def one_writer(hand, monkeypatch):
    """All digits by one hand, instead of the writers of MNIST."""
    monkeypatch.setattr(testsets, "mnist", lambda root, part: (root, part))
    monkeypatch.setattr(testsets, "writers", lambda digits: [hand])


def test_composed_zips_are_valid_and_the_same_for_the_same_seed(one_writer, tmp_path):
    first, again, other = (list(composed_zips(tmp_path, seed=seed, count=12)) for seed in (1, 1, 2))
    assert [example.text for example in first] == [example.text for example in again]
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.pixels, two.pixels)
    assert [example.text for example in first] != [example.text for example in other]
    valid = Lexicon.us_zip()
    assert all(example.text in valid for example in first + other)
    assert len({example.text for example in first}) > 6


def test_pictures_are_rgb_bytes_on_light_paper(one_writer, tmp_path):
    for make in (composed_zips, touching_zips):
        for example in make(tmp_path, seed=3, count=5):
            assert example.pixels.dtype == np.uint8
            assert example.pixels.shape[2] == 3
            assert np.median(example.pixels) > 200


def test_touching_digits_stand_closer(one_writer, tmp_path):
    def breadth(make):
        sizes = [example.pixels.shape for example in make(tmp_path, seed=4, count=40)]
        return np.mean([width / height for height, width, _ in sizes])

    assert breadth(touching_zips) < 0.9 * breadth(composed_zips)


def test_printed_numbers_use_every_held_out_family_as_often(hand, monkeypatch, tmp_path):
    asked = []
    many = [hand] * 30

    def faces(folder, *, held_out):
        asked.append((folder, held_out))
        return many

    used = []
    monkeypatch.setattr(testsets, "typefaces", faces)
    monkeypatch.setattr(testsets, "by_family", lambda hands: [["one face"], ["a", "large", "family"]])
    monkeypatch.setattr(testsets, "_example", lambda rng, face, text, style, look: used.append((face, text)))
    list(printed_numbers(tmp_path, seed=5, look="clean", count=200))
    assert asked == [(tmp_path, True)]
    assert 70 < sum(face == "one face" for face, _ in used) < 130
    assert all(len(text) == 5 and text.isdigit() for _, text in used)


@pytest.mark.realdata
def test_the_sets_from_public_data(data):
    amounts = list(cheque_amounts(data))
    assert len(amounts) == 128
    assert all(example.text.isdigit() and example.pixels.shape[2] == 3 for example in amounts)
    for name in ("mnist", "usps"):
        digits = list(islice(single_digits(data, name), 50))
        assert {example.text for example in digits} <= set("0123456789")
        assert all(example.pixels[0, 0, 0] > 230 for example in digits)  # paper
    (composed,) = composed_zips(data, seed=6, count=1)
    assert len(composed.text) == 5


def test_pages_of_prose_are_the_same_every_time_and_have_no_digit(tmp_path, monkeypatch):
    font = pytest.importorskip("PIL.ImageFont").load_default(20)
    if not hasattr(font, "path"):
        pytest.skip("Pillow was built without FreeType")
    (tmp_path / "face.ttf").write_bytes(font.path.getvalue())
    monkeypatch.setattr(
        testsets, "text_typefaces", lambda folder, *, held_out: [folder / "face.ttf"] * held_out
    )
    first, second = prose_pages(tmp_path, seed=3, count=2)
    assert first.shape == (1600, 1100, 3)
    assert first.std() > 20  # ink on paper
    (again,) = prose_pages(tmp_path, seed=3, count=1)
    np.testing.assert_array_equal(first, again)
    assert (first != second).any()
    rng = np.random.default_rng(0)
    words = [testsets._word(rng) for _ in range(300)]
    assert not any(character.isdigit() for word in words for character in word)
    assert any(word.isupper() for word in words)
