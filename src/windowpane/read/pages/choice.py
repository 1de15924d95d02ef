"""Which readings of a page count (verification): one confidence that it is a number, and read right.

The reader is sure of what it sees on a line, whatever it is; on a page most lines are no numbers. So its
confidence is weighed with what it saw beside the digits and between them, letters or none, and with what the
finder saw: how clearly these are digits, whether they are as many, and what stands in the word. The weights
are a logistic curve (Platt 1999, with more than one number), fitted on pages of the validation set, in the
finder's settings as ``page``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.core.calibration import log_odds
from windowpane.read.alphabet.marks import Beside
from windowpane.read.pages.numbers import Number
from windowpane.read.reading import Reading

Floats = NDArray[np.float64]

KEY = "page"
"""Under which a finder's settings hold the weights."""

FEATURES = ("reader", "evidence", "agree", "beside", "among", "apart", "length", "lone", "near", "amid")
"""What is weighed: the reader's log-odds and the finder's, whether the digits are the same at a glance, how
many letters or marks the finder sees beside them, how much the rest of the row looks like digits, and how far
the next digits are, in heights; the logarithm of how many digits there are, and the row once more for one
alone; and how probable the reader takes it that letters stand next to them, and among them."""

FARTHEST = 8.0  # log-odds: neither is surer than that
FARTHEST_APART = 3.0  # heights: beyond that no digit belongs to a number


@dataclass(frozen=True, slots=True)
class Spotted:
    """What may be a number on a page.

    Attributes
    ----------
    number
        Where it is, as seen at a glance.
    reading
        What it says, as of a line alone, with boxes in pixels of the page.
    letters
        What the reader saw beside its digits.
    """

    number: Number
    reading: Reading
    letters: Beside


def features(one: Spotted) -> Floats:
    """Return what is weighed of a reading, as many numbers as `FEATURES`."""
    odds, text = float(log_odds(one.reading.confidence)), one.reading.text
    return np.array(
        [
            max(-FARTHEST, min(FARTHEST, odds)),
            one.number.evidence,
            float(text == one.number.text),
            float(one.number.beside),
            one.number.among,
            min(FARTHEST_APART, min(one.number.reach) / one.number.height),
            math.log(max(1, len(text))),
            one.number.among * (len(text) == 1),
            max(one.letters.left, one.letters.right),
            one.letters.within,
        ]
    )


@dataclass(frozen=True, slots=True)
class PageCurve:
    """From what is weighed to a probability.

    Attributes
    ----------
    weights
        Of the `FEATURES`.
    shift
        What is added.
    """

    weights: Floats
    shift: float

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> PageCurve:
        """Return the curve of a finder's settings; without one the reader's confidence stays as it is."""
        given = settings.get(KEY) or {"reader": 1.0}
        weights = np.array([float(given.get(name, 0.0)) for name in FEATURES])
        return cls(weights, float(given.get("shift", 0.0)))

    def to_settings(self) -> dict[str, float]:
        """Return plain values, for a finder's settings."""
        named = zip(FEATURES, self.weights.tolist(), strict=True)
        return {name: round(weight, 4) for name, weight in named} | {"shift": round(self.shift, 4)}

    @classmethod
    def fit(cls, weighed: Floats, right: NDArray[np.bool_], ridge: float = 1.0, steps: int = 50) -> PageCurve:
        """Return the curve under which what was right is likeliest: Newton's method, weights kept small.

        Parameters
        ----------
        weighed
            (N, features).
        right
            (N,) whether each was a number and read right.
        """
        design = np.column_stack([weighed, np.ones(len(weighed))])
        small = ridge * np.diag([1.0] * len(FEATURES) + [1e-3])
        weights = np.zeros(design.shape[1])
        for _ in range(steps):
            given = 0.5 + 0.5 * np.tanh(design @ weights / 2)
            gradient = design.T @ (given - right) + small @ weights
            curvature = (design * (given * (1 - given))[:, None]).T @ design + small
            change = np.linalg.solve(curvature, gradient)
            weights = weights - np.clip(change, -1, 1)
            if np.abs(change).max() < 1e-6:
                break
        return cls(weights[:-1], float(weights[-1]))

    def confidence(self, weighed: Floats) -> float:
        """Return the probability that a reading is a number, and the right one."""
        odds = float(weighed @ self.weights) + self.shift
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, odds))))


def chosen(
    spotted: Sequence[Spotted], curve: PageCurve, threshold: float, *, every: bool
) -> tuple[Reading, ...]:
    """Return the readings that count, in the order of rows, each with its confidence on the page.

    Parameters
    ----------
    spotted
        What may be numbers.
    threshold
        Below which a reading is rejected.
    every
        Whether the rejected ones are to be told of too.
    """
    found = []
    for one in spotted:
        reading, confidence = one.reading, curve.confidence(features(one))
        scale = confidence / max(reading.confidence, 1e-9)
        if reading.text and (every or confidence >= threshold):
            others = tuple(
                replace(other, confidence=min(other.confidence * scale, 1.0))
                for other in reading.alternatives
            )
            rejected = confidence < threshold
            found.append(replace(reading, confidence=confidence, rejected=rejected, alternatives=others))
    return tuple(sorted(found, key=lambda reading: (reading.box[1] + reading.box[3], reading.box[0])))
