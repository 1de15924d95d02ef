"""Whether a picture is rather a page."""

import cv2
import numpy as np
import pytest

from windowpane.cli.read.rows import looks_like_page


def written(rows, size=1.0, shape=(400, 900)):
    picture = np.full((*shape, 3), 235, np.uint8)
    for row in range(rows):
        place = (40, 60 + round(50 * size) * row)
        cv2.putText(
            picture, "Valmire 33000", place, cv2.FONT_HERSHEY_SIMPLEX, size, (40, 40, 40), 2, cv2.LINE_AA
        )
    return picture


@pytest.mark.parametrize(("rows", "page"), [(0, False), (1, False), (2, False), (3, True), (6, True)])
def test_three_rows_are_a_page(rows, page):
    assert looks_like_page(written(rows)) is page


def test_a_large_photograph_is_looked_at_small():
    large = cv2.resize(written(4), None, fx=4, fy=4)
    assert looks_like_page(large)


def test_noise_and_tiny_pictures_are_none():
    rng = np.random.default_rng(0)
    assert not looks_like_page(rng.integers(0, 256, (200, 300, 3), dtype=np.uint8))
    assert not looks_like_page(np.zeros((1, 1, 3), np.uint8))
