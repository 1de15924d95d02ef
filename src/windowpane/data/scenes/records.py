"""Records of labelled scenes (semantic segmentation data set): pictures, and a class for each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from windowpane.data.annotations.regions import Region, draw
from windowpane.data.class_list import UNKNOWN, ClassList
from windowpane.data.scenes.label_files import Labels, named_labels, read_numbers
from windowpane.errors import DataError
from windowpane.images import load

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class LabelledScene:
    """A picture and what labels it.

    Attributes
    ----------
    labels
        The label picture, or the file of the regions.
    regions
        What is drawn in place of a label picture, in this order.
    size
        Height and width that the regions are for, if they are written.
    """

    picture: Path
    labels: Path
    regions: tuple[Region, ...] | None = None
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class SceneSet:
    """Labelled scenes.

    Attributes
    ----------
    names
        Of the classes.
    first
        Number of class 0 in the label pictures of a public set; the next classes follow, all else is unknown.
    classes
        The list of a set of one's own: it names every number or colour there is, or `UNKNOWN`.
    outside
        The class of pixels in no region.
    """

    scenes: tuple[LabelledScene, ...]
    names: tuple[str, ...]
    first: int = 0
    classes: ClassList | None = None
    outside: int = UNKNOWN

    def labels(self, scene: LabelledScene) -> Labels:
        """Read the labels (H, W) of a scene, 0 .. classes - 1 or `UNKNOWN`.

        Raises
        ------
        DataError
            For a bad file, and in a set of one's own for a number or colour without a name.
        """
        if scene.regions is not None:
            return self.drawn(scene)
        if self.classes is None:
            return as_classes(read_numbers(scene.labels), len(self.names), self.first)
        found = named_labels(scene.labels, self.classes)
        for what, count in found.nameless.items():
            raise DataError(
                f"{scene.labels}: {count} pixels have {what}, which {self.classes.file} does not name"
            )
        return found.labels

    def drawn(self, scene: LabelledScene) -> Labels:
        """Return the labels (H, W) of a scene's regions."""
        height, width = load(scene.picture).shape[:2]
        if scene.size not in (None, (height, width)):
            raise DataError(
                f"{scene.labels}: is for another size than that of its picture, {width} x {height}:"
                " `windowpane check` tells more"
            )
        class_ids = {name: class_id for class_id, name in enumerate(self.names)}
        return draw(scene.regions or (), class_ids, height, width, self.outside)


def as_classes(numbers: NDArray[np.integer], classes: int, first: int = 0) -> Labels:
    """Return numbers (H, W) of a PNG as classes: from ``first`` on, all that is none is `UNKNOWN`."""
    table = np.full(256, UNKNOWN, np.uint8)
    table[first : first + classes] = np.arange(classes)
    return np.asarray(table[numbers])


def read_all(scenes: SceneSet) -> list[tuple[Picture, Labels]]:
    """Return all pictures and labels; raises DataError where there are none, or where sizes differ."""
    if not scenes.scenes:
        raise DataError("there are no labelled scenes to learn from: see the guide for the layout expected")
    pairs = []
    for scene in scenes.scenes:
        picture, labels = load(scene.picture), scenes.labels(scene)
        if picture.shape[:2] != labels.shape:
            raise DataError(
                f"{scene.labels}: its labels are for {labels.shape[1]} x {labels.shape[0]} pixels, and its"
                f" picture has {picture.shape[1]} x {picture.shape[0]}: `windowpane check` names all such"
                " files"
            )
        pairs.append((picture, labels))
    return pairs
