"""Which pictures of two cameras were taken together (synchronization), and clocks that never agree.

pair([0.0, 0.1, 0.2], [0.002, 0.201], 0.02)        [(0, 0), (1, None), (2, 1)]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from windowpane.errors import ArgumentError

TOLERANCE = 0.02
"""Seconds that the two pictures of a frame may be apart."""
Pair = tuple[int | None, int | None]


def check(tolerance: float, offset: float) -> None:
    """Refuse a tolerance or an offset in seconds that cannot be, as an ArgumentError."""
    if not 0 <= tolerance < np.inf or not np.isfinite(offset):
        raise ArgumentError(f"tolerance={tolerance}, offset={offset}: give seconds, the first not below 0")


def next_of(left: Sequence[float], right: Sequence[float], tolerance: float) -> tuple[bool, bool]:
    """Say whose first picture makes the next frame, by the times of the next two, or fewer, of each."""
    if not left or not right:
        return bool(left), bool(right)
    apart = right[0] - left[0]
    if len(left) > 1 and abs(right[0] - left[1]) < abs(apart):
        return True, False
    if len(right) > 1 and abs(right[1] - left[0]) < abs(apart):
        return False, True
    together = abs(apart) <= tolerance + 1e-9
    return together or apart > 0, together or apart < 0


def pair(left: Sequence[float], right: Sequence[float], tolerance: float) -> list[Pair]:
    """Return the places of the pictures of each frame, None for one that is missing; seconds, in order."""
    frames: list[Pair] = []
    i = j = 0
    while i < len(left) or j < len(right):
        use = next_of(left[i : i + 2], right[j : j + 2], tolerance)
        frames.append((i if use[0] else None, j if use[1] else None))
        i, j = i + use[0], j + use[1]
    return frames


def never_agree(left: Sequence[float], right: Sequence[float], tolerance: float, offset: float = 0.0) -> str:
    """Return one sentence on clocks by which no two pictures belong together, and on how to go on.

    Parameters
    ----------
    left, right
        Seconds.
    tolerance, offset
        What was tried; the offset is in the right ones already.
    """
    count = min(len(left), len(right))
    first, second = (np.asarray(side[:count], np.float64) for side in (left, right))
    apart = float(np.median(second - first))
    period = float(np.median(np.diff(first))) if count > 1 else 1.0
    said = f"no picture of one camera has one of the other within {1000 * tolerance:.0f} ms: "
    if abs(apart) < period:
        widest = float(np.abs(second - first).max())
        enough = (np.ceil(1000 * (widest if widest < period else abs(apart)) - 1e-3) + 1) / 1000
        return said + (
            f"the right ones come {1000 * apart:+.0f} ms after the left ones; if they were taken so, give"
            f" tolerance={enough:g} (--tolerance {enough:g})"
        )
    shift = offset - apart
    return said + (
        f"the right camera's clock is {apart:+.3f} s from the left one's; if they took their pictures"
        f" together, give offset={shift:.3f} (--offset {shift:.3f}), which is added to it"
    )
