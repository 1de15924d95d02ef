"""Which readings of a page count (verification): one confidence that it is a number, and read right.

The reader is sure of what it sees on a line, whatever it is; on a page most lines are no numbers. So its
confidence is weighed with what the finder saw: how clearly these are digits, whether they are as many, and
whether letters stand beside them in the word. The weights are a logistic curve (Platt 1999, with more than
one number), fitted on pages of the validation set, in the finder's settings as ``page``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.core.calibration import log_odds
from windowpane.read.pages.locate import Place
from windowpane.read.reading import Reading

Floats = NDArray[np.float64]

KEY = "page"
"""Under which a finder's settings hold the weights."""

FEATURES = ("reader", "evidence", "agree", "beside", "length")
"""What is weighed: the reader's log-odds and the finder's, whether both see as many digits, letters or marks
beside them in their word, and the logarithm of how many digits there are."""

FARTHEST = 8.0  # log-odds: neither is surer than that


def features(place: Place, reading: Reading) -> Floats:
    """Return what is weighed of a reading, (5,)."""
    odds = float(log_odds(reading.confidence))
    return np.array(
        [
            max(-FARTHEST, min(FARTHEST, odds)),
            place.evidence,
            float(len(reading.text) == len(place.middles)),
            float(place.beside),
            math.log(max(1, len(reading.text))),
        ]
    )


@dataclass(frozen=True, slots=True)
class PageCurve:
    """From what is weighed to a probability.

    Attributes
    ----------
    weights
        (5,) of the `FEATURES`.
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
            (N, 5).
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
    places: Sequence[Place], readings: Sequence[Reading], curve: PageCurve, threshold: float, *, every: bool
) -> tuple[Reading, ...]:
    """Return the readings that count, in the order of rows, each with its confidence on the page.

    Parameters
    ----------
    places, readings
        Where strings are, and what each says, with boxes in pixels of the page.
    threshold
        Below which a reading is rejected.
    every
        Whether the rejected ones are to be told of too.
    """
    found = []
    for place, reading in zip(places, readings, strict=True):
        confidence = curve.confidence(features(place, reading))
        scale = confidence / max(reading.confidence, 1e-9)
        if reading.text and (every or confidence >= threshold):
            others = tuple(
                replace(one, confidence=min(one.confidence * scale, 1.0)) for one in reading.alternatives
            )
            rejected = confidence < threshold
            found.append(replace(reading, confidence=confidence, rejected=rejected, alternatives=others))
    return tuple(sorted(found, key=lambda reading: (reading.box[1] + reading.box[3], reading.box[0])))
