"""Parses scenes, a class for every pixel (semantic segmentation): the lecture's fourth system.

    scene = Parser().parse("street.jpg")
    scene.class_ids, scene.shares["road"]

One window is slid over the picture in several sizes, so a net sees details through the first and the whole
scene through the last; for these there may be a wider backbone than for the first. What is seen of a place in
all sizes is put together and classified; the probabilities are interpolated to the picture's pixels, and each
pixel takes its likeliest class. Where time is left, the picture is looked at mirrored and enlarged too
(test-time augmentation), and the mean of all probabilities decides.

Sources: LeCun, NYU Deep Learning 2020, lecture 6.1, "A multi-scale scene parsing system"; Farabet, Couprie,
Najman and LeCun 2013, "Learning hierarchical features for scene labeling".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from windowpane.core.engine import Engine
from windowpane.core.last_layer import softmax
from windowpane.core.netfile import NetFile, load_net
from windowpane.core.runtimes import RuntimeName
from windowpane.core.system import Failure, answers
from windowpane.core.timing import Stopwatch
from windowpane.errors import ArgumentError, taken
from windowpane.images import is_picture, load
from windowpane.parse.labelmap import LabelMap
from windowpane.parse.net import MultiscaleNet
from windowpane.parse.scales import Floats, aligned, cells, in_parts, likeliest, places
from windowpane.parse.steps import ParseSteps, TileSteps, joined
from windowpane.parse.superpixels import averaged
from windowpane.parse.tiles import Part, Picture, reduced, tiles, widened, within
from windowpane.parse.tta import View, ViewScores, added, together, views

BLOCK = 1 << 16  # pixels that are labelled at once: their probabilities stay in a processor's cache


class Parser:
    """Gives every pixel of a picture a class.

    Raises NetFileError for a net that is no parser, ArgumentError for a number of views or threads, or a
    runtime, that cannot be. It ends its threads at the end of a ``with`` block, or with `close`.

    Parameters
    ----------
    net
        A name that ships, a path, the bytes of a net file, or a loaded one.
    superpixels
        Whether each pixel's probabilities are averaged with those of the superpixels that it lies in; needs
        the extra ``[superpixels]`` and some time. Those of a large picture end at the edges of its tiles.
    tta
        Views of each picture (test-time augmentation): 1; 2, mirrored too; or 4, both also enlarged by a
        quarter: more pixels are right, for 2 and 5 times the time.
    threads
        Processor threads that one picture may use. With two or more, a net that has a backbone of its own for
        the first level looks at two levels at a time.
    runtime
        Of the engine.
    looks
        The old name of ``tta``.

    Attributes
    ----------
    names
        Of the classes.
    manifest, window
        Of the net.
    """

    def __init__(
        self,
        net: NetFile | str | Path | bytes = "scenes",
        *,
        superpixels: bool = False,
        tta: int = 1,
        threads: int = 1,
        runtime: RuntimeName = "onnxruntime",
        looks: int | None = None,
    ) -> None:
        self.tta = taken("looks", looks, "tta", tta)
        self._views = views(self.tta)
        if not isinstance(threads, int) or threads < 1:
            raise ArgumentError(
                f"threads={threads!r} given: a picture takes one thread or more, give 1, 2, ..."
            )
        self.superpixels = superpixels
        self.net = MultiscaleNet(net if isinstance(net, NetFile) else load_net(net), threads, runtime)
        self.names, self.manifest, self.window = self.net.names, self.net.manifest, self.net.window

    def __repr__(self) -> str:
        return f"Parser({self.manifest.name!r}, tta={self.tta}, superpixels={self.superpixels})"

    @property
    def engines(self) -> list[Engine]:
        """What runs the net, and each further one that its file carries."""
        return self.net.engines

    # -- What it is asked ----------------------------------------------------------------------------------

    @overload
    def parse(self, images: str | PathLike[str] | bytes | NDArray[Any]) -> LabelMap: ...  # type: ignore[overload-overlap]
    @overload
    def parse(self, images: list[Any] | tuple[Any, ...]) -> list[LabelMap]: ...  # type: ignore[overload-overlap]
    @overload
    def parse(self, images: Iterable[Any]) -> Iterator[LabelMap]: ...
    def parse(self, images: Any) -> LabelMap | list[LabelMap] | Iterator[LabelMap]:
        """Return the classes of one picture, or of each of several.

        Of one picture its classes, of a list or tuple a list, of anything else an iterator, which answers one
        at a time.

        Parameters
        ----------
        images
            A picture as `windowpane.images.load` takes it: path, bytes, file object, array (H, W, 3) or
            (H, W), PIL image; or several of these.

        Raises
        ------
        ImageError
            For a picture that cannot be used; `parse_many` goes on instead.
        """
        if not isinstance(images, Iterable) or is_picture(images):
            return self.answer(load(images))
        found = (self.answer(load(image)) for image in images)
        return list(found) if isinstance(images, list | tuple) else found

    @overload
    def parse_many(self, images: list[Any] | tuple[Any, ...]) -> list[LabelMap | Failure]: ...  # type: ignore[overload-overlap]
    @overload
    def parse_many(self, images: Iterable[Any]) -> Iterator[LabelMap | Failure]: ...
    def parse_many(self, images: Iterable[Any]) -> list[LabelMap | Failure] | Iterator[LabelMap | Failure]:
        """Return the classes of each of several pictures, with a `Failure` where one cannot be used.

        In their order: of a list or tuple a list, of anything else an iterator, which answers one at a time.

        Parameters
        ----------
        images
            As `parse` takes several.

        Raises
        ------
        ArgumentError
            For a single picture: give it to `parse`.
        """
        if is_picture(images) or not isinstance(images, Iterable):
            raise ArgumentError("parse_many takes a list or an iterator of pictures: give one to parse")
        found = answers(images, self.answer)
        return list(found) if isinstance(images, list | tuple) else found

    def answer(self, picture: Picture) -> LabelMap:
        """Return the classes of a picture, (H, W, 3) uint8 RGB, upright."""
        return self._run(picture, Stopwatch(), None)

    def explain(self, image: Any) -> ParseSteps:
        """Return the classes of one picture as `parse` gives them, with every step that led to them."""
        timing, kept = Stopwatch(), list[TileSteps]()
        with timing("picture"):
            picture = load(image)
        scene = self._run(picture, timing, kept)
        size, seen = picture.shape[:2], reduced(picture, self.net.longest).shape[:2]
        levels, maps = joined(kept, self.window, seen, size)
        return ParseSteps(picture, tuple(levels), tuple(map(self.net.logits_of, maps)), scene, timing.ms)

    def close(self) -> None:
        """End its threads; it answers no more."""
        self.net.close()

    def __enter__(self) -> Parser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- From a picture to its classes ---------------------------------------------------------------------

    def _run(self, caller: Picture, timing: Stopwatch, kept: list[TileSteps] | None) -> LabelMap:
        """Parse a picture, in tiles if it is large: with so much around each that no seam is seen.

        A net that was taught on pictures of some size sees larger ones made so small. kept: takes down the
        first view of each tile.
        """
        picture = reduced(caller, self.net.longest)
        size = picture.shape[:2]
        class_ids, confidence = np.empty(size, np.uint8), np.empty(size, np.float32)
        for place in tiles(size, self.net.tile):
            part = widened(place, size, self.net.around) if self.superpixels else place
            scores = [self._look(view, picture, part, timing, kept) for view in self._views]
            with timing("labels"):
                class_ids[place], confidence[place] = self._labels(scores, picture[part], within(place, part))
        scene = LabelMap(class_ids, confidence, self.names)
        return scene if picture is caller else scene.resized(*caller.shape[:2])

    def _look(
        self, view: View, picture: Picture, part: Part, timing: Stopwatch, kept: list[TileSteps] | None
    ) -> ViewScores:
        """Return what a view says of a part of a picture: pyramid, net, and all scales together."""
        with timing("pyramid"):
            seen, y, x = view.part(picture, *part, self.net.around, self.net.grid)
            levels = self.net.levels_of(seen, (y, x))
        with timing("net"):
            maps = self.net.maps_of(levels)
        if kept is not None and view is self._views[0]:
            corner = part[0].start + 0.5 - y[0], part[1].start + 0.5 - x[0]
            kept.append(TileSteps(corner, levels, maps))
        with timing("all scales together"):
            each = aligned(maps, [places(level, self.window) for level in levels])
            logits = in_parts(self.net.logits_of(reduce(added, each)), self.net.finer)
            probabilities = softmax(logits, axis=0) / np.float32(len(self._views))
            rows, cols = places(levels[0], self.window, self.net.finer)
            return ViewScores(probabilities, cells(y, rows), cells(x, cols))

    def _labels(
        self, scores: Sequence[ViewScores], picture: Picture, mine: Part
    ) -> tuple[NDArray[np.uint8], Floats]:
        """Return the classes of ``mine``, some pixels of a picture that was looked at, and how likely each
        is."""
        if self.superpixels:
            every = slice(0, picture.shape[0]), slice(0, picture.shape[1])
            return likeliest(averaged(together(scores, *every), picture)[:, *mine])
        rows, cols = mine
        size = rows.stop - rows.start, cols.stop - cols.start
        class_ids, confidence = np.empty(size, np.uint8), np.empty(size, np.float32)
        at_once = max(1, BLOCK // size[1])
        for first in range(0, size[0], at_once):
            some = np.s_[first : first + at_once]
            class_ids[some], confidence[some] = likeliest(together(scores, some, cols))
        return class_ids, confidence
