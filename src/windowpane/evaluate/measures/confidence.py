"""Is a confidence honest, and what is it good for? Calibration and rejection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


def expected_calibration_error(confidence: Floats, right: Truths, bins: int = 10) -> float:
    """Return the mean gap between confidence and share of right answers, over bins of equal width (0..1).

    confidence: (N,) in 0..1. right: (N,). Each bin counts by its answers (Guo et al. 2017, equation 3).
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


def fit_curve(probability: Floats, right: Truths, steps: int = 50) -> tuple[float, float]:
    """Return (slope, shift) of the logistic curve on log-odds that makes probabilities honest.

    probability: (N,) of the answers given. right: (N,). Newton's method on the log-likelihood, with the
    softened targets of Platt 1999 so that a perfect set does not drive the slope to infinity.
    """
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    odds = np.clip(np.log(p) - np.log1p(-p), -25, 25)
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
    return float(weights[0]), float(weights[1])


# -- How far a figure of few runs can be trusted ------------------------------------------------------------


def share_interval(count: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, from so many of so many (Wilson 1927); (0, 1) of none."""
    if of == 0:
        return 0.0, 1.0
    z = 1.959964
    share, scale = count / of, 1 + z * z / of
    middle = share + z * z / (2 * of)
    half = z * float(np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)))
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def mean_interval(values: Floats, *, seed: int = 0, draws: int = 2000) -> tuple[float, float]:
    """Return the 95 % interval of a mean (N,), by drawing the values again (Efron 1979); NaNs of none."""
    if not len(values):
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    means = np.asarray(values)[rng.integers(0, len(values), (draws, len(values)))].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5)).tolist()
    return low, high
