"""Which readings of a page count (suppression): whole strings, each once, from top to bottom.

A string may have been found on more than one level of the pyramid, and pieces of it on others: of those that
cover each other the longest stays, and of equally long ones the surest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from windowpane.read.locate import Box as Place
from windowpane.read.reading import Box, Reading

HALF_SURE = 0.5  # of what is rejected, the surer ones stay, so marked, unless they are short
LONG = 3  # digits


def whole_strings(
    places: Sequence[Place], readings: Sequence[Reading], threshold: float
) -> tuple[Reading, ...]:
    """Return the readings that count, with their boxes in pixels of the page.

    Parameters
    ----------
    places
        On the page, of the crops that were read.
    readings
        Of each crop.
    threshold
        The reader's.
    """
    found = [
        _moved(reading, place[0], place[1])
        for place, reading in zip(places, readings, strict=True)
        if reading.text and reading.confidence >= min(HALF_SURE, threshold)
    ]
    found.sort(key=lambda reading: (len(reading.text), reading.confidence), reverse=True)
    whole: list[Reading] = []
    for reading in found:
        if all(_covered(reading.box, other.box) < 0.5 for other in whole):
            whole.append(reading)
    kept = [reading for reading in whole if len(reading.text) >= LONG or not reading.rejected]
    return tuple(sorted(kept, key=lambda reading: (reading.box[1] + reading.box[3], reading.box[0])))


def _covered(box: Box, other: Box) -> float:
    """Return the share of the smaller of two boxes that the other covers."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    smaller = min((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (box, other))
    return max(width, 0) * max(height, 0) / smaller


def _moved(reading: Reading, x: float, y: float) -> Reading:
    """Return a reading of a crop with its boxes in pixels of the page."""

    def move(box: Box) -> Box:
        return box[0] + x, box[1] + y, box[2] + x, box[3] + y

    digits = tuple(replace(digit, box=move(digit.box)) for digit in reading.digits)
    return replace(reading, digits=digits, box=move(reading.box))
