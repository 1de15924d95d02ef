"""What the maps of a detector's net say: from cells above a threshold to boxes in pixels of the picture.

The net's outputs, all with one window:

    score      (C, rows, cols)    logits, one for each class
    box        (4, rows, cols)    x and y of the object's middle from the window's, in object sizes; then the
                                  logarithms of its width and its height over the object size
    landmarks  (2 L, rows, cols)  if there are any: x and y of each from the window's middle, in object sizes

The manifest's settings: ``object_size``, the root of the area of an object's box in the window, in pixels;
``aspect``, the usual height of such a box over its width; ``overlap``, above which the less sure of two
boxes goes; for a second look ``mirrored``, whether an object may as well be its mirror image, ``zooms``, of
what sizes of its boxes it takes further looks, and ``sure``, the logit from which on it takes none; and, once
it is fitted, ``calibration``, the slope and the shift of the logistic curve from logits to probabilities
(Platt 1999).
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
from windowpane.errors import NetFileError

FARTHEST_STRETCH = 2.0  # a logarithm; of sizes farther from its own a window can tell nothing


@dataclass(frozen=True, slots=True)
class Placed:
    """Where N windows lie in a picture, in its pixels.

    seen: (N, 4), their boxes. sizes: (N, 2), how wide and high an object of the size that the net was
    trained on is there.
    """

    seen: Floats
    sizes: Floats


@dataclass(frozen=True, slots=True)
class Hits:
    """N windows that show an object.

    windows: where they lie. logits: (N,). labels: (N,), classes. values: what the net gives for each, (N, 4)
    of its box and, if there are any, (N, 2 L) of its landmarks.
    """

    windows: Placed
    logits: npt.NDArray[np.floating]
    labels: npt.NDArray[np.intp]
    values: tuple[npt.NDArray[np.float32], ...]


class Decoder:
    """Turns the maps of a pyramid into boxes.

    Parameters
    ----------
    manifest:
        Of a detector's net.
    threshold:
        Probability, 0..1, above which a cell gives a box; None takes the manifest's, or else one half.

    Raises NetFileError for a manifest that is no detector's.
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

    @property
    def object_sides(self) -> tuple[float, float]:
        """Height and width, in pixels of the window, of the object that the net was trained on."""
        root = math.sqrt(self.aspect)
        return self.object_size * root, self.object_size / root

    @property
    def limit(self) -> float:
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

    def hits(self, level: Level, maps: Sequence[ScoreMap]) -> Hits | None:
        """Return the cells of a level that are above the threshold; None where there are none.

        maps: of the level, as the engine gives them.
        """
        score, *others = (maps[place].scores for place in self._order)
        places = np.flatnonzero(score > self.limit)  # ten times as quick as np.nonzero on three axes
        if not places.size:
            return None
        labels, rows, cols = np.unravel_index(places, score.shape)
        sizes = self.object_size / np.array(level.scale[::-1])
        windows = Placed(level.to_image(self.window.boxes(rows, cols)), np.tile(sizes, (len(rows), 1)))
        values = tuple(one[:, rows, cols].T for one in others)
        return Hits(windows, score[labels, rows, cols], labels, values)

    def decode(self, levels: Iterable[Hits | None], nothing: Detections) -> Detections:
        """Return a box for every hit on the levels of a picture, in no order.

        Boxes may reach beyond the picture. nothing: the answer for the picture if it were blank.
        """
        found = [hits for hits in levels if hits]
        if not found:
            return nothing
        windows = Placed(
            np.concatenate([hits.windows.seen for hits in found]),
            np.concatenate([hits.windows.sizes for hits in found]),
        )
        logits = np.concatenate([hits.logits for hits in found])
        labels = np.concatenate([hits.labels for hits in found])
        values = tuple(np.concatenate(parts) for parts in zip(*(hits.values for hits in found), strict=True))
        return self.placed(Hits(windows, logits, labels, values), nothing)

    def scores_each(self, maps: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """Return the scores (N, C) among the maps of N single windows, each (N, K, 1, 1)."""
        return maps[self._order[0]][:, :, 0, 0]

    def values_each(self, maps: Sequence[npt.NDArray[np.float32]]) -> tuple[npt.NDArray[np.float32], ...]:
        """Return the values for boxes (N, 4) and landmarks (N, 2 L), as `scores_each` does the scores."""
        return tuple(maps[place][:, :, 0, 0] for place in self._order[1:])

    def best(self, found: Detections) -> Detections:
        """Return, of all boxes of a picture, the surest of those that overlap, highest score first."""
        return found[self.survivors(found)]

    def survivors(self, found: Detections) -> npt.NDArray[np.intp]:
        """Return the places of those boxes, highest score first."""
        return suppress(found.boxes, found.confidence, overlap=self.overlap, classes=found.class_ids)

    def placed(self, hits: Hits, nothing: Detections) -> Detections:
        """Return the box of each hit, whatever its score."""
        box, *landmarks = hits.values
        seen, sizes = hits.windows.seen, hits.windows.sizes
        centres = (seen[:, :2] + seen[:, 2:]) / 2
        middles = centres + sizes * box[:, :2]
        halves = sizes / 2 * np.exp(box[:, 2:].clip(-FARTHEST_STRETCH, FARTHEST_STRETCH))
        boxes = np.hstack([middles - halves, middles + halves])
        points = None
        for offsets in landmarks:
            points = centres[:, None] + sizes[:, None] * offsets.reshape(len(seen), self.points, 2)
        return replace(
            nothing,
            boxes=boxes,
            confidence=self.calibration.of_logits(hits.logits),
            class_ids=hits.labels,
            landmarks=points,
        )


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
