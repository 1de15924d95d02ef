"""Pens: what they write stands where they say, whatever they write with."""

import cv2
import numpy as np
import pytest

from windowpane.data.writing.pens import (
    MARKS,
    Handwriting,
    cut_to_ink,
    handwriting_pens,
    plotter_pens,
    typeface_pens,
)
from windowpane.data.writing.strokes import drawn_hand

TEXT = "a07 31.5"


def hand():
    rng = np.random.default_rng(1)
    letter = np.zeros((30, 20), np.uint8)
    cv2.circle(letter, (10, 15), 8, 255, 3)
    return handwriting_pens(rng, [drawn_hand(rng, "one")], {"a": [letter]})[0]


def pens(tmp_path):
    cv2_font = plotter_pens()[0]
    return [cv2_font, hand()]


@pytest.mark.parametrize("size", [12.0, 25.0])
def test_characters_are_where_a_pen_says(tmp_path, size):
    for pen in pens(tmp_path):
        written = pen.write(np.random.default_rng(0), TEXT, size)
        assert written.text == "a0731.5"
        assert written.words.tolist() == [0, 0, 0, 1, 1, 1, 1]
        assert written.bottom - written.top == pytest.approx(size, abs=2)
        rows = slice(max(0, round(written.top)), round(written.bottom))
        for (x0, x1), character in zip(written.spans, written.text, strict=True):
            ink = written.coverage[rows, max(0, round(x0) - 1) : round(x1) + 2]
            tall = np.flatnonzero(ink.max(axis=1) > 80)
            if character.isdigit():
                assert len(tall) >= 0.75 * size


def test_digits_are_as_high_as_asked_for():
    for pen in pens(None):
        written = pen.write(np.random.default_rng(0), "88", 30.0)
        rows = np.flatnonzero(written.coverage.max(axis=1) > 128)
        assert rows[-1] - rows[0] + 1 == pytest.approx(30, abs=4)


def test_handwriting_leaves_out_what_it_lacks():
    pen = Handwriting({"1": [np.full((20, 6), 255, np.uint8)]}, 0.0, 0.1, 1.0)
    assert pen.write(np.random.default_rng(0), "1x1", 20.0).text == "11"
    assert pen.write(np.random.default_rng(0), "x", 20.0).text == ""
    assert set(MARKS) <= set(hand().glyphs)


def test_a_character_is_cut_to_its_ink():
    picture = np.zeros((20, 30), np.uint8)
    picture[5:9, 11:20] = 255
    assert cut_to_ink(picture).shape == (4, 9)
    assert cut_to_ink(np.zeros((4, 4), np.uint8)).shape == (4, 4)


def test_without_fonts_there_are_no_typefaces(tmp_path):
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    assert typeface_pens(tmp_path, held_out=False) == []


def test_typefaces_are_written_with_where_there_are_some():
    matplotlib = pytest.importorskip("matplotlib")
    faces = typeface_pens(matplotlib.__path__ and fonts_of(matplotlib), held_out=False)
    assert faces
    written = faces[0].write(np.random.default_rng(0), TEXT, 20.0)
    assert written.text == "a0731.5"
    digit = written.coverage[:, round(written.spans[1][0]) : round(written.spans[1][1])]
    rows = np.flatnonzero(digit.max(axis=1) > 100)
    assert rows[0] == pytest.approx(written.top, abs=2)
    assert rows[-1] + 1 == pytest.approx(written.bottom, abs=2)


def fonts_of(matplotlib):
    from pathlib import Path

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def test_what_does_not_fit_is_cut_off_between_characters():
    written = plotter_pens()[0].write(np.random.default_rng(0), "123 456", 20.0)
    assert written.cut(1e6) is written
    part = written.cut(written.spans[3, 1] + 1)
    assert part.text == "1234"
    assert part.words.tolist() == [0, 0, 0, 1]
    assert part.coverage.shape[1] == np.ceil(written.spans[3, 1])
    assert written.cut(0).text == ""
