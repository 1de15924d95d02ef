"""How well scenes are parsed (confusion matrix, mean IoU): what is counted of classes, on the public sets.

stanford-1 .. stanford-5   a fold of Stanford Background, for a net that learned from the other four
camvid                     the test frames of CamVid, and those of the drive Seq05VD alone
ycor                       the last fifth of YCOR by its ids
FOLDER                     a folder of one's own: images/, labels/, classes.txt
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.data.root import data_root
from windowpane.data.scenes import FOLDS, SceneSet, camvid, own, stanford_background, ycor
from windowpane.data.scenes.own import is_own
from windowpane.errors import DataError, did_you_mean, taken
from windowpane.parse.parser import Parser
from windowpane.systems import PARSE

Counts = NDArray[np.int64]
Row = dict[str, Any]
DRIVE = "Seq05VD"


def confusion(given: NDArray[np.integer], true: NDArray[np.integer], classes: int) -> Counts:
    """Return how many pixels of each true class were given each class: (classes, classes), true class first.

    Parameters
    ----------
    given, true
        Labels of one shape; pixels whose true label is ``classes`` or more are not counted.
    """
    known = true < classes
    pairs = true[known].astype(np.int64) * classes + given[known]
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


@dataclass(frozen=True, slots=True)
class Scores:
    """What is counted from a confusion table (classes, classes), true class first; all are shares, 0..1.

    Attributes
    ----------
    pixels
        Right ones among all that are known.
    classes
        Mean over the classes of the right ones among those of the class.
    union
        Mean over the classes of the intersection over the union (Everingham et al. 2010). A class that occurs
        nowhere in the truth does not count.
    """

    pixels: float
    classes: float
    union: float
    each: NDArray[np.float64]

    @classmethod
    def of(cls, table: Counts) -> Scores:
        """Return the scores of a table."""
        right, true, given = np.diag(table), table.sum(axis=1), table.sum(axis=0)
        there = true > 0
        each = np.full(len(table), np.nan)
        each[there] = right[there] / (true + given - right)[there]
        recall = right[there] / true[there]
        return cls(
            float(right.sum() / max(1, true.sum())),
            float(recall.mean()) if there.any() else 0.0,
            float(each[there].mean()) if there.any() else 0.0,
            each,
        )


def evaluate(
    names: Sequence[str],
    net: str | Path = PARSE.net,
    threads: int = 1,
    tta: int = 1,
    *,
    superpixels: bool = False,
    images: str | Path | None = None,
    looks: int | None = None,
) -> list[Row]:
    """Return the accuracy table of a net: a row for each set named, and for each part of it; see above.

    Parameters
    ----------
    tta, superpixels
        As `Parser` takes them.
    images
        The folder of the pictures of polygons, where they are not beside these.
    looks
        The old name of ``tta``.

    Raises
    ------
    DataError
        For an unknown set, for data that is not there and for a set of other classes than the net's,
        NetFileError, MissingExtraError.
    """
    tta = taken("looks", looks, "tta", tta)
    parser = Parser(net, threads=threads, tta=tta, superpixels=superpixels)
    rows = []
    for name in names:
        for title, scenes in sets_of(name, Path(images) if images else None).items():
            if scenes.names != parser.names:
                raise DataError(
                    f"{name} has the classes {', '.join(scenes.names)}, and the net knows"
                    f" {', '.join(parser.names)}: measure it on a set of the same"
                )
            rows.append(row_of(title, scenes, table_of(parser, scenes)))
    return rows


def table_of(parser: Parser, scenes: SceneSet) -> Counts:
    """Return the confusion table of all scenes together."""
    table = np.zeros((len(scenes.names),) * 2, np.int64)
    for scene in scenes.scenes:
        table += confusion(parser.parse(scene.picture).class_ids, scenes.labels(scene), len(scenes.names))
    return table


def row_of(title: str, scenes: SceneSet, table: Counts) -> Row:
    """Return the scores of a table as a row."""
    scores = Scores.of(table)
    row: Row = {"set": title, "pictures": len(scenes.scenes), "pixel_accuracy": scores.pixels}
    row |= {"class_accuracy": scores.classes, "mean_iou": scores.union}
    each = zip(scenes.names, scores.each.tolist(), strict=True)
    return row | {f"iou_{name}": value for name, value in each if value == value}


def sets_of(name: str, images: Path | None = None) -> dict[str, SceneSet]:
    """Return the scenes of a set by name, and of its parts; raises DataError for an unknown one."""
    if is_own(Path(name)):
        return {name: own(Path(name), pictures=images)}
    if name.startswith("stanford-") and name.removeprefix("stanford-") in map(str, range(1, FOLDS + 1)):
        return {name: stanford_background(data_root(), [int(name[-1])])}
    if name == "camvid":
        frames = camvid(data_root(), "test")
        drive = tuple(scene for scene in frames.scenes if scene.picture.name.startswith(DRIVE))
        return {name: frames, f"{name}, {DRIVE}": replace(frames, scenes=drive)}
    if name == "ycor":
        return {name: ycor(data_root(), to_test=True)}
    if Path(name).is_dir():
        return {name: own(Path(name), pictures=images)}
    known = [*(f"stanford-{fold}" for fold in range(1, FOLDS + 1)), "camvid", "ycor"]
    raise DataError(
        f"there is no test set {name!r}{did_you_mean(name, known)}: choose from stanford-1 to"
        f" stanford-{FOLDS}, camvid, ycor, or give a folder with images/, labels/ and classes.txt"
    )
