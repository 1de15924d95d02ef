"""The second look: a larger net judges the few places that the first one took for objects.

The first net is small, for it looks everywhere; what it finds is mostly right, and most of its false alarms
look like an object at its size. So each of its boxes is cut out again, twice as large, and shown to a net
with more layers, which says whether it is one, where exactly, and where its landmarks are. The first net may
then be smaller than it would be alone, and surer answers cost less time (Viola & Jones 2001: "cascade";
Rowley, Baluja & Kanade 1998: a second, finer net verifies the first one's detections).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from windowpane.crops import Pose, cut
from windowpane.detect.decoder import Decoder
from windowpane.detect.detections import Detections
from windowpane.engine import Engine
from windowpane.pyramids import Level


class SecondLook:
    """Judges boxes by the net that a detector's file carries for it.

    engine: that runs the net. score: as of `Decoder`.
    """

    def __init__(self, engine: Engine, score: float | None = None) -> None:
        self.engine = engine
        self.decoder = Decoder(engine.manifest, score)

    def judge(self, found: Detections, levels: Sequence[Level]) -> Detections:
        """Return what is an object among the boxes that the first net found, each where the second sees it.

        levels: the picture, and smaller ones of it.
        """
        nothing = self.decoder.nothing(found.height, found.width)
        if not len(found):
            return nothing
        window, size = self.decoder.window, self.decoder.object_size
        middles = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        sizes = np.sqrt((found.boxes[:, 2:] - found.boxes[:, :2]).prod(axis=1))
        windows = []
        for middle, scale in zip(middles, size / sizes, strict=True):
            level = _nearest(levels, scale)
            x, y = level.from_image([*middle, *middle])[:2]
            windows.append(cut(level.image, Pose(x, y, scale / max(level.scale)), window.height))
        reach = np.array([window.width, window.height]) / 2 * sizes[:, None] / size
        seen = np.hstack([middles - reach, middles + reach])
        judged = self.decoder.decode_each(seen, sizes, self.engine.run_batch(np.stack(windows)), nothing)
        return self.decoder.best([judged])


def _nearest(levels: Sequence[Level], scale: float) -> Level:
    """Return the smallest level that is as large as is wanted, or the largest."""
    enough = [level for level in levels if max(level.scale) >= 0.95 * scale]
    if enough:
        return min(enough, key=lambda level: max(level.scale))
    return max(levels, key=lambda level: max(level.scale))
