"""Inverted writing, rims and housings, drawn here and read with the net that ships."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from windowpane.data.writing.lines import PLAIN, compose
from windowpane.read.looks.choice import best_looks, other_looks, score

LIGHT, DARK, PANEL = 235, 40, 110


@pytest.fixture(scope="module")
def cover(hand):
    """The digits 94720, ink (H, W) in 0..1, with a margin."""
    ink = compose(np.random.default_rng(3), hand, "94720", PLAIN).coverage
    return cv2.copyMakeBorder(ink, 12, 12, 16, 16, cv2.BORDER_CONSTANT) / 255


def written(cover, paper, ink):
    return np.repeat((paper * (1 - cover) + ink * cover)[..., None], 3, 2).astype(np.uint8)


def rimmed(pixels, width, light):
    return cv2.copyMakeBorder(pixels, *[width] * 4, cv2.BORDER_CONSTANT, value=(light,) * 3)


@pytest.mark.parametrize("rim", [3, 10, 25], ids="rim {}".format)
@pytest.mark.parametrize(("ink", "edge"), [(DARK, LIGHT), (LIGHT, 10)], ids=["dark", "light"])
def test_a_rim_around_the_digits_makes_no_difference(reader, cover, rim, ink, edge):
    assert reader.read(rimmed(written(cover, PANEL, ink), rim, edge)).text == "94720"


def housing(cover, tilt):
    """A dark display with dark digits, somewhere in a light housing, tilted by so many degrees."""
    panel = rimmed(written(cover, PANEL, DARK), 4, PANEL)
    picture = cv2.copyMakeBorder(panel, 40, 90, 60, 80, cv2.BORDER_CONSTANT, value=(LIGHT,) * 3)
    middle = picture.shape[1] / 2, picture.shape[0] / 2
    turn = cv2.getRotationMatrix2D(middle, -tilt, 1.0)
    return cv2.warpAffine(picture, turn, picture.shape[1::-1], borderValue=(LIGHT,) * 3)


@pytest.mark.parametrize("tilt", [0, 5, -5], ids="tilted by {}".format)
def test_a_display_is_read_in_its_housing_and_its_digits_are_where_they_are(reader, cover, tilt):
    picture = housing(cover, tilt)
    reading = reader.read(picture)
    assert reading.text == "94720"
    middles = [((x0 + x1) / 2, (y0 + y1) / 2) for x0, y0, x1, y1 in (one.box for one in reading.digits)]
    slope = np.polyfit(*zip(*middles, strict=True), 1)[0]
    assert slope == pytest.approx(np.tan(np.radians(tilt)), abs=0.06)
    for x0, y0, x1, y1 in (digit.box for digit in reading.digits):
        inside = picture[max(round(y0), 0) : round(y1), round(x0) : round(x1)]
        assert inside.min() < 70 < PANEL - 10 < inside.max()


def spoken(*strings):
    return SimpleNamespace(strings=list(strings))


def test_the_plain_look_stays_unless_another_says_much_more():
    picture = np.full((30, 90, 3), 255, np.uint8)
    for other, wins in (
        (("123", 0.5), False),
        (("123", 0.99), True),
        (("", 1.0), False),
        (("12345", 0.2), True),
    ):
        plain, again = spoken(("124", 0.4)), spoken(other)
        _, (decided,) = best_looks(
            [picture], [None], [plain], 0.9, lambda lines, one=again: [one] * len(lines)
        )
        assert (decided is again) == wins


def test_a_look_without_digits_never_wins():
    picture = np.full((30, 90, 3), 255, np.uint8)
    plain = spoken(("24", 0.001))
    _, (decided,) = best_looks([picture], [0], [plain], 0.9, lambda lines: [spoken(("", 1.0))] * len(lines))
    assert decided is plain


def test_only_doubtful_and_empty_readings_are_seen_in_other_ways():
    seen = []

    def look(lines):
        seen.append(len(lines))
        return [spoken(("", 0.5))] * len(lines)

    picture = np.full((30, 90, 3), 255, np.uint8)
    some = [spoken(("1", 0.95)), spoken(("", 0.95)), spoken(("1", 0.5))]
    writings, decided = best_looks([picture] * 3, [0, 1, 2], some, 0.9, look)
    assert seen == [2]
    assert (writings, decided) == ([0, 1, 2], some)


def test_digits_speak_for_a_look_up_to_five():
    assert score(spoken(("12", 0.5))) > score(spoken(("", 0.99)))
    assert score(spoken(("1234567", 0.5))) == score(spoken(("12345", 0.5)))
    assert score(spoken(("1", 0.0))) < -20


def test_looks_of_a_picture_are_the_inverted_one_and_two_of_each_panel(cover):
    assert len(other_looks(written(cover, LIGHT, DARK))) == 1
    assert len(other_looks(housing(cover, 0))) >= 3
