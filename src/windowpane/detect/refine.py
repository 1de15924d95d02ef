"""The second look: a larger net judges the few places that the first one took for objects.

The first net is small, for it looks everywhere; what it finds is mostly right, and most of its false alarms
look like an object at its size. So each of its boxes is cut out again, twice as large, and shown to a net
with more layers, which says whether it is one, where exactly, and where its landmarks are. The first net may
then be smaller than it would be alone, and surer answers cost less time (Viola & Jones 2001: "cascade";
Rowley, Baluja & Kanade 1998: a second, finer net verifies the first one's detections).

What is left after that, hardly more than there are objects, is cut out once more where it lies now, and what
is still in doubt from nearer and from farther too, as it is and mirrored; the mean of all scores decides.
An object is one from wherever it is looked at, and most false alarms are none once they have moved a little.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from windowpane.core.engine import Engine
from windowpane.core.pyramids import Level
from windowpane.detect.decoder import Decoder, Hits, Placed
from windowpane.detect.detections import Detections, Floats
from windowpane.images.crops import Pixels, Pose, cut

HOPE = 1.0  # a logit: how far below the limit it may be after two looks, and be looked at from elsewhere
DOUBT = 3.0  # a logit: how far below the limit a box may be at first, and be looked at again


class SecondLook:
    """Judges boxes by the net that a detector's file carries for it.

    engine: that runs the net; on one thread, for windows are so small that two take longer. score: as of
    `Decoder`.
    """

    def __init__(self, engine: Engine, score: float | None = None) -> None:
        self.engine = engine
        self.decoder = Decoder(engine.manifest, score)
        settings = engine.manifest.settings
        self.mirrored = bool(settings.get("mirrored", False))
        self.zooms = tuple(map(float, settings.get("zooms", [])))
        self.sure = float(settings.get("sure", math.inf))

    def judge(self, found: Detections, levels: Sequence[Level]) -> Detections:
        """Return what is an object among the boxes that the first net found, each where the second sees it.

        levels: the picture, and smaller ones of it.
        """
        nothing = self.decoder.nothing(found.height, found.width)
        if not len(found):
            return nothing
        maps = self._look(found.boxes, levels)
        scores, places = self.decoder.scores_each(maps), self._places(found.boxes)
        hits = Hits(places, scores.max(axis=1), scores.argmax(axis=1), self.decoder.values_each(maps))
        placed = self.decoder.placed(hits, nothing)
        likely = np.flatnonzero(hits.logits > self.decoder.limit - DOUBT)
        likely = likely[self.decoder.survivors(placed[likely])]
        if not len(likely):
            return nothing
        return self._judge_again(placed[likely], hits.logits[likely], levels, nothing)

    def _judge_again(
        self, found: Detections, logits: npt.NDArray[np.float32], levels: Sequence[Level], nothing: Detections
    ) -> Detections:
        """Return what is an object by the mean of its score so far, logits (N,), and of further looks."""
        maps = self._look(found.boxes, levels)
        mean = (logits + self._scores(maps, found.class_ids)) / 2
        doubtful = np.flatnonzero((mean < self.sure) & (mean > self.decoder.limit - HOPE))
        if len(doubtful):
            looks = self._further_looks(found[doubtful], levels)
            mean[doubtful] = (2 * mean[doubtful] + looks.sum(axis=0)) / (2 + len(looks))
        hits = Hits(self._places(found.boxes), mean, found.class_ids, self.decoder.values_each(maps))
        return self.decoder.best(self.decoder.placed(hits, nothing)[mean > self.decoder.limit])

    def _further_looks(self, found: Detections, levels: Sequence[Level]) -> npt.NDArray[np.float32]:
        """Return the scores of boxes mirrored, and seen from nearer and farther: (looks, N)."""
        corner, opposite = found.boxes[:, :2], found.boxes[:, 2:]
        middles, halves = (corner + opposite) / 2, (opposite - corner) / 2
        looks = [np.zeros((0, len(found)), np.float32)]
        for mirror, zooms in ((False, self.zooms), (True, (1, *self.zooms) if self.mirrored else ())):
            if zooms:
                boxes = [np.hstack([middles - zoom * halves, middles + zoom * halves]) for zoom in zooms]
                maps = self._look(np.concatenate(boxes), levels, mirror)
                looks.append(self._scores(maps, np.tile(found.class_ids, len(zooms))).reshape(-1, len(found)))
        return np.concatenate(looks)

    def _scores(
        self, maps: Sequence[npt.NDArray[np.float32]], labels: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.float32]:
        """Return each window's score for a class of its own, (N,)."""
        return self.decoder.scores_each(maps)[np.arange(len(labels)), labels]

    def _look(
        self, boxes: Floats, levels: Sequence[Level], mirror: bool = False
    ) -> list[npt.NDArray[np.float32]]:
        """Return what the net gives for the window around each box, as it is or mirrored: (N, K, 1, 1)."""
        return self.engine.run_batch(self._cut(boxes, levels, mirror))

    def _cut(self, boxes: Floats, levels: Sequence[Level], mirror: bool) -> Pixels:
        """Return the window around each box, (N, side, side[, C])."""
        middles, scales = (boxes[:, :2] + boxes[:, 2:]) / 2, self.decoder.object_size / _sizes(boxes)
        windows = []
        for (x, y), scale in zip(middles.tolist(), scales.tolist(), strict=True):
            level = _nearest(levels, scale)
            (down, right), (top, left) = level.scale, level.shift
            pose = Pose((x - left) * right, (y - top) * down, scale / max(level.scale), mirror=mirror)
            windows.append(cut(level.image, pose, self.decoder.window.height))
        return np.stack(windows)

    def _places(self, boxes: Floats) -> Placed:
        """Return where the windows around boxes lie."""
        window, middles, sizes = self.decoder.window, (boxes[:, :2] + boxes[:, 2:]) / 2, _sizes(boxes)
        reach = np.array([window.width, window.height]) / 2 * sizes[:, None] / self.decoder.object_size
        return Placed(np.hstack([middles - reach, middles + reach]), np.tile(sizes[:, None], 2))


def _sizes(boxes: Floats) -> Floats:
    return np.asarray(np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1)))


def _nearest(levels: Sequence[Level], scale: float) -> Level:
    """Return the smallest level that is as large as is wanted, or the largest."""
    enough = [level for level in levels if max(level.scale) >= 0.95 * scale]
    if enough:
        return min(enough, key=lambda level: max(level.scale))
    return max(levels, key=lambda level: max(level.scale))
