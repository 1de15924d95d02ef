"""How well a net finds faces, or other objects: the accuracy table (detection rate, average precision).

cmu_mit      CMU+MIT, 130 pictures: the detection rate at 1, 10, 50 and 100 false boxes in all, by the
             protocol of `windowpane.evaluate.measures.detection`; then its parts, and its faces by height, at
             10 of them
people       faces of people kept out of training and tuning: found at the net's threshold, error of landmarks
negatives    pictures without a face, kept out of both: false boxes at the net's threshold
mask848, ilc2021 and the like, photographs, people_free, portraits
             photographs of today: see `windowpane.evaluate.photographs`
FOLDER       a folder of one's own with boxes in COCO, YOLO or VOC layout, of faces or anything else: found
             and false boxes at the net's threshold, and the average precision of each class
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from windowpane.core.netfile import load_net
from windowpane.data.annotations import layout, read_boxes
from windowpane.data.faces import FaceImage, Part, cmu_mit, negatives, split, ytf68
from windowpane.data.photographs import SETS as PHOTOGRAPHS
from windowpane.data.root import data_root
from windowpane.detect.detections import Detections
from windowpane.detect.detector import Detector
from windowpane.errors import DataError, did_you_mean
from windowpane.evaluate.measures.detection import (
    EDGES,
    Matches,
    average_precision,
    detection_curve,
    hits,
    landmark_error,
    match_all,
    rate_by,
    size_group,
)
from windowpane.evaluate.photographs import mixed_rows, people_free_rows, portrait_rows, set_rows
from windowpane.images import load
from windowpane.systems import DETECT

LOW = 0.001  # threshold: the curve to 100 false boxes needs more boxes than the net's own lets pass
LOW_AP = 0.01  # the same for precision, which is averaged over all recalls
OVERLAP = 0.5  # intersection over union from which a box has found an object
FALSE = (1, 10, 50, 100)
Row = dict[str, Any]


def evaluate(
    names: Sequence[str], net: str | Path = DETECT.net, *, images: str | Path | None = None
) -> list[Row]:
    """Return the accuracy table of a net.

    The rows of one set after the other.

    Parameters
    ----------
    names
        Of test sets, or folders with boxes; see above.
    net
        A name that ships, or a path.
    images
        The folder of a folder's pictures, where they are not beside its annotations.

    Raises
    ------
    DataError
        For an unknown set, for data that is not there, and for a folder with faults or of classes that the
        net does not know.
    NetFileError
        For a net that cannot be used.
    """
    rows = []
    for name in names:
        if Path(name).is_dir() and (name not in SETS or layout(Path(name))):
            rows.append(_folder(Path(name), net, images))
        elif name in SETS:
            rows += SETS[name](net)
        else:
            raise DataError(
                f"there is no test set {name!r}{did_you_mean(name, SETS)}: choose from {', '.join(SETS)}, or"
                " give a folder with boxes"
            )
    return rows


def _cmu_mit(net: str | Path) -> list[Row]:
    parts = {part: cmu_mit(data_root(), part) for part in get_args(Part)}
    pictures = [picture for part in parts.values() for picture in part]
    matches = _matched(list(Detector(net, threshold=LOW).detect(p.path for p in pictures)), pictures)
    curve = detection_curve(matches)
    whole = {"set": "cmu_mit", "pictures": len(pictures), "faces": len(matches.sizes)}
    rows: list[Row] = [whole | {f"found_at_{k}_false": float(curve[k]) for k in FALSE}]
    threshold = matches.threshold(10)
    of_part = [name for name, part in parts.items() for picture in part for _ in picture.frames]
    heights = np.array([f"up to {EDGES[0]} px", *(f"from {edge} px" for edge in EDGES)])
    for groups in (np.array(of_part), heights[size_group(matches.sizes, EDGES)]):
        for group, (rate, count) in rate_by(matches, groups, threshold).items():
            rows.append({"set": f"cmu_mit, {group}", "faces": count, "found_at_10_false": rate})
    return rows


def _people(net: str | Path) -> list[Row]:
    pictures = split(ytf68(data_root()), "test")
    found = list(Detector(net).detect(picture.path for picture in pictures))
    matches = _matched(found, pictures)
    row: Row = {"set": "people", "pictures": len(pictures), "faces": len(matches.sizes)}
    row["found"] = float((matches.boxes >= 0).mean())
    given = [one.landmarks for one in found if one.landmarks is not None]
    if given:
        hits = matches.faces >= 0
        true = np.concatenate([picture.landmarks for picture in pictures if picture.landmarks is not None])
        row["landmark_error"] = float(
            landmark_error(np.concatenate(given)[hits], true[matches.faces[hits]]).mean()
        )
    return [row]


def _negatives(net: str | Path) -> list[Row]:
    paths = split(negatives(data_root()), "test")
    detector = Detector(net)
    false_positives, megapixels = 0, 0.0
    for path in paths:
        picture = load(path)
        false_positives += len(detector.detect(picture))
        megapixels += picture.shape[0] * picture.shape[1] / 1e6
    row = {
        "set": "negatives",
        "pictures": len(paths),
        "faces": 0,
        "false_per_picture": false_positives / len(paths),
    }
    return [row | {"false_per_megapixel": false_positives / megapixels}]


def _folder(folder: Path, net: str | Path, images: str | Path | None) -> Row:
    """Return the row of a folder; objects marked as crowd or difficult are passed over."""
    dataset, file = read_boxes(folder, pictures=images), load_net(net)
    if not any((~image.ignored).any() for image in dataset.images):
        raise DataError(
            f"{folder} has no object to find, or all are marked as crowd or difficult: annotate some"
        )
    known = next((one.names for one in file.manifest.outputs if one.name == "score"), ())
    if not set(dataset.names) <= set(known):
        raise DataError(
            f"{folder} has the classes {', '.join(dataset.names)}, and the net knows {', '.join(known)}:"
            " measure it on a set of the same"
        )
    paths = [image.path for image in dataset.images]
    boxes = [image.boxes[~image.ignored] for image in dataset.images]
    classes = [np.array(dataset.names)[image.class_ids[~image.ignored]] for image in dataset.images]
    found = list(Detector(file, threshold=LOW_AP).detect(paths))
    precision = average_precision(
        [one.boxes for one in found],
        [one.confidence for one in found],
        [_classes(one) for one in found],
        boxes,
        classes,
        overlap=OVERLAP,
    )
    sure = list(Detector(file).detect(paths))
    hit = np.concatenate([np.zeros(0, np.bool_), *map(_hits, sure, boxes, classes)])
    objects = sum(map(len, boxes))
    row = {"set": str(folder), "pictures": len(paths), "objects": objects}
    row |= {
        "found": int(hit.sum()) / max(1, objects),
        "false_per_picture": int((~hit).sum()) / max(1, len(paths)),
    }
    return row | {f"average_precision_{name}": value for name, value in precision.items()}


def _hits(found: Detections, boxes: NDArray[np.float64], classes: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Return which boxes of a picture find an object of their class, class by class."""
    each = []
    for name in found.names:
        mine = found[_classes(found) == name]
        each.append(hits(mine.boxes, mine.confidence, boxes[classes == name], OVERLAP))
    return np.concatenate(each)


def _classes(found: Detections) -> NDArray[np.str_]:
    """Return the name of each box's class, (N,)."""
    return np.array(found.names)[found.class_ids]


def _matched(found: Sequence[Detections], pictures: Sequence[FaceImage]) -> Matches:
    frames = [picture.frames for picture in pictures]
    return match_all([one.boxes for one in found], [one.confidence for one in found], frames)


SETS: dict[str, Callable[[str | Path], list[Row]]] = {
    "cmu_mit": _cmu_mit,
    "people": _people,
    "negatives": _negatives,
    **{name: partial(set_rows, name) for name in PHOTOGRAPHS},
    "photographs": mixed_rows,
    "people_free": people_free_rows,
    "portraits": portrait_rows,
}
"""For each test set how a net's rows are made."""
