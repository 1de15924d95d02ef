"""What is wrong with a folder of labelled scenes, found before any training (data validation)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from windowpane.data.check.orientation import SIDEWAYS, fit_as_stored, orientation_of
from windowpane.data.check.problem import Findings, Problem
from windowpane.data.check.told import shares, sizes
from windowpane.data.class_list import UNKNOWN
from windowpane.data.scenes import LabelledScene, SceneSet, own
from windowpane.data.scenes.label_files import NamedLabels, named_labels
from windowpane.errors import DataError, ImageError
from windowpane.images import load

MOST = 5
"""Numbers or colours without a name that are told of one file."""


class Tally:
    """What is counted over all scenes: pixels of each class or `UNKNOWN`, sizes of pictures."""

    def __init__(self) -> None:
        self.pixels: Counter[int] = Counter()
        self.shapes: list[tuple[int, int]] = []


def check_scenes(folder: str | Path, *, pictures: Path | None = None) -> Findings:
    """Return the faults of a folder of one's own, in the layouts of `windowpane.data.scenes.own`.

    Found are pictures and label files that cannot be read or have no partner, sizes that differ, numbers and
    colours that are no class, labels that fit the picture but not as its EXIF orientation turns it, and
    classes that no pixel has.

    Parameters
    ----------
    pictures
        The folder of the pictures of polygons, where they are not beside these.

    Raises
    ------
    DataError
        Where there are no pictures or class names.
    """
    folder = Path(folder)
    problems: list[Problem] = []
    scenes = own(
        folder,
        lambda file, line, message: problems.append(Problem(file, line, message)),
        pictures=pictures,
    )
    tally = Tally()
    for scene in scenes.scenes:
        problems += _faults(scene, scenes, tally)
    if tally.pixels:
        problems += _unlearnable(folder, scenes, tally)
    problems.sort(key=lambda problem: problem.note)
    named = {name: tally.pixels[number] for number, name in enumerate(scenes.names)}
    pixels = shares(named | {"(unknown)": tally.pixels[UNKNOWN]})
    return Findings(tuple(problems), (f"labelled scenes: {sizes(tally.shapes)}", f"pixels: {pixels}"))


def _faults(scene: LabelledScene, scenes: SceneSet, tally: Tally) -> Iterator[Problem]:
    """Yield the faults of one scene, and count its pixels."""
    path = scene.labels
    try:
        height, width = load(scene.picture).shape[:2]
        tally.shapes.append((height, width))
        found = _labels(scene, scenes) if scene.size in (None, (height, width)) else None
    except (DataError, ImageError) as error:
        at_fault = path if isinstance(error, DataError) else scene.picture
        yield Problem(at_fault, None, str(error).removeprefix(f"{at_fault}:").strip())
        return
    turned = orientation_of(scene.picture)
    shape = found.labels.shape if found else scene.size or (0, 0)
    if found is None or shape != (height, width):
        sizes = f"{shape[1]} x {shape[0]} pixels, and its picture {width} x {height}"
        what_to_do = "make them alike, without smoothing the labels"
        if turned in SIDEWAYS and shape == (width, height):
            what_to_do = (
                f"that is turned upright by its EXIF orientation ({turned}): turn the labels too, or save the"
                " picture without it"
            )
        yield Problem(path, None, f"has {sizes}: {what_to_do}")
        return
    if turned != 1 and fit_as_stored(load(scene.picture), found.labels, turned):
        message = (
            f"its picture is turned upright by its EXIF orientation ({turned}), and these labels fit it as it"
            " is stored: turn them too, or save the picture without it"
        )
        yield Problem(path, None, message)
    elif turned in (2, 3, 4):
        message = (
            f"its picture is turned upright by its EXIF orientation ({turned}): see that its labels are too"
        )
        yield Problem(path, None, message, note=True)
    numbers, counts = np.unique(found.labels, return_counts=True)
    tally.pixels.update(dict(zip(numbers.tolist(), counts.tolist(), strict=True)))
    yield from _nameless(path, found, scenes)


def _labels(scene: LabelledScene, scenes: SceneSet) -> NamedLabels:
    if scene.regions is not None or scenes.classes is None:
        return NamedLabels(scenes.labels(scene))
    return named_labels(scene.labels, scenes.classes)


def _nameless(path: Path, found: NamedLabels, scenes: SceneSet) -> Iterator[Problem]:
    known = scenes.classes
    if not found.nameless or known is None:
        return
    if known.colours:
        rule = f"{known.file.name} gives it to no class: add its line, or call it unknown"
    else:
        rule = f"{known.file.name} names 0 to {len(known.lines) - 1}, and {UNKNOWN} is unknown"
    for what, count in list(found.nameless.items())[:MOST]:
        yield Problem(path, None, f"{count} pixels have {what}: {rule}")
    if (more := len(found.nameless) - MOST) > 0:
        yield Problem(
            path, None, f"{more} more numbers or colours have no name: are these numbers of objects?"
        )


def _unlearnable(folder: Path, scenes: SceneSet, tally: Tally) -> Iterator[Problem]:
    """The classes that no pixel has, and what may be the cause; and how polygons leave the rest."""
    known = scenes.classes
    lines = [line.line for line in known.lines if line.is_class] if known else []
    missing = [number for number in range(len(scenes.names)) if not tally.pixels[number]]
    others = len(scenes.names) - len(missing) > 1
    for number in missing:
        message = f"the class {scenes.names[number]!r} has no pixel, so no net can learn it: label some,"
        message += " or call its line unknown"
        file, line = (known.file, lines[number]) if known else (folder, None)
        yield Problem(file, line, message, warning=others)
    if missing and set(tally.pixels) == {0, UNKNOWN}:
        message = (
            f"the labels have no numbers but 0 and {UNKNOWN}, and {UNKNOWN} is unknown: where it is a class,"
            " say so in classes.txt by colours, as in 'background 0 0 0' and 'road 255 255 255'"
        )
        yield Problem(folder, None, message, note=True)
    if scenes.classes is None and scenes.outside != UNKNOWN:
        share = tally.pixels[scenes.outside] / max(1, tally.pixels.total())
        message = (
            f"{share:.0%} of the pixels are in no polygon or are marked so, and are of the class"
            f" {scenes.names[scenes.outside]!r}: a classes.txt without it leaves them unknown"
        )
        yield Problem(folder, None, message, note=True)
