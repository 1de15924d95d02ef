"""From a net's score to a probability that holds (calibration, Platt scaling).

Nets are too sure of themselves. So what they say, on the scale of log-odds (logits), passes through a
logistic curve with two numbers, fitted on a validation set and stored in the net file's settings as
``calibration``.

Source: Platt 1999, "Probabilistic outputs for support vector machines and comparisons to regularized
likelihood methods".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

KEY = "calibration"
"""Under which a net file's settings hold the slope and the shift."""


def log_odds(probabilities: npt.ArrayLike) -> Floats:
    """Return the logits of probabilities 0..1 of any shape, at most some 27 from 0."""
    p = np.clip(np.asarray(probabilities, np.float64), 1e-12, 1 - 1e-12)
    return np.asarray(np.log(p) - np.log1p(-p))


@dataclass(frozen=True, slots=True)
class Platt:
    """The logistic curve from log-odds to calibrated probabilities; without numbers it changes nothing.

    Parameters
    ----------
    slope, shift
        The calibrated log-odds are ``slope * logit + shift``.
    """

    slope: float = 1.0
    shift: float = 0.0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Platt:
        """Return the curve of a net file's settings."""
        slope, shift = settings.get(KEY) or (1.0, 0.0)
        return cls(float(slope), float(shift))

    @classmethod
    def fit(cls, probability: Floats, right: npt.NDArray[np.bool_], steps: int = 50) -> Platt:
        """Return the curve that makes probabilities honest.

        Newton's method on the log-likelihood, with Platt's softened targets, so that a perfect set does not
        drive the slope to infinity.

        Parameters
        ----------
        probability
            (N,) of the answers given.
        right
            (N,), whether each was.
        """
        odds = np.clip(log_odds(probability), -25, 25)
        n_right, n_wrong = right.sum(), (~right).sum()
        target = np.where(right, (n_right + 1) / (n_right + 2), 1 / (n_wrong + 2))
        design = np.stack([odds, np.ones_like(odds)], axis=1)
        weights = np.array([1.0, 0.0])
        for _ in range(steps):
            given = 1 / (1 + np.exp(-(design @ weights)))
            gradient = design.T @ (given - target)
            curvature = (design * (given * (1 - given))[:, None]).T @ design + 1e-6 * np.eye(2)
            change = np.linalg.solve(curvature, gradient)
            weights = weights - np.clip(change, -1, 1)
            if np.abs(change).max() < 1e-9:
                break
        return cls(float(weights[0]), float(weights[1]))

    def of_logits(self, logits: npt.ArrayLike) -> Floats:
        """Return the calibrated probabilities, 0..1 float64, of logits of any shape."""
        odds = self.slope * np.asarray(logits, np.float64) + self.shift
        return np.asarray(0.5 + 0.5 * np.tanh(odds / 2))  # the logistic curve, without overflow

    def of_probability(self, probability: float) -> float:
        """Return the calibrated probability, 0..1, of one that the net gives."""
        odds = math.log(max(probability, 1e-12)) - math.log(max(1 - probability, 1e-12))
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.slope * odds + self.shift))))

    def logit(self, threshold: float) -> float:
        """Return the logit whose calibrated probability is a threshold; infinite for 0 and 1."""
        if not 0 < threshold < 1:
            return math.copysign(math.inf, threshold - 0.5)
        return (math.log(threshold / (1 - threshold)) - self.shift) / self.slope
