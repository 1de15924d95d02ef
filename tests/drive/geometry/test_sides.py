"""Names of a left camera lead to those of the right one."""

import pytest

from windowpane.drive.geometry.sides import mentions, partner


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("left01.png", "right01.png"),
        ("Left", "Right"),
        ("cam0_left_012.png", "cam0_right_012.png"),
        ("/left/left_rect", "/right/right_rect"),
        ("image_2", "image_3"),
        ("image_02", "image_03"),
        ("infra1", "infra2"),
        ("000_L.png", "000_R.png"),
        ("l12.png", "r12.png"),
    ],
)
def test_partners(left, right):
    assert partner(left, {left, right, "other"}) == right
    assert partner(right, {left, right, "other"}) is None


def test_a_letter_within_a_word_is_no_side():
    assert partner("hall.png", {"harr.png", "hall.png"}) is None
    assert mentions("000_l", "l")
    assert not mentions("wall", "l")
