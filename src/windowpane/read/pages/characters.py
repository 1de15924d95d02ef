"""Finds the characters on a page (object detection): a small window net over the core's pyramid.

The net file's outputs, both with one window:

    score  (3, rows, cols)  logits of digit, letter and mark; a mark is what stands within numbers
    place  (5, rows, cols)  x and y of the character's middle from the window's, in nominal heights; the
                            logarithm of its height over the nominal one; cosine and sine of its direction

Its settings: ``object_size``, the nominal height of a digit in the window, in pixels; ``reach``, the factor
by which characters may be larger or smaller and still be found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.boxes import suppress
from windowpane.core.engine import Engine
from windowpane.core.netfile import NetFile, load_net
from windowpane.core.pyramids import Level, sqrt2
from windowpane.core.runtimes import RuntimeName
from windowpane.errors import NetFileError

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

DIGIT, LETTER, MARK = range(3)

SMALLEST = 8.0  # height of digits that are looked for, pixels
MOST_PIXELS = 6_000_000  # a page is not enlarged beyond this, and reduced to this if it is larger
SIDE = 0.5  # of the square that a character is taken for when those that compete are suppressed, in heights


@dataclass(frozen=True, slots=True)
class Characters:
    """N characters on a page.

    Attributes
    ----------
    middles
        (N, 2) x and y in the middle of their row, pixels.
    heights
        (N,) of a digit there, pixels.
    angles
        (N,) the direction of reading, radians from the right, clockwise as seen.
    logits
        (N, 3) of digit, letter and mark.
    """

    middles: Floats
    heights: Floats
    angles: Floats
    logits: Floats

    def __len__(self) -> int:
        return len(self.heights)

    def __getitem__(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Characters:
        return Characters(
            self.middles[chosen], self.heights[chosen], self.angles[chosen], self.logits[chosen]
        )

    @property
    def class_ids(self) -> NDArray[np.intp]:
        """What each is most likely."""
        return np.asarray(self.logits.argmax(axis=1)) if len(self) else np.zeros(0, np.intp)

    @classmethod
    def joined(cls, parts: list[Characters]) -> Characters:
        """Return those of several levels as one."""
        columns = zip(*((one.middles, one.heights, one.angles, one.logits) for one in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))


NO_CHARACTERS = Characters(np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.zeros((0, 3)))


class CharacterFinder:
    """Finds digits, letters and marks on pages of any size.

    Parameters
    ----------
    net
        A net file made by `windowpane train strings`: loaded, or as `load_net` takes it.
    runtime, threads
        Of the engine.
    logit
        Above which a character counts.

    Raises
    ------
    NetFileError
        For a net that is no finder.
    """

    def __init__(
        self,
        net: NetFile | str | Path | bytes = "strings",
        *,
        runtime: RuntimeName = "onnxruntime",
        threads: int = 1,
        logit: float = -0.5,
    ) -> None:
        file = net if isinstance(net, NetFile) else load_net(net)
        manifest = file.manifest
        if manifest.task != "strings":
            raise NetFileError(
                f"the net {manifest.name!r} is for the task {manifest.task!r}: finding strings needs a net"
                " made by `windowpane train strings`"
            )
        self.engine = Engine(file, runtime=runtime, threads=threads)
        self.window = manifest.outputs[0].window
        self.size = float(manifest.settings["object_size"])
        self.reach = float(manifest.settings["reach"])
        self.logit = logit

    def find(self, page: Pixels) -> Characters:
        """Return the characters on a page, (H, W, 3) RGB or (H, W) grey uint8, the surest first."""
        grey = page if page.ndim == 2 else np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)
        found = Characters.joined([NO_CHARACTERS, *(self._on_level(level) for level in self._levels(grey))])
        half = SIDE / 2 * found.heights[:, None]
        boxes = np.hstack([found.middles - half, found.middles + half])
        return found[suppress(boxes, found.logits.max(axis=1, initial=-np.inf), overlap=0.2)]

    def _levels(self, grey: Pixels) -> Iterator[Level]:
        """Yield every second level of the pyramid: the net finds what is in between on one of them."""
        height, width = grey.shape
        largest = self.size / self.reach / SMALLEST
        scale = min(largest, (MOST_PIXELS / (height * width)) ** 0.5)
        for place, level in enumerate(sqrt2(grey, smallest_size=8, largest_scale=scale)):
            if place % 2 == 0:
                yield level

    def _on_level(self, level: Level) -> Characters:
        """Return the characters of about the net's size on one level, in pixels of the page."""
        pad = (self.window.height - self.window.stride[0]) // 2  # so that what is at the edge is seen too
        image = cv2.copyMakeBorder(level.image, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
        score, place = (one.scores for one in self.engine.run(np.asarray(image)))
        if not score.size:
            return NO_CHARACTERS
        best = score.max(axis=0)
        peak = best >= cv2.dilate(best, np.ones((3, 3), np.uint8))
        rows, cols = np.nonzero(peak & (best > self.logit))
        x, y, height, cos, sin = place[:, rows, cols].astype(np.float64)
        middles = self.window.boxes(rows, cols).reshape(-1, 2, 2).mean(axis=1) - pad
        middles += np.stack([x, y], axis=1) * self.size
        scale = np.array(level.scale[::-1])
        heights = self.size * np.exp(np.clip(height, -2, 2)) / scale.mean()
        near = np.abs(height) < np.log(1.15 * self.reach)
        logits = score[:, rows, cols].T.astype(np.float64)
        return Characters(middles / scale, heights, np.arctan2(sin, cos), logits)[near]
