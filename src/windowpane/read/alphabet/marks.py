"""What stands between the digits of a string and beside it: separators, and letters (punctuation).

The net tells a mark at every column that looks at one, so how probable it is that there is one in a stretch
of columns is one less the probability that it is at none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from windowpane.read.alphabet.labels import MARKS, OTHER, SEPARATORS
from windowpane.read.votes import Scores

REACH = 5  # columns beside a digit at which its neighbour stands: a digit and a half
MINUS = "-"  # the one separator that stands before a number


@dataclass(frozen=True, slots=True)
class Beside:
    """How probable it is that letters stand left of a string, between its digits, right of it; 0..1 each."""

    left: float
    within: float
    right: float


def separators(marks: Scores, columns: Sequence[int]) -> tuple[list[str], float]:
    """Return what is written before each digit, "" or a separator, and the probability that all this is so.

    Before the first digit there may be a minus.

    Parameters
    ----------
    marks
        (6, T) log-probabilities of `MARKS`.
    columns
        Of the digits.
    """
    probabilities = np.exp(marks)
    found, sure = [], 1.0
    for place, (left, right) in enumerate(_gaps(columns)):
        there = _anywhere(probabilities[: len(SEPARATORS), left:right])
        if place == 0:
            there = there * (np.array(SEPARATORS) == MINUS)
        best = int(there.argmax())
        found.append(SEPARATORS[best] if there[best] > 0.5 else "")
        sure *= max(float(there[best]), 1 - float(there[best]))
    return found, sure


def letters(marks: Scores, columns: Sequence[int]) -> Beside:
    """Return whether letters stand beside the digits of a string.

    Parameters
    ----------
    marks
        (6, T) log-probabilities of `MARKS`.
    columns
        Of the digits; without digits there is nothing beside them.
    """
    if not len(columns):
        return Beside(0.0, 0.0, 0.0)
    other = np.exp(marks[MARKS.index(OTHER)])[None]
    first, last = _gaps(columns)[0], columns[-1]
    left = float(_anywhere(other[:, slice(*first)])[0])
    right = float(_anywhere(other[:, last + 1 : last + 1 + REACH])[0])
    return Beside(left, max(letters_between(marks, columns), default=0.0), right)


def separators_between(marks: Scores, columns: Sequence[int]) -> list[float]:
    """Return how probable it is that a separator stands between each digit and the next one."""
    separators = np.exp(marks[: len(SEPARATORS)]).sum(axis=0)[None]
    return [float(_anywhere(separators[:, left:right])[0]) for left, right in _gaps(columns)[1:]]


def letters_between(marks: Scores, columns: Sequence[int]) -> list[float]:
    """Return how probable it is that a letter stands between each digit and the next one."""
    other = np.exp(marks[MARKS.index(OTHER)])[None]
    return [float(_anywhere(other[:, left:right])[0]) for left, right in _gaps(columns)[1:]]


def _gaps(columns: Sequence[int]) -> list[tuple[int, int]]:
    """Return from where to where the columns before each digit reach, those of no digit."""
    if not len(columns):
        return []
    inner = [(left + 1, right) for left, right in pairwise(columns)]
    return [(max(0, columns[0] - REACH), columns[0]), *inner]


def _anywhere(probabilities: Scores) -> NDArray[np.float64]:
    """Return the probability of each mark (M, T) to be at any of the columns, (M,)."""
    return np.asarray(1 - np.prod(1 - probabilities, axis=1, dtype=np.float64))
