"""Follows objects from frame to frame of a film (multi-object tracking, tracking by detection).

    tracker = Tracker()
    for frame in timed_frames("film.mp4"):
        found = tracker.update(detector.detect(frame.picture), frame.time)
        found.ids

Where each object should be now is predicted by a Kalman filter of constant velocity; what was found goes to
the tracks so that boxes overlap most (IoU) over all pairs together. Boxes that are in doubt may continue a
track and never begin one.

A track is a place that goes on, nothing more. Nobody is known again by looks: who leaves and comes back after
a longer gap is somebody new, two who pass close by each other unseen may change numbers, and a cut of the
film may hand a number to whoever sits in the same place.

Sources: Bewley et al. 2016, "Simple online and realtime tracking" (SORT); Zhang et al. 2022, "ByteTrack",
for the boxes in doubt; Yang et al. 2023, "Hard to track objects with irregular motions and similar
appearances? Make it easier by buffering the matching space", for the boxes that are grown before they are
compared.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from windowpane.core.boxes import overlap
from windowpane.detect.assignment import assign
from windowpane.detect.detections import NO_TRACK, Detections, Floats
from windowpane.errors import ArgumentError

FAINT = 0.1
"""Boxes from this probability on may continue a track (ByteTrack)."""
FRAME = 1 / 25
"""Seconds to a frame that does not say when it was taken."""

GROWN = 1.5  # so much larger are boxes when they are compared: small ones move far
LEAST_OVERLAP = 0.25  # of grown boxes; of one size they are then 0.9 of it apart
LEAST_OVERLAP_FAINT = 0.5

# Of the filter; lengths are in sizes of the object.
JITTER = 0.05  # of a box's middle, and of the logarithms of its sides
SWERVE = 3.0  # how velocity wanders, per second to the power of 1.5
START = 1.5  # velocity of an object that is seen for the first time, per second


class _Track:
    """One object: a Kalman filter of x, y and the logarithms of width and height, and how often it was seen.

    Noise grows with the object, so in sizes of the object one covariance does for all four. The sides are
    taken to stay as they are.
    """

    __slots__ = ("class_id", "covariance", "hits", "id", "seen", "state")

    def __init__(self, box: Floats, class_id: int, time: float) -> None:
        self.class_id, self.seen, self.hits, self.id = class_id, time, 1, NO_TRACK
        self.state = np.stack([_measured(box), np.zeros(4)])
        self.covariance = np.diag([JITTER**2, START**2])

    def predict(self, step: float) -> None:
        """Go on by so many seconds."""
        move = np.array([[1, step], [0, 1]])
        self.state = move @ self.state
        noise = np.array([[step**3 / 3, step**2 / 2], [step**2 / 2, step]])
        self.covariance = move @ self.covariance @ move.T + SWERVE**2 * noise

    def correct(self, box: Floats, time: float) -> None:
        """Take over where it was seen."""
        gain = self.covariance[:, 0] / (self.covariance[0, 0] + JITTER**2)
        self.state += gain[:, None] * (_measured(box) - self.state[0])
        self.state[1, 2:] = 0
        self.covariance -= np.outer(gain, self.covariance[0])
        self.seen, self.hits = time, self.hits + 1

    @property
    def box(self) -> Floats:
        middle, sides = self.state[0, :2], np.exp(self.state[0, 2:])
        return np.concatenate([middle - sides / 2, middle + sides / 2])


class Tracker:
    """Gives what is found in the frames of one film numbers that stay with an object, also through gaps.

    The same frames in the same order have the same numbers. For another film take another tracker.

    Parameters
    ----------
    threshold
        Probability, 0..1, from which on a box may begin a track; what is less sure continues one or is left
        out.
    hits
        How often an object must be seen before it has a number: without a miss, for false alarms come singly.
    gap
        Seconds after which a track ends that nothing was found for.

    Raises
    ------
    ArgumentError
        For a threshold that is no probability, less than one hit, or a gap that is no time.
    """

    def __init__(self, *, threshold: float = 0.5, hits: int = 2, gap: float = 1.0) -> None:
        if not 0 <= threshold <= 1:
            raise ArgumentError(f"a threshold of {threshold} is no probability: give 0 to 1")
        if hits < 1:
            raise ArgumentError(f"a track cannot begin after {hits} sightings: give 1 or more")
        if not 0 <= gap < math.inf:
            raise ArgumentError(f"a track cannot end after a gap of {gap} seconds: give 0 or more")
        self.threshold, self.hits, self.gap = threshold, hits, gap
        self._tracks: list[_Track] = []
        self._time: float | None = None
        self._given = 0

    def __repr__(self) -> str:
        return f"Tracker(threshold={self.threshold:.3g}, hits={self.hits}, gap={self.gap:g})"

    def update(self, found: Detections, time: float | None = None) -> Detections:
        """Return what was found in the next frame, with ``ids``.

        Those below the threshold that continue no track are left out; boxes stay as they were found.

        Parameters
        ----------
        found
            All that was found, from `FAINT` on if that can be had.
        time
            Seconds since any moment, when the frame was taken; frames may come as they like and be missing.
            None = one `FRAME` after the last.

        Raises
        ------
        ArgumentError
            For a time before that of the last frame.
        """
        self._go_on(time)
        ids = np.full(len(found), NO_TRACK, np.intp)
        sure = found.confidence >= self.threshold
        free = self._match(found, np.flatnonzero(sure), self._tracks, LEAST_OVERLAP, ids)
        missed = [track for track in free if track.hits >= self.hits]
        self._match(found, np.flatnonzero(~sure), missed, LEAST_OVERLAP_FAINT, ids)
        # One that is not sure yet ends at its first miss.
        self._tracks = [one for one in self._tracks if one.hits >= self.hits or one.seen == self._time]
        kept: NDArray[np.bool_] = sure | (ids != NO_TRACK)
        return replace(found[kept], ids=ids[kept])

    def _go_on(self, time: float | None) -> None:
        """Predict where all are now, and end the tracks that nothing was found for."""
        last = self._time
        now = (0.0 if last is None else last + FRAME) if time is None else float(time)
        if not now >= (now if last is None else last):
            raise ArgumentError(f"a frame of {time} s after one of {last} s: give frames in their order")
        self._time = now
        slack = 1e-6  # a gap of exactly so long is no longer
        self._tracks = [track for track in self._tracks if now - track.seen <= self.gap + slack]
        for track in self._tracks:
            track.predict(now - (now if last is None else last))

    def _match(
        self,
        found: Detections,
        chosen: NDArray[np.intp],
        tracks: list[_Track],
        least: float,
        ids: NDArray[np.intp],
    ) -> list[_Track]:
        """Continue tracks by the chosen boxes, note their numbers, and return those that found none.

        Sure boxes that are left over begin tracks.
        """
        gain = np.zeros((len(tracks), len(chosen)))
        if gain.size:
            gain = overlap(_grown(np.stack([track.box for track in tracks])), _grown(found.boxes[chosen]))
            gain[gain < least] = 0
            gain[np.array([[one.class_id] for one in tracks]) != found.class_ids[chosen]] = 0
        rows, columns = assign(gain)
        assert self._time is not None
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            tracks[row].correct(found.boxes[chosen[column]], self._time)
            ids[chosen[column]] = self._id(tracks[row])
        free = [tracks[row] for row in np.setdiff1d(np.arange(len(tracks)), rows).tolist()]
        for place in np.delete(chosen, columns):
            if found.confidence[place] >= self.threshold:
                new = _Track(found.boxes[place], int(found.class_ids[place]), self._time)
                self._tracks.append(new)
                ids[place] = self._id(new)
        return free

    def _id(self, track: _Track) -> int:
        """Return the number of a track, which has one as soon as it was seen often enough."""
        if track.id == NO_TRACK and track.hits >= self.hits:
            self._given += 1
            track.id = self._given
        return track.id


def _measured(box: Floats) -> Floats:
    """Return x and y of a box's middle, and the logarithms of its sides."""
    sides = np.maximum(box[2:] - box[:2], 1e-3)
    return np.concatenate([(box[:2] + box[2:]) / 2, np.log(sides)])


def _grown(boxes: Floats) -> Floats:
    middles, halves = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    return np.hstack([middles - GROWN * halves, middles + GROWN * halves])
