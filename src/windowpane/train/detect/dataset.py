"""What a detector is trained on (dataset): the public sets of faces, or annotated pictures of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from windowpane.data.annotations import read_boxes
from windowpane.data.faces import (
    CALTECH_FRAME,
    LFW_FRAME,
    FaceImage,
    caltech_crops,
    frame_boxes,
    lfw,
    negatives,
    split,
    unpainted,
    ytf68,
)
from windowpane.data.split import Fold, in_validation
from windowpane.errors import DataError
from windowpane.images import expand, load
from windowpane.images.crops import Pixels
from windowpane.train.detect.mining import Sample
from windowpane.train.detect.objects import CROP_SIZE, Colour, Example, Objects, Variety, gather

LANDMARKS = 5
MIRRORED = (1, 0, 2, 4, 3)  # left and right eye, nose, left and right corner of the mouth


@dataclass(frozen=True, slots=True)
class Dataset:
    """Objects to learn, and pictures.

    Attributes
    ----------
    shown
        Pictures with objects, all or nearly all of which are known.
    empty
        Pictures to mine, in which all objects are known.
    names
        Of the classes.
    points
        Landmarks of an object.
    variety
        How objects may vary.
    aspect
        Height over width of a box.
    """

    objects: Objects
    shown: list[Sample]
    empty: list[Sample]
    names: tuple[str, ...]
    colour: Colour
    points: int
    variety: Variety
    aspect: float = 1.0


def faces(root: Path, *, validation: bool, crop_size: int = CROP_SIZE) -> Dataset:
    """Return the faces of ytf68, LFW and Caltech, and the pictures without one.

    Parameters
    ----------
    root
        Of the public sets.
    validation
        The people and pictures of the validation set, or those to learn from. LFW is left out of the former:
        its pictures were painted on and are mended.
    crop_size
        As of `gather`.
    """
    fold: Fold = "tune" if validation else "train"
    landmarked = split(ytf68(root), fold)
    examples = list(_landmarked(landmarked))
    examples += [_framed(crop, CALTECH_FRAME) for crop in caltech_crops(root, fold)]
    if not validation:
        known = split(lfw(root), fold)
        examples += [_framed(unpainted(load(face.path))[..., 0], LFW_FRAME) for face in known]
    shown = [
        Sample(face.path, frame_boxes(face.frames), np.zeros(len(face.frames), np.intp))
        for face in landmarked
    ]
    empty = [Sample.without(path) for path in split(negatives(root), fold)]
    objects = gather(examples, "grey", LANDMARKS, crop_size)
    return Dataset(objects, shown, empty, ("face",), "grey", LANDMARKS, Variety(pairs=MIRRORED))


def boxes(
    folder: Path,
    others: tuple[Path, ...],
    *,
    colour: Colour,
    mirror: bool,
    turn: float,
    validation: bool,
    crop_size: int = CROP_SIZE,
) -> Dataset:
    """Return the objects of an annotated folder (COCO, YOLO or VOC) and the pictures around them.

    Parameters
    ----------
    others
        Folders of pictures without any of the objects.
    mirror, turn
        How the objects may vary.
    validation
        The one picture in ten of the validation set, or the others.
    crop_size
        As of `gather`.

    Raises
    ------
    DataError
        That names what is wrong.
    """
    dataset = read_boxes(folder)
    chosen = [image for image in dataset.images if in_validation(image.path.name) == validation]
    examples = [
        Example(image.path, tuple(box), int(class_id))
        for image in chosen
        for box, class_id, ignored in zip(image.boxes, image.class_ids, image.ignored, strict=True)
        if not ignored
    ]
    if len(examples) < 10:
        part = "kept aside" if validation else "to learn from"
        raise DataError(
            f"{folder}: {len(examples)} objects {part}, and at least 10 are needed: annotate more pictures,"
            " one in ten is kept aside"
        )
    shown = [Sample(image.path, image.boxes, image.class_ids) for image in chosen]
    paths = [Path(name) for name in expand(list(others))]
    empty = [Sample.without(path) for path in paths if in_validation(path.name) == validation]
    variety = Variety(turn=turn, mirror=mirror)
    objects = gather(examples, colour, crop_size=crop_size)
    aspect = float(np.exp(np.median(objects.stretch[:, 1] - objects.stretch[:, 0])))
    return Dataset(objects, shown, shown + empty, dataset.names, colour, 0, variety, aspect)


def _landmarked(pictures: list[FaceImage]) -> Iterator[Example]:
    for picture in pictures:
        assert picture.landmarks is not None
        for box, points in zip(frame_boxes(picture.frames), picture.landmarks, strict=True):
            yield Example(picture.path, tuple(box), landmarks=points)


def _framed(pixels: Pixels, frame: tuple[float, float, float]) -> Example:
    return Example(pixels, tuple(frame_boxes(np.array([frame]))[0]))
