"""Pages, rows of tiles, panes and lines of status."""

import numpy as np
import pytest

from windowpane.images.drawing import ACCENT, DARK, PAPER, blank
from windowpane.show.canvas import (
    BAR,
    DOUBT,
    FRAME,
    TITLE,
    Page,
    beside,
    captioned,
    framed,
    in_rows,
    pane,
    squares,
    status,
)

TILE = blank(20, 40, ACCENT)


def count(image, colour):
    return int((image == colour).all(axis=-1).sum())


def test_a_page_has_its_pictures_below_each_other_behind_the_margin():
    page = Page(margin=50)
    page.add("One", TILE)
    page.add("", blank(10, 60, DARK), left=5)
    image = page.image()
    assert count(image, ACCENT) == 20 * 40
    first, second = (np.argwhere((image == one).all(axis=-1)) for one in (ACCENT, DARK))
    assert first[:, 0].max() < second[:, 0].min()
    assert first[:, 1].min() == 50
    assert second[:, 1].min() == 55


def test_the_rows_of_a_picture_have_their_labels_at_its_left():
    with_labels, without = Page(margin=50), Page(margin=50)
    with_labels.add("One", TILE, labels="12", row=10)
    without.add("One", TILE)
    off = (with_labels.image() != without.image()).any(axis=(0, 2))
    assert np.flatnonzero(off).max() < 50


def test_an_empty_page_is_white():
    assert (Page(margin=9).image() == PAPER).all()


def test_tiles_fill_rows_and_stand_on_one_line():
    rows = list(in_rows([TILE, blank(30, 40, DARK), TILE], 90))
    assert [row.shape for row in rows] == [(30, 80, 3), (20, 40, 3)]
    assert (rows[0][:10, :40] == PAPER).all()
    assert (rows[0][10:, :40] == ACCENT).all()


def test_pictures_beside_each_other_have_their_upper_edges_in_line():
    image = beside(TILE, blank(50, 30, DARK))
    assert image.shape[1] == 70
    assert (image[:20, :40] == ACCENT).all()
    assert (image[:50, 40:] == DARK).all()


def test_frames_and_captions_are_put_on_new_pictures():
    before = TILE.copy()
    assert not (framed(TILE) == ACCENT).all()
    assert count(captioned(TILE, "Scale 1"), ACCENT) == 20 * 40
    np.testing.assert_array_equal(TILE, before)


def test_every_pixel_becomes_a_square():
    image = squares(np.array([[0, 255]], np.uint8), 3)
    assert image.shape == (3, 6, 3)
    assert (image[:, :3] == 0).all()
    assert (image[:, 3:] == 255).all()


@pytest.mark.parametrize("width", [48, 200])
def test_a_pane_has_the_width_that_was_asked_for_and_a_title_above(width):
    whole = pane("T", TILE, width)
    assert whole.shape[1] == width
    assert (whole[TITLE + 4 : -4, 4:-4] == ACCENT).all()
    assert (whole[-4:] == FRAME).all()
    assert (whole[:2] == BAR).all()


def test_a_legend_has_a_spot_of_every_colour_in_the_title():
    legend = (((1, 2, 3), "one"), ((4, 5, 6), "two"))
    title = pane("T", TILE, 300, legend)[:TITLE]
    assert all(count(title, colour) > 50 for colour, _ in legend)


def test_what_is_amiss_has_a_colour_of_its_own():
    assert count(status(["all is well"], [], 300), DOUBT) == 0
    assert count(status(["all is well"], ["the pair looks swapped"], 300), DOUBT) > 0
