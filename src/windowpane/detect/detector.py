"""Finds faces, or other objects that a net was trained on, in pictures: the lecture's second system.

    for face in Detector().detect("group.jpg"):
        face.box, face.confidence

One net with one window slides over a pyramid of factor sqrt 2: on one of its levels every object is about as
large as those that the net was trained on. Where the score is high the net's own correction makes a box; of
boxes that overlap, on any levels, the surest stays. If the net's file carries a second net, that one has a
closer look at what is left.

Sources: LeCun, NYU Deep Learning 2020, lecture 6.1, "A multi-scale face detection system"; Vaillant, Monrocq
and LeCun 1994, "Original approach for the localisation of objects in images".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import Any, overload

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.engine import Engine, ScoreMap
from windowpane.core.netfile import NetFile
from windowpane.core.netfile import load as load_net
from windowpane.core.pyramids import Level, sqrt2
from windowpane.core.runtimes import RuntimeName
from windowpane.detect.decoder import Decoder, Hits
from windowpane.detect.detections import Detections
from windowpane.detect.refine import SecondLook
from windowpane.errors import WindowpaneError
from windowpane.images import is_picture, load
from windowpane.images.video import Capture, frames

Picture = NDArray[np.uint8]
HALF_STEP = 2**0.25  # half a step of the pyramid: how much larger or smaller an object may be on its level


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Every step from a picture to what is found in it, for drawing.

    picture: (H, W, 3) uint8. levels: as the net sees them, finest first. maps: the score map of each level,
    (C, rows, cols) logits. limit: the logit above which a cell gave a box. first: what is left of these boxes
    for the second look; without one, `detections`. ms: milliseconds of each step.
    """

    picture: Picture
    levels: tuple[Level, ...]
    maps: tuple[ScoreMap, ...]
    limit: float
    first: Detections
    detections: Detections
    ms: dict[str, float]


class Detector:
    """Finds the objects of a net's classes, such as faces, in every size.

    Parameters
    ----------
    net:
        A name that ships, a path, the bytes of a net file, or a loaded one.
    min_size, max_size:
        The sizes of objects to look for, pixels of the picture: the root of the box's area. The time falls
        with the square of ``min_size``; below the size that the net was trained on pictures are enlarged.
        Without ``max_size`` an object may fill the picture.
    score:
        What is less sure than this (0..1) is left out; None takes the net file's threshold.
    threads:
        Processor threads that one picture may use. Half of the work is on the pyramid's first level: with two
        or more, half of them look at it, and the others at all further ones.
    runtime:
        Of the engine.

    Raises NetFileError for a net that is no detector, WindowpaneError for sizes and scores that cannot be.
    """

    def __init__(
        self,
        net: NetFile | str | Path | bytes = "faces",
        *,
        min_size: float = 20,
        max_size: float | None = None,
        score: float | None = None,
        threads: int = 1,
        runtime: RuntimeName = "onnxruntime",
    ) -> None:
        file = net if isinstance(net, NetFile) else load_net(net)
        self.engine = Engine(file, runtime=runtime, threads=(threads + 1) // 2)
        self._beside = ThreadPoolExecutor(1, "windowpane-levels") if threads > 1 else None
        self.decoder = Decoder(self.engine.manifest, None if file.second else score)
        self.second = None
        if file.second:
            self.second = SecondLook(Engine(file.second, runtime=runtime), score)
        self.min_size, self.max_size = min_size, math.inf if max_size is None else max_size
        if not 0 < self.min_size <= self.max_size:
            raise WindowpaneError(
                f"sizes from {min_size} to {max_size} pixels were asked for: the least is above 0,"
                " and not above the largest"
            )
        threshold = (self.second or self).decoder.threshold
        if not 0 <= threshold <= 1:
            raise WindowpaneError(f"a score of {threshold} is no limit: it is a probability, 0 to 1")

    @overload
    def detect(self, images: str | PathLike[str] | bytes | NDArray[Any]) -> Detections: ...  # type: ignore[overload-overlap]
    @overload
    def detect(self, images: Iterable[Any]) -> Iterator[Detections]: ...
    def detect(self, images: Any) -> Detections | Iterator[Detections]:
        """Return what is found in one picture, or an iterator over what is found in each of several.

        A picture is whatever `windowpane.images.load` takes: path, bytes, file object, array (H, W, 3) or
        (H, W), PIL image. Raises ImageError for one that cannot be used.
        """
        if isinstance(images, Iterable) and not is_picture(images):
            return (self._found(load(image)) for image in images)
        return self._found(load(images))

    def detect_video(self, source: str | PathLike[str] | Capture) -> Iterator[Detections]:
        """Return an iterator over what is found in the frames of a video, a folder or a ``cv2.VideoCapture``.

        One frame is in memory at a time. Raises ImageError at once for a source that cannot be opened, and
        after its last good frame for one that breaks off; see `windowpane.images.video.frames`.
        """
        return (self._found(frame) for frame in frames(source))

    def explain(self, image: Any) -> Explanation:
        """Return what is found in one picture together with every step that led to it."""
        times = [perf_counter()]
        picture = load(image)
        times.append(perf_counter())
        levels = list(self._levels(picture))
        padded = tuple(self._padded(level) for level in levels[1:])
        times.append(perf_counter())
        maps = [self.engine.run(level.image) for level in padded]
        times.append(perf_counter())
        nothing = self.decoder.nothing(*picture.shape[:2])
        found = self.decoder.decode(map(self.decoder.hits, padded, maps), nothing)
        times.append(perf_counter())
        first = best = self.decoder.best(found)
        times.append(perf_counter())
        if self.second:
            best = self.second.judge(first, levels)
            times.append(perf_counter())
        steps = ("picture", "pyramid", "net", "boxes", "best boxes", "second look")
        ms = {step: 1000 * (b - a) for step, (a, b) in zip(steps, pairwise(times), strict=False)}
        scores = tuple(self.decoder.score_map(some) for some in maps)
        return Explanation(picture, padded, scores, self.decoder.limit, first, best.within_picture(), ms)

    # -- From a picture to what is found in it -------------------------------------------------------------

    def _found(self, picture: Picture) -> Detections:
        levels, hits = self._looked_at(self._levels(picture))
        best = self.decoder.best(self.decoder.decode(hits, self.decoder.nothing(*picture.shape[:2])))
        return (self.second.judge(best, levels) if self.second else best).within_picture()

    def _looked_at(self, levels: Iterator[Level]) -> tuple[list[Level], list[Hits | None]]:
        """Return the picture and all levels, and what hits there are on each level."""
        seen = list(islice(levels, 2))

        def look(level: Level) -> Hits | None:
            padded = self._padded(level)
            return self.decoder.hits(padded, self.engine.run(padded.image))

        def look_at_others() -> list[Hits | None]:
            found = []
            for level in levels:
                seen.append(level)
                found.append(look(level))
            return found

        if self._beside:
            others = self._beside.submit(look_at_others)
            return seen, [*map(look, seen[1:2]), *others.result()]
        return seen, [*map(look, seen[1:]), *look_at_others()]

    def _levels(self, picture: Picture) -> Iterator[Level]:
        """Yield the picture as the net sees it and then its pyramid, finest level first.

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
