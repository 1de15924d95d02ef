"""A detector's scores made probabilities (Platt calibration), and its threshold set, on the validation set.

The curve gives a box the probability to stand on an object, among the boxes found on those pictures. The
threshold is one half, where a box is as likely right as wrong; or higher, where in the pictures without an
object more false positives would pass than are allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.boxes import overlap
from windowpane.core.calibration import Platt
from windowpane.core.netfile import NetFile, save
from windowpane.detect.detector import Detector
from windowpane.images import load
from windowpane.images.crops import Pixels
from windowpane.train.detect.dataset import Dataset
from windowpane.train.detect.mining import IGNORED

LEAST = 0.01  # score of boxes that are looked at
HIT = 0.4  # overlap of a box with the object that it stands on
SIZES = (1.0, 0.75)  # in which each empty picture is looked at, as it is and mirrored


@dataclass(frozen=True, slots=True)
class Judged:
    """What a detector said on the pictures of the validation set.

    Attributes
    ----------
    scores
        (N,) of all boxes.
    right
        (N,) whether they stand on an object.
    false_positives
        (M,) scores of boxes in pictures without an object.
    pictures, megapixels
        Of those looked at without an object.
    found
        Share of the objects.
    """

    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    false_positives: NDArray[np.float64]
    pictures: int
    megapixels: float
    found: float


def calibrate(
    path: Path,
    file: NetFile,
    validation: Dataset,
    *,
    per_picture: float = 0.0,
    per_megapixel: float = 0.0,
    least: float = 0.0,
) -> NetFile:
    """Write a detector's net file with its curve and its threshold; of its last net, if there are two.

    Parameters
    ----------
    per_picture, per_megapixel
        False positives that may pass, on average.
    least
        The lowest threshold, whatever may pass.
    """
    judged = _judge(Detector(file, threshold=LEAST), validation)
    curve = Platt.fit(judged.scores, judged.right)
    allowed = int(per_picture * judged.pictures + per_megapixel * judged.megapixels)
    false = np.sort(np.append(judged.false_positives, 0))[::-1]
    threshold = max(least, curve.of_probability(float(false[min(allowed, len(false) - 1)]) + 1e-6))
    card = file.manifest.card | {"kept_aside": {"found": round(judged.found, 4)}}
    last = file.second or file
    settings = last.manifest.settings | {"calibration": [curve.slope, curve.shift]}
    manifest = replace(last.manifest, threshold=threshold, settings=settings)
    if file.second is None:
        return save(path, file.data, replace(manifest, card=card))
    second = save(path, last.data, manifest)
    return save(path, file.data, replace(file.manifest, card=card), second)


def _judge(detector: Detector, validation: Dataset) -> Judged:
    """Look at every picture of the validation set; at those without an object also mirrored and reduced."""
    scores, right, false, objects, found, pictures, megapixels = [], [], [np.zeros(0)], 0, 0, 0, 0.0
    bare = {scene.path for scene in validation.empty if not len(scene.boxes)}
    empty = bare or {scene.path for scene in validation.empty}  # where each shows an object, beside these
    for scene in {scene.path: scene for scene in validation.shown + validation.empty}.values():
        picture, is_empty, known = (
            load(scene.path),
            scene.path in empty,
            ~np.isin(scene.class_ids, (IGNORED,)),
        )
        for seen, boxes in _looks(picture, scene.boxes) if is_empty else [(picture, scene.boxes)]:
            detections = detector.detect(seen)
            hit = overlap(detections.boxes, boxes) > HIT
            hit &= (detections.class_ids[:, None] == scene.class_ids) | ~known
            hits = np.asarray(hit.any(axis=1))
            objects, found = objects + int(known.sum()), found + int(hit[:, known].any(axis=0).sum())
            if scene.surest:
                told = hit[:, known].any(axis=1) | ~hits  # not those that stand on what is ignored
                scores.append(detections.confidence[told])
                right.append(hits[told])
            if is_empty:
                pictures, megapixels = pictures + 1, megapixels + seen[..., 0].size / 1e6
                false.append(detections.confidence[~hits])
    joined = np.concatenate(scores), np.concatenate(right), np.concatenate(false)
    return Judged(*joined, pictures, megapixels, found / max(1, objects))


def _looks(picture: Pixels, boxes: NDArray[np.float64]) -> Iterator[tuple[Pixels, NDArray[np.float64]]]:
    """Yield a picture and its boxes in each of the sizes, as it is and mirrored."""
    for size in SIZES:
        seen = np.asarray(cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA), np.uint8)
        yield seen, boxes * size
        width = seen.shape[1]
        yield (
            np.ascontiguousarray(seen[:, ::-1]),
            boxes[:, [2, 1, 0, 3]] * ([-size, size] * 2) + [width, 0] * 2,
        )
