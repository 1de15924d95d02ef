"""Learns from brush strokes what things are called, while one brushes (few-shot: a linear probe).

    teacher = Teacher(load("scenes"))
    seen = teacher.look(picture)                        # once a picture: the backbone of the parser's net
    layer = teacher.learn([(seen, strokes)], 2)         # at every stroke: the last layer, from the beginning
    teacher.label(seen, layer, ("path", "bush"))        # a LabelMap

All strokes are learned anew each time, which takes some tens of milliseconds. So a stroke can be taken back,
and the same strokes give the same net.

Sources: LeCun, NYU Deep Learning 2020, lecture 6.1 (a fixed backbone, and a last layer that learns in the
field); Farabet et al. 2013 (the backbone looks at every scale).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.engine import Engine
from windowpane.core.last_layer import Hyperparameters, LastLayer, SoftmaxLearner, softmax
from windowpane.core.netfile import NetFile
from windowpane.errors import DataError, renamed
from windowpane.parse.labelmap import LabelMap
from windowpane.parse.scales import Floats, aligned, cells, interpolated, levels_of, likeliest, places
from windowpane.teach.nets import backbone_of, backbones_of_levels, features_of, folded, with_layer

LONGEST = 1024
"""The longer side of a picture that one teaches with, in pixels; a taught net sees larger ones so small."""

HYPERPARAMETERS = Hyperparameters(rate=0.02, steps=30, batch=128, decay=0.01, fresh=0.0, places=1, each=2048)
"""Twice the steps of half the size, with larger batches, label no better and take twice the time."""

NOTHING = -1
"""The class of a stroke that takes away what others have marked."""


@dataclass(frozen=True, slots=True, eq=False)
class PictureFeatures:
    """What the backbone sees in a picture; the picture itself is not kept.

    Attributes
    ----------
    features
        (rows, cols, D) float32.
    y, x
        Where the rows and columns stand in the picture, in its pixels.
    mean, square
        (D,) float32, of the features and of their squares.
    size
        Height and width of the picture.
    """

    features: NDArray[np.float32]
    y: Floats
    x: Floats
    mean: Floats
    square: Floats
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line of a brush.

    Attributes
    ----------
    label
        The number of its class, or `NOTHING`.
    points, radius
        (x, y) and its half width, in pixels of the picture.
    """

    label: int
    points: Sequence[tuple[float, float]]
    radius: float


class Teacher:
    """Learns a head for the backbone, or backbones, of a parser's net.

    Parameters
    ----------
    net
        Of a parser.

    Raises
    ------
    NetFileError
        For a net whose levels do not each go through a single backbone.
    MissingExtraError
        Without the ``onnx`` package.
    """

    trunk = renamed("trunk", "backbone")

    def __init__(self, net: NetFile) -> None:
        self.backbone = backbone_of(net)
        self.made_from = net.manifest
        engines = [Engine(one) for one in self.backbone.chain]
        self._engines = [engines[number] for number in backbones_of_levels(self.backbone)]
        settings = self.backbone.manifest.settings
        self._pyramid, self._levels = settings["pyramid"], settings["levels"]
        self._window = self.backbone.manifest.outputs[0].window

    def __repr__(self) -> str:
        return f"Teacher({self.backbone.source!r}, {sum(features_of(self.backbone))} features)"

    def look(self, picture: NDArray[np.uint8]) -> PictureFeatures:
        """Return what the backbone sees in a picture (H, W, 3) uint8; raises DataError for one too large."""
        height, width = picture.shape[:2]
        if max(height, width) > LONGEST:
            raise DataError(
                f"the picture has {width} x {height} pixels, and one teaches with at most {LONGEST} on the "
                "longer side: make it smaller"
            )
        levels = levels_of(picture, self._pyramid, self._levels, self._window)
        looks = zip(self._engines, levels, strict=True)
        maps = [engine.run(level.image)[0].scores for engine, level in looks]
        at = [places(level, self._window) for level in levels]
        features = np.moveaxis(np.concatenate(list(aligned(maps, at))), 0, -1)
        flat = features.reshape(-1, features.shape[-1])
        y, x = (np.asarray(one, np.float32) for one in at[0])
        return PictureFeatures(features, y, x, flat.mean(axis=0), (flat**2).mean(axis=0), (height, width))

    def learn(self, lessons: Sequence[tuple[PictureFeatures, Sequence[Stroke]]], classes: int) -> LastLayer:
        """Return the last layer that strokes on pictures teach, of so many classes.

        Where strokes cross, the last one counts.

        Raises
        ------
        DataError
            Where fewer than two classes are marked.
        """
        examples, labels = [], []
        for seen, strokes in lessons:
            marked = _marked(seen, strokes)
            examples.append(seen.features[marked >= 0].astype(np.float32))
            labels.append(marked[marked >= 0])
        numbers = np.concatenate(labels) if labels else np.zeros(0, np.int64)
        if len(np.unique(numbers)) < 2:
            raise DataError("fewer than two classes are marked: brush some of each first")
        mean = np.mean([seen.mean for seen, _ in lessons], axis=0)
        square = np.mean([seen.square for seen, _ in lessons], axis=0)
        deviation = np.sqrt(np.maximum(square - mean**2, 0)) + np.float32(1e-3)
        learner = SoftmaxLearner(classes, sum(features_of(self.backbone)), hyperparameters=HYPERPARAMETERS)
        learner.partial_fit((np.concatenate(examples) - mean) / deviation, numbers)
        return folded(learner.layer, mean, deviation)

    def label(self, seen: PictureFeatures, layer: LastLayer, names: tuple[str, ...]) -> LabelMap:
        """Return the class of every pixel of a picture, as `Parser` with the taught net gives it."""
        logits = seen.features @ layer.weights.T + layer.bias
        height, width = seen.size
        pixels = cells(np.arange(height) + 0.5, seen.y), cells(np.arange(width) + 0.5, seen.x)
        probabilities = interpolated(softmax(np.moveaxis(logits, -1, 0), axis=0), *pixels)
        return LabelMap(*likeliest(probabilities), names)

    def net(self, layer: LastLayer, names: tuple[str, ...], name: str, pictures: int) -> NetFile:
        """Return the taught net: a parser's file like any other."""
        card = {
            "data": f"taught by hand on {pictures} picture(s), {date.today().isoformat()}",
            "recipe": f"the backbone of {self.made_from.name!r}; the last layer learned from brush strokes",
            "terms": self.made_from.card.get("terms", "those of the net that the backbone comes from"),
        }
        return with_layer(self.backbone, name, names, layer, {"longest": LONGEST}, card)


def _marked(seen: PictureFeatures, strokes: Sequence[Stroke]) -> NDArray[np.int64]:
    """Return the class of each marked cell of a picture, (rows, cols); `NOTHING` elsewhere."""
    grid = np.full((len(seen.y), len(seen.x)), NOTHING, np.int16)
    step = float(seen.x[1] - seen.x[0]) if len(seen.x) > 1 else 8.0
    for stroke in strokes:
        points = np.asarray([*stroke.points, stroke.points[-1]], np.float32)  # one alone would not be drawn
        columns, rows = cells(points[:, 0], seen.x), cells(points[:, 1], seen.y)
        sixteenths = np.round(np.column_stack([columns, rows]) * 16).astype(np.int32)
        thick = max(1, round(2 * stroke.radius / step))
        cv2.polylines(grid, [sixteenths], False, stroke.label, thick, cv2.LINE_8, 4)
    return grid.astype(np.int64)
