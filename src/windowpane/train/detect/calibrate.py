"""A detector's scores made probabilities, and its threshold set, on the pictures that were kept aside.

The curve gives a box the probability to stand on an object, among the boxes found on those pictures. The
threshold lets so many false alarms pass as are allowed, in the pictures without an object.
"""

from __future__ import annotations

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
from windowpane.train.detect.material import Material

LEAST = 0.01  # score of boxes that are looked at
HIT = 0.4  # overlap of a box with the object that it stands on
SIZES = (1.0, 0.75)  # in which each empty picture is looked at, as it is and mirrored


@dataclass(frozen=True, slots=True)
class Judged:
    """What a detector said on the pictures that were kept aside.

    scores: (N,) of all boxes. right: (N,) whether they stand on an object. alarms: (M,) scores of false ones
    in pictures without an object. pictures, megapixels: of those looked at. found: share of the objects.
    """

    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    alarms: NDArray[np.float64]
    pictures: int
    megapixels: float
    found: float


def calibrate(
    path: Path,
    file: NetFile,
    kept_aside: Material,
    *,
    per_picture: float = 0.0,
    per_megapixel: float = 0.0,
) -> NetFile:
    """Write a detector's net file with its curve and its threshold; of its last net, if there are two.

    per_picture, per_megapixel: false alarms that may pass, on average.
    """
    judged = _judge(Detector(file, threshold=LEAST), kept_aside)
    curve = Platt.fit(judged.scores, judged.right)
    allowed = int(per_picture * judged.pictures + per_megapixel * judged.megapixels)
    alarms = np.sort(np.append(judged.alarms, 0))[::-1]
    threshold = curve.of_probability(float(alarms[min(allowed, len(alarms) - 1)]) + 1e-6)
    card = file.manifest.card | {"kept_aside": {"found": round(judged.found, 4)}}
    last = file.second or file
    settings = last.manifest.settings | {"calibration": [curve.slope, curve.shift]}
    manifest = replace(last.manifest, threshold=threshold, settings=settings)
    if file.second is None:
        return save(path, file.data, replace(manifest, card=card))
    second = save(path, last.data, manifest)
    return save(path, file.data, replace(file.manifest, card=card), second)


def _judge(detector: Detector, kept_aside: Material) -> Judged:
    """Look at every picture that was kept aside; at those without an object also mirrored and reduced."""
    scores, right, alarms, objects, found, pictures, megapixels = [], [], [np.zeros(0)], 0, 0, 0, 0.0
    empty = {scene.path for scene in kept_aside.empty}
    for scene in {scene.path: scene for scene in kept_aside.shown + kept_aside.empty}.values():
        picture = load(scene.path)
        for size in SIZES if scene.path in empty else (1.0,):
            for mirrored in (False, True) if scene.path in empty else (False,):
                seen = cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
                objects_there = scene.boxes * size
                if mirrored:
                    seen = np.ascontiguousarray(seen[:, ::-1])
                    objects_there = objects_there[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [seen.shape[1], 0] * 2
                detections = detector.detect(seen)
                hit = overlap(detections.boxes, objects_there) > HIT
                hit &= detections.class_ids[:, None] == scene.labels
                hits = hit.any(axis=1)
                objects, found = objects + len(scene.boxes), found + int(hit.any(axis=0).sum())
                scores.append(detections.confidence)
                right.append(hits)
                if scene.path in empty:
                    pictures, megapixels = pictures + 1, megapixels + seen[..., 0].size / 1e6
                    alarms.append(detections.confidence[~hits])
    share = found / max(1, objects)
    joined = np.concatenate(scores), np.concatenate(right), np.concatenate(alarms)
    return Judged(*joined, pictures, megapixels, share)
