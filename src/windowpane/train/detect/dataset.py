"""What a detector is trained on: the public sets of faces, or annotated pictures of one's own."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from windowpane.data.annotations import read_boxes
from windowpane.data.faces import (
    CALTECH_FRAME,
    LFW_FRAME,
    FaceImage,
    Fold,
    caltech_crops,
    frame_boxes,
    lfw,
    negatives,
    split,
    unpainted,
    ytf68,
)
from windowpane.errors import DataError
from windowpane.images import expand, load
from windowpane.images.crops import Pixels
from windowpane.train.detect.mining import Scene
from windowpane.train.detect.objects import CROP_SIZE, Colour, Example, Objects, Variety, gather

LANDMARKS = 5
TUNING_SHARE = 10  # one picture in ten of one's own is kept for tuning and calibration
MIRRORED = (1, 0, 2, 4, 3)  # left and right eye, nose, left and right corner of the mouth


@dataclass(frozen=True, slots=True)
class Material:
    """Objects to learn, and pictures.

    shown: pictures with objects, all or nearly all of which are known. empty: pictures to mine, in which all
    objects are known. names: of the classes. points: landmarks of an object. variety: how objects may vary.
    aspect: height over width of a box.
    """

    objects: Objects
    shown: list[Scene]
    empty: list[Scene]
    names: tuple[str, ...]
    colour: Colour
    points: int
    variety: Variety
    aspect: float = 1.0


def faces(root: Path, *, tuning: bool, crop_size: int = CROP_SIZE) -> Material:
    """Return the faces of ytf68, LFW and Caltech, and the pictures without one.

    root: of the public sets. crop_size: as of `gather`. tuning: the people and pictures that are kept aside
    for it, or those to learn from. LFW is left out of tuning: its pictures were painted on and are mended.
    """
    fold: Fold = "tune" if tuning else "train"
    landmarked = split(ytf68(root), fold)
    examples = list(_landmarked(landmarked))
    examples += [_framed(crop, CALTECH_FRAME) for crop in caltech_crops(root, fold)]
    if not tuning:
        known = split(lfw(root), fold)
        examples += [_framed(unpainted(load(face.path))[..., 0], LFW_FRAME) for face in known]
    shown = [
        Scene(face.path, frame_boxes(face.frames), np.zeros(len(face.frames), np.intp)) for face in landmarked
    ]
    empty = [Scene.without(path) for path in split(negatives(root), fold)]
    objects = gather(examples, "grey", LANDMARKS, crop_size)
    return Material(objects, shown, empty, ("face",), "grey", LANDMARKS, Variety(pairs=MIRRORED))


def boxes(
    folder: Path,
    others: tuple[Path, ...],
    *,
    colour: Colour,
    mirror: bool,
    turn: float,
    tuning: bool,
    crop_size: int = CROP_SIZE,
) -> Material:
    """Return the objects of an annotated folder (COCO, YOLO or VOC) and the pictures around them.

    others: folders of pictures without any of the objects. mirror, turn: how the objects may vary.
    crop_size: as of `gather`. tuning: the one picture in ten that is kept aside, or the others. Raises
    DataError that names what is wrong.
    """
    dataset = read_boxes(folder)
    chosen = [image for image in dataset.images if _kept_aside(image.path) == tuning]
    examples = [
        Example(image.path, tuple(box), int(label))
        for image in chosen
        for box, label, ignored in zip(image.boxes, image.labels, image.ignored, strict=True)
        if not ignored
    ]
    if len(examples) < 10:
        raise DataError(
            f"{folder}: {len(examples)} objects {'kept aside' if tuning else 'to learn from'}, and at least"
            " 10 are needed: annotate more pictures, one in ten is kept aside"
        )
    shown = [Scene(image.path, image.boxes, image.labels) for image in chosen]
    paths = [Path(name) for name in expand(list(others))]
    empty = [Scene.without(path) for path in paths if _kept_aside(path) == tuning]
    variety = Variety(turn=turn, mirror=mirror)
    objects = gather(examples, colour, crop_size=crop_size)
    aspect = float(np.exp(np.median(objects.stretch[:, 1] - objects.stretch[:, 0])))
    return Material(objects, shown, shown + empty, dataset.names, colour, 0, variety, aspect)


def _kept_aside(path: Path) -> bool:
    return zlib.crc32(path.name.encode()) % TUNING_SHARE == 0


def _landmarked(pictures: list[FaceImage]) -> Iterator[Example]:
    for picture in pictures:
        assert picture.landmarks is not None
        for box, points in zip(frame_boxes(picture.frames), picture.landmarks, strict=True):
            yield Example(picture.path, tuple(box), landmarks=points)


def _framed(pixels: Pixels, frame: tuple[float, float, float]) -> Example:
    return Example(pixels, tuple(frame_boxes(np.array([frame]))[0]))
