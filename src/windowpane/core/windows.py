"""What one cell of a score map sees (receptive field, stride): its window, and the way between the two.

A window net is all convolutions, so over a whole image it gives a map whose every cell is the net applied
to one window of the image. The `Window` is the whole geometry of that map: it is built from the layers of a
net by receptive-field arithmetic, and every question of a decoder ("which pixels does this cell see?", "which
cell is nearest to this point?") is a method of it.

Convention: boxes are ``(x0, y0, x1, y1)`` and points ``(x, y)`` in pixels of the image, with the image's
corner at 0 and pixel centres at half-integers. Cells are ``(row, col)``; sizes, strides, offsets ``(y, x)``.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1, "sliding a ConvNet"; LeCun et al. 1998, section VII
("space displacement neural networks").
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from windowpane.errors import ArgumentError

Pair = int | tuple[int, int]
"""One number for both directions, or ``(y, x)``."""


@dataclass(frozen=True, slots=True)
class Window:
    """What one cell of a score map sees in the image.

    Parameters
    ----------
    height, width
        Size of the window in pixels, at least 1.
    stride
        ``(y, x)``: pixels from the window of one cell to that of the next, at least 1.
    offset
        ``(y, x)``: the top left pixel of cell (0, 0)'s window. Negative where layers pad, and then windows at
        the border reach beyond the image and see the padding there.

    Raises
    ------
    ArgumentError
        For a size or stride below 1.
    """

    height: int
    width: int
    stride: tuple[int, int] = (1, 1)
    offset: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        if min(self.height, self.width, *self.stride) < 1:
            raise ArgumentError(f"a window's height, width and stride are at least 1, not {self}")

    # -- From layers to one window -------------------------------------------------------------------------

    @classmethod
    def of_layers(cls, layers: Iterable[tuple[Pair, Pair, Pair]]) -> Window:
        """Return the window of a stack of ``(kernel, stride, padding)`` layers, the first layer first."""
        window = cls(1, 1)
        for kernel, stride, padding in layers:
            window = window.then(kernel, stride, padding)
        return window

    def then(self, kernel: Pair, stride: Pair = 1, padding: Pair = 0) -> Window:
        """Return the window after one more convolution or pooling layer.

        Each argument is one number or ``(y, x)``; ``padding`` is added on both sides.
        """
        (height, width), (pad_y, pad_x) = _pair(kernel), _pair(padding)
        return self.followed_by(Window(height, width, _pair(stride), (-pad_y, -pad_x)))

    def followed_by(self, head: Window) -> Window:
        """Return the window, in the image, of a ``head`` whose own window is counted in cells of this map."""
        (step_y, step_x), (head_step_y, head_step_x) = self.stride, head.stride
        return Window(
            height=self.height + (head.height - 1) * step_y,
            width=self.width + (head.width - 1) * step_x,
            stride=(step_y * head_step_y, step_x * head_step_x),
            offset=(self.offset[0] + head.offset[0] * step_y, self.offset[1] + head.offset[1] * step_x),
        )

    # -- From image size to map size -----------------------------------------------------------------------

    @property
    def smallest_image(self) -> tuple[int, int]:
        """The ``(height, width)`` of the smallest image whose map has a cell."""
        return self.height + 2 * self.offset[0], self.width + 2 * self.offset[1]

    def map_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the ``(rows, cols)`` of the map of an image; 0 where no window fits.

        The offset is taken to be the same at the far side of the image, as it is for layers that pad alike on
        both sides. (The floors of strided layers then compose exactly into this one floor.) One thing a
        window cannot know: where a late layer pads, an image too small for an earlier one has no map at all.
        """
        least_height, least_width = self.smallest_image
        rows = (height - least_height) // self.stride[0] + 1
        cols = (width - least_width) // self.stride[1] + 1
        return max(rows, 0), max(cols, 0)

    # -- From cells to pixels and back ---------------------------------------------------------------------

    def box(self, row: float, col: float) -> tuple[float, float, float, float]:
        """Return the ``(x0, y0, x1, y1)`` that a cell sees; fractions of cells are allowed."""
        y0 = self.offset[0] + row * self.stride[0]
        x0 = self.offset[1] + col * self.stride[1]
        return x0, y0, x0 + self.width, y0 + self.height

    def boxes(self, rows: npt.ArrayLike, cols: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Return the boxes, (N, 4) float32, of N cells given by their rows (N,) and columns (N,)."""
        y0 = self.offset[0] + np.asarray(rows) * self.stride[0]
        x0 = self.offset[1] + np.asarray(cols) * self.stride[1]
        return np.stack([x0, y0, x0 + self.width, y0 + self.height], axis=-1).astype(np.float32)

    def centre(self, row: float, col: float) -> tuple[float, float]:
        """Return the point ``(x, y)`` in the middle of what a cell sees."""
        x0, y0, x1, y1 = self.box(row, col)
        return (x0 + x1) / 2, (y0 + y1) / 2

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Return the ``(row, col)`` whose centre is nearest to a point; it may lie outside the map."""
        x_first, y_first = self.centre(0, 0)
        row = math.floor((y - y_first) / self.stride[0] + 0.5)
        col = math.floor((x - x_first) / self.stride[1] + 0.5)
        return row, col

    # -- To and from the manifest of a net file ------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {
            "height": self.height,
            "width": self.width,
            "stride": list(self.stride),
            "offset": list(self.offset),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Window:
        """Return the window that `to_dict` wrote; raises ValueError that names the wrong field."""
        for field in ("height", "width", "stride", "offset"):
            value = record.get(field)
            numbers = value if field in ("stride", "offset") else [value]
            count = 2 if field in ("stride", "offset") else 1
            if not (isinstance(numbers, list) and len(numbers) == count and all(map(_is_whole, numbers))):
                raise ArgumentError(f"a window's {field} is {count} whole number(s), not {value!r}")
        stride_y, stride_x = record["stride"]
        offset_y, offset_x = record["offset"]
        return cls(record["height"], record["width"], (stride_y, stride_x), (offset_y, offset_x))


def _pair(value: Pair) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
