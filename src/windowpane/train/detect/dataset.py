"""What a detector is trained on (dataset): the public sets of faces, or annotated pictures of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from windowpane.data.annotations import read_boxes
from windowpane.data.faces import background, split
from windowpane.data.materials import Material, faces_materials
from windowpane.data.photographs import LEARNED, Photograph, learned
from windowpane.data.split import Fold, in_validation
from windowpane.errors import DataError
from windowpane.images import expand
from windowpane.train.detect.mining import IGNORED, Sample
from windowpane.train.detect.objects import AROUND, CROP_SIZE, Colour, Example, Objects, Variety, gather

LANDMARKS = 5
MIRRORED = (1, 0, 2, 4, 3)  # left and right eye, nose, left and right corner of the mouth
FACES_VARY = Variety(
    turn=0.6, any_turn=0.12, pairs=MIRRORED, stretch=1.15, coarsest=0.7, cut_off=0.15, covered=0.12
)
SMALLEST = 14.0  # pixels: a smaller face in its photograph teaches little but that a smear may be a face
UNMARKED = 0.8  # what is surer than this, in a photograph of people, may be a face that nobody marked
One = TypeVar("One", Example, Sample)


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
    materials
        What it is made of, for the card.
    """

    objects: Objects
    shown: list[Sample]
    empty: list[Sample]
    names: tuple[str, ...]
    colour: Colour
    points: int
    variety: Variety
    aspect: float = 1.0
    materials: tuple[Material, ...] = ()


def faces(
    root: Path,
    sets: Sequence[str],
    backgrounds: Sequence[str],
    *,
    validation: bool,
    crop_size: int = CROP_SIZE,
    around: float = AROUND,
) -> Dataset:
    """Return the faces of some public sets, and pictures without one.

    Parameters
    ----------
    root
        Of the public sets.
    sets
        Names of `windowpane.data.photographs.LEARNED`.
    backgrounds
        Names of sets without faces, `windowpane.data.faces.BACKGROUNDS`.
    validation
        Whether the validation set is asked for, or what to learn from.
    crop_size, around
        As of `gather`.
    """
    fold: Fold = "tune" if validation else "train"
    shown, examples = [], []
    for name in sets:
        pictures, complete = learned(root, name, fold), LEARNED[name].complete
        shown += _balanced(_sample(picture, UNMARKED if complete else 0.0) for picture in pictures)
        examples += _balanced(example for picture in pictures for example in _examples(picture))
    empty = []
    for name in backgrounds:
        empty += _balanced(Sample.without(path) for path in split(background(root, name), fold))
    mined = empty + [sample for sample in shown if sample.surest]
    points, variety = LANDMARKS, FACES_VARY
    if not any(example.landmarks is not None for example in examples):
        points, variety = 0, replace(FACES_VARY, pairs=())  # a net that learned no landmarks gives none
    objects = gather(examples, "grey", points, crop_size, around)
    aspect = float(np.exp(np.median(objects.stretch[:, 1] - objects.stretch[:, 0])))
    materials = () if validation else tuple(faces_materials(root, sets, backgrounds))
    names = ("face",)
    return Dataset(objects, shown, mined, names, "grey", points, variety, aspect, materials)


def boxes(
    folder: Path,
    others: tuple[Path, ...],
    *,
    pictures: Path | None = None,
    colour: Colour,
    mirror: bool,
    turn: float,
    validation: bool,
    crop_size: int = CROP_SIZE,
    around: float = AROUND,
) -> Dataset:
    """Return the objects of an annotated folder (COCO, YOLO or VOC) and the pictures around them.

    Parameters
    ----------
    others
        Folders of pictures without any of the objects.
    pictures
        The folder of the pictures, where they are not beside their annotations.
    mirror, turn
        How the objects may vary.
    validation
        The one picture in ten of the validation set, or the others.
    crop_size, around
        As of `gather`.

    Raises
    ------
    DataError
        That names what is wrong.
    """
    dataset = read_boxes(folder, pictures=pictures)
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
    shown = [
        Sample(image.path, image.boxes, np.where(image.ignored, IGNORED, image.class_ids)) for image in chosen
    ]
    paths = [Path(name) for name in expand(list(others))]
    empty = [Sample.without(path) for path in paths if in_validation(path.name) == validation]
    variety = Variety(turn=turn, mirror=mirror)
    objects = gather(examples, colour, crop_size=crop_size, around=around)
    aspect = float(np.exp(np.median(objects.stretch[:, 1] - objects.stretch[:, 0])))
    return Dataset(objects, shown, shown + empty, dataset.names, colour, 0, variety, aspect)


def _balanced(some: Iterable[One]) -> list[One]:
    """Return a set whose weight grows with the root of its number: so the small ones are heard too."""
    members = list(some)
    return [replace(one, weight=len(members) ** -0.5) for one in members]


def _examples(photo: Photograph) -> Iterator[Example]:
    small = (photo.boxes[:, 2:] - photo.boxes[:, :2]).prod(axis=1) < SMALLEST**2
    for box, points, passed_over in zip(photo.boxes, photo.landmarks, photo.ignored | small, strict=True):
        if not passed_over:
            known = points if np.isfinite(points).any() else None
            yield Example(photo.path, tuple(box), landmarks=known)


def _sample(photo: Photograph, surest: float) -> Sample:
    classes = np.where(photo.ignored, IGNORED, 0)
    return Sample(photo.path, photo.boxes, classes, surest)
