"""The second stage of the cascade: a larger net verifies and refines the candidates of the first one.

The first net is small, for it looks everywhere; what it finds is mostly right, and most of its false
positives look like an object at its size. So each of its boxes is cut out again, twice as large, and shown to
a net with more layers, which says whether it is one, where exactly, and where its landmarks are. The first
net may then be smaller than it would be alone, and surer answers cost less time (Viola & Jones 2001:
"cascade"; Rowley, Baluja & Kanade 1998: a second, finer net verifies the first one's detections).

What is left after that, hardly more than there are objects, is cut out once more where it lies now, and what
is still in doubt from nearer and from farther too, as it is and mirrored (test-time augmentation); the mean
of all scores decides. An object is one from wherever it is looked at, and most false positives are none once
they have moved a little.

The settings in the manifest of the stage's net: ``mirrored``, whether an object may as well be its mirror
image; ``zooms``, of what sizes of its box an object in doubt is looked at; ``sure``, the mean logit from
which on a box is in no doubt; ``prior``, how much of the first net's log-odds is added to that mean, for it
has looked from somewhat elsewhere and at another size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from windowpane.core.calibration import log_odds
from windowpane.core.engine import Engine
from windowpane.core.pyramids import Level
from windowpane.core.runtimes import Workers
from windowpane.detect.decoder import Anchors, Candidates, Decoder
from windowpane.detect.detections import Detections, Floats
from windowpane.images.crops import CropPose, Pixels, cut

# How far below the threshold, as logits, a box may be and still be looked at again: its score may rise.
MARGIN_OF_ONE = 3.0  # the score of one look, which is off by more
MARGIN_OF_TWO = 1.0  # the mean of two

LEAST_SHARE = 8  # windows for a thread: fewer take hardly more time than to wake it


class CascadeStage:
    """Verifies boxes by the net that a detector's file carries for it.

    Parameters
    ----------
    engine
        That runs the net; on one thread, for windows are so small that two take longer.
    threshold
        As of `Decoder`.
    workers
        Threads that share the windows; none = the one that asks.
    """

    def __init__(
        self, engine: Engine, threshold: float | None = None, workers: Workers | None = None
    ) -> None:
        self.engine = engine
        self.workers = workers or Workers(1)
        self.decoder = Decoder(engine.manifest, threshold)
        settings = engine.manifest.settings
        self.mirrored = bool(settings.get("mirrored", False))
        self.zooms = tuple(map(float, settings.get("zooms", [])))
        self.tta_threshold = float(settings.get("sure", math.inf))
        self.prior = float(settings.get("prior", 0.0))

    def verify(self, found: Detections, levels: Sequence[Level]) -> Detections:
        """Return what is an object among the boxes that the first net found, each where this one sees it.

        Parameters
        ----------
        found
            The boxes of a picture.
        levels
            The picture in the net's colours, and smaller ones of it.
        """
        nothing = self.decoder.nothing(found.height, found.width)
        if not len(found):
            return nothing
        maps = self._look(found.boxes, levels)
        scores = self.decoder.scores_each(maps)
        priors = self.prior * log_odds(found.confidence)
        candidates = self._candidates(found, scores.max(axis=1) + priors, scores.argmax(axis=1), maps)
        refined = self.decoder.regress(candidates, nothing)
        likely = np.flatnonzero(candidates.logits > self.decoder.logit_threshold - MARGIN_OF_ONE)
        likely = likely[self.decoder.survivors(refined[likely])]
        if not len(likely):
            return nothing
        return self._verify_again(refined[likely], candidates.logits[likely], priors[likely], levels, nothing)

    def _verify_again(
        self,
        found: Detections,
        logits: npt.NDArray[np.floating],
        priors: Floats,
        levels: Sequence[Level],
        nothing: Detections,
    ) -> Detections:
        """Return what is an object by the mean of its score so far and of further looks.

        logits, priors: (N,), the former with the latter added to them.
        """
        maps = self._look(found.boxes, levels)
        mean = (logits - priors + self._scores(maps, found.class_ids)) / 2
        threshold = self.decoder.logit_threshold - priors
        doubtful = np.flatnonzero((mean < self.tta_threshold) & (mean > threshold - MARGIN_OF_TWO))
        if len(doubtful):
            augmented = self._augmented_scores(found[doubtful], levels)
            mean[doubtful] = (2 * mean[doubtful] + augmented.sum(axis=0)) / (2 + len(augmented))
        candidates = self._candidates(found, mean + priors, found.class_ids, maps)
        return self.decoder.nms(self.decoder.regress(candidates, nothing)[mean > threshold])

    def _augmented_scores(self, found: Detections, levels: Sequence[Level]) -> npt.NDArray[np.float32]:
        """Return the scores of boxes mirrored, and seen from nearer and farther: (looks, N)."""
        looks = [(zoom, False) for zoom in self.zooms]
        looks += [(zoom, True) for zoom in (1.0, *self.zooms) if self.mirrored]
        if not looks:
            return np.zeros((0, len(found)), np.float32)
        corner, opposite = found.boxes[:, :2], found.boxes[:, 2:]
        middles, halves = (corner + opposite) / 2, (opposite - corner) / 2
        boxes = [np.hstack([middles - zoom * halves, middles + zoom * halves]) for zoom, _ in looks]
        mirrored = np.repeat([mirror for _, mirror in looks], len(found))
        maps = self._look(np.concatenate(boxes), levels, mirrored)
        return self._scores(maps, np.tile(found.class_ids, len(looks))).reshape(len(looks), -1)

    def _scores(
        self, maps: Sequence[npt.NDArray[np.float32]], class_ids: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.float32]:
        """Return each window's score for a class of its own, (N,)."""
        return self.decoder.scores_each(maps)[np.arange(len(class_ids)), class_ids]

    def _look(
        self, boxes: Floats, levels: Sequence[Level], mirrored: npt.NDArray[np.bool_] | None = None
    ) -> list[npt.NDArray[np.float32]]:
        """Return what the net gives for the window around each box, as it is or mirrored: (N, K, 1, 1)."""
        mirrored = np.zeros(len(boxes), np.bool_) if mirrored is None else mirrored
        count = min(self.workers.threads, max(1, len(boxes) // LEAST_SHARE))
        shares = zip(np.array_split(boxes, count), np.array_split(mirrored, count), strict=True)
        windows = (self._cut(*share, levels) for share in shares)  # of one share, while the net sees another
        parts = self.workers.map(self.engine.run_batch, windows)
        return [np.concatenate(maps) for maps in zip(*parts, strict=True)]

    def _cut(self, boxes: Floats, mirrored: npt.NDArray[np.bool_], levels: Sequence[Level]) -> Pixels:
        """Return the window around each box, (N, side, side[, C])."""
        middles, scales = (boxes[:, :2] + boxes[:, 2:]) / 2, self.decoder.object_size / _sizes(boxes)
        windows = []
        nearest = _nearest(levels, scales).tolist()
        poses = zip(middles.tolist(), scales.tolist(), mirrored.tolist(), nearest, strict=True)
        for (x, y), scale, mirror, number in poses:
            level = levels[number]
            (down, right), (top, left) = level.scale, level.shift
            pose = CropPose((x - left) * right, (y - top) * down, scale / max(level.scale), mirror=mirror)
            windows.append(cut(level.image, pose, self.decoder.window.height))
        return np.stack(windows)

    def _candidates(
        self,
        found: Detections,
        logits: npt.NDArray[np.floating],
        class_ids: npt.NDArray[np.intp],
        maps: Sequence[npt.NDArray[np.float32]],
    ) -> Candidates:
        """Return the windows around boxes as candidates, with what the net gives for them."""
        boxes, window = found.boxes, self.decoder.window
        middles, sizes = (boxes[:, :2] + boxes[:, 2:]) / 2, _sizes(boxes)
        reach = np.array([window.width, window.height]) / 2 * sizes[:, None] / self.decoder.object_size
        anchors = Anchors(np.hstack([middles - reach, middles + reach]), np.tile(sizes[:, None], 2))
        return Candidates(anchors, logits, class_ids, self.decoder.values_each(maps))


def _sizes(boxes: Floats) -> Floats:
    return np.asarray(np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1)))


def _nearest(levels: Sequence[Level], scales: Floats) -> npt.NDArray[np.intp]:
    """Return, for each scale, which level is the smallest that is as large as is wanted, or the largest."""
    given = np.array([max(level.scale) for level in levels])
    rising = given.argsort()
    place = given[rising].searchsorted(0.95 * scales)
    return rising[np.minimum(place, len(levels) - 1)]
