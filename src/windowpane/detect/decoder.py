"""From score maps to boxes: thresholding, box regression and non-maximum suppression (NMS).

The net's outputs, all with one window:

    score      (C, rows, cols)    logits, one for each class
    box        (4, rows, cols)    x and y of the object's middle from the window's, in object sizes; then the
                                  logarithms of its width and its height over the object size
    landmarks  (2 L, rows, cols)  if there are any: x and y of each from the window's middle, in object sizes

The manifest's settings: ``object_size``, the root of the area of an object's box in the window, in pixels;
``aspect``, the usual height of such a box over its width; ``overlap``, above which the less sure of two
boxes goes; of a cascade stage ``mirrored``, ``zooms``, ``sure`` and ``prior``, as `windowpane.detect.refine`
says; and, once it is fitted, ``calibration``, the slope and the shift of the logistic curve from logits to
probabilities (Platt 1999).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from windowpane.core.boxes import suppress
from windowpane.core.calibration import Platt
from windowpane.core.engine import ScoreMap
from windowpane.core.netfile import Manifest
from windowpane.core.pyramids import Level
from windowpane.detect.detections import Detections, Floats
from windowpane.errors import ArgumentError, NetFileError

FARTHEST_STRETCH = 2.0  # a logarithm; of sizes farther from its own a window can tell nothing


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where N windows lie in a picture, in its pixels: what the net's boxes are told from.

    Attributes
    ----------
    windows
        (N, 4), what they see.
    sizes
        (N, 2), how wide and high an object of the size that the net was trained on is there.
    """

    windows: Floats
    sizes: Floats


@dataclass(frozen=True, slots=True)
class Candidates:
    """N windows that may show an object, each with what the net says of it.

    Attributes
    ----------
    anchors
        Where they lie.
    logits
        (N,), the score of the class.
    class_ids
        (N,), that class.
    values
        (N, 4) of the box and, if the net gives any, (N, 2 L) of the landmarks.
    """

    anchors: Anchors
    logits: npt.NDArray[np.floating]
    class_ids: npt.NDArray[np.intp]
    values: tuple[npt.NDArray[np.float32], ...]

    @classmethod
    def joined(cls, parts: Sequence[Candidates]) -> Candidates:
        """Return several of one picture as one, in the order given; at least one part."""
        anchors = Anchors(
            np.concatenate([part.anchors.windows for part in parts]),
            np.concatenate([part.anchors.sizes for part in parts]),
        )
        return cls(
            anchors,
            np.concatenate([part.logits for part in parts]),
            np.concatenate([part.class_ids for part in parts]),
            tuple(np.concatenate(some) for some in zip(*(part.values for part in parts), strict=True)),
        )


class Decoder:
    """Turns the score maps of a pyramid into boxes.

    Parameters
    ----------
    manifest
        Of a detector's net.
    threshold
        Probability, 0..1, above which a cell gives a box; None takes the manifest's, or else one half.

    Raises
    ------
    NetFileError
        For a manifest that is no detector's.
    ArgumentError
        For a threshold that is no probability.
    """

    def __init__(self, manifest: Manifest, threshold: float | None = None) -> None:
        _check(manifest)
        labels = {output.name: output.names for output in manifest.outputs}
        self._order = [list(labels).index(name) for name in ("score", "box", "landmarks") if name in labels]
        self.names = labels["score"]
        self.points = len(labels.get("landmarks", ())) // 2
        self.window = manifest.outputs[0].window
        self.object_size = float(manifest.settings["object_size"])
        self.aspect = float(manifest.settings["aspect"])
        self.overlap = float(manifest.settings["overlap"])
        self.calibration = Platt.of(manifest.settings)
        default = 0.5 if manifest.threshold is None else manifest.threshold
        self.threshold = default if threshold is None else threshold
        if not 0 <= self.threshold <= 1:
            raise ArgumentError(f"a threshold of {self.threshold} is no probability: give 0 to 1")

    @property
    def object_sides(self) -> tuple[float, float]:
        """Height and width, in pixels of the window, of the object that the net was trained on."""
        root = math.sqrt(self.aspect)
        return self.object_size * root, self.object_size / root

    @property
    def logit_threshold(self) -> float:
        """The logit above which a cell gives a box."""
        return self.calibration.logit(self.threshold)

    def score_map(self, maps: Sequence[ScoreMap]) -> ScoreMap:
        """Return that of the scores among the maps of a level."""
        return maps[self._order[0]]

    def nothing(self, height: int, width: int) -> Detections:
        """Return what is found in a blank picture."""
        points = np.zeros((0, self.points, 2)) if self.points else None
        nowhere, none = np.zeros((0, 4)), np.zeros(0)
        return Detections(nowhere, none, none.astype(np.intp), self.names, points, width, height)

    def candidates(self, level: Level, maps: Sequence[ScoreMap], quarters: int = 0) -> Candidates | None:
        """Return the cells of a level that are above the threshold; None where there are none.

        Parameters
        ----------
        level, maps
            The level, and what the engine gave for it.
        quarters
            Quarter turns, as of ``numpy.rot90``, by which the windows were turned back: the engine saw the
            level turned by so many.
        """
        score, *others = (maps[place].scores for place in self._order)
        places = np.flatnonzero(score > self.logit_threshold)  # ten times as quick as nonzero on three axes
        if not places.size:
            return None
        class_ids, cells = np.divmod(places, score[0].size)
        boxes: npt.NDArray[np.floating] = self.window.boxes(*np.divmod(cells, score.shape[2]))
        sizes = np.empty((len(cells), 2))
        sizes[:] = self.object_size / level.scale[1], self.object_size / level.scale[0]
        values = tuple(one.reshape(len(one), -1)[:, cells].T for one in others)
        height, width = level.image.shape[:2]
        for quarter in range(quarters, 0, -1):
            boxes, values = _turned_back(boxes, values, width if quarter % 2 else height)
        anchors = Anchors(level.to_image(boxes), sizes)
        return Candidates(anchors, score.reshape(-1)[places], class_ids, values)

    def decode(self, levels: Iterable[Candidates | None], nothing: Detections) -> Detections:
        """Return a box for every candidate on the levels of a picture, in no order.

        Boxes, which may reach beyond the picture.

        Parameters
        ----------
        levels
            The candidates of each.
        nothing
            The answer for the picture if it were blank.
        """
        found = [candidates for candidates in levels if candidates]
        return self.regress(Candidates.joined(found), nothing) if found else nothing

    def regress(self, candidates: Candidates, nothing: Detections) -> Detections:
        """Return the box of each candidate, whatever its score: its anchor, as the net corrects it."""
        box, *landmarks = candidates.values
        windows, sizes = candidates.anchors.windows, candidates.anchors.sizes
        centres = (windows[:, :2] + windows[:, 2:]) / 2
        middles = centres + sizes * box[:, :2]
        halves = sizes / 2 * np.exp(box[:, 2:].clip(-FARTHEST_STRETCH, FARTHEST_STRETCH))
        boxes = np.hstack([middles - halves, middles + halves])
        points = None
        for offsets in landmarks:
            points = centres[:, None] + sizes[:, None] * offsets.reshape(len(windows), self.points, 2)
        return replace(
            nothing,
            boxes=boxes,
            confidence=self.calibration.of_logits(candidates.logits),
            class_ids=candidates.class_ids,
            landmarks=points,
        )

    def nms(self, found: Detections) -> Detections:
        """Return, of all boxes of a picture, the surest of those that overlap, the surest first."""
        return found[self.survivors(found)]

    def survivors(self, found: Detections) -> npt.NDArray[np.intp]:
        """Return the places of the boxes that non-maximum suppression keeps, the surest first."""
        return suppress(found.boxes, found.confidence, overlap=self.overlap, classes=found.class_ids)

    def scores_each(self, maps: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """Return the scores (N, C) among the maps of N single windows, each (N, K, 1, 1)."""
        return maps[self._order[0]][:, :, 0, 0]

    def values_each(self, maps: Sequence[npt.NDArray[np.float32]]) -> tuple[npt.NDArray[np.float32], ...]:
        """Return the values for boxes (N, 4) and landmarks (N, 2 L), as `scores_each` does the scores."""
        return tuple(maps[place][:, :, 0, 0] for place in self._order[1:])


def _turned_back(
    boxes: npt.NDArray[np.floating], values: tuple[npt.NDArray[np.float32], ...], width: int
) -> tuple[npt.NDArray[np.floating], tuple[npt.NDArray[np.float32], ...]]:
    """Return windows (N, 4), and the net's values for boxes and landmarks there, a quarter turn back.

    width: of the image before it was turned, whose right edge came to be at the top.
    """
    x0, y0, x1, y1 = boxes.T
    box, *landmarks = values
    turned = [np.stack([-box[:, 1], box[:, 0], box[:, 3], box[:, 2]], axis=1)]
    for points in landmarks:
        x, y = points[:, ::2], points[:, 1::2]
        turned.append(np.stack([-y, x], axis=2).reshape(points.shape))
    return np.stack([width - y1, x0, width - y0, x1], axis=1), tuple(turned)


def _check(manifest: Manifest) -> None:
    """Raise NetFileError where a manifest is not as described above."""
    if manifest.task != "detect":
        raise NetFileError(
            f"the net {manifest.name!r} is for the task {manifest.task!r}: detecting needs a net made by"
            " `windowpane train detect`"
        )
    counts = {output.name: len(output.names) for output in manifest.outputs}
    settings = manifest.settings
    curve, zooms = settings.get("calibration", [1, 0]), settings.get("zooms", [])
    right = {
        "outputs 'score' and 'box'": {"score", "box"} <= set(counts),
        "four labels of 'box'": counts.get("box") == 4,
        "an even number of labels of 'landmarks'": counts.get("landmarks", 2) % 2 == 0,
        "one window for all outputs": len({output.window for output in manifest.outputs}) == 1,
        "the colour 'grey' or 'rgb'": (manifest.colour, manifest.channels) in (("grey", 1), ("rgb", 3)),
        "an 'object_size' above 0": _is_number(settings.get("object_size"), above=0),
        "an 'aspect' above 0": _is_number(settings.get("aspect"), above=0),
        "an 'overlap' of 0 to 1": _is_number(settings.get("overlap")) and 0 <= settings["overlap"] <= 1,
        "'zooms' above 0": isinstance(zooms, list) and all(_is_number(zoom, above=0) for zoom in zooms),
        "a number for 'sure'": _is_number(settings.get("sure", 0)),
        "a number for 'prior'": _is_number(settings.get("prior", 0)),
        "a 'calibration' of two numbers, the first above 0": isinstance(curve, list)
        and [_is_number(value) for value in curve] == [True, True]
        and curve[0] > 0,
    }
    if wrong := [what for what, is_right in right.items() if not is_right]:
        raise NetFileError(
            f"the net {manifest.name!r} is no detector, for that it needs {', '.join(wrong)}: export it again"
        )


def _is_number(value: object, above: float = -math.inf) -> bool:
    return isinstance(value, int | float) and value > above
