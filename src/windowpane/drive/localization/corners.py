"""Corners of a picture, found (feature detection, Shi-Tomasi) and found again in another one (KLT tracking).

Convention here only: pixels as OpenCV counts, centres at integers.

Sources: Shi & Tomasi 1994, "Good features to track"; Lucas & Kanade 1981; Bouguet 2000 (its pyramid).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Points = NDArray[np.float32]
Mask = NDArray[np.bool_]
WINDOW = (11, 11)
LEVELS = 4
WEAKEST = 1e-4  # smallest eigenvalue of the gradients around a corner, for grey levels of 0..1


def find(picture: Grey, count: int, known: Points) -> Points:
    """Return about ``count`` corners less those that are known, (N, 2) float32: feature detection.

    A corner's strength is the smaller eigenvalue of the gradients around it (Shi-Tomasi). The picture is
    divided into cells, and each without a known corner gives its best: so corners are spread evenly, which
    matters more to a motion than their strength.

    Parameters
    ----------
    picture
        (H, W) uint8.
    count
        How many there would be if every cell had one.
    known
        (M, 2), those that are followed already.
    """
    height, width = picture.shape
    # Of a large picture the corners of half its size are as good, and cost a quarter.
    shrink = 2 if height * width > 150_000 else 1
    small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) if shrink > 1 else picture
    strength = cv2.cornerMinEigenVal(small, 3, ksize=3)
    cell = max(4, int(np.sqrt(small.shape[0] * small.shape[1] / count)))
    rows, cols = (side // cell for side in small.shape)
    if rows < 1 or cols < 1:
        return np.zeros((0, 2), np.float32)
    top, left = (small.shape[0] - rows * cell) // 2, (small.shape[1] - cols * cell) // 2
    blocks = strength[top : top + rows * cell, left : left + cols * cell]
    blocks = blocks.reshape(rows, cell, cols, cell).transpose(0, 2, 1, 3).reshape(rows, cols, -1)
    best = blocks.argmax(axis=2)
    strongest = np.take_along_axis(blocks, best[..., None], 2)[..., 0]
    taken = np.zeros((rows, cols), np.bool_)
    place = (known[:, ::-1] / shrink - (top, left)) / cell
    inside = ((place >= 0) & (place < (rows, cols))).all(axis=1)
    taken[tuple(place[inside].astype(np.intp).T)] = True
    row, col = np.nonzero((strongest > WEAKEST) & ~taken)
    y = row * cell + best[row, col] // cell + top
    x = col * cell + best[row, col] % cell + left
    # A pixel of the half-sized picture is the middle of four.
    return np.stack([x, y], axis=1).astype(np.float32) * shrink + (shrink - 1) / 2


def follow(
    one: Grey, other: Grey, corners: Points, guess: Points | None = None, *, back: bool = True
) -> tuple[Points, Mask]:
    """Return where corners (N, 2) of one picture are in the other, and which were found, (N,): KLT tracking.

    Parameters
    ----------
    one, other
        (H, W) uint8.
    corners
        (N, 2), in the one picture.
    guess
        (N, 2), where they are to be expected in the other; then only the finer scales are looked at.
    back
        Whether they must also be found where they were when looked for from there (forward-backward check).
    """
    if not len(corners):
        return corners.copy(), np.zeros(0, np.bool_)
    there, found = _flow(one, other, corners, guess, LEVELS if guess is None else 2)
    if back:
        again, found_again = _flow(other, one, there, corners, 1)
        found &= found_again & (np.abs(again - corners).max(axis=1) < 0.5)
    height, width = one.shape
    found &= ((there >= 0) & (there <= (width - 1, height - 1))).all(axis=1)
    return there, found


def _flow(one: Grey, other: Grey, corners: Points, guess: Points | None, levels: int) -> tuple[Points, Mask]:
    nothing: Any = None
    flags = 0 if guess is None else cv2.OPTFLOW_USE_INITIAL_FLOW
    start = nothing if guess is None else guess.reshape(-1, 1, 2).astype(np.float32)
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        one,
        other,
        corners.reshape(-1, 1, 2),
        start,
        winSize=WINDOW,
        maxLevel=levels,
        criteria=(cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 10, 0.03),
        flags=flags,
        minEigThreshold=1e-4,
    )
    return np.asarray(there, np.float32).reshape(-1, 2), found.ravel() == 1
