"""What was read, drawn over pages and envelopes."""

import numpy as np

from windowpane.images.drawing import ACCENT
from windowpane.read.mail.postal_code import PostalCode
from windowpane.read.reading import Alternative, Reading
from windowpane.show.draw import DOUBT
from windowpane.show.numbers import draw_postal_code, draw_readings

PAGE = np.full((300, 600, 3), 240, np.uint8)


def has(image, colour, x, y, reach=4):
    part = image[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach]
    return bool((part == colour).all(axis=2).any())


def test_each_number_has_a_box_grey_where_it_is_rejected():
    sure = Reading("42", 0.99, False, (), (), (50, 100, 120, 130))
    unsure = Reading("7", 0.4, True, (), (), (300, 200, 320, 230))
    drawn = draw_readings(PAGE, [sure, unsure])
    assert drawn.shape == PAGE.shape
    assert has(drawn, ACCENT, 50, 115)
    assert has(drawn, DOUBT, 300, 215)
    assert not has(drawn, DOUBT, 50, 115)
    assert (PAGE == 240).all(), "the caller's picture stays"


def test_a_number_at_the_top_has_its_tag_below():
    drawn = draw_readings(PAGE, [Reading("42", 0.99, False, (), (), (50, 2, 120, 32))])
    assert has(drawn, ACCENT, 60, 45)


def test_the_postcode_is_drawn_with_what_else_it_may_be_below():
    code = PostalCode("33000", 0.999, False, (50, 100, 120, 130), (Alternative("33008", 0.02),))
    drawn = draw_postal_code(PAGE, code)
    assert drawn.shape[0] > 300
    assert has(drawn, ACCENT, 50, 115)
    assert (drawn[300:] < 100).any()
    plain = draw_postal_code(PAGE, PostalCode("33000", 0.999, False, (50, 100, 120, 130), ()))
    assert plain.shape == PAGE.shape


def test_why_there_is_none_is_written_below():
    drawn = draw_postal_code(PAGE, PostalCode("", 0.0, True, None, (), "no number was found on it"))
    assert (drawn[:300] == PAGE).all()
    assert (drawn[300:] < 100).any()
