"""Parses scenes, a class for every pixel: the lecture's fourth system.

    scene = Parser().parse("street.jpg")
    scene.class_ids, scene.shares["road"]

One window is slid over the picture in several sizes, so a net sees details through the first and the whole
scene through the last; for these there may be a wider trunk than for the first. What is seen of a place in
all sizes is put together and classified; the probabilities are interpolated to the picture's pixels, and each
pixel takes its likeliest class. Where time is left, the picture is looked at mirrored and enlarged too, and
the mean of all probabilities decides.

Sources: LeCun, NYU Deep Learning 2020, lecture 6.1, "A multi-scale scene parsing system"; Farabet, Couprie,
Najman and LeCun 2013, "Learning hierarchical features for scene labeling".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import Any, overload

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.engine import Engine
from windowpane.core.netfile import Manifest, NetFile, Output
from windowpane.core.netfile import load as load_net
from windowpane.core.pyramids import Level
from windowpane.core.runtimes import RuntimeName
from windowpane.core.windows import Window
from windowpane.errors import NetFileError
from windowpane.images import is_picture, load
from windowpane.parse.labelmap import LabelMap
from windowpane.parse.scales import (
    Floats,
    Places,
    aligned,
    cells,
    interpolated,
    levels_of,
    likeliest,
    places,
)
from windowpane.parse.superpixels import averaged
from windowpane.parse.tta import LOOKS, Look

Picture = NDArray[np.uint8]
Part = tuple[slice, slice]  # rows and columns of a picture, from where to where
TILE = 2048  # side of the part of a picture that is parsed at once, pixels; half of it for maps of features
BLOCK = 1 << 16  # pixels that are labelled at once: their probabilities stay in a processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Every step from a picture to its classes, for drawing.

    picture: (H, W, 3) uint8. levels: as the net sees them in the first look, finest first. maps: what each of
    these says without the others, (K, rows, cols), logits of the classes of all parts of a cell. ms:
    milliseconds of each step.
    """

    picture: Picture
    levels: tuple[Level, ...]
    maps: tuple[Floats, ...]
    scene: LabelMap
    ms: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What one look says of a part of a picture.

    chances: (K, r, c), probabilities of the classes, by the look's share in the answer. rows, cols: where
    among these the part's pixels lie, as `interpolated` takes it.
    """

    chances: Floats
    rows: Floats
    cols: Floats


class Parser:
    """Gives every pixel of a picture a class.

    Parameters
    ----------
    net:
        A name that ships, a path, the bytes of a net file, or a loaded one.
    superpixels:
        Whether each pixel's probabilities are averaged with those of the superpixels that it lies in; needs
        the extra ``[superpixels]`` and some time. Those of a large picture end at the edges of its tiles.
    looks:
        At each picture: 1; 2, mirrored too; or 4, both also enlarged by a quarter: more pixels are right, for
        2 and 5 times the time.
    threads:
        Processor threads that one picture may use. With two or more, a net that has a trunk of its own for
        the first level looks at two levels at a time.
    runtime:
        Of the engine.

    Raises NetFileError for a net that is no parser, ValueError for another number of looks.
    """

    def __init__(
        self,
        net: NetFile | str | Path | bytes = "scenes",
        *,
        superpixels: bool = False,
        looks: int = 1,
        threads: int = 1,
        runtime: RuntimeName = "onnxruntime",
    ) -> None:
        if looks not in LOOKS:
            raise ValueError(f"a picture is looked at {', '.join(map(str, LOOKS))} times, not {looks}")
        file = net if isinstance(net, NetFile) else load_net(net)
        self.manifest = file.manifest
        _check(file)
        trunks, last = _trunks(file), file.chain[-1]
        apart = len(trunks) > 1 and threads > 1
        each = (threads + 1) // 2 if apart else threads
        self._beside = ThreadPoolExecutor(1, "windowpane-levels") if apart else None
        engines = [Engine(one, runtime=runtime, threads=each) for one in trunks]
        # The threads of a runtime wait busily for more to do, and would be in each other's way.
        self.classifier = Engine(last, runtime=runtime, threads=1) if last not in trunks else None
        self.engines = [*engines, *([self.classifier] if self.classifier else [])]
        self.pyramid, self.levels = self.manifest.settings["pyramid"], self.manifest.settings["levels"]
        self.finer = self.manifest.settings.get("finer", 1)
        self.names = last.manifest.outputs[0].names[:: self.finer**2]
        self.window = self.manifest.outputs[0].window
        self._outputs = [
            (engine, output) for engine in engines for output in range(len(engine.manifest.outputs))
        ]
        self.longest = self.manifest.settings.get("longest")
        self.superpixels = superpixels
        self.looks = LOOKS[looks]

    @overload
    def parse(self, images: str | PathLike[str] | bytes | NDArray[Any]) -> LabelMap: ...  # type: ignore[overload-overlap]
    @overload
    def parse(self, images: Iterable[Any]) -> Iterator[LabelMap]: ...
    def parse(self, images: Any) -> LabelMap | Iterator[LabelMap]:
        """Return the classes of one picture, or an iterator over those of each of several.

        A picture is whatever `windowpane.images.load` takes: path, bytes, file object, array (H, W, 3) or
        (H, W), PIL image. Raises ImageError for one that cannot be used.
        """
        if isinstance(images, Iterable) and not is_picture(images):
            return (self._whole(load(image)) for image in images)
        return self._whole(load(images))

    def explain(self, image: Any) -> Explanation:
        """Return the classes of one picture, parsed as a whole, together with every step that led to them."""
        times = [perf_counter()]
        picture = load(image)
        times.append(perf_counter())
        levels = levels_of(picture, self.pyramid, self.levels, self.window)
        times.append(perf_counter())
        maps = self.maps_of(levels)
        times.append(perf_counter())
        y, x = (np.arange(size) + 0.5 for size in picture.shape[:2])
        sights = [self._sight(levels, maps, y, x)]
        times.append(perf_counter())
        every = _all_of(picture)
        sights += [self._look(look, picture, every) for look in self.looks[1:]]
        scene = LabelMap(*self._labels(sights, picture, every), self.names)
        times.append(perf_counter())
        steps = ("picture", "pyramid", "net", "all scales together", "labels")
        ms = {step: 1000 * (b - a) for step, (a, b) in zip(steps, pairwise(times), strict=True)}
        return Explanation(picture, tuple(levels), tuple(map(self._logits, maps)), scene, ms)

    def maps_of(self, levels: Sequence[Level]) -> list[Floats]:
        """Return what the trunks see in the levels of a picture, (K, rows, cols) each, to be added up.

        A trunk has an output for each of the levels that it is for. Two threads take from what is left, the
        finest first: so the first does not wait for one that wakes late.
        """
        left = iter(range(len(levels)))  # both threads draw from it
        maps: dict[int, Floats] = {}

        def look() -> None:
            for number in left:
                engine, output = self._outputs[number]
                maps[number] = engine.run(levels[number].image)[output].scores

        beside = self._beside.submit(look) if self._beside else None
        look()
        if beside and not beside.cancel():  # it has begun
            beside.result()
        return [maps[number] for number in range(len(levels))]

    # -- From a picture to its classes ---------------------------------------------------------------------

    def _whole(self, picture: Picture) -> LabelMap:
        """Parse a picture, in tiles if it is large: with so much around each that no seam is seen.

        A net that was taught on pictures of some size sees larger ones made so small.
        """
        height, width = picture.shape[:2]
        if self.longest and max(height, width) > self.longest:
            return self._whole(_reduced(picture, self.longest)).resized(height, width)
        labels, scores = np.empty((height, width), np.uint8), np.empty((height, width), np.float32)
        tile = TILE // 2 if self.classifier else TILE
        for y in range(0, height, tile):
            for x in range(0, width, tile):
                place = slice(y, min(y + tile, height)), slice(x, min(x + tile, width))
                part = self._widened(place, picture) if self.superpixels else place
                sights = [self._look(look, picture, part) for look in self.looks]
                labels[place], scores[place] = self._labels(sights, picture[part], _within(place, part))
        return LabelMap(labels, scores, self.names)

    @property
    def _around(self) -> int:
        """Pixels of the picture, on each side, that its classes depend on."""
        on_level = self.window.height // 2 + 3 * self.window.stride[0] + 8
        return int(on_level * 2 ** (self.levels - 1))

    def _widened(self, part: Part, picture: Picture) -> Part:
        """Return a part of a picture and what lies around it."""
        rows, cols = (
            slice(max(0, some.start - self._around), min(some.stop + self._around, size))
            for some, size in zip(part, picture.shape, strict=False)
        )
        return rows, cols

    def _look(self, look: Look, picture: Picture, part: Part) -> Sight:
        """Return what one look at a picture says of a part of it."""
        grid = self.window.stride[0] * 2 ** (self.levels - 1)  # where cells of all levels begin
        seen, y, x = look.part(picture, *part, self._around, grid)
        levels = levels_of(seen, self.pyramid, self.levels, self.window, (y, x))
        return self._sight(levels, self.maps_of(levels), y, x)

    def _sight(self, levels: Sequence[Level], maps: Sequence[Floats], y: Places, x: Places) -> Sight:
        """Return what the maps of all levels say at places of their picture."""
        each = aligned(maps, [places(level, self.window) for level in levels])
        logits = self._logits(reduce(_added, each))
        chances = softmax(in_parts(logits, self.finer)) / np.float32(len(self.looks))
        rows, cols = places(levels[0], self.window, self.finer)
        return Sight(chances, cells(y, rows), cells(x, cols))

    def _logits(self, maps: Floats) -> Floats:
        """Return what maps, of one level or added up, say of the classes."""
        return self.classifier.run_planes(maps[None])[0][0] if self.classifier else maps

    def _labels(
        self, sights: Sequence[Sight], picture: Picture, mine: Part
    ) -> tuple[NDArray[np.uint8], Floats]:
        """Return the classes of ``mine``, some pixels of a picture that was looked at, and how likely each
        is."""
        if self.superpixels:
            return likeliest(averaged(_together(sights, *_all_of(picture)), picture)[:, *mine])
        rows, cols = mine
        size = rows.stop - rows.start, cols.stop - cols.start
        labels, scores = np.empty(size, np.uint8), np.empty(size, np.float32)
        at_once = max(1, BLOCK // size[1])
        for first in range(0, size[0], at_once):
            some = np.s_[first : first + at_once]
            labels[some], scores[some] = likeliest(_together(sights, some, cols))
        return labels, scores


def _all_of(picture: Picture) -> Part:
    return slice(0, picture.shape[0]), slice(0, picture.shape[1])


def _within(place: Part, part: Part) -> Part:
    """Return where in a part of a picture a place of it lies."""
    rows, cols = (
        slice(one.start - start, one.stop - start)
        for one, start in zip(place, (part[0].start, part[1].start), strict=True)
    )
    return rows, cols


def _added(total: Floats, maps: Floats) -> Floats:
    """Return both added up, in the place of the second."""
    return np.add(total, maps, out=maps)


def _together(sights: Sequence[Sight], rows: slice, cols: slice) -> Floats:
    """Return the probabilities (K, h, w) that all looks together give to pixels."""
    each = (interpolated(one.chances, one.rows[rows], one.cols[cols]) for one in sights)
    return reduce(_added, each)


def _reduced(picture: Picture, longest: int) -> Picture:
    """Return a picture whose longer side has so many pixels."""
    height, width = picture.shape[:2]
    size = (max(1, round(side * longest / max(height, width))) for side in (width, height))
    return np.asarray(cv2.resize(picture, tuple(size), interpolation=cv2.INTER_AREA), np.uint8)


def in_parts(logits: Floats, finer: int) -> Floats:
    """Return the logits (classes * finer ** 2, H, W) of the parts of cells, each in its place.

    They are then (classes, finer * H, finer * W).
    """
    _, rows, cols = logits.shape
    return (
        logits.reshape(-1, finer, finer, rows, cols)
        .transpose(0, 3, 1, 4, 2)
        .reshape(-1, rows * finer, cols * finer)
    )


def softmax(logits: Floats) -> Floats:
    """Return probabilities over the first axis."""
    powers = np.exp(logits - logits.max(axis=0))
    return np.asarray(powers / powers.sum(axis=0))


def _check(file: NetFile) -> None:
    """Raise NetFileError for a file that is no parser's."""
    manifest = file.manifest
    if manifest.task != "parse":
        raise NetFileError(
            f"the net {manifest.name!r} is for the task {manifest.task!r}: parsing needs a net made by"
            " `windowpane train parse`"
        )
    levels, finer = manifest.settings.get("levels"), manifest.settings.get("finer", 1)
    wanted = [f"level_{number}" for number in range(levels)] if isinstance(levels, int) else []
    trunks, last = _trunks(file), file.chain[-1]
    outputs = [output for one in trunks for output in one.manifest.outputs]
    classes = len(last.manifest.outputs[0].names)
    right = {
        "'levels' of 1 to 8": isinstance(levels, int) and 1 <= levels <= 8,
        "'finer' of 1 or more, and the classes of as many parts": isinstance(finer, int)
        and finer >= 1
        and classes % finer**2 == 0,
        "the 'pyramid' laplacian or gaussian": manifest.settings.get("pyramid") in ("laplacian", "gaussian"),
        "one output for each level": [one.name for one in outputs] == wanted,
        "one window for all outputs": len({output.window for output in outputs}) == 1,
        "as many maps of each level": len({len(output.names) for output in outputs}) == 1,
        "a 'longest' of 1 or more": _is_side(manifest.settings.get("longest", 1)),
        "three colours": {one.manifest.channels for one in trunks} == {3},
        "a classifier of what it gives": last in trunks or any(_takes(last.manifest, one) for one in outputs),
    }
    if wrong := [what for what, is_right in right.items() if not is_right]:
        raise NetFileError(
            f"the net {manifest.name!r} is no parser, for that it needs {', '.join(wrong)}: export it again"
        )


def _is_side(value: object) -> bool:
    return isinstance(value, int) and value >= 1


def _trunks(file: NetFile) -> list[NetFile]:
    """Return the nets that look at a picture; the last one may go on from what these see."""
    return [one for one in file.chain if one.manifest.colour != "features"]


def _takes(classifier: Manifest, seen: Output) -> bool:
    return classifier.channels == len(seen.names) and classifier.outputs[0].window == Window(1, 1)
