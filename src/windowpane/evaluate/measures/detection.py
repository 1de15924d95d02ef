"""How good is a detector (detection rate, average precision)? Faces by the protocol of CMU+MIT, others by AP.

The protocol. A true face is known by its frame (`windowpane.data.faces.face_frames`): its centre is midway
between eyes and mouth, its size s is twice the distance between the two. A box finds it when the box's centre
is within 0.5 s and the box's size, the geometric mean of its width and height, is from 0.5 s to 2.5 s. A face
is found by one box and a box finds one face, by falling score; every other box is false, a second one on the
same face too.

Whether a box finds a face depends on boxes of higher scores in its own picture only. So a set is matched
once, picture by picture, and every threshold on the score is a cut through the same matches.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.core import boxes as geometry
from windowpane.errors import ArgumentError

NEAR = 0.5  # farthest centre, in sizes of the true face
SIZES = (0.5, 2.5)  # smallest and largest box, in sizes of the true face
EDGES = (20, 30, 40, 60, 90)  # of the groups of face sizes, pixels

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Truths = NDArray[np.bool_]


# -- One picture -------------------------------------------------------------------------------------------


def match(
    boxes: ArrayLike, scores: ArrayLike, frames: ArrayLike, sizes: tuple[float, float] = SIZES
) -> Indices:
    """Return for each box of a picture the index of the true face that it finds, or -1: ``(N,)``.

    From the highest score down (equal scores: lower index first) a box finds, of the faces that it fits and
    that no box before it found, the one whose centre is nearest in sizes of that face (as near: lower index
    first). A box that is inside out or not finite fits none.

    Parameters
    ----------
    boxes
        ``(N, 4)``, x0, y0, x1, y1 in pixels.
    scores
        ``(N,)``.
    frames
        ``(n, 3)``, centre x, centre y and size s of the true faces.
    sizes
        Of the smallest and the largest box that finds a face, in sizes of the face.

    Raises
    ------
    ArgumentError
        For other shapes, for scores that are not finite and for a true face without a place or a size.
    """
    rows, ranks = _detections(boxes, scores)
    true = _frames(frames)
    centres, own = true[:, :2], true[:, 2]
    with np.errstate(invalid="ignore", over="ignore"):
        middle, sides = (rows[:, :2] + rows[:, 2:]) / 2, rows[:, 2:] - rows[:, :2]
        far = np.hypot(*(middle[:, None] - centres).transpose(2, 0, 1)) / own
        large = np.sqrt(np.maximum(sides, 0).prod(axis=1))[:, None] / own
    fits = (far <= NEAR) & (large >= sizes[0]) & (large <= sizes[1])
    found_by = np.full(len(rows), -1)
    free = np.ones(len(own), np.bool_)
    for box in np.argsort(-ranks, kind="stable"):
        faces = np.flatnonzero(fits[box] & free)
        if faces.size:
            found_by[box] = faces[far[box, faces].argmin()]
            free[found_by[box]] = False
    return found_by


# -- A set of pictures -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """All boxes and all true faces of a set, counted on from picture to picture, and who finds whom.

    A box counts at a threshold when its score is not below it: boxes of equal scores come and go together.

    Attributes
    ----------
    scores
        ``(N,)`` of the boxes.
    faces
        ``(N,)``, the face that each box finds, -1 for a false box.
    sizes
        ``(F,)`` of the faces, in pixels.
    pictures
        How many.
    """

    scores: Floats
    faces: Indices
    sizes: Floats
    pictures: int

    @property
    def boxes(self) -> Indices:
        """The box that finds each face, -1 for a face that is never found: ``(F,)``."""
        boxes = np.full(len(self.sizes), -1)
        (hits,) = np.nonzero(self.faces >= 0)
        boxes[self.faces[hits]] = hits
        return boxes

    def found(self, threshold: float) -> Truths:
        """Return which faces are found at a threshold: ``(F,)``."""
        boxes = self.boxes
        found = boxes >= 0
        found[found] = self.scores[boxes[found]] >= threshold
        return found

    def false_per_image(self, threshold: float) -> float:
        """Return the mean number of false boxes in a picture at a threshold; NaN without pictures."""
        false = ((self.faces < 0) & (self.scores >= threshold)).sum()
        return float(false / self.pictures) if self.pictures else float("nan")

    def threshold(self, false: int) -> float:
        """Return the lowest score at which at most so many boxes are false in the whole set.

        Infinity, at which no box counts, where even the highest score has more false boxes.
        """
        allowed = self.scores[self.scores > _first_too_many(self, false)[-1]]
        return float(allowed.min(initial=np.inf))


def match_all(
    boxes: Sequence[ArrayLike],
    scores: Sequence[ArrayLike],
    frames: Sequence[ArrayLike],
    sizes: tuple[float, float] = SIZES,
) -> Matches:
    """Match the boxes of a set to its faces; all but the last have for every picture what `match` takes.

    Raises
    ------
    ArgumentError
        As `match` does and for numbers of pictures that differ.
    """
    if not len(boxes) == len(scores) == len(frames):
        raise ArgumentError(
            f"boxes of {len(boxes)} pictures need as many scores and frames, "
            f"not {len(scores)} and {len(frames)}"
        )
    all_scores, all_faces, all_sizes, before = [np.zeros(0)], [np.zeros(0, np.intp)], [np.zeros(0)], 0
    for rows, ranks, true in zip(boxes, scores, frames, strict=True):
        faces, own = match(rows, ranks, true, sizes), _frames(true)[:, 2]
        all_scores.append(np.asarray(ranks, np.float64))
        all_faces.append(np.where(faces < 0, -1, faces + before))
        all_sizes.append(own)
        before += len(own)
    return Matches(
        np.concatenate(all_scores), np.concatenate(all_faces), np.concatenate(all_sizes), len(boxes)
    )


def detection_curve(matches: Matches, false: int = 100) -> Floats:
    """Return the detection rate against the number of false boxes in the whole set: ``(false + 1,)``.

    Place k is the share of the faces that are found with at most k false boxes: at the threshold
    ``matches.threshold(k)``. Where equal scores would bring the false boxes from below k to above it, none of
    the boxes with this score counts. A set with fewer false boxes keeps its last rate.

    Raises
    ------
    ArgumentError
        For a set without faces.
    """
    if not len(matches.sizes):
        raise ArgumentError("the set has no true face; a detection rate needs at least one")
    finding = np.sort(matches.scores[matches.faces >= 0])
    too_low = np.searchsorted(finding, _first_too_many(matches, false), side="right")
    return np.asarray((len(finding) - too_low) / len(matches.sizes))


def rate_by(matches: Matches, groups: ArrayLike, threshold: float) -> dict[Hashable, tuple[float, int]]:
    """Return for each group of faces its detection rate at a threshold, and how many faces it has; in order.

    Parameters
    ----------
    groups
        ``(F,)``, any labels: the parts of the set, or `size_group` of ``matches.sizes``.

    Raises
    ------
    ArgumentError
        For another number of labels.
    """
    labels = np.asarray(groups)
    if labels.shape != matches.sizes.shape:
        raise ArgumentError(f"{len(matches.sizes)} faces need as many groups, not {labels.shape}")
    found = matches.found(threshold)
    return {
        name: (float(found[labels == name].mean()), int((labels == name).sum()))
        for name in np.unique(labels).tolist()
    }


def size_group(sizes: ArrayLike, edges: Sequence[float] = EDGES) -> Indices:
    """Return the group of each face by its size, ``(F,)``: how many of the rising edges it reaches."""
    return np.searchsorted(np.asarray(edges), np.asarray(sizes), side="right")


def landmark_error(predicted: ArrayLike, true: ArrayLike) -> Floats:
    """Return for each face the mean distance of its five landmarks from the true ones over its eye distance.

    The eye distance is the true one.

    Parameters
    ----------
    predicted, true
        ``(n, 5, 2)`` in pixels, eyes first.

    Raises
    ------
    ArgumentError
        For other shapes, for different numbers and for true eyes at one place.
    """
    given, points = _points(predicted), _points(true)
    if given.shape != points.shape:
        raise ArgumentError(f"{len(points)} true faces need as many predicted ones, not {len(given)}")
    eyes = np.hypot(*(points[:, 1] - points[:, 0]).T)
    if not (eyes > 0).all():
        raise ArgumentError(
            "a true face has both eyes at one place; expected a distance to measure errors by"
        )
    return np.asarray(np.hypot(*(given - points).transpose(2, 0, 1)).mean(axis=1) / eyes)


def _first_too_many(matches: Matches, false: int) -> Floats:
    """Return for k = 0..false the score of the first false box too many, which a threshold must exceed."""
    if false < 0:
        raise ArgumentError(f"at most {false} false boxes are asked for; expected 0 or more")
    scores = -np.sort(-matches.scores[matches.faces < 0])[: false + 1]
    return np.pad(scores, (0, false + 1 - len(scores)), constant_values=-np.inf)


# -- Objects of any class ----------------------------------------------------------------------------------


def average_precision(
    boxes: Sequence[ArrayLike],
    scores: Sequence[ArrayLike],
    classes: Sequence[ArrayLike],
    true_boxes: Sequence[ArrayLike],
    true_classes: Sequence[ArrayLike],
    *,
    overlap: float = 0.5,
) -> dict[Hashable, float]:
    """Return the average precision of each class that has true objects, 0..1, as in PASCAL VOC since 2010.

    By falling score a box takes the true object of its class and picture that it overlaps most. It is a hit
    if they overlap enough and no box took the object before; a second box is false, even where it overlaps
    another object enough. The average precision is the area under precision over recall, where the precision
    at a recall is the best at this or a higher recall (at all points; Everingham et al. 2015). Boxes of equal
    scores count together, in one picture the lower index first. No object is passed over as difficult.

    Parameters
    ----------
    boxes, true_boxes
        For each picture ``(N, 4)`` and ``(n, 4)`` in pixels.
    scores
        ``(N,)``.
    classes, true_classes
        ``(N,)`` and ``(n,)``, numbers or names.
    overlap
        Least intersection over union of a hit.

    Raises
    ------
    ArgumentError
        For shapes and numbers that do not fit each other and for an overlap not in 0..1.
    """
    if len({len(each) for each in (boxes, scores, classes, true_boxes, true_classes)}) != 1:
        raise ArgumentError("boxes, scores, classes and true objects are of different numbers of pictures")
    if not 0 < overlap <= 1:
        raise ArgumentError(f"overlap is {overlap}; expected more than 0, up to 1")
    found = [_detections(*each) for each in zip(boxes, scores, strict=True)]
    labels = [_labels(names, of) for names, (_, of) in zip(classes, found, strict=True)]
    true = [_rows(each) for each in true_boxes]
    true_labels = [_labels(names, of) for names, of in zip(true_classes, true, strict=True)]
    answer: dict[Hashable, float] = {}
    for name in sorted({name for names in true_labels for name in names.tolist()}):
        ranks, taken = [], []
        for (rows, values), own, objects, names in zip(found, labels, true, true_labels, strict=True):
            mine = own == name
            ranks.append(values[mine])
            taken.append(hits(rows[mine], values[mine], objects[names == name], overlap))
        count = sum(int((names == name).sum()) for names in true_labels)
        answer[name] = _area(np.concatenate(ranks), np.concatenate(taken), count)
    return answer


def hits(boxes: Floats, scores: Floats, objects: Floats, overlap: float) -> Truths:
    """Return which of one class's boxes in a picture are hits: the first box that takes an object."""
    taken = np.zeros(len(boxes), np.bool_)
    if len(objects):
        order = np.argsort(-scores, kind="stable")
        overlaps = geometry.overlap(boxes[order], objects)
        enough = np.flatnonzero(overlaps.max(axis=1) >= overlap)
        _, first = np.unique(overlaps[enough].argmax(axis=1), return_index=True)
        taken[order[enough[first]]] = True
    return taken


def _area(scores: Floats, hits: Truths, count: int) -> float:
    """Return the area under the best precision at each recall or a higher one."""
    order = np.argsort(-scores, kind="stable")
    last_of_ties = np.diff(scores[order], append=-np.inf) != 0
    right = np.cumsum(hits[order])[last_of_ties]
    precision = right / np.arange(1, len(order) + 1)[last_of_ties]
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(right, prepend=0) * best).sum() / count)


# -- Shapes ------------------------------------------------------------------------------------------------


def _rows(boxes: ArrayLike) -> Floats:
    rows = np.asarray(boxes, np.float64)
    rows = rows.reshape(0, 4) if rows.size == 0 else rows
    if rows.ndim != 2 or rows.shape[1] != 4:
        raise ArgumentError(f"boxes have the shape {rows.shape}; expected (N, 4): x0, y0, x1, y1")
    return rows


def _detections(boxes: ArrayLike, scores: ArrayLike) -> tuple[Floats, Floats]:
    rows, ranks = _rows(boxes), np.asarray(scores, np.float64)
    if ranks.shape != rows.shape[:1]:
        raise ArgumentError(f"{len(rows)} boxes need as many scores, not {ranks.shape}")
    if not np.isfinite(ranks).all():
        raise ArgumentError("a score is NaN or infinite; expected numbers that boxes can be sorted by")
    return rows, ranks


def _labels(classes: ArrayLike, of: Floats) -> NDArray[Any]:
    labels = np.asarray(classes)
    labels = labels.reshape(0) if labels.size == 0 else labels
    if labels.shape != of.shape[:1]:
        raise ArgumentError(f"{len(of)} boxes need as many classes, not {labels.shape}")
    return labels


def _frames(frames: ArrayLike) -> Floats:
    true = np.asarray(frames, np.float64)
    true = true.reshape(0, 3) if true.size == 0 else true
    if true.ndim != 2 or true.shape[1] != 3:
        raise ArgumentError(
            f"true faces have the shape {true.shape}; expected (n, 3): centre x, centre y, size"
        )
    if not np.isfinite(true).all() or not (true[:, 2] > 0).all():
        raise ArgumentError("a true face has no place or no size; expected finite numbers and sizes above 0")
    return true


def _points(landmarks: ArrayLike) -> Floats:
    points = np.asarray(landmarks, np.float64)
    points = points.reshape(0, 5, 2) if points.size == 0 else points
    if points.ndim != 3 or points.shape[1:] != (5, 2):
        raise ArgumentError(f"landmarks have the shape {points.shape}; expected (n, 5, 2)")
    return points
