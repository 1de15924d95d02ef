"""Finds faces, or other objects that a net was trained on, in pictures (object detection).

    for face in Detector().detect("group.jpg"):
        face.box, face.confidence

One net with one window slides over a pyramid of factor sqrt 2: on one of its levels every object is about as
large as those that the net was trained on. Where the score is high the net's own correction makes a box; of
boxes that overlap, on any levels, the surest stays (non-maximum suppression). If the net's file carries a
second net, that one verifies what is left: the two are a cascade.

Sources: LeCun, NYU Deep Learning 2020, lecture 6.1, "A multi-scale face detection system"; Vaillant, Monrocq
and LeCun 1994, "Original approach for the localisation of objects in images".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import partial
from itertools import takewhile, tee
from os import PathLike
from pathlib import Path
from typing import Any, Self, overload

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.engine import Engine, ScoreMap
from windowpane.core.netfile import NetFile, load_net
from windowpane.core.pyramids import Level, sqrt2
from windowpane.core.runtimes import RuntimeName, Workers
from windowpane.core.system import Failure, answers
from windowpane.core.timing import Stopwatch
from windowpane.detect.decoder import Candidates, Decoder
from windowpane.detect.detections import Detections
from windowpane.detect.refine import CascadeStage
from windowpane.detect.steps import DetectSteps
from windowpane.detect.tracker import FAINT, Tracker
from windowpane.errors import ArgumentError, renamed, taken
from windowpane.images import is_picture, load
from windowpane.images.video import Capture, TimedFrame, timed_frames

Picture = NDArray[np.uint8]
Several = list[Any] | tuple[Any, ...]
HALF_STEP = 2**0.25  # half a step of the pyramid: how much larger or smaller an object may be on its level

TILE_PIXELS = 1 << 18
"""A level is looked at in tiles of so many pixels, whose maps stay in the processor's cache (measured: 1.5
million take 9.8 ms in tiles and 20 as a whole). In smaller ones more is seen twice, where they overlap."""


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What the net finds on a level or a tile; where they are asked for, what it saw and its scores too."""

    candidates: Candidates | None
    seen: Level | None = None
    score_map: ScoreMap | None = None


class Detector:
    """Finds the objects of a net's classes, such as faces, in every size.

    Parameters
    ----------
    net
        A name that ships, a path, the bytes of a net file, or a loaded one.
    min_size
        Least size of objects to look for, pixels of the picture: the root of the box's area. The time falls
        with its square; below the size that the net was trained on pictures are enlarged.
    max_size
        Largest size, likewise; without it an object may fill the picture.
    threshold
        What is less sure than this (0..1) is left out; None takes the net file's threshold.
    rotations
        Whether to look for objects that lie on their side or stand on their head too: the windows are turned
        by quarters, and the first net takes four times as long.
    threads
        Processor threads that one picture may use: they share the tiles of its levels, and the windows that
        the second stage looks at. The answer is the same with any number. `close`, or a ``with`` block, ends
        them.
    runtime
        Of the engine.
    score
        The old name of ``threshold``.

    Raises
    ------
    NetFileError
        For a net that is no detector.
    ArgumentError
        For sizes, a threshold, threads or a runtime that cannot be.
    """

    second = renamed("second", "cascade")

    def __init__(
        self,
        net: NetFile | str | Path | bytes = "faces",
        *,
        min_size: float = 20,
        max_size: float | None = None,
        threshold: float | None = None,
        rotations: bool = False,
        threads: int = 1,
        runtime: RuntimeName = "onnxruntime",
        score: float | None = None,
    ) -> None:
        threshold = taken("score", score, "threshold", threshold)
        self.min_size, self.max_size = min_size, math.inf if max_size is None else max_size
        if not 0 < self.min_size <= self.max_size:
            raise ArgumentError(
                f"sizes from {min_size} to {max_size} pixels were asked for: the least is above 0,"
                " and not above the largest"
            )
        if threads < 1:
            raise ArgumentError(f"{threads} threads cannot look at a picture: give 1 or more")
        self.rotations = rotations
        file = net if isinstance(net, NetFile) else load_net(net)
        self._workers = Workers(threads)
        # OpenVINO's runs are one at a time, each on all threads; ONNX Runtime's are side by side.
        together = 1 if runtime == "onnxruntime" else threads
        self.engine = Engine(file, runtime, together, TILE_PIXELS)
        self.decoder = Decoder(self.engine.manifest, None if file.second else threshold)
        self.cascade = None
        if file.second:
            self.cascade = CascadeStage(Engine(file.second, runtime=runtime), threshold, self._workers)

    @property
    def threshold(self) -> float:
        """What is less sure than this, 0..1, is left out."""
        return (self.cascade or self).decoder.threshold

    def __repr__(self) -> str:
        largest = None if self.max_size == math.inf else self.max_size
        return (
            f"Detector({self.engine.manifest.name!r}, min_size={self.min_size}, max_size={largest},"
            f" threshold={self.threshold:.3g})"
        )

    def close(self) -> None:
        """End the further threads; what is asked afterwards is answered on one."""
        self._workers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- Pictures and films --------------------------------------------------------------------------------

    @overload
    def detect(self, images: str | PathLike[str] | bytes | NDArray[Any]) -> Detections: ...  # type: ignore[overload-overlap]
    @overload
    def detect(self, images: Several) -> list[Detections]: ...  # type: ignore[overload-overlap]
    @overload
    def detect(self, images: Iterable[Any]) -> Iterator[Detections]: ...
    def detect(self, images: Any) -> Detections | list[Detections] | Iterator[Detections]:
        """Return what is found in one picture, or in each of several: of a list a list, else an iterator.

        A picture is whatever `windowpane.images.load` takes: path, bytes, file object, array (H, W, 3) or
        (H, W), PIL image.

        Raises
        ------
        ImageError
            For one that cannot be used.
        """
        if is_picture(images) or not isinstance(images, Iterable):
            return self.answer(load(images))
        found = (self.answer(load(image)) for image in images)
        return list(found) if isinstance(images, list | tuple) else found

    @overload
    def detect_many(self, images: Several) -> list[Detections | Failure]: ...  # type: ignore[overload-overlap]
    @overload
    def detect_many(self, images: Iterable[Any]) -> Iterator[Detections | Failure]: ...
    def detect_many(self, images: Iterable[Any]) -> Iterable[Detections | Failure]:
        """Return what is found in each of many pictures, of which some may be broken.

        In the order of the pictures an answer each, or a `Failure` that says why there is none: of a list a
        list, else an iterator that takes a picture when its answer is asked for.

        Parameters
        ----------
        images
            Pictures as `detect` takes them, or a generator of them.

        Raises
        ------
        ArgumentError
            For a single picture: give it to `detect`.
        """
        if is_picture(images) or not isinstance(images, Iterable):
            raise ArgumentError("detect_many takes a list or an iterator of pictures: give one to detect")
        found = answers(images, self.answer)
        return list(found) if isinstance(images, list | tuple) else found

    def detect_video(
        self, source: str | PathLike[str] | Capture, *, track: bool | Tracker = False
    ) -> Iterator[Detections]:
        """Return an iterator over what is found in the frames of a video, a folder or a ``cv2.VideoCapture``.

        One frame is in memory at a time.

        Parameters
        ----------
        source
            See `windowpane.images.video.frames`.
        track
            Whether objects are followed from frame to frame, so that the answers have ``ids``; or a `Tracker`
            with settings of its own. Boxes below the threshold then continue tracks.

        Raises
        ------
        ImageError
            At once for a source that cannot be opened, and after its last good frame for one that breaks off;
            see `windowpane.images.video.frames`.
        """
        look = self.tracking(None if track is True else track) if track else None
        return (look(one) if look else self.answer(one.picture) for one in timed_frames(source))

    def tracking(self, tracker: Tracker | None = None) -> Callable[[TimedFrame], Detections]:
        """Return what answers the frames of one film in their order, as `detect_video` does.

        Parameters
        ----------
        tracker
            With settings of its own; None = one that begins tracks at the detector's threshold.
        """
        tracker, faint = tracker or Tracker(threshold=self.threshold), copy(self)
        # The last net decides what is an object; the first one gives it all it needs.
        stage: Detector | CascadeStage = faint
        if self.cascade:
            faint.cascade = stage = copy(self.cascade)
        stage.decoder = copy(stage.decoder)
        stage.decoder.threshold = min(FAINT, self.threshold)
        return lambda frame: tracker.update(faint.answer(frame.picture), frame.time)

    def answer(self, picture: Picture) -> Detections:
        """Return what is found in a picture, (H, W, 3) uint8 RGB, upright: see `windowpane.core.system`."""
        return self._steps(picture, Stopwatch(), keep=False).detections

    def explain(self, image: Any) -> DetectSteps:
        """Return what is found in one picture together with every step that led to it."""
        timing = Stopwatch()
        with timing("picture"):
            picture = load(image)
        return self._steps(picture, timing, keep=True)

    # -- From a picture to what is found in it -------------------------------------------------------------

    def _steps(self, picture: Picture, timing: Stopwatch, *, keep: bool) -> DetectSteps:
        """Picture, pyramid, engine, maps, candidates, boxes, non-maximum suppression, cascade, answer.

        keep: whether to hand back the levels and their maps too, which take memory.
        """
        nothing = self.decoder.nothing(*picture.shape[:2])
        with timing("pyramid"):
            made = self._pyramid(picture)  # each level when its turn comes, while those before are looked at
            levels, every = tee(list(made) if keep else made)
            next(levels)  # the picture itself
        with timing("net"):
            pieces = map(self._padded, levels) if keep else self._tiles(levels)
            looks = self._workers.map(partial(self._look, keep=keep), pieces)
        with timing("boxes"):
            boxes = self.decoder.decode((look.candidates for look in looks), nothing)
        with timing("best boxes"):
            candidates = detections = self.decoder.nms(boxes)
        if self.cascade:
            with timing("second look"):
                detections = self.cascade.verify(candidates, list(every))
        return DetectSteps(
            picture,
            tuple(look.seen for look in looks if look.seen),
            tuple(look.score_map for look in looks if look.score_map),
            self.decoder.logit_threshold,
            candidates,
            detections.within_picture(),
            timing.ms,
        )

    def _look(self, seen: Level, keep: bool) -> _Look:
        maps = self.engine.run(seen.image)
        found = [self.decoder.candidates(seen, maps)]
        for quarters in (1, 2, 3) if self.rotations else ():
            turned = self.engine.run(np.ascontiguousarray(np.rot90(seen.image, quarters)))
            found.append(self.decoder.candidates(seen, turned, quarters))
        some = [one for one in found if one]
        candidates = Candidates.joined(some) if some else None
        return _Look(candidates, seen, self.decoder.score_map(maps)) if keep else _Look(candidates)

    def _tiles(self, levels: Iterable[Level]) -> Iterator[Level]:
        """Yield the tiles of levels with room around them, each a level that lies elsewhere."""
        for level in map(self._padded, levels):
            (down, right), (top, left) = level.scale, level.shift
            for y0, y1, x0, x1 in self.engine.tiles(*level.image.shape[:2]):
                yield Level(level.image[y0:y1, x0:x1], level.scale, (top + y0 / down, left + x0 / right))

    def _pyramid(self, picture: Picture) -> Iterator[Level]:
        """Yield the picture in the net's colours and then its pyramid, finest level first.

        On its level an object is up to half a step larger or smaller than those that the net was trained on:
        on the first level one of the least size is half a step smaller, on the last one of the largest size
        half a step larger. An object that fills the picture is not larger there.
        """
        grey = self.engine.manifest.colour == "grey"
        pixels = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if grey else picture)
        height, width = (int(side / math.sqrt(2)) for side in self.decoder.object_sides)
        size = self.decoder.object_size
        levels = sqrt2(pixels, smallest_size=(height, width), largest_scale=size / self.min_size / HALF_STEP)
        coarsest = 0.95 * size / self.max_size / HALF_STEP  # for the sides of levels are whole pixels
        yield Level(pixels, (1, 1))
        yield from takewhile(lambda level: max(level.scale) >= coarsest, levels)

    def _padded(self, level: Level) -> Level:
        """Return a level with room around it, so that windows see small objects at its edges in their middle.

        The pixels at the edges go on, as in training.
        """
        window = self.decoder.window
        object_height, object_width = (side / HALF_STEP for side in self.decoder.object_sides)
        height, width = level.image.shape[:2]
        top, bottom = _margins(height, window.height, object_height, window.stride[0])
        left, right = _margins(width, window.width, object_width, window.stride[1])
        image = cv2.copyMakeBorder(level.image, top, bottom, left, right, cv2.BORDER_REPLICATE)
        return Level(image, level.scale, (-top / level.scale[0], -left / level.scale[1]))


def _margins(length: int, window: int, object_length: float, stride: int) -> tuple[int, int]:
    """Return how many pixels to add before and after a level's side, so that whole strides cover it."""
    before = max(0, round((window - object_length) / 2))
    steps = max(0, math.ceil((length + 2 * before - window) / stride))
    return before, window + steps * stride - before - length
