"""What is wrong with a set of pictures with boxes, found before any training (data validation)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from windowpane.data.annotations import BoxDataset, label_file, layout, read_boxes
from windowpane.data.annotations.records import AnnotatedImage
from windowpane.data.check.lines import fingerprint
from windowpane.data.check.orientation import orientation_of
from windowpane.data.check.problem import Findings, Problem
from windowpane.data.check.told import sizes
from windowpane.images import load


def check_boxes(source: str | Path, *, pictures: Path | None = None) -> Findings:
    """Return the faults of a set of pictures with boxes.

    Found are the faults of which `windowpane.data.annotations.read_boxes` tells (pictures that are missing or
    cannot be read; boxes without area, outside or not finite; unknown classes), two pictures with the same
    pixels, and classes without a box that can be learned. Notes tell how many pictures of a YOLO set have no
    file of boxes and so are background, and which are turned by their EXIF orientation.

    Parameters
    ----------
    pictures
        The folder of the pictures, where they are not beside their annotations.
    """
    source = Path(source)
    problems: list[Problem] = []
    dataset = read_boxes(
        source, lambda file, line, message: problems.append(Problem(file, line, message)), pictures=pictures
    )
    problems.sort(key=lambda problem: (problem.file, problem.line or 0))
    shapes = []
    first_look: dict[bytes, AnnotatedImage] = {}
    for image in dataset.images:
        picture = load(image.path)
        shapes.append(picture.shape[:2])
        alike = first_look.setdefault(fingerprint(picture), image)
        if alike.path != image.path:  # a picture that is listed twice is told of where it is read
            problems.append(_twice(image, alike))
    problems += _unlearnable(source, dataset)
    problems += [Problem(source, None, note, note=True) for note in dataset.notes]
    if layout(source) == "YOLO":
        problems += _background(source, dataset)
    problems += _turned(source, dataset)
    return Findings(tuple(problems), (f"{layout(source)}: {sizes(shapes)}", *_found(dataset)))


def _twice(image: AnnotatedImage, earlier: AnnotatedImage) -> Problem:
    """Two pictures with the same pixels: worse if their boxes differ."""
    what = f"shows the same pixels as {earlier.path}"
    same = [
        np.array_equal(getattr(image, name), getattr(earlier, name))
        for name in ("boxes", "class_ids", "ignored")
    ]
    if all(same):
        return Problem(image.path, None, f"{what}; remove one", warning=True)
    return Problem(image.path, None, f"{what}, with other boxes: remove one")


def _unlearnable(source: Path, dataset: BoxDataset) -> Iterator[Problem]:
    """The classes of which no net can learn anything."""
    if not dataset.names:
        yield Problem(source, None, "has no box at all, so no net can learn anything: annotate some")
    others = any((~image.ignored).any() for image in dataset.images)
    for class_id, name in enumerate(dataset.names):
        ignored = [image.ignored[image.class_ids == class_id] for image in dataset.images]
        marked = np.concatenate(ignored) if ignored else np.zeros(0, np.bool_)
        if not len(marked):
            message = f"the class {name!r} has no box, so no net can learn it: annotate some"
            yield Problem(source, None, message, warning=others)
        elif marked.all():
            message = (
                f"all {len(marked)} boxes of the class {name!r} are marked as crowd (iscrowd) or difficult,"
                " which no net learns: some tools mark all masks so; mark whole objects with 0"
            )
            yield Problem(source, None, message, warning=others)


def _background(source: Path, dataset: BoxDataset) -> Iterator[Problem]:
    bare = [image.path.name for image in dataset.images if not label_file(image.path).is_file()]
    if bare:
        few = ", ".join(bare[:3]) + (", ..." if len(bare) > 3 else "")
        message = f"of {len(dataset.images)} pictures {len(bare)} have no file of boxes: background ({few})"
        yield Problem(source, None, message, note=True)


def _turned(source: Path, dataset: BoxDataset) -> Iterator[Problem]:
    turned = [image.path.name for image in dataset.images if orientation_of(image.path) != 1]
    if turned:
        few = ", ".join(turned[:3]) + (", ..." if len(turned) > 3 else "")
        message = (
            f"{len(turned)} of the pictures are turned by their EXIF orientation ({few}): see that their"
            " boxes are those of the upright pictures"
        )
        yield Problem(source, None, message, note=True)


def _found(dataset: BoxDataset) -> Iterator[str]:
    boxes = np.concatenate([image.boxes for image in dataset.images] or [np.zeros((0, 4))])
    class_ids = np.concatenate([image.class_ids for image in dataset.images] or [np.zeros(0, np.intp)])
    ignored = np.concatenate([image.ignored for image in dataset.images] or [np.zeros(0, np.bool_)])
    each = []
    for class_id, name in enumerate(dataset.names):
        here = class_ids == class_id
        crowd = f" and {(here & ignored).sum()} crowd or difficult" if (here & ignored).any() else ""
        each.append(f"{name} {(here & ~ignored).sum()}{crowd}")
    yield f"boxes: {', '.join(each) or 'none'}"
    if len(boxes):
        low, middle, high = np.quantile(np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1)), (0, 0.5, 1))
        yield f"a box's side (root of its area): {low:.0f} to {high:.0f} pixels, median {middle:.0f}"
    bare = sum(not len(image.boxes) for image in dataset.images)
    if bare:
        yield f"pictures without a box: {bare}"
