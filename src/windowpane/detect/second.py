"""The second look: a larger net judges the few places that the first one took for objects.

The first net is small, for it looks everywhere; what it finds is mostly right, and most of its false alarms
look like an object at its size. So each of its boxes is cut out again, twice as large, and shown to a net
with more layers, which says whether it is one, where exactly, and where its landmarks are. The first net may
then be smaller than it would be alone, and surer answers cost less time (Viola & Jones 2001: "cascade";
Rowley, Baluja & Kanade 1998: a second, finer net verifies the first one's detections).

What is left after that, hardly more than there are objects, is cut out once more where it lies now, as it is
and mirrored; the mean of the three scores is the answer. An object is one from wherever it is looked at, and
most false alarms are none once they have moved a little.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from windowpane.boxes import suppress
from windowpane.crops import Pixels, Pose, cut
from windowpane.detect.decoder import Decoder, Placed
from windowpane.detect.detections import Detections, Floats
from windowpane.engine import Engine
from windowpane.pyramids import Level

DOUBT = 3.0  # a logit: how far below the limit a box may be at first, and be looked at again


class SecondLook:
    """Judges boxes by the net that a detector's file carries for it.

    engine: that runs the net. score: as of `Decoder`.
    """

    def __init__(self, engine: Engine, score: float | None = None) -> None:
        self.engine = engine
        self.decoder = Decoder(engine.manifest, score)
        self.mirrored = bool(engine.manifest.settings.get("mirrored", False))

    def judge(self, found: Detections, levels: Sequence[Level]) -> Detections:
        """Return what is an object among the boxes that the first net found, each where the second sees it.

        levels: the picture, and smaller ones of it.
        """
        nothing = self.decoder.nothing(found.height, found.width)
        if not len(found):
            return nothing
        windows, places = self._cut(found.boxes, levels)
        maps = self.engine.run_batch(windows)
        scores = self.decoder.scores_each(maps)
        labels, scores = scores.argmax(axis=1), scores.max(axis=1)
        boxes = self.decoder.place_each(places, scores, labels, maps, nothing).boxes
        likely = np.flatnonzero(scores > self.decoder.limit - DOUBT)
        overlap = self.decoder.overlap
        likely = likely[suppress(boxes[likely], scores[likely], overlap=overlap, classes=labels[likely])]
        if not len(likely):
            return nothing
        return self._judge_again(boxes[likely], scores[likely], labels[likely], levels, nothing)

    def _judge_again(
        self,
        boxes: Floats,
        scores: npt.NDArray[np.float32],
        labels: npt.NDArray[np.intp],
        levels: Sequence[Level],
        nothing: Detections,
    ) -> Detections:
        """Return what is an object by the mean of its score so far and that of another look."""
        windows, places = self._cut(boxes, levels)
        maps = self.engine.run_batch(windows)
        looks, rows = [scores], np.arange(len(boxes))
        looks.append(self.decoder.scores_each(maps)[rows, labels])
        if self.mirrored:
            mirrored = self.engine.run_batch(np.ascontiguousarray(windows[:, :, ::-1]))
            looks.append(self.decoder.scores_each(mirrored)[rows, labels])
        mean = np.mean(looks, axis=0)
        placed = self.decoder.place_each(places, mean, labels, maps, nothing)
        return self.decoder.best([placed[np.flatnonzero(mean > self.decoder.limit)]])

    def _cut(self, boxes: Floats, levels: Sequence[Level]) -> tuple[Pixels, Placed]:
        """Return the window around each box, (N, side, side[, C]), and where these lie."""
        window, size = self.decoder.window, self.decoder.object_size
        middles = (boxes[:, :2] + boxes[:, 2:]) / 2
        sizes = np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1))
        windows = []
        for middle, scale in zip(middles, size / sizes, strict=True):
            level = _nearest(levels, scale)
            x, y = level.from_image([*middle, *middle])[:2]
            windows.append(cut(level.image, Pose(x, y, scale / max(level.scale)), window.height))
        reach = np.array([window.width, window.height]) / 2 * sizes[:, None] / size
        seen = np.hstack([middles - reach, middles + reach])
        return np.stack(windows), Placed(seen, np.tile(sizes[:, None], 2))


def _nearest(levels: Sequence[Level], scale: float) -> Level:
    """Return the smallest level that is as large as is wanted, or the largest."""
    enough = [level for level in levels if max(level.scale) >= 0.95 * scale]
    if enough:
        return min(enough, key=lambda level: max(level.scale))
    return max(levels, key=lambda level: max(level.scale))
