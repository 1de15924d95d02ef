"""How well a net finds the objects of a folder of one's own, in COCO, YOLO or VOC layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from windowpane.core.netfile import load
from windowpane.data.annotations import read_boxes
from windowpane.detect.detector import Detector
from windowpane.errors import DataError
from windowpane.evaluate.measures.detection import average_precision, hits

LOW = 0.01  # of scores: precision is averaged far beyond what the net's threshold lets pass
OVERLAP = 0.5  # intersection over union from which a box has found an object


def row_of(folder: Path, net: str | Path) -> dict[str, Any]:
    """Return a row for a folder: ``found`` and ``false_per_picture`` at the net's threshold, and for each
    class the average precision.

    Objects marked as crowd or difficult are passed over. Raises DataError for faults of the folder and for
    classes that the net does not know, NetFileError.
    """
    dataset, file = read_boxes(folder), load(net)
    known = next((one.names for one in file.manifest.outputs if one.name == "score"), ())
    if not set(dataset.names) <= set(known):
        raise DataError(
            f"{folder} has the classes {', '.join(dataset.names)}, and the net knows {', '.join(known)}:"
            " measure it on a set of the same"
        )
    paths = [image.path for image in dataset.images]
    given = list(Detector(file, threshold=LOW).detect(paths))
    sure = list(Detector(file).detect(paths))
    true = [image.boxes[~image.ignored] for image in dataset.images]
    classes = [np.array(dataset.names)[image.labels[~image.ignored]] for image in dataset.images]
    right = wrong = 0
    for found, boxes, names in zip(sure, true, classes, strict=True):
        called = np.array(found.names)[found.class_ids]
        for name in known:
            mine = called == name
            hit = hits(found.boxes[mine], found.confidence[mine], boxes[names == name], OVERLAP)
            right, wrong = right + int(hit.sum()), wrong + int((~hit).sum())
    objects = sum(map(len, true))
    row = {"set": str(folder), "pictures": len(paths), "objects": objects, "found": right / max(1, objects)}
    row["false_per_picture"] = wrong / max(1, len(paths))
    precision = average_precision(
        [found.boxes for found in given],
        [found.confidence for found in given],
        [np.array(found.names)[found.class_ids] for found in given],
        true,
        classes,
        overlap=OVERLAP,
    )
    return row | {f"average_precision_{name}": value for name, value in precision.items()}
