"""Learns from a handful of patches that a person marks, and labels whole pictures (few-shot: a linear probe).

    learner = PatchLearner()
    learner.learn(picture, boxes, ["path", "path", "bush"])
    learner.label(picture).mask("path")

The backbone stays as it is, and only the last layer learns: what windows in the boxes look like, and what is
around them. It takes less than a second, and every further patch makes it better.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1 (the robot is told in some pictures what it can drive on).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.core.last_layer import Hyperparameters, LastLayer, SoftmaxLearner
from windowpane.core.netfile import NetFile
from windowpane.core.pyramids import contrast
from windowpane.core.runtimes import RuntimeName
from windowpane.drive.perception.backbone import Backbone
from windowpane.errors import DataError, renamed
from windowpane.images import load
from windowpane.parse.labelmap import LabelMap
from windowpane.parse.scales import cells, likeliest

Floats = NDArray[np.float32]

AROUND = 2**1.5
"""A window is described together with the one around it, so many times as large."""

LONGEST = 640
"""Larger pictures are made smaller for the net: their longer side has so many pixels then."""

HYPERPARAMETERS = Hyperparameters(rate=0.01, steps=120, batch=192, decay=0.01, fresh=0.0, places=1, each=2048)


class PatchLearner:
    """Learns what patches are called.

    Parameters
    ----------
    net
        The backbone: as `windowpane.core.netfile.load_net` takes it. One that `windowpane train drive` wrote
        from patches knows their names already.
    seed
        Of what is random in learning.
    runtime
        Of the engine.
    threads
        Of the processor, for the engine.

    Raises
    ------
    NetFileError
        For a net that is no robot's.
    """

    trunk = renamed("trunk", "backbone")

    def __init__(
        self,
        net: NetFile | str | Path | bytes = "ground",
        *,
        seed: int = 0,
        runtime: RuntimeName = "onnxruntime",
        threads: int = 1,
    ) -> None:
        self.backbone, self.seed = Backbone(net, runtime=runtime, threads=threads), seed
        self.names: tuple[str, ...] = ()
        self._examples: list[Floats] = []
        self._labels: list[int] = []
        self._start = LastLayer.blank(0, 2 * self.backbone.count)
        self.layer = self._start
        if self.backbone.of_patches:
            self.names, self._start = self.backbone.names, self.backbone.layer(2 * self.backbone.count)
            self.layer = self._start

    def __repr__(self) -> str:
        return f"PatchLearner({self.backbone!r}, names={self.names})"

    def learn(self, picture: Any, boxes: ArrayLike, names: Sequence[str]) -> None:
        """Learn what some boxes of a picture are called.

        Parameters
        ----------
        picture
            Whatever `windowpane.images.load` takes.
        boxes
            (N, 4), ``x0, y0, x1, y1`` in its pixels; each teaches by every window whose middle it holds, by
            the nearest one at least.
        names
            N words, new ones too.

        Raises
        ------
        ImageError
            For the picture.
        DataError
            For boxes that are empty, outside of it, or not as many as names.
        """
        pixels = load(picture)
        checked = _checked(boxes, names, pixels.shape[:2])
        features, y, x = self._described(pixels)
        self.names += tuple(dict.fromkeys(name for name in names if name not in self.names))
        for (x0, y0, x1, y1), name in zip(checked, names, strict=True):
            rows, cols = np.flatnonzero((y >= y0) & (y < y1)), np.flatnonzero((x >= x0) & (x < x1))
            rows = rows if len(rows) else np.abs(y - (y0 + y1) / 2).argmin(keepdims=True)
            cols = cols if len(cols) else np.abs(x - (x0 + x1) / 2).argmin(keepdims=True)
            inside = features[rows[:, None], cols].reshape(-1, features.shape[-1])
            self._examples.append(inside)
            self._labels += [self.names.index(name)] * len(inside)
        self.layer = self._fitted()

    def label(self, picture: Any) -> LabelMap:
        """Return the class of every pixel of a picture, (H, W); raises DataError before two are learned."""
        if len(self.names) < 2:
            raise DataError("fewer than two classes were learned: mark patches of each first")
        pixels = load(picture)
        features, y, x = self._described(pixels)
        learner = SoftmaxLearner(len(self.names), features.shape[-1], lab=self.layer)
        probabilities = learner.predict_proba(features)
        height, width = pixels.shape[:2]
        col, row = np.meshgrid(cells(np.arange(width) + 0.5, x), cells(np.arange(height) + 0.5, y))
        planes = [
            cv2.remap(plane, col, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for plane in cv2.split(probabilities)
        ]
        return LabelMap(*likeliest(np.array(planes)), self.names)

    def _described(self, pixels: NDArray[np.uint8]) -> tuple[Floats, Floats, Floats]:
        """Return the features (rows, cols, D) of a picture's windows, and where their middles are: y, x."""
        scale = min(1.0, LONGEST / max(pixels.shape[:2]))
        own, y, x = self._level(pixels, scale)
        wide, wide_y, wide_x = self._level(pixels, scale / AROUND)
        col, row = np.meshgrid(cells(x, wide_x), cells(y, wide_y))
        # OpenCV takes up to four channels at once.
        parts = [
            cv2.remap(wide[..., k : k + 4], col, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for k in range(0, wide.shape[-1], 4)
        ]
        around = np.concatenate([part.reshape(*own.shape[:2], -1) for part in parts], axis=-1)
        return np.concatenate([own, around], axis=-1), y, x

    def _level(self, pixels: NDArray[np.uint8], scale: float) -> tuple[Floats, Floats, Floats]:
        """Return the features of the picture's windows at a scale; it is mirrored at its edges."""
        window, (height, width) = self.backbone.window, pixels.shape[:2]
        rows, cols = max(1, round(height * scale)), max(1, round(width * scale))
        small = cv2.resize(pixels, (cols, rows), interpolation=cv2.INTER_AREA)
        top, left = window.height // 2, window.width // 2
        band = contrast(np.asarray(small, np.uint8))
        wide = cv2.copyMakeBorder(band, top, top, left, left, cv2.BORDER_REFLECT)
        features = self.backbone.describe(np.asarray(wide, np.float32))
        x0, y0 = window.centre(0, 0)
        y = (np.arange(features.shape[0]) * window.stride[0] + y0 - top) * height / rows
        x = (np.arange(features.shape[1]) * window.stride[1] + x0 - left) * width / cols
        return np.ascontiguousarray(features), y.astype(np.float32), x.astype(np.float32)

    def _fitted(self) -> LastLayer:
        """Return the layer that all patches seen so far teach."""
        fresh = len(self.names) - len(self._start.bias)
        lab = LastLayer(
            np.pad(self._start.weights, ((0, fresh), (0, 0))), np.pad(self._start.bias, (0, fresh))
        )
        learner = SoftmaxLearner(
            len(self.names), lab.weights.shape[1], lab=lab, hyperparameters=HYPERPARAMETERS, seed=self.seed
        )
        learner.partial_fit(np.concatenate(self._examples), np.array(self._labels))
        return learner.layer


def _checked(boxes: ArrayLike, names: Sequence[str], size: tuple[int, int]) -> NDArray[np.float64]:
    """Return boxes as an array; raises DataError that says which one is wrong."""
    given = np.asarray(boxes, np.float64)
    if given.ndim != 2 or given.shape[1] != 4 or len(given) != len(names) or not len(given):
        raise DataError(f"give N boxes, (N, 4), and N names; these are {given.shape} and {len(names)} names")
    height, width = size
    for box, name in zip(given.tolist(), names, strict=True):
        x0, y0, x1, y1 = box
        if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
            raise DataError(
                f"the box {box} of {name!r} is empty or reaches beyond the picture of {width} x {height}"
            )
    return given
