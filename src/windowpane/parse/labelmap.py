"""A class for every pixel of the caller's picture (segmentation map), as parsers and taught layers answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core import notebook
from windowpane.errors import ArgumentError, renamed
from windowpane.images.drawing import png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = (
    *((90, 170, 235), (20, 110, 50), (115, 115, 125), (140, 205, 70), (25, 60, 170), (205, 120, 60)),
    *((140, 90, 180), (225, 50, 60), (245, 205, 50), (240, 130, 190), (0, 160, 160), (120, 70, 30)),
)
"""Of the first classes, RGB: no two look alike."""

BLOCK = 1 << 20  # pixels that are counted at once
MOST = 6  # classes that are named in a line


def class_colours(count: int) -> NDArray[np.uint8]:
    """Return a colour for each of ``count`` classes, (count, 3) uint8 RGB; of each further dozen a darker
    one."""
    dozen, place = np.divmod(np.arange(count), len(COLOURS))
    shade = 1 - 0.6 * dozen / max(1, dozen.max(initial=0))
    return np.asarray(np.array(COLOURS)[place] * shade[:, None], np.uint8)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LabelMap:
    """A class for every pixel, and how sure it is (semantic segmentation).

    Attributes
    ----------
    class_ids
        (H, W) uint8, places in ``names``, for the caller's upright picture.
    confidence
        (H, W) float32, the probability of the class, 0..1.
    names
        Of the net's classes.
    """

    class_ids: NDArray[np.uint8]
    confidence: NDArray[np.float32]
    names: tuple[str, ...]

    labels = renamed("labels", "class_ids")
    scores = renamed("scores", "confidence")

    @property
    def height(self) -> int:
        """Of the picture, in pixels."""
        return int(self.class_ids.shape[0])

    @property
    def width(self) -> int:
        """Of the picture, in pixels."""
        return int(self.class_ids.shape[1])

    @property
    def shares(self) -> dict[str, float]:
        """The share of the picture that each class has, 0..1; 1 together."""
        counts = np.zeros(len(self.names), np.int64)
        at_once = max(1, BLOCK // max(1, self.width))  # rows: to count a pixel takes eight bytes
        for first in range(0, self.height, at_once):
            some = self.class_ids[first : first + at_once]
            counts += np.bincount(some.ravel(), minlength=len(self.names))
        return dict(zip(self.names, (counts / max(1, self.class_ids.size)).tolist(), strict=True))

    @property
    def largest(self) -> tuple[str, ...]:
        """The names of the classes that have at least half a percent of the picture, the largest first."""
        known = sorted(self.shares.items(), key=lambda one: -one[1])
        return tuple(name for name, share in known if share >= 0.005)

    def __repr__(self) -> str:
        shares = self.shares
        told = ", ".join(f"{name} {shares[name]:.0%}" for name in self.largest[:MOST])
        further = len(self.largest) - MOST
        more = f" and {further} more" if further > 0 else ""
        return f"LabelMap({self.width} x {self.height} pixels: {told or 'none'}{more})"

    def mask(self, name: str) -> NDArray[np.bool_]:
        """Return where a class is, (H, W); raises ArgumentError for a name that the net does not know."""
        if name not in self.names:
            raise ArgumentError(f"there is no class {name!r}: choose from {', '.join(self.names)}")
        return np.asarray(self.class_ids == self.names.index(name))

    def resized(self, height: int, width: int) -> LabelMap:
        """Return the same for the picture in another size, in pixels."""
        class_ids = cv2.resize(self.class_ids, (width, height), interpolation=cv2.INTER_NEAREST)
        confidence = cv2.resize(self.confidence, (width, height), interpolation=cv2.INTER_LINEAR)
        return LabelMap(np.asarray(class_ids, np.uint8), np.asarray(confidence, np.float32), self.names)

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON: the picture's size and the share of each class in
        it."""
        shares = {name: round(share, 4) for name, share in self.shares.items()}
        return {"width": self.width, "height": self.height, "labels": shares}

    def to_png(self) -> bytes:
        """Return the classes as a grey PNG file of the picture's size, which holds places in ``names``."""
        return png(self.class_ids)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the classes with a legend on matplotlib's axes, in pixels of the picture; None = new ones.

        Raises
        ------
        MissingExtraError
            Without the extra ``plot``.
        """
        colours = class_colours(len(self.names))
        ax = notebook.axes(ax, colours[self.class_ids])
        for colour, name in self._legend():
            ax.scatter([], [], marker="s", color=np.array(colour) / 255, label=name)
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
        return ax

    def _repr_html_(self) -> str:
        colours = class_colours(len(self.names))
        title = f"A class for each of {self.width} x {self.height} pixels"
        return notebook.view(
            title, notebook.pictures([("", colours[self.class_ids])]), notebook.legend(self._legend())
        )

    def _legend(self) -> list[tuple[list[int], str]]:
        """Return the colours of the largest classes, and their names with their shares."""
        colours, shares = class_colours(len(self.names)).tolist(), self.shares
        return [(colours[self.names.index(name)], f"{name} {shares[name]:.0%}") for name in self.largest]
