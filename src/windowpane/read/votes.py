"""Four opinions on every place of a line, made one (ensemble): the vote of the window nets.

The reader's heads look through windows of different widths, so their score maps have different numbers of
columns and the same column means different places. ``align`` puts all maps on the columns of the widest
window; ``vote`` makes them one map (lecture: "either do a majority vote, or take the answer with the
highest score").

Everywhere scores are natural logarithms of probabilities, and the columns are the last axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from windowpane.core.windows import Window

Scores = NDArray[np.floating]
How = Literal["majority", "highest"]


def align(maps: Sequence[Scores], windows: Sequence[Window]) -> Scores:
    """Put score maps of several window widths on the columns of the widest window.

    Column ``i`` of the result is, for every map, its last column whose centre is not right of the centre of
    column ``i`` of the widest window, so all centres lie within one stride of each other.

    The result is ``(H, ..., T)``, where T is the number of columns that all maps have in common (0 if none).

    Parameters
    ----------
    maps
        One a net, ``(..., T_h)``, equal in all axes but the last.
    windows
        The window of each map, all with the same horizontal stride.

    Raises
    ------
    ValueError
        If maps and windows do not belong together.
    """
    if not maps or len(maps) != len(windows):
        raise ValueError(f"{len(maps)} maps with {len(windows)} windows given; give one window for each map.")
    strides = {window.stride[1] for window in windows}
    if len(strides) > 1:
        raise ValueError(f"Maps with horizontal strides {sorted(strides)} given; all need the same stride.")
    stride = strides.pop()
    centres = [window.centre(0, 0)[0] for window in windows]
    widest = max(range(len(windows)), key=lambda index: windows[index].width)
    shifts = [math.floor((centres[widest] - centre) / stride) for centre in centres]
    if min(shifts) < 0:
        raise ValueError(
            f"Windows with first centres {centres} given; none may lie right of the widest one's."
        )
    columns = max(0, min(one.shape[-1] - shift for one, shift in zip(maps, shifts, strict=True)))
    return np.stack([one[..., shift : shift + columns] for one, shift in zip(maps, shifts, strict=True)])


def vote(aligned: Scores, how: How = "majority", *, axis: int = -2) -> Scores:
    """Make the aligned maps of several nets one map of log-probabilities.

    ``"majority"``: each net has one vote, which it may split over the labels; the result is the mean of the
    nets' probabilities. ``"highest"``: each label takes the highest score that any net gives it, and the
    labels are scaled to sum to one again.

    The result is ``(..., K, T)``, log-probabilities of the same dtype that sum to one over the labels.

    Parameters
    ----------
    aligned
        ``(H, ..., K, T)`` from `align`.
    how
        One of the two.
    axis
        Where the K labels are, counted from the end: -2 for lines, -3 for maps with rows
        ``(H, ..., K, R, T)``.

    Raises
    ------
    ValueError
        If ``how`` is neither.
    """
    if how == "majority":
        return np.asarray(log_sum(aligned, 0)[0] - aligned.dtype.type(math.log(len(aligned))))
    if how == "highest":
        best = aligned.max(axis=0)
        return np.asarray(best - log_sum(best, axis))
    raise ValueError(f"Vote {how!r} given; expected 'majority' or 'highest'.")


def log_sum(logs: Scores, axis: int) -> Scores:
    """Return the logarithm of the sum of exponentials along ``axis``, which stays with length 1."""
    top = np.maximum(logs.max(axis=axis, keepdims=True), np.finfo(logs.dtype).min)  # -inf - -inf is no number
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(np.exp(logs - top).sum(axis=axis, keepdims=True)))
