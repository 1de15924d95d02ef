"""The labels of a reader's net (alphabet): ten digits, the marks beside them, and 'none'.

A net knows the digits and "no whole digit here"; it may also know separators and "another mark", such as a
letter. For the lattice of digits a mark is no digit: its probability counts as 'none'. So nets with and
without marks are decoded alike, and what stood between the digits and beside them is told afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from windowpane.errors import NetFileError
from windowpane.read.votes import Scores

DIGITS = tuple("0123456789")
SEPARATORS = tuple(".,-/:")
OTHER = "other"  # a letter, as a rule
MARKS = (*SEPARATORS, OTHER)
NONE = "none"
NAMES = (*DIGITS, *MARKS, NONE)
"""The labels of a net that knows them all, in their order."""


def check(names: Sequence[str]) -> None:
    """Raise NetFileError for labels that are none of a reader's."""
    missing = [name for name in (*DIGITS, NONE) if name not in names]
    unknown = [name for name in names if name not in NAMES]
    if missing or unknown:
        what = f"lacks {', '.join(missing)}" if missing else f"has unknown {', '.join(unknown)}"
        raise NetFileError(
            f"the net's alphabet {what}: a reader knows 0 to 9 and 'none', and of {' '.join(MARKS)} any"
        )


def parted(scores: Scores, names: Sequence[str], axis: int = -2) -> tuple[Scores, Scores]:
    """Part a map of all labels in that of the digits and that of the marks.

    The first answer is (..., 11, ...), log-probabilities of the ten digits and 'none', which includes the
    marks; the second (..., 6, ...), those of `MARKS`, -inf for marks that the net does not know.

    Parameters
    ----------
    scores
        Log-probabilities.
    names
        Of the labels.
    axis
        Where the labels are, counted from the end: -2 for lines, -3 for maps with rows.
    """
    labels = np.moveaxis(scores, axis, 0)
    marks = np.full((len(MARKS), *labels.shape[1:]), -np.inf, scores.dtype)
    for place, mark in enumerate(MARKS):
        if mark in names:
            marks[place] = labels[names.index(mark)]
    none = labels[names.index(NONE)]
    if len(names) > len(DIGITS) + 1:
        none = np.logaddexp(none, np.logaddexp.reduce(marks, axis=0))
    digits = np.stack([*(labels[names.index(digit)] for digit in DIGITS), none])
    return np.moveaxis(digits, 0, axis), np.moveaxis(marks, 0, axis)
