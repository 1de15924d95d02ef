"""Real pages: characters are told where a line is all of one kind, and in doubt elsewhere."""

import cv2
import numpy as np
import pytest

from windowpane.data.pages import Page
from windowpane.train.strings.real import of_page


def a_page(tmp_path, text, corners):
    pixels = np.full((120, 400), 235, np.uint8)
    cv2.putText(pixels, text, (50, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 30, 2, cv2.LINE_AA)
    cv2.imwrite(str(tmp_path / "page.png"), pixels)
    return Page(tmp_path / "page.png", np.array([corners], float), (text,), ("",), complete=True)


BOX = [[45, 40], [275, 40], [275, 80], [45, 80]]


def test_digits_in_a_row_are_told(tmp_path):
    real = of_page(a_page(tmp_path, "947205316816", BOX))
    assert real.class_ids.tolist() == [0] * 12
    assert real.heights == pytest.approx(np.full(12, 22), abs=3)
    assert real.middles[:, 1] == pytest.approx(np.full(12, 59), abs=2)
    ends = real.middles[[0, -1], 0]
    assert ends == pytest.approx([59, 257], abs=12)
    assert np.allclose(real.along, [1, 0])
    assert len(real.doubtful) == 12


def test_where_a_digit_meets_a_letter_in_a_word_is_in_doubt(tmp_path):
    real = of_page(a_page(tmp_path, "abcd12345", BOX))
    assert real.class_ids.tolist() == [1, 1, 1, 0, 0, 0, 0]


def test_the_ends_of_words_are_told_where_the_ink_ends(tmp_path):
    real = of_page(a_page(tmp_path, "NO 48 PG 7", BOX))
    assert real.class_ids.tolist() == [1, 1, 0, 0, 1, 1, 0]
    pixels = cv2.imread(str(tmp_path / "page.png"), cv2.IMREAD_GRAYSCALE)
    columns = np.flatnonzero((pixels < 130).any(axis=0))
    assert real.middles[-1, 0] == pytest.approx(columns[-1] - 9, abs=4)  # the 7, some 18 pixels wide
    assert len(real.doubtful) == 7  # no squares where there is no ink


def test_a_rule_under_a_line_is_not_its_height(tmp_path):
    page = a_page(tmp_path, "947205316816", BOX)
    pixels = cv2.imread(str(page.path))
    cv2.line(pixels, (45, 76), (275, 76), (30, 30, 30), 2)
    cv2.imwrite(str(page.path), pixels)
    assert of_page(page).heights == pytest.approx(np.full(12, 22), abs=3)


def test_a_page_without_lines_tells_nothing(tmp_path):
    page = a_page(tmp_path, "1", BOX)
    real = of_page(Page(page.path, np.zeros((0, 4, 2)), (), (), complete=True))
    assert len(real.class_ids) == 0
    assert real.doubtful.shape == (0, 3)
