"""Panels of pictures drawn here: a display in its housing, a rim, a tilt, and pictures that show none."""

import cv2
import numpy as np
import pytest

from windowpane.read.looks.frames import panels


def housing(*, paper=220, panel=90, tilt=0, size=(100, 240)):
    """A picture with a panel from (60, 30) to (200, 70), its right end lower by a tilt, written on."""
    picture = np.full((*size, 3), paper, np.uint8)
    corners = np.array([(60, 30), (200, 30 + tilt), (200, 70 + tilt), (60, 70)])
    cv2.fillPoly(picture, [corners], (panel,) * 3)
    for x in range(90, 180, 20):
        y = 50 + tilt * (x - 60) // 140
        cv2.line(picture, (x, y - 10), (x, y + 10), (20,) * 3, 3)
    return picture


@pytest.mark.parametrize(("paper", "panel"), [(220, 90), (30, 160)])
def test_a_panel_is_cut_out_without_its_edge(paper, panel):
    (found,) = [one for one in panels(housing(paper=paper, panel=panel)) if one.left > 0]
    height, width = found.pixels.shape[:2]
    assert found.left == pytest.approx(62, abs=2)
    assert found.top == pytest.approx(32, abs=2)
    assert width == pytest.approx(137, abs=4)
    assert height == pytest.approx(37, abs=4)
    assert found.slope == pytest.approx(0, abs=0.01)
    assert not (found.pixels == paper).any()


def test_a_tilted_panel_is_made_level():
    (found,) = panels(housing(tilt=14))
    assert found.slope == pytest.approx(0.1, abs=0.02)
    written = np.flatnonzero((found.pixels[..., 0] < 50).any(axis=1))
    assert written[-1] - written[0] <= 24
    # and its pixels are those of the picture at the place that it tells
    x, y = 100, 18
    row = round(found.top + y + found.slope * (x + 0.5))
    seen = housing(tilt=14)[row - 1 : row + 2, round(found.left + x)].min()
    assert int(found.pixels[y, x].min()) >= seen


def test_a_rim_encloses_a_panel():
    picture = np.full((60, 200), 70, np.uint8)
    cv2.rectangle(picture, (0, 0), (199, 59), 250, 6)
    (found,) = panels(picture)
    assert found.pixels.shape[0] < 56
    assert found.pixels.max() < 250


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (40, 7), (64, 64)])
def test_an_even_picture_has_no_panel(size):
    assert panels(np.full((*size, 3), 128, np.uint8)) == []


def test_noise_has_no_panel():
    rng = np.random.default_rng(0)
    assert panels(rng.integers(0, 255, (96, 200, 3), np.uint8)) == []
