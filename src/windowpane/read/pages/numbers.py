"""Where numbers stand on a row (segmentation by recognition), as the reader sees it along the whole row.

    numbers(row, strip, glance)     # each a stretch of its own, to be cut out and read closely

At a glance the shortest path through the row's lattice says where digits are. A number ends where the next
digit is farther than digits of one number are, and where there is a letter between. What was seen of a number
in two rows, both of which reach to it, is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from windowpane.read.alphabet.marks import letters_between, separators_between
from windowpane.read.lattice import Path
from windowpane.read.line import Line
from windowpane.read.pages.characters import Floats
from windowpane.read.pages.rows import LINK, Row, Stretch, near_pairs
from windowpane.read.pages.strips import Strip
from windowpane.read.votes import Scores

# A gap from a digit's middle to the next one's ends a number, in heights: narrower ones never do, wider ones
# do if they are so many times the usual gap, and beyond the last figure they always do.
BLANK = 1.0, 1.4, 1.7
OVER = 1.3, 2.25, 1.9  # the same over a separator, which may take as much room as a digit
FEW = 2  # gaps: of fewer none can say what is usual
SEPARATOR = 0.5  # probability of a separator between two digits from which it links them
LETTER = 0.8  # probability of a letter between two digits from which they are two numbers
SEEN = 0.6  # heights: so near the finder's characters are those that the reader sees
BESIDE = 1.0  # heights, from a number's end to what stands beside it
SAME = 0.4  # heights: nearer to each other two digits are one
LARGER = 1.4  # than the other, at most, are numbers that are one
UNSEEN, SUREST = -3.0, 6.0  # log-odds, where the finder saw nothing, and at most


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """What the net says of a row at a glance.

    Attributes
    ----------
    line
        What it looked at.
    path
        The shortest path through the row's lattice.
    centres
        (n,) x of the path's digits, line pixels.
    marks
        (6, T), the vote on what is no digit.
    """

    line: Line
    path: Path
    centres: Floats
    marks: Scores


@dataclass(frozen=True, slots=True)
class Number(Stretch):
    """Where a number is.

    Attributes
    ----------
    text
        Its digits at a glance.
    beside
        How many letters or marks stand next to it: 0, 1 or 2, as the finder sees it.
    evidence
        The log-odds that these are digits, on average, as the finder sees it.
    among
        The same of the other characters of its row; 0 if there are none.
    """

    text: str
    beside: int
    evidence: float
    among: float


def numbers(row: Row, strip: Strip, glance: Glance) -> list[Number]:
    """Return the numbers on a row."""
    if not glance.path.text:
        return []
    x = np.array([glance.line.to_picture(centre, 0)[0] for centre in glance.centres.tolist()])
    middle = (strip.writing.band[1] + strip.writing.band[3]) / 2
    middles = np.stack([x, np.full_like(x, middle)], axis=1) @ strip.matrix[:, :2].T + strip.matrix[:, 2]
    heights = _heights(row, middles)
    gaps = np.hypot(*np.diff(middles, axis=0).T)
    gaps_in_heights = gaps / np.maximum(heights[1:], heights[:-1])
    letters = np.array(letters_between(glance.marks, glance.path.columns)) > LETTER
    linked = np.array(separators_between(glance.marks, glance.path.columns)) > SEPARATOR
    limit, over = _limits(gaps_in_heights[~letters])
    parted = letters | (gaps_in_heights > np.where(linked, over, limit))
    ends = [0, *(np.flatnonzero(parted) + 1).tolist(), len(x)]
    free = np.concatenate([[row.reach[0]], gaps, [row.reach[1]]]).tolist()
    found = []
    for first, last in pairwise(ends):
        reach, height = (free[first], free[last]), float(np.median(heights[first:last]))
        stretch = Stretch(middles[first:last], height, row.angle, reach)
        found.append(_number(row, stretch, glance.path.text[first:last]))
    return found


def _limits(gaps: Floats) -> tuple[float, float]:
    """Return from which gap on, in heights, a row is parted, and from which over a separator."""
    usual = float(np.quantile(gaps, 0.4, method="lower")) if len(gaps) >= FEW else 0.0
    blank, over = (min(max(least, times * usual), most) for least, times, most in (BLANK, OVER))
    return blank, over


def _heights(row: Row, middles: Floats) -> Floats:
    """Return the heights (n,) of digits at some places on a row: the finder's nearest character's."""
    far = np.linalg.norm(row.middles[:, None] - middles, axis=2)
    seen = far.min(axis=0) < SEEN * row.height
    return np.where(seen, row.heights[far.argmin(axis=0)], row.height)


def _number(row: Row, stretch: Stretch, text: str) -> Number:
    """Return a number of a row with what the finder says of it."""
    middles, height = stretch.middles, stretch.height
    own = np.linalg.norm(row.middles[:, None] - middles, axis=2).min(axis=1) < SEEN * height
    odds = np.clip(row.odds, -SUREST, SUREST)
    evidence = float(odds[own].mean()) if own.any() else UNSEEN
    among = 0.0 if own.all() else float(odds[~own].mean())
    places = (row.middles - middles[0]) @ row.along / height
    end = float((middles[-1] - middles[0]) @ row.along) / height
    others = places[~own & (row.odds < 0)]
    left, right = (others < 0) & (others > -BESIDE), (others > end) & (others < end + BESIDE)
    beside = int(left.any()) + int(right.any())
    return Number(middles, height, row.angle, stretch.reach, text, beside, evidence, among)


def once(found: Sequence[Number]) -> list[Number]:
    """Return numbers, each once: those that share digits are one, from the first digit of all to the last."""
    if not found:
        return []
    lengths = np.array([len(one.middles) for one in found])
    owner = np.repeat(np.arange(len(found)), lengths)
    middles = np.concatenate([one.middles for one in found])
    heights = np.repeat([one.height for one in found], lengths)
    shared: dict[int, dict[int, set[int]]] = {}  # of a number and another, which of the other's digits
    for left, right in near_pairs((middles, heights), (middles, heights), SAME):
        apart = np.hypot(*(middles[left] - middles[right]).T)
        near = apart < SAME * np.minimum(heights[left], heights[right])
        near &= owner[left] != owner[right]
        for digit, other in zip(left[near].tolist(), right[near].tolist(), strict=True):
            shared.setdefault(int(owner[digit]), {}).setdefault(int(owner[other]), set()).add(other)
    evidence = np.array([one.evidence for one in found])
    whole: list[Number] = []
    taken: NDArray[np.bool_] = np.zeros(len(found), np.bool_)
    for mine in np.lexsort([-evidence, -lengths]).tolist():
        if not taken[mine]:
            one = found[mine]
            for other, digits in shared.get(mine, {}).items():
                if not taken[other]:
                    longer = _joined(one, found[other])
                    taken[other] = longer is not one or 2 * len(digits) >= lengths[other]
                    one = longer
            whole.append(one)
    return whole


def _joined(one: Number, other: Number) -> Number:
    """Return a number with those digits of another that stand before its first and behind its last one."""
    if not 1 / LARGER < one.height / other.height < LARGER:
        return one
    down = one.along[::-1] * [-1, 1]
    off = (other.middles - one.middles.mean(axis=0)) / one.height
    along, ends = off @ one.along, (one.middles - one.middles.mean(axis=0)) @ one.along / one.height
    level = np.abs(off @ down) < SAME
    open_ends = [reach >= LINK * one.height for reach in one.reach]  # its own row had no digit there
    before = level & (along < ends.min() - SAME) & open_ends[0]
    behind = level & (along > ends.max() + SAME) & open_ends[1]
    if not (before | behind).any():
        return one
    text = np.array(list(other.text))
    return replace(
        one,
        middles=np.concatenate([other.middles[before], one.middles, other.middles[behind]]),
        reach=(
            other.reach[0] if before.any() else one.reach[0],
            other.reach[1] if behind.any() else one.reach[1],
        ),
        text="".join([*text[before], one.text, *text[behind]]),
    )
