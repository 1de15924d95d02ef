"""Is a confidence honest, and what is it good for? Calibration and rejection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


def expected_calibration_error(confidence: Floats, right: Truths, bins: int = 10) -> float:
    """Return the mean gap between confidence and share of right answers, over bins of equal width (0..1).

    Each bin counts by its answers (Guo et al. 2017, equation 3).

    Parameters
    ----------
    confidence
        (N,) in 0..1.
    right
        (N,), whether each answer was.
    """
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(float(confidence[place == b].sum() - right[place == b].sum())) for b in range(bins)]
    return sum(gaps) / max(len(confidence), 1)


def accepted_at_error(confidence: Floats, right: Truths, error: float = 0.01) -> tuple[float, float]:
    """Return the largest share of answers that can be accepted at an error among them, and its threshold.

    Answers are accepted from the surest down; the share is the largest at which at most ``error`` of those
    accepted are wrong. (0.0, 1.0) if there is none.
    """
    order = np.argsort(-confidence, kind="stable")
    accepted = np.arange(1, len(order) + 1)
    wrong = np.cumsum(~right[order])
    last_of_ties = np.append(np.diff(confidence[order]) != 0, True)
    fine = np.flatnonzero((wrong <= error * accepted) & last_of_ties)
    if not len(fine):
        return 0.0, 1.0
    return float(accepted[fine[-1]] / len(order)), float(confidence[order][fine[-1]])
