"""A parser's net file at work on all levels of a picture (multi-scale ConvNet).

A file has a backbone for all levels, or one for the first and a wider one for the rest, with an output for
each level; what these see of a place in all levels is added up. Either that is the classes' logits, or a
classifier goes on from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from windowpane.core.engine import Engine
from windowpane.core.netfile import Manifest, NetFile, Output
from windowpane.core.pyramids import Level
from windowpane.core.runtimes import RuntimeName
from windowpane.core.windows import Window
from windowpane.errors import NetFileError, WindowpaneError
from windowpane.parse.scales import Floats, Places, levels_of

TILE = 2048  # side of the part of a picture that is parsed at once, pixels; half of it for maps of features


class MultiscaleNet:
    """The engines of a parser's net, and what its file says of them.

    Parameters
    ----------
    file
        The net; raises NetFileError for one that is no parser's.
    threads
        That one picture may use. With two or more, a net that has a backbone of its own for the first level
        looks at two levels at a time.
    runtime
        Of the engines.
    """

    def __init__(self, file: NetFile, threads: int = 1, runtime: RuntimeName = "onnxruntime") -> None:
        _check(file)
        backbones, last = _backbones(file), file.chain[-1]
        apart = len(backbones) > 1 and threads > 1
        each = (threads + 1) // 2 if apart else threads
        engines = [Engine(one, runtime=runtime, threads=each) for one in backbones]
        # The threads of a runtime wait busily for more to do, and would be in each other's way.
        self._classifier = Engine(last, runtime=runtime, threads=1) if last not in backbones else None
        self.engines = [*engines, *([self._classifier] if self._classifier else [])]
        self._outputs = [
            (engine, output) for engine in engines for output in range(len(engine.manifest.outputs))
        ]
        self.manifest, self.window = file.manifest, file.manifest.outputs[0].window
        settings = self.manifest.settings
        self._pyramid, self._levels = settings["pyramid"], settings["levels"]
        self.finer, self.longest = settings.get("finer", 1), settings.get("longest")
        self.names = last.manifest.outputs[0].names[:: self.finer**2]
        self.tile = TILE // 2 if self._classifier else TILE
        self._beside = ThreadPoolExecutor(1, "windowpane-levels") if apart else None
        self._closed = False

    @property
    def around(self) -> int:
        """Pixels of the picture, on each side, that its classes depend on."""
        on_level = self.window.height // 2 + 3 * self.window.stride[0] + 8
        return int(on_level * 2 ** (self._levels - 1))

    @property
    def grid(self) -> int:
        """Pixels of the picture from one place where cells of all levels begin to the next."""
        return int(self.window.stride[0] * 2 ** (self._levels - 1))

    def levels_of(self, picture: NDArray[np.uint8], at: tuple[Places, Places]) -> list[Level]:
        """Return the levels of a picture as the net sees them, so much as is needed at rows and columns."""
        return levels_of(picture, self._pyramid, self._levels, self.window, at)

    def maps_of(self, levels: Sequence[Level]) -> list[Floats]:
        """Return what the backbones see in the levels of a picture, (K, rows, cols) each, to be added up.

        A backbone has an output for each of the levels that it is for. Two threads take from what is left,
        the finest first: so the first does not wait for one that wakes late.
        """
        if self._closed:
            raise WindowpaneError("the parser is closed and answers no more: make a new one")
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

    def logits_of(self, maps: Floats) -> Floats:
        """Return what maps, of one level or added up, say of the classes of all parts of a cell."""
        return self._classifier.run_planes(maps[None])[0][0] if self._classifier else maps

    def close(self) -> None:
        """End the second thread."""
        self._closed = True
        if self._beside:
            self._beside.shutdown()


# -- Whether a file is a parser's --------------------------------------------------------------------------


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
    backbones, last = _backbones(file), file.chain[-1]
    outputs = [output for one in backbones for output in one.manifest.outputs]
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
        "three colours": {one.manifest.channels for one in backbones} == {3},
        "a classifier of what it gives": last in backbones
        or any(_takes(last.manifest, one) for one in outputs),
    }
    if wrong := [what for what, is_right in right.items() if not is_right]:
        raise NetFileError(
            f"the net {manifest.name!r} is no parser, for that it needs {', '.join(wrong)}: export it again"
        )


def _is_side(value: object) -> bool:
    return isinstance(value, int) and value >= 1


def _backbones(file: NetFile) -> list[NetFile]:
    """Return the nets that look at a picture; the last one may go on from what these see."""
    return [one for one in file.chain if one.manifest.colour != "features"]


def _takes(classifier: Manifest, seen: Output) -> bool:
    return classifier.channels == len(seen.names) and classifier.outputs[0].window == Window(1, 1)
