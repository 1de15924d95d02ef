"""Finds rows of writing on a page (text line detection): characters, linked along the way they are read.

    rows = find_rows(page, finder)      # those on which there may be digits

`CharacterFinder` sees digits, letters and marks, each with the direction in which it is read. Each character
is linked with the next one in that direction, over blanks and over one that was missed; a row is as long as
the links go, and is parted where it bends. What stands on it is for the reader to say, see
`windowpane.read.pages.numbers`: it looks at the whole row, the finder only at one window after the other.

A page that was laid on its side or upside down is turned first, as most of its characters say.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from windowpane.read.pages.characters import DIGIT, LETTER, CharacterFinder, Characters, Floats, Pixels

LINK = 3.0  # heights: so far is the next character of a row at most,
CLOSEST = 0.15  # and so far at least,
ASIDE = 0.42  # and so far from the middle of the row
LARGER = 1.7  # than its neighbour, at most
TURN = math.radians(35)  # from one to the next
STRAIGHT = 0.25  # heights, that characters may be off the line through all of a row
LONGEST = 100.0  # heights
ROUNDS = 2  # of linking
FEW = 8  # characters, of fewer no bend is seen
DIGIT_LIKE = -1.5  # log-odds that at least one character of a row is a digit
SOME = 3  # characters, of fewer it is no row beside one that they stand in
MANY = 8  # characters that can say which way a page lies


@dataclass(frozen=True, slots=True)
class Stretch:
    """A straight piece of a row on a page.

    Attributes
    ----------
    middles
        (n, 2) of its n characters, in the order of reading, pixels of the page.
    height
        Of digits there, pixels.
    angle
        In which it is read, radians from the right, clockwise as seen.
    reach
        (2,) how far the nearest characters that are not its own are before its first middle and after its
        last one, pixels.
    """

    middles: Floats
    height: float
    angle: float
    reach: tuple[float, float]

    @property
    def along(self) -> Floats:
        """The direction of reading, a unit vector."""
        return np.array([math.cos(self.angle), math.sin(self.angle)])


@dataclass(frozen=True, slots=True)
class Row(Stretch):
    """A row of writing.

    Attributes
    ----------
    heights
        (n,) of a digit at each character, pixels.
    odds
        (n,) log-odds that each character is a digit and no letter, as the finder sees it.
    """

    heights: Floats
    odds: Floats


def find_rows(page: Pixels, finder: CharacterFinder) -> list[Row]:
    """Return the rows on a page, (H, W, 3) or (H, W) uint8, on which there may be digits."""
    found = finder.find(page)
    quarters = turned(found)
    if quarters:  # the net knows upright characters best
        upright = np.ascontiguousarray(np.rot90(page, quarters))
        found = _turned_back(finder.find(upright), quarters, page.shape[:2])
    return rows_of(found)


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


def rows_of(found: Characters) -> list[Row]:
    """Return the rows that characters make, those on which there may be digits."""
    if not len(found):
        return []
    odds = found.logits[:, DIGIT] - found.logits[:, LETTER]
    chains = (chain for chain in _chains(found) if odds[chain].max() > DIGIT_LIKE)
    return _alone([_row(found[part], odds[part]) for chain in chains for part in _straight(found, chain)])


def _alone(rows: list[Row]) -> list[Row]:
    """Return rows without the few characters that were seen within a longer row, in another size or turn."""
    firsts, lasts = (np.array([row.middles[end] for row in rows]).reshape(-1, 2) for end in (0, -1))
    lengths = np.array([len(row.middles) for row in rows])
    alone = np.ones(len(rows), np.bool_)
    for row in rows:
        if len(row.middles) >= SOME:
            across = np.stack([row.along, row.along[::-1] * [-1, 1]], axis=1)
            low, high = row.middles[0] @ row.along, row.middles[-1] @ row.along
            middle = float(np.median(row.middles @ across[:, 1]))
            within = lengths < min(SOME, len(row.middles))
            for ends in (firsts, lasts):
                along, aside = (ends @ across).T
                within &= (along > low) & (along < high) & (np.abs(aside - middle) < 0.5 * row.height)
            alone &= ~within
    return [row for row, stays in zip(rows, alone.tolist(), strict=True) if stays]


# -- From characters to rows -------------------------------------------------------------------------------


def _chains(found: Characters) -> list[NDArray[np.intp]]:
    """Return which characters follow each other, indices in the order of reading.

    Characters are linked to chains, and these to longer ones: a chain knows better than a character which way
    it goes, and how high it is.
    """
    ends = starts = _Points(found.middles, found.heights, found.angles)
    chains = [np.array([one]) for one in range(len(found))]
    for _ in range(ROUNDS):
        chains = [np.concatenate([chains[one] for one in row]) for row in _followed(_links(ends, starts))]
        heights = np.array([np.median(found.heights[chain]) for chain in chains])
        angles = np.array([_angle(found[chain]) for chain in chains])
        starts, ends = (
            _Points(np.array([found.middles[chain[end]] for chain in chains]), heights, angles)
            for end in (0, -1)
        )
    return chains


def _followed(following: NDArray[np.intp]) -> Iterator[list[int]]:
    """Yield what follows each other, given for each one which one follows, or -1."""
    first = np.ones(len(following), np.bool_)
    first[following[following >= 0]] = False
    for start in np.flatnonzero(first).tolist():
        row = [start]
        while (next_one := int(following[row[-1]])) >= 0:
            row.append(next_one)
        yield row


@dataclass(frozen=True, slots=True)
class _Points:
    """Where chains end or begin: (n, 2) places, (n,) heights and directions."""

    middles: Floats
    heights: Floats
    angles: Floats


def _links(ends: _Points, starts: _Points) -> NDArray[np.intp]:
    """Return for each end which start follows, or -1."""
    units = [np.stack([np.cos(one.angles), np.sin(one.angles)], axis=1) for one in (ends, starts)]
    lefts, rights, costs = [], [], []
    for left, right in near_pairs((ends.middles, ends.heights), (starts.middles, starts.heights), LINK):
        way = units[0][left] + units[1][right]
        length = np.hypot(*way.T)
        way = way / np.maximum(length, 1e-9)[:, None]
        height = (ends.heights[left] + starts.heights[right]) / 2
        far = (starts.middles[right] - ends.middles[left]) / height[:, None]
        along = (far * way).sum(axis=1)
        aside = np.abs(far[:, 0] * way[:, 1] - far[:, 1] * way[:, 0])
        larger = np.exp(np.abs(np.log(ends.heights[left] / starts.heights[right])))
        fits = (along > CLOSEST) & (along < LINK) & (aside < ASIDE)
        fits &= (length > 2 * math.cos(TURN / 2)) & (larger < LARGER)
        lefts.append(left[fits])
        rights.append(right[fits])
        costs.append((along + 2 * aside + 2 * np.log(larger) + 2 * (2 - length))[fits])
    left, right, cost = map(np.concatenate, (lefts, rights, costs))
    following, preceding = np.full(len(ends.heights), -1), np.full(len(ends.heights), -1)
    order = np.argsort(-cost, kind="stable")  # of those written last the nearest stays
    following[left[order]] = right[order]
    preceding[right[order]] = left[order]
    mutual = (following >= 0) & (preceding[following] == np.arange(len(following)))
    return np.where(mutual, following, -1)


def near_pairs(
    some: tuple[Floats, Floats], others: tuple[Floats, Floats], reach: float
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield pairs of like heights that may be nearer than so many heights, by a grid an octave of heights.

    Pairs that are farther apart may be among them.

    Parameters
    ----------
    some, others
        Between which there are pairs: (n, 2) places and (n,) heights.
    """
    octaves, of_others = (np.floor(np.log2(np.maximum(heights, 1e-3))) for _, heights in (some, others))
    corner = np.minimum(some[0].min(axis=0), others[0].min(axis=0))
    for octave in np.unique(octaves):
        mine = np.flatnonzero(octaves == octave)
        near = np.flatnonzero(np.abs(of_others - octave) <= 1)
        cell = reach * 2.0 ** (octave + 1)
        cells, there = (((middles - corner) / cell).astype(np.int64) + 1 for middles, _ in (some, others))
        across = int(max(cells[:, 0].max(), there[:, 0].max())) + 3
        keys = there[near, 1] * across + there[near, 0]
        order = np.argsort(keys, kind="stable")
        near, keys = near[order], keys[order]
        for step in (-1, 0, 1):
            middle = (cells[mine, 1] + step) * across + cells[mine, 0]
            first, last = np.searchsorted(keys, middle - 1), np.searchsorted(keys, middle + 1, side="right")
            counts = last - first
            before = np.cumsum(counts) - counts
            yield np.repeat(mine, counts), near[np.arange(counts.sum()) + np.repeat(first - before, counts)]


def _straight(found: Characters, chain: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Part a chain where it bends or is too long for one strip, at a wide gap near its middle."""
    if len(chain) < FEW:
        return [chain]
    middles, height = found.middles[chain], float(np.median(found.heights[chain]))
    along, aside = _line(middles)
    smooth = np.convolve(aside, np.ones(3) / 3, "valid") / height
    if np.abs(smooth).max() < STRAIGHT and np.ptp(along) < LONGEST * height:
        return [chain]
    cuts = np.arange(3, len(chain) - 3)
    wide = np.diff(along)[cuts - 1] / height - 4 * np.abs(cuts / len(chain) - 0.5)
    cut = int(cuts[wide.argmax()])
    return _straight(found, chain[:cut]) + _straight(found, chain[cut:])


def _line(middles: Floats) -> tuple[Floats, Floats]:
    """Return how far each of n points is along the line through nearly all, and how far off it."""
    along, aside = _from_ends(middles)
    slope, start = _fit(along, aside)
    return along, aside - slope * along - start


def _fit(along: Floats, aside: Floats) -> tuple[float, float]:
    """Return slope and start of a line, fitted again without what is far off it (trimmed least squares)."""
    slope, start = np.polyfit(along, aside, 1)
    off = np.abs(aside - slope * along - start)
    near = off <= 2 * np.median(off)
    if 3 <= near.sum() < len(off):
        slope, start = np.polyfit(along[near], aside[near], 1)
    return float(slope), float(start)


def _from_ends(middles: Floats) -> tuple[Floats, Floats]:
    """Return how far each of n points is along the line from the first to the last, and how far off it."""
    ends = middles[-1] - middles[0]
    unit = ends / max(float(np.hypot(*ends)), 1e-9)
    far = middles - middles[0]
    return far @ unit, far @ [-unit[1], unit[0]]


def _angle(characters: Characters) -> float:
    """Return in which direction characters are read: two or more say themselves which way they go."""
    angle = math.atan2(np.sin(characters.angles).mean(), np.cos(characters.angles).mean())
    middles, height = characters.middles, float(np.median(characters.heights))
    if len(middles) == 1:
        return angle
    way = middles[-1] - middles[0]
    own = math.atan2(way[1], way[0])
    if len(middles) > 2:
        own += math.atan(_fit(*_from_ends(middles))[0])
    share = min(1.0, float(np.hypot(*way)) / (3 * height))
    return angle + share * ((own - angle + math.pi) % (2 * math.pi) - math.pi)


def _row(characters: Characters, odds: Floats) -> Row:
    """Return a row of characters."""
    height = float(np.median(characters.heights))
    free = (LINK * height, LINK * height)
    return Row(characters.middles, height, _angle(characters), free, characters.heights, odds)
