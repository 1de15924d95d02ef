"""Which strings of digits on an envelope may be its postcode (candidate generation), whatever they stand for.

A code may be read as one string, or as several where it has a blank or each digit a box of its own; or it is
the beginning or the end of a longer one: 12345 of 12345-6789, or where a letter beside it was taken for a
digit. Where the country is known, a string that lacks a digit or two may be one too, in its box or beyond.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Literal

from windowpane.read.mail.countries import COUNTRIES, Country
from windowpane.read.reading import Box, Digit, Reading

NEAR = 1.8  # heights: farther apart, two strings belong to different words
SPREAD = 2.6  # the same for digits that stand alone, each in its box
BESIDE = 4.0  # heights: nearer than this, a further number on the row is a neighbour

MISSING = 2  # digits that a string may lack

Cut = Literal["whole", "joined", "first", "last", "grown"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A string of digits that may be the postcode.

    Attributes
    ----------
    text
        As it was read without regard to a list.
    confidence
        That all its digits are right.
    box
        Around its digits, x0, y0, x1, y1 in pixels of the page.
    cut
        Whether it is a whole string, several, the first or last digits of a longer one, or a shorter one.
    length
        How many digits the code has that may stand there.
    neighbours
        How many further numbers stand beside it on its row.
    """

    text: str
    confidence: float
    box: Box
    cut: Cut
    length: int
    neighbours: int

    @property
    def height(self) -> float:
        """Of its digits, pixels."""
        return self.box[3] - self.box[1]


def candidates(readings: Sequence[Reading], country: Country | None) -> list[Candidate]:
    """Return what may be a postcode of a country, None = of any, among the readings of a page."""
    formats = {known.groups for known in COUNTRIES.values()} if country is None else {country.groups}
    lengths = {sum(groups) for groups in formats if sum(groups) > 3 or country}
    found: list[Candidate] = []
    for row in _rows(readings):
        for first in range(len(row)):
            found += _of_parts(row, first, formats, lengths)
        for place, reading in enumerate(row):
            found += [_candidate([*part], cut, row, place, place) for part, cut in _parts(reading, lengths)]
            if country is not None:
                found += _grown(row, place, country.length)
    return found


def _rows(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Return readings that stand on one row together, from left to right, rows with gaps of any width."""
    rows: list[list[Reading]] = []
    for reading in sorted((one for one in readings if one.digits), key=lambda one: one.box[0]):
        for row in rows:
            last = row[-1]
            high, tall = _height(last), _height(reading)
            level = abs(_middle(last) - _middle(reading)) < 0.5 * max(high, tall)
            if level and 0.55 < high / tall < 1.8 and reading.box[0] > last.box[0]:
                row.append(reading)
                break
        else:
            rows.append([reading])
    return rows


def _of_parts(
    row: Sequence[Reading], first: int, formats: set[tuple[int, ...]], lengths: set[int]
) -> Iterator[Candidate]:
    """Yield codes of several strings, the first of which is given."""
    for last in range(first + 1, len(row)):
        before, part = row[last - 1], row[last]
        gap = (part.box[0] - before.box[2]) / max(_height(before), _height(part))
        alone = len(before.text) == len(part.text) == 1
        if gap > (SPREAD if alone else NEAR):
            return
        parts = row[first : last + 1]
        sizes = tuple(len(one.text) for one in parts)
        if sum(sizes) > max(lengths):
            return
        if sizes in formats or (sum(sizes) in lengths and sum(size > 1 for size in sizes) < 2):
            yield _candidate([digit for one in parts for digit in one.digits], "joined", row, first, last)


def _parts(reading: Reading, lengths: set[int]) -> Iterator[tuple[Sequence[Digit], Cut]]:
    """Yield the digits of a string that may be a code, and how they were cut out of it."""
    digits = reading.digits
    for length in lengths:
        if len(digits) == length:
            yield digits, "whole"
        elif length < len(digits) <= length + 4:
            yield digits[:length], "first"
            yield digits[-length:], "last"


def _grown(row: Sequence[Reading], place: int, length: int) -> Iterator[Candidate]:
    """Yield codes of a string that lacks some of the digits: in its box, and to the left and right of it."""
    reading = row[place]
    missing = length - len(reading.digits)
    if not (0 < missing <= MISSING and len(reading.digits) > 1):
        return
    as_read = _candidate(reading.digits, "grown", row, place, place)
    x0, y0, x1, y1 = as_read.box
    step = min(max((x1 - x0) / len(reading.digits), 0.5 * as_read.height), 1.2 * as_read.height)
    for before in range(-1, missing + 1):
        left, right = (0.0, 0.0) if before < 0 else (before * step, (missing - before) * step)
        yield replace(as_read, box=(x0 - left, y0, x1 + right, y1), length=length)


def _candidate(digits: Sequence[Digit], cut: Cut, row: Sequence[Reading], first: int, last: int) -> Candidate:
    """Return digits of a row's readings ``first`` to ``last`` as a candidate."""
    x0, y0, x1, y1 = zip(*(digit.box for digit in digits), strict=True)
    box = min(x0), min(y0), max(x1), max(y1)
    reach = BESIDE * (box[3] - box[1])
    beside = [*row[:first], *row[last + 1 :]]
    near = [one for one in beside if box[0] - one.box[2] < reach and one.box[0] - box[2] < reach]
    text = "".join(digit.text for digit in digits)
    return Candidate(text, prod(digit.confidence for digit in digits), box, cut, len(text), len(near))


def _height(reading: Reading) -> float:
    return max(1.0, reading.box[3] - reading.box[1])


def _middle(reading: Reading) -> float:
    return (reading.box[1] + reading.box[3]) / 2
