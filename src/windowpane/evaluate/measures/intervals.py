"""How far a figure of few runs can be trusted: confidence intervals of a share and of a mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def share_interval(count: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, from so many of so many (Wilson 1927); (0, 1) of none."""
    if of == 0:
        return 0.0, 1.0
    z = 1.959964
    share, scale = count / of, 1 + z * z / of
    middle = share + z * z / (2 * of)
    half = z * float(np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)))
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def mean_interval(values: Floats) -> tuple[float, float]:
    """Return the 95 % interval of a mean (N,), by drawing the values again (Efron 1979); NaNs of none."""
    if not len(values):
        return float("nan"), float("nan")
    rng = np.random.default_rng(0)
    means = np.asarray(values)[rng.integers(0, len(values), (2000, len(values)))].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5)).tolist()
    return low, high
