"""The postcode of the address, from what was read on a drawn envelope."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from windowpane.errors import ArgumentError
from windowpane.read.mail.mail_reader import MailReader
from windowpane.read.reading import Digit, Reading

SENDER = ["Polton SA", "12 via Norro", "95106 Selnova"]
ADDRESS = ["Cora Belmon", "9 rue de Sartel", "33000 Valmire"]
FONT, SIZE, THICK = cv2.FONT_HERSHEY_SIMPLEX, 1.0, 2


@pytest.fixture(scope="module")
def french():
    """A reader of mail to France."""
    with MailReader(country="FR") as reader:
        yield reader


class Envelope:
    """An envelope that is written word by word, and what a reader of pages would say of it."""

    def __init__(self):
        self.picture = np.full((640, 1280, 3), 240, np.uint8)
        self.readings = []

    def write(self, lines, x, y):
        for row, line in enumerate(lines):
            at = x
            for word in line.split():
                cv2.putText(
                    self.picture, word, (at, y + 46 * row), FONT, SIZE, (30, 30, 40), THICK, cv2.LINE_AA
                )
                if word.isdigit():
                    self.readings.append(self.reading(word, at, y + 46 * row))
                at += cv2.getTextSize(f"{word} ", FONT, SIZE, THICK)[0][0]
        return self

    def reading(self, word, x, y):
        ends = [x + cv2.getTextSize(word[:count], FONT, SIZE, THICK)[0][0] for count in range(len(word) + 1)]
        boxes = [(float(a), y - 22.0, float(b), float(y)) for a, b in pairwise(ends)]
        digits = tuple(Digit(one, box, 0.99) for one, box in zip(word, boxes, strict=True))
        return Reading(word, 0.97, False, digits, (), (float(x), y - 22.0, float(ends[-1]), float(y)))


def test_of_sender_and_address_the_address_is_told(french):
    envelope = Envelope().write(SENDER, 40, 70).write(ADDRESS, 600, 400).write(["06 04 23 48728"], 1000, 60)
    found = french.chosen(envelope.picture, envelope.readings)
    assert found.code == "33000"
    assert not found.rejected
    assert found.reason == ""
    x0, y0, x1, y1 = found.box
    assert 590 < x0 < x1 < 720
    assert 460 < y0 < y1 < 500


def test_the_list_settles_what_the_digits_leave_open(french):
    wrong = Envelope().write([*ADDRESS[:2], "33000 Valmire"], 600, 400)
    reading = wrong.readings.pop()
    digits = tuple(Digit(one, digit.box, 0.6) for one, digit in zip("33090", reading.digits, strict=True))
    misread = Reading("33090", 0.5, True, digits, (), reading.box)
    assert french.chosen(wrong.picture, [*wrong.readings, misread]).code == "33000"


def test_no_number_and_no_code_are_told_apart(french):
    empty = french.chosen(np.full((300, 600, 3), 240, np.uint8), [])
    assert (empty.code, empty.confidence, empty.rejected, empty.box) == ("", 0.0, True, None)
    assert empty.reason == "no number was found on it"
    street = Envelope().write(ADDRESS[:2], 600, 400)
    assert (
        "none of the 1 numbers on it has the 5 digits"
        in french.chosen(street.picture, street.readings).reason
    )


def test_a_code_that_is_nowhere_near_an_address_is_not_sure(french):
    stray = Envelope().write(["48728"], 1100, 40)
    found = french.chosen(stray.picture, stray.readings)
    assert found.rejected
    assert found.reason


def test_two_places_that_say_the_same_make_one_code_surer(french):
    once = Envelope().write(ADDRESS, 640, 400)
    twice = Envelope().write(ADDRESS, 640, 400).write(ADDRESS, 200, 300)
    sure = [french.chosen(one.picture, one.readings).confidence for one in (once, twice)]
    assert sure[1] > 0.8 * sure[0]
    assert french.chosen(twice.picture, twice.readings).code == "33000"


def test_an_envelope_is_answered_whole(french):
    envelope = Envelope().write(ADDRESS, 600, 400)
    found = french.read(envelope.picture)
    assert found.code == "33000"
    (same, broken) = french.read_many([envelope.picture, "missing.png"])
    assert same == found
    assert "missing.png" in broken.error


def test_without_a_country_the_most_plausible_is_told():
    envelope = Envelope().write(SENDER, 40, 70).write(ADDRESS, 600, 400)
    with MailReader() as reader:
        assert reader.chosen(envelope.picture, envelope.readings).code == "33000"
        assert "country=None" in repr(reader)


def test_a_threshold_of_ones_own_rejects(french):
    envelope = Envelope().write(ADDRESS, 600, 400)
    with MailReader(country="fr", threshold=1.0) as strict:
        assert strict.chosen(envelope.picture, envelope.readings).rejected
    assert "'FR'" in repr(strict)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"country": "GB"}, "letters"),
        ({"country": "XX"}, "choose from"),
        ({"country": 33}, "two letters"),
        ({"threshold": 2}, "0 to 1"),
        ({"top": -1}, "top=-1"),
        ({"threads": 0}, "threads=0"),
    ],
)
def test_bad_arguments_are_refused_at_once(options, says):
    with pytest.raises(ArgumentError, match=says):
        MailReader(**options)
