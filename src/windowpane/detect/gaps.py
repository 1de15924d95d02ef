"""Where objects were while they were not found: boxes between the sightings of a track (interpolation).

A detector misses a face in a frame here and there. Where each frame counts, as when faces are hidden, a track
is known only once the film is over: then its gaps are filled, and its ends held a little longer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from windowpane.core.boxes import Floats
from windowpane.detect.detections import NO_TRACK

HOLD = 0.2
"""Seconds for which a box stays where it was, before its first sighting and after its last."""


def filled(
    times: Sequence[float],
    boxes: Sequence[Floats],
    ids: Sequence[NDArray[np.intp]],
    *,
    hold: float = HOLD,
) -> list[Floats]:
    """Return the boxes of every frame of a film, with those that were missed.

    Between two sightings of a track its box goes in a straight line. What belongs to no track is held too.

    Parameters
    ----------
    times
        Of F frames, seconds, rising.
    boxes, ids
        Of every frame (N, 4) and (N,), as `windowpane.detect.tracker.Tracker` gives them.
    hold
        Seconds before the first and after the last sighting.
    """
    moments = np.asarray(times, np.float64)
    sightings: dict[object, list[tuple[int, Floats]]] = defaultdict(list)
    for frame, (some, numbers) in enumerate(zip(boxes, ids, strict=True)):
        for place, number in enumerate(numbers.tolist()):
            key = (frame, place) if number == NO_TRACK else number
            sightings[key].append((frame, some[place]))
    found: list[list[Floats]] = [[] for _ in moments]
    for seen in sightings.values():
        frames = np.array([frame for frame, _ in seen])
        start, end = moments[frames[0]] - hold, moments[frames[-1]] + hold
        first, last = np.searchsorted(moments, start), np.searchsorted(moments, end, side="right")
        track = np.stack([box for _, box in seen])
        span = moments[first:last]
        between = np.stack([np.interp(span, moments[frames], side) for side in track.T], axis=1)
        for frame, box in zip(range(first, last), between, strict=True):
            found[frame].append(box)
    return [np.array(some, np.float64).reshape(-1, 4) for some in found]
