"""Long-range terrain classifier (self-supervised): stereo labels what is near, and a net learns what is far.

    view = FarVision(camera).update(picture, depth, ground)
    view.labels, view.confidence, view.distance        # for every pixel up to the horizon

One frame goes  picture -> bands -> features of every window -> labels;  and beside it  depth -> labels of the
windows that stereo knows -> the last layer learns them. A view is what was known before its own frame was
learned, so it is ready first, and an error that is measured on it is an honest one.

Sources: lecture 6.1 (long-range vision with online learning); Hadsell et al., IROS 2008.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import hypot
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from windowpane.core.last_layer import Hyperparameters, LastLayer, SoftmaxLearner
from windowpane.core.netfile import NetFile
from windowpane.core.pyramids import Band, distance_normalized
from windowpane.core.runtimes import RuntimeName
from windowpane.core.timing import Stopwatch
from windowpane.core.windows import Window
from windowpane.drive.geometry.camera import Pinhole
from windowpane.drive.perception.backbone import Backbone
from windowpane.drive.perception.ground import Ground, Plane
from windowpane.drive.perception.labels import (
    NAMES,
    Evidence,
    Floats,
    Label,
    LabelsOf,
    label_windows,
    stereo_labels,
)
from windowpane.drive.perception.pixels import Pixels, to_pixels
from windowpane.drive.perception.stereo import Depth
from windowpane.errors import ArgumentError, NetFileError, renamed

REACH = 84.0
"""Pixels of the range of stereo in every band. With a range of 12 m a metre has 7 of them, and the window of
12 x 25 pixels is 1.7 m high and 3.6 m wide; a robot that sees less far meets smaller things."""

CONTEXT = 3
"""A window is described together with the one around it, in the band so many steps coarser: 2.8 times as
large. Alone it does not tell a shadow on the road from the side of a car."""


class Describer(Protocol):
    """Whatever describes windows of bands by features."""

    window: Window
    count: int
    lab: LastLayer

    def describe(self, image: Floats) -> Floats:
        """Return the features (rows, cols, count) of the windows of a band (h, w, 3) float32 YUV."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class BandView:
    """What is known of a band's windows.

    Attributes
    ----------
    band
        The part of the picture.
    probabilities
        (rows, cols, 5) float32, the probability of each label, by the net.
    stereo
        (rows, cols) int8, the labels by stereo, -1 = none.
    confidence
        (rows, cols) float32, of these, 0..1.
    """

    band: Band
    probabilities: Floats
    stereo: LabelsOf
    confidence: Floats
    chances = renamed("chances", "probabilities")


@dataclass(frozen=True, slots=True, eq=False)
class FarView:
    """What a robot sees up to the horizon.

    Attributes
    ----------
    labels
        (H, W) int8, a `Label`, -1 above the horizon.
    confidence
        (H, W) float32, 0..1, the probability of ground, or of obstacle, whichever the label is of; 0 where
        there is no label.
    traversable
        (H, W) float32, the probability of ground, NaN where there is no label.
    distance
        (H, W) float32, metres in front of the camera: of ground by its place in the picture, of an obstacle
        that of its foot; infinite above the horizon.
    bands
        With the net's and stereo's labels of their windows, the farthest first.
    learned
        Windows that were learned.
    ms
        Milliseconds of each step.
    reason
        Why nothing is seen, else empty.
    """

    labels: LabelsOf
    confidence: Floats
    traversable: Floats
    distance: Floats
    bands: tuple[BandView, ...] = ()
    learned: int = 0
    ms: dict[str, float] = field(default_factory=dict)
    reason: str = ""

    def __repr__(self) -> str:
        height, width = self.labels.shape
        reason = f", reason={self.reason!r}" if self.reason else ""
        return f"FarView({width}x{height}, {self.ground_share:.0%} ground, up to {self.far:.0f} m{reason})"

    @classmethod
    def blank(cls, height: int, width: int, reason: str) -> FarView:
        """Return the view of one who sees nothing."""
        pixels = Pixels.blank((height, width))
        return cls(pixels.labels, pixels.confidence, pixels.traversable, pixels.distance, reason=reason)

    @property
    def ground_share(self) -> float:
        """The share of ground among the pixels with a label, 0..1."""
        known = self.labels >= 0
        return float((self.labels[known] <= Label.GROUND).mean()) if known.any() else 0.0

    @property
    def far(self) -> float:
        """Metres: how far the ground is labelled as such, in one of a hundred of its pixels or more."""
        there = self.distance[(self.labels >= 0) & (self.labels <= Label.GROUND)]
        return float(np.percentile(there, 99)) if there.size else 0.0


class FarVision:
    """Long-range terrain classifier (self-supervised): labels to the horizon, and learns from stereo.

    Parameters
    ----------
    camera
        Of the rectified pictures.
    net
        The backbone: as `windowpane.core.netfile.load_net` takes it, or anything that describes windows.
    trust
        Metres up to which stereo is learned from.
    metre
        Pixels of a metre in every band, none = by `REACH`; the farthest band is the picture in its own size.
    pace
        How the last layer learns.
    learner
        One that has learned already; none = a new one with the lab's weights.
    seed
        Of what is random in learning.
    runtime
        Of the engine.
    threads
        Of the processor, for the engine.

    Attributes
    ----------
    backbone
        What describes windows.
    window
        What a description speaks of.

    Raises
    ------
    NetFileError
        For a net that is no robot's.
    ArgumentError
        For metres that are not above 0.
    """

    trunk = renamed("trunk", "backbone")

    def __init__(
        self,
        camera: Pinhole,
        net: NetFile | str | Path | bytes | Describer = "ground",
        *,
        trust: float = 12.0,
        metre: float | None = None,
        pace: Hyperparameters | None = None,
        learner: SoftmaxLearner | None = None,
        seed: int = 0,
        runtime: RuntimeName = "onnxruntime",
        threads: int = 1,
    ) -> None:
        if not trust > 0:
            raise ArgumentError(f"stereo is trusted up to {trust} metres: give a number above 0")
        if metre is not None and not metre > 0:
            raise ArgumentError(f"a metre has {metre} pixels: give a number above 0, or None")
        self.camera, self.trust, self.metre = camera, trust, metre or REACH / trust
        self.backbone: Describer = _describer(net, runtime, threads)
        self.learner = learner or SoftmaxLearner(
            len(Label), 2 * self.backbone.count, lab=twice(self.backbone.lab), hyperparameters=pace, seed=seed
        )

    def __repr__(self) -> str:
        return f"FarVision({self.backbone!r}, trust={self.trust:g}, metre={self.metre:g})"

    @property
    def window(self) -> Window:
        """The window of the net."""
        return self.backbone.window

    def update(
        self,
        picture: NDArray[np.uint8],
        depth: Depth,
        ground: Ground,
        *,
        learn: bool = True,
        place: int = 0,
    ) -> FarView:
        """Return what is seen in a picture, then learn from its stereo labels.

        Parameters
        ----------
        picture
            (H, W, 3) uint8 RGB, rectified.
        depth, ground
            Of the same frame; without ground nothing is seen.
        learn
            Whether to learn.
        place
            The number of the place, for the learner's memory.
        """
        height, width = picture.shape[:2]
        if not ground:
            return FarView.blank(height, width, ground.reason or "no ground is seen")
        plane, timing = ground.planes[0], Stopwatch()
        with timing("bands"):
            bands = self.bands(picture, plane)
        with timing("net"):
            features = self.features(bands)
        bands = bands[:-CONTEXT]
        with timing("labels"):
            probabilities = [self.learner.predict_proba(each) for each in features]
        with timing("picture"):
            pixels = self._pixels(bands, probabilities, plane, (height, width))
        with timing("stereo labels"):
            evidence = self.evidence(depth, ground)
        with timing("stereo windows"):
            known = label_windows(bands, evidence, self.window)
        with timing("learning"):
            learned = self._learn(features, known, place) if learn else 0
        views = tuple(
            BandView(band, each, *labels)
            for band, each, labels in zip(bands, probabilities, known, strict=True)
        )
        return FarView(
            labels=pixels.labels,
            confidence=pixels.confidence,
            traversable=pixels.traversable,
            distance=pixels.distance,
            bands=views,
            learned=learned,
            ms=timing.ms,
        )

    # -- The steps, each by itself -------------------------------------------------------------------------

    def bands(self, picture: NDArray[np.uint8], plane: Plane) -> list[Band]:
        """Return the bands of a picture along a plane of ground.

        The last ones, `CONTEXT` of them, are so coarse that they show only what is around the others.
        """
        window = self.window
        return distance_normalized(
            picture,
            horizon=plane.horizon(self.camera),
            drop=self._drop(plane),
            metre=self.metre,
            focal=self.camera.fy,
            more=CONTEXT,
            margin=(window.height // 2, window.width // 2),
        )

    def features(self, bands: list[Band]) -> list[Floats]:
        """Return how the windows of all bands but the last are described, (rows, cols, 2 * count) each."""
        alone = [self.backbone.describe(band.image) for band in bands]
        pairs = zip(bands, bands[CONTEXT:], alone, alone[CONTEXT:], strict=False)
        return [
            np.concatenate([own, _around(band, coarser, wide, own.shape[:2], self.window)], axis=-1)
            for band, coarser, own, wide in pairs
        ]

    def _pixels(
        self, bands: list[Band], probabilities: list[Floats], plane: Plane, size: tuple[int, int]
    ) -> Pixels:
        """Return what the bands' windows say about the pixels of the picture (H, W)."""
        line, drop = plane.horizon(self.camera), self._drop(plane)
        return to_pixels(bands, probabilities, self.window, line, drop, size)

    def evidence(self, depth: Depth, ground: Ground) -> Evidence:
        """Return what stereo says about the pixels near enough to be trusted."""
        return stereo_labels(depth, ground, self.camera, farthest=self.trust)

    def _drop(self, plane: Plane) -> float:
        """Return how many rows below the horizon ground at one metre lies, by which all others follow."""
        across = hypot(plane.normal[0], plane.normal[1])
        return self.camera.fy * plane.height / across

    def _learn(self, features: list[Floats], known: list[tuple[LabelsOf, Floats]], place: int) -> int:
        flat = [labels.ravel() >= 0 for labels, _ in known]
        examples = [f.reshape(-1, f.shape[-1])[use] for f, use in zip(features, flat, strict=True)]
        labels = [labels.ravel()[use] for (labels, _), use in zip(known, flat, strict=True)]
        trust = [sure.ravel()[use] for (_, sure), use in zip(known, flat, strict=True)]
        count = sum(map(len, labels))
        self.learner.partial_fit(
            np.concatenate(examples), np.concatenate(labels), np.concatenate(trust), place
        )
        return count


def _describer(
    net: NetFile | str | Path | bytes | Describer, runtime: RuntimeName, threads: int
) -> Describer:
    """Return what describes windows; raises NetFileError for a net without the five labels."""
    if not isinstance(net, NetFile | str | Path | bytes):
        return net
    backbone = Backbone(net, runtime=runtime, threads=threads)
    if backbone.names != NAMES:
        raise NetFileError(
            f"the net {backbone.file.manifest.name!r} labels {', '.join(backbone.names)}: sight to the"
            f" horizon needs {', '.join(NAMES)}, and PatchLearner is for other classes"
        )
    return backbone


def twice(layer: LastLayer) -> LastLayer:
    """Return a layer for windows that are described twice: both descriptions count half."""
    both = np.concatenate([layer.weights, layer.weights], axis=1)
    return LastLayer(both * np.float32(0.5), layer.bias)


def _around(band: Band, coarser: Band, features: Floats, size: tuple[int, int], window: Window) -> Floats:
    """Return the features of a coarser band at the places of a band's (rows, cols) windows."""
    (first_x, first_y), (rows, cols) = window.centre(0, 0), size
    x = first_x + np.arange(cols) * window.stride[1]
    y = first_y + np.arange(rows) * window.stride[0]
    # Both bands are levelled alike, so columns stay columns and rows rows.
    there_x = coarser.from_image(band.to_image(np.column_stack([x, np.full(cols, y[0])])))[:, 0]
    there_y = coarser.from_image(band.to_image(np.column_stack([np.full(rows, x[0]), y])))[:, 1]
    col, row = (there_x - first_x) / window.stride[1], (there_y - first_y) / window.stride[0]
    return _lines(np.swapaxes(_lines(features, row), 0, 1), col).swapaxes(0, 1)


def _lines(features: Floats, at: NDArray[np.float64]) -> Floats:
    """Return features (n, m, D) at places along their first axis, between two linearly: (len(at), m, D)."""
    at = at.clip(0, len(features) - 1)
    low = np.minimum(at.astype(int), max(0, len(features) - 2))
    share = (at - low).astype(np.float32)[:, None, None]
    high = np.minimum(low + 1, len(features) - 1)
    return np.asarray(features[low] * (1 - share) + features[high] * share)
