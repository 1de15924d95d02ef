"""Finds strings of digits on a whole page (text detection): characters, linked along their rows.

    places = locate(page, finder)       # where numbers are, how high, and which way they are read

`CharacterFinder` sees digits, letters and marks, each with the direction in which it is read. Each character
is linked with the next one in that direction; where a row has a gap wider than between its characters, a word
ends; of a word what is digits, with marks between, is a string. What stands beside it in the word is known
too: a digit among letters is hardly a number.

A page that was laid on its side or upside down is turned first, as most of its characters say.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from windowpane.read.pages.characters import DIGIT, LETTER, MARK, CharacterFinder, Characters, Floats, Pixels

LINK = 2.0  # heights: so far is the next character of a row at most,
ASIDE = 0.42  # and so far from the middle of the row
LARGER = 1.7  # than its neighbour, at most
BENT = math.radians(35)  # from one to the next
GAP, WIDER = 0.95, 1.4  # heights, and times the usual distance of the row: a wider gap ends a word
FEW = 4  # gaps: of fewer none can say what is usual
BLANK, UNEVEN = 0.25, 2.5  # heights, and times the usual unevenness, that a gap is wider at the end of a word
SMOOTH = (0.25, 0.5, 1.0, 0.5, 0.25)  # of its own and its neighbours' log-odds of being a digit
MANY = 8  # characters that can say which way a page lies


@dataclass(frozen=True, slots=True)
class Place:
    """Where a string of digits is.

    Attributes
    ----------
    middles
        (n, 2) of its n digits, in the order of reading, pixels of the page.
    height
        Of the digits, pixels.
    angle
        In which it is read, radians from the right, clockwise as seen.
    reach
        (2,) how far before the first digit's middle and after the last one's the paper is free, pixels.
    beside
        How many letters or marks stand next to it in its word: 0, 1 or 2.
    evidence
        The log-odds that these are digits, on average.
    """

    middles: Floats
    height: float
    angle: float
    reach: tuple[float, float]
    beside: int
    evidence: float

    @property
    def along(self) -> Floats:
        """The direction of reading, a unit vector."""
        return np.array([math.cos(self.angle), math.sin(self.angle)])


def locate(page: Pixels, finder: CharacterFinder) -> list[Place]:
    """Return where strings of digits are on a page, (H, W, 3) or (H, W) uint8."""
    found = finder.find(page)
    quarters = turned(found)
    if quarters:  # the net knows upright characters best
        upright = np.ascontiguousarray(np.rot90(page, quarters))
        found = _turned_back(finder.find(upright), quarters, page.shape[:2])
    return strings(found)


def turned(found: Characters) -> int:
    """Return by how many quarters a page is to be turned, counterclockwise, so that most of it is upright."""
    if len(found) < MANY:
        return 0
    quarters = np.round(found.angles / (np.pi / 2)).astype(int) % 4
    votes = np.bincount(quarters, weights=1 / (1 + np.exp(-found.logits.max(axis=1))), minlength=4)
    most = int(votes.argmax())
    return most if votes[most] > 0.5 * votes.sum() else 0


def _turned_back(found: Characters, quarters: int, shape: tuple[int, ...]) -> Characters:
    """Return characters of a page that was turned, in pixels of the page of some shape as it was."""
    middles, (height, width) = found.middles, shape
    for step in range(quarters):  # each turns (x, y) of an upright page clockwise
        edge = width if (quarters - step) % 2 else height
        middles = np.stack([edge - middles[:, 1], middles[:, 0]], axis=1)
    angles = (found.angles + quarters * np.pi / 2 + np.pi) % (2 * np.pi) - np.pi
    return Characters(middles, found.heights, angles, found.logits)


def strings(found: Characters) -> list[Place]:
    """Return the strings of digits among characters."""
    if not len(found):
        return []
    places = []
    for word, before, after in _words(found):
        places += _numbers(found, word, before, after)
    return places


# -- From characters to words ------------------------------------------------------------------------------


def _words(found: Characters) -> Iterator[tuple[NDArray[np.intp], float, float]]:
    """Yield words, indices in the order of reading, and the gaps before and after each, in heights."""
    following = _links(found)
    first = np.ones(len(found), np.bool_)
    first[following[following >= 0]] = False
    for start in np.flatnonzero(first).tolist():
        row = [start]
        while (next_one := int(following[row[-1]])) >= 0:
            row.append(next_one)
        steps = np.diff(found.middles[row], axis=0)
        gaps = np.hypot(*steps.T) / float(np.median(found.heights[row]))
        ends = (np.flatnonzero(gaps > _limit(gaps)) + 1).tolist()
        cuts = [0, *ends, len(row)]
        for begin, end in pairwise(cuts):
            before = float(gaps[begin - 1]) if begin else LINK
            after = float(gaps[end - 1]) if end < len(row) else LINK
            yield np.array(row[begin:end]), before, after


def _limit(gaps: Floats) -> float:
    """Return from which gap on, in heights, a row is parted: where they are even a blank need not be wide."""
    if not len(gaps):
        return GAP
    usual = float(np.quantile(gaps, 0.4, method="lower"))
    if len(gaps) < FEW:
        return max(GAP, WIDER * usual)
    uneven = float(np.median(np.abs(gaps - usual)))
    return usual + max(BLANK, UNEVEN * uneven)


def _links(found: Characters) -> NDArray[np.intp]:
    """Return for each character which one follows, or -1."""
    units = np.stack([np.cos(found.angles), np.sin(found.angles)], axis=1)
    lefts, rights, costs = [], [], []
    for left, right in _pairs(found.middles, found.heights):
        way = units[left] + units[right]
        length = np.hypot(*way.T)
        way = way / np.maximum(length, 1e-9)[:, None]
        height = (found.heights[left] + found.heights[right]) / 2
        far = (found.middles[right] - found.middles[left]) / height[:, None]
        along = (far * way).sum(axis=1)
        aside = np.abs(far[:, 0] * way[:, 1] - far[:, 1] * way[:, 0])
        ratio = found.heights[left] / found.heights[right]
        fits = (along > 0.15) & (along < LINK) & (aside < ASIDE) & (length > 2 * math.cos(BENT / 2))
        fits &= (ratio < LARGER) & (ratio > 1 / LARGER)
        lefts.append(left[fits])
        rights.append(right[fits])
        costs.append((along + 2 * aside)[fits])
    left, right, cost = map(np.concatenate, (lefts, rights, costs))
    following, preceding = np.full(len(found), -1), np.full(len(found), -1)
    order = np.argsort(-cost, kind="stable")  # of those written last the nearest stays
    following[left[order]] = right[order]
    preceding[right[order]] = left[order]
    mutual = (following >= 0) & (preceding[following] == np.arange(len(found)))
    return np.where(mutual, following, -1)


def _pairs(middles: Floats, heights: Floats) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield pairs of characters of like heights that may be near enough, by a grid an octave of heights."""
    octaves = np.floor(np.log2(np.maximum(heights, 1e-3))).astype(np.int64)
    for octave in np.unique(octaves):
        mine = np.flatnonzero(octaves == octave)
        near = np.flatnonzero(np.abs(octaves - octave) <= 1)
        cell = LINK * 2.0 ** (octave + 1)
        cells = ((middles - middles.min(axis=0)) / cell).astype(np.int64) + 1
        across = int(cells[:, 0].max()) + 3
        keys = cells[near, 1] * across + cells[near, 0]
        order = np.argsort(keys, kind="stable")
        near, keys = near[order], keys[order]
        for step in (-1, 0, 1):
            middle = (cells[mine, 1] + step) * across + cells[mine, 0]
            first, last = np.searchsorted(keys, middle - 1), np.searchsorted(keys, middle + 1, side="right")
            counts = last - first
            before = np.cumsum(counts) - counts
            yield np.repeat(mine, counts), near[np.arange(counts.sum()) + np.repeat(first - before, counts)]


# -- From words to numbers ---------------------------------------------------------------------------------


def _numbers(found: Characters, word: NDArray[np.intp], before: float, after: float) -> list[Place]:
    """Return the strings of digits in a word."""
    logits = found.logits[word]
    classes = logits.argmax(axis=1)
    odds = np.where(classes == MARK, 0.0, np.clip(logits[:, DIGIT] - logits[:, LETTER], -6, 6))
    smooth = np.convolve(odds, SMOOTH)[len(SMOOTH) // 2 :][: len(odds)]
    kinds = np.where(classes == MARK, MARK, np.where(smooth > 0, DIGIT, LETTER))
    places, start = [], 0
    edges = np.flatnonzero(np.diff(kinds == LETTER)) + 1
    for end in [*edges.tolist(), len(word)]:
        run = np.arange(start, end)
        digits = run[kinds[start:end] == DIGIT]
        if len(digits):
            neighbours = (kinds[digits[0] - 1 : digits[0]], kinds[digits[-1] + 1 : digits[-1] + 2])
            beside = sum(int((side == LETTER).any()) for side in neighbours)
            reach = _free(found, word, digits, before, after)
            places.append(_place(found[word[digits]], reach, beside, float(odds[digits].mean())))
        start = end
    return places


def _free(
    found: Characters, word: NDArray[np.intp], digits: NDArray[np.intp], before: float, after: float
) -> tuple[float, float]:
    """Return how far a string of a word is from what stands before and after it, middle to middle, pixels."""
    first, last = int(digits[0]), int(digits[-1])
    heights, middles = found.heights[word], found.middles[word]
    left = np.hypot(*(middles[first] - middles[first - 1])) if first else before * heights[first]
    right = np.hypot(*(middles[last + 1] - middles[last])) if last + 1 < len(word) else after * heights[last]
    return float(left), float(right)


def _place(digits: Characters, reach: tuple[float, float], beside: int, evidence: float) -> Place:
    """Return where digits stand together: two or more say themselves which way they go."""
    angle = math.atan2(np.sin(digits.angles).mean(), np.cos(digits.angles).mean())
    if len(digits) > 1:
        way = digits.middles[-1] - digits.middles[0]
        own = math.atan2(way[1], way[0])
        share = min(1.0, float(np.hypot(*way)) / (3 * float(np.median(digits.heights))))
        angle += share * ((own - angle + math.pi) % (2 * math.pi) - math.pi)
    return Place(digits.middles, float(np.median(digits.heights)), angle, reach, beside, evidence)
