"""What stands around a number, on drawn pages."""

import cv2
import numpy as np
import pytest

from windowpane.read.mail.surroundings import surroundings

ADDRESS = ["Cora Belmon", "9 rue de Sartel", "33000 Valmire"]


def page(lines, x=300, y=300, pitch=44):
    """Return a page with lines on it, and the boxes of the first and the last word of the last line."""
    picture = np.full((700, 1000, 3), 235, np.uint8)
    for row, line in enumerate(lines):
        cv2.putText(
            picture, line, (x, y + pitch * row), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (40, 40, 40), 2, cv2.LINE_AA
        )
    words = lines[-1].split()
    line = y + pitch * (len(lines) - 1)
    ends = [
        cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.9, 2)[0][0]
        for text in (words[0], lines[-1], words[-1])
    ]
    first = (x, line - 20, x + ends[0], line)
    return picture, first, (x + ends[1] - ends[2], line - 20, x + ends[1], line)


def test_a_code_before_the_town_has_writing_at_its_right_and_rows_above():
    picture, code, _ = page(ADDRESS)
    around = surroundings(picture, code)
    assert (around.left, around.below, around.aligned) == (0, 0, True)
    assert around.right > 3
    assert around.above == 2


def test_a_code_after_the_state_has_writing_at_its_left():
    picture, _, code = page([*ADDRESS[:2], "Houston, TX 77002"])
    around = surroundings(picture, code)
    assert around.right == 0
    assert around.left > 4
    assert around.above == 2


def test_a_row_below_is_seen():
    picture, _, _ = page([*ADDRESS, "FRANCE"])
    _, code, _ = page(ADDRESS)
    assert surroundings(picture, code).below == 1


def test_a_number_alone_has_nothing_around_it():
    picture, code, _ = page(["4028"])
    around = surroundings(picture, code)
    assert (around.left, around.right, around.above, around.below, around.aligned) == (0, 0, 0, 0, False)


def test_the_frame_of_a_window_is_no_writing():
    picture, code, _ = page(["4028"])
    cv2.rectangle(picture, (280, 250), (700, 330), (120, 120, 120), 2)
    around = surroundings(picture, code)
    assert (around.left, around.right, around.above, around.below) == (0, 0, 0, 0)


@pytest.mark.parametrize("box", [(0, 0, 60, 20), (940, 680, 1000, 700), (-5, -5, 40, 15)])
def test_numbers_at_the_edge_of_the_page_do_no_harm(box):
    picture, _, _ = page(["4028"])
    assert surroundings(picture, box).above == 0


def test_a_page_of_any_size_gives_the_same():
    picture, code, _ = page(ADDRESS)
    large = cv2.resize(picture, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)
    small, big = surroundings(picture, code), surroundings(large, tuple(2.5 * side for side in code))
    assert (small.above, small.below, small.aligned) == (big.above, big.below, big.aligned)
    assert small.right == pytest.approx(big.right, abs=0.5)
