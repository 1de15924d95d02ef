"""How good is a face detector on photographs of today (detection rate with ignore regions)?

The protocol. Pictures with a longer side of more than `SIDE` pixels are reduced to it, for all detectors;
none is enlarged. A true face is the box of the whole face, its size the root of the box's area. A box finds
it when its centre is within half a size of the face's and its size from 0.4 to 2.5 of it: so a box from eyes
to mouth does as well as one from hairline to chin. A face is found by one box and a box finds one face, by
falling score.

Faces under `SMALLEST` pixels, and those that the set ignores, are neither found nor missed: a box that finds
no other face and has its middle on one of them counts for nothing. Every other box is false.

Recall is told at so many false boxes for 100 pictures: the share of the faces that are found at the lowest
score with at most so many false boxes in the set, rounded down to whole boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.errors import ArgumentError
from windowpane.evaluate.measures.confidence import expected_calibration_error
from windowpane.evaluate.measures.detection import Matches, detection_curve, match_all

SIDE = 640
"""Pixels of the longer side of a picture, at most."""
SMALLEST = 16.0
"""Pixels of the smallest face that is to be found, by the root of its area, at that size."""
SIZES = (0.4, 2.5)
"""Of the smallest and the largest box that finds a face, in sizes of the face."""
FALSE = (1, 10, 100)
"""False boxes for 100 pictures."""
LEAST = 0.1
"""Boxes of lower confidence are left out of the calibration: nobody asks for them."""

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The true faces of a picture at the size at which it is looked at.

    Attributes
    ----------
    boxes
        (n, 4) x0, y0, x1, y1 of whole faces, and of regions that are ignored.
    ignored
        (n,), those neither to be found nor to be missed, faces that are too small among them.
    """

    boxes: Floats
    ignored: Truths

    @property
    def asked(self) -> Floats:
        """The faces to be found, (m, 4)."""
        return self.boxes[~self.ignored]


def scale_of(height: int, width: int) -> float:
    """Return the factor that brings a picture to the protocol's size."""
    return min(1.0, SIDE / max(height, width))


def truth(boxes: Floats, ignored: Truths, scale: float) -> Truth:
    """Return the true faces of a picture that was scaled, the small ones ignored.

    Parameters
    ----------
    boxes, ignored
        (n, 4) and (n,), of the picture as it was.
    """
    scaled = np.reshape(boxes, (-1, 4)) * scale
    return Truth(scaled, ignored | (sizes(scaled) < SMALLEST))


def sizes(boxes: ArrayLike) -> Floats:
    """Return the root of the area of boxes (n, 4): (n,)."""
    rows = np.reshape(np.asarray(boxes, np.float64), (-1, 4))
    return np.asarray(np.sqrt(np.maximum(rows[:, 2:] - rows[:, :2], 0).prod(axis=1)))


def match_photographs(
    boxes: Sequence[ArrayLike], scores: Sequence[ArrayLike], truths: Sequence[Truth]
) -> tuple[Matches, Truths]:
    """Match the boxes of a set to its faces.

    Parameters
    ----------
    boxes, scores
        For every picture (N, 4) and (N,).

    Returns
    -------
    Matches
        Of the faces that are asked for and of the boxes that count.
    Truths
        Which of all boxes, one picture after the other, these are.

    Raises
    ------
    ArgumentError
        For shapes and numbers that do not fit each other.
    """
    if len(boxes) != len(truths):
        raise ArgumentError(f"boxes of {len(boxes)} pictures need as many truths, not {len(truths)}")
    frames = [_frames(one.asked) for one in truths]
    every = match_all(boxes, scores, frames, SIZES)
    pairs = zip(boxes, truths, strict=True)
    passed = [np.zeros(0, np.bool_), *(_on(rows, one.boxes[one.ignored]) for rows, one in pairs)]
    counts = (every.faces >= 0) | ~np.concatenate(passed)
    return Matches(every.scores[counts], every.faces[counts], every.sizes, every.pictures), counts


def allowed(pictures: int, per_hundred: int) -> int:
    """Return how many false boxes a set of so many pictures may have."""
    return per_hundred * pictures // 100


def recall(matches: Matches, per_hundred: Sequence[int] = FALSE) -> list[float]:
    """Return the recall at so many false boxes for 100 pictures each.

    Raises
    ------
    ArgumentError
        For a set without faces.
    """
    false = [allowed(matches.pictures, one) for one in per_hundred]
    curve = detection_curve(matches, max(false))
    return [float(curve[one]) for one in false]


def calibration_error(sets: Iterable[Matches], least: float = LEAST) -> float:
    """Return the expected calibration error of boxes over several sets, each box weighing the same.

    Parameters
    ----------
    least
        Boxes of a lower confidence are left out.
    """
    given = list(sets)
    confidence = np.concatenate([one.scores for one in given])
    right = np.concatenate([one.faces >= 0 for one in given])
    kept = confidence >= least
    return expected_calibration_error(confidence[kept].clip(0, 1), right[kept])


def landmark_error(predicted: ArrayLike, true: ArrayLike) -> Floats:
    """Return for each face how far eyes, nose and middle of the mouth are off, over its eye distance: (n,).

    The mean of the four, by the true distance of the eyes; the corners of the mouth are not asked for, as the
    sets have its middle only.

    Parameters
    ----------
    predicted, true
        (n, 5, 2) in pixels, eyes first.
    """
    given, points = (_four(np.asarray(one, np.float64)) for one in (predicted, true))
    apart = np.hypot(*(points[:, 1] - points[:, 0]).T)
    return np.asarray(np.hypot(*(given - points).transpose(2, 0, 1)).mean(axis=1) / apart)


def _four(points: Floats) -> Floats:
    return np.concatenate([points[:, :3], points[:, 3:].mean(axis=1, keepdims=True)], axis=1)


def _frames(boxes: Floats) -> Floats:
    """Return boxes (n, 4) as centre x, centre y and size (n, 3)."""
    return np.column_stack([(boxes[:, :2] + boxes[:, 2:]) / 2, sizes(boxes)])


def _on(boxes: ArrayLike, regions: Floats) -> Truths:
    """Return which boxes (N, 4) have their middle on a region (n, 4): (N,)."""
    rows = np.reshape(np.asarray(boxes, np.float64), (-1, 4))
    middles = (rows[:, None, :2] + rows[:, None, 2:]) / 2
    inside: Truths = np.all((middles >= regions[:, :2]) & (middles <= regions[:, 2:]), axis=2)
    return np.asarray(np.any(inside, axis=1), np.bool_)
