"""The same image at many sizes, so that a net with one window sees objects of every size.

Each `Level` knows its place in the image, so boxes found on it are mapped back exactly, whatever was rounded.

Convention: boxes are ``(x0, y0, x1, y1)`` in pixels, the corner of the picture at 0, pixel centres at
half-integers; scales and shifts are ``(y, x)``.

Sources: LeCun, NYU Deep Learning 2020, lecture 6.1 (detection on a pyramid of factor sqrt 2); Burt & Adelson
1983, "The Laplacian pyramid as a compact image code"; Farabet et al. 2013, section 3.1 (factors 1, 2, 4).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import sqrt
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from windowpane.windows import Pair

Image = npt.NDArray[Any]

BILINEAR = 0.58
"""Down to this scale an image is shrunk bilinearly: every pixel still counts, about as much as the others."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One level of a pyramid and its place in the image it was made from.

    image: (H, W, C) of this level. scale: ``(y, x)``, pixels of the level for one pixel of the image, after
    rounding of the size. shift: ``(y, x)``, where the level's corner lies in the image, in its pixels.
    """

    image: Image
    scale: tuple[float, float]
    shift: tuple[float, float] = (0.0, 0.0)

    def to_image(self, boxes: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return boxes of this level, (..., 4), in pixels of the image; float64."""
        return np.asarray(boxes, np.float64) / self._per_box(self.scale) + self._per_box(self.shift)

    def from_image(self, boxes: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return boxes of the image, (..., 4), in pixels of this level; float64, inverse of `to_image`."""
        return (np.asarray(boxes, np.float64) - self._per_box(self.shift)) * self._per_box(self.scale)

    @staticmethod
    def _per_box(yx: tuple[float, float]) -> npt.NDArray[np.float64]:
        y, x = yx
        return np.array([x, y, x, y])


# -- Factor sqrt 2: for objects of every size --------------------------------------------------------------


def sqrt2(image: Image, *, smallest_size: Pair, largest_scale: float = 1.0) -> Iterator[Level]:
    """Yield the image at scales that fall by sqrt 2, largest first, while a window fits.

    All levels together have 1 + 1/2 + 1/4 + ... = 2 times the pixels of the first, so looking for objects of
    every size costs twice as much as looking for the smallest alone.

    Parameters
    ----------
    image:
        (H, W, C), uint8 or float32, of at most four channels (OpenCV's limit); levels have its dtype.
    smallest_size:
        The window's size, one number or ``(height, width)``: no level is smaller.
    largest_scale:
        Scale of the first level: the net's object size over the smallest object wanted. Above 1 the image is
        enlarged, for objects smaller than those that the net was trained on.

    Enlarging is bilinear, and so is shrinking by little (`BILINEAR`), in a seventh of the time; else a pixel
    is the mean of those that it covers.
    """
    least_height, least_width = (smallest_size,) * 2 if isinstance(smallest_size, int) else smallest_size
    height, width = image.shape[:2]
    above: deque[Image] = deque(maxlen=2)
    for step in count():
        scale = largest_scale / sqrt(2) ** step
        level_height, level_width = round(height * scale), round(width * scale)
        if level_height < max(least_height, 1) or level_width < max(least_width, 1):
            return
        # The level two above is twice as large: shrinking that one gives nearly the same means as shrinking
        # the image itself, and keeps the work for all levels within twice that for the first.
        larger = above[0] if step >= 2 and 2 * scale <= 1 else image
        above.append(_resized(larger, level_height, level_width))
        yield Level(above[-1], (level_height / height, level_width / width))


def _resized(image: Image, height: int, width: int) -> Image:
    if image.shape[:2] == (height, width):
        return image
    shrinks = height < BILINEAR * image.shape[0] or width < BILINEAR * image.shape[1]
    resized = cv2.resize(
        image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    return resized.reshape(height, width, *image.shape[2:])  # OpenCV drops a last axis of one channel


# -- Laplacian: what each octave adds ----------------------------------------------------------------------


def laplacian(image: Image, levels: int = 3) -> list[Level]:
    """Return an image's Laplacian pyramid: a band of detail for each factor 1, 2, 4, ..., and the rest.

    Parameters
    ----------
    image:
        (H, W, C), uint8, or float32 on the scale 0..1.
    levels:
        Number of levels, at least 1.

    Levels are float32 on the scale 0..1; all but the last are differences, around 0. The last is the image
    blurred and shrunk. Each level has half the size of the one before, rounded up, and its pixels lie on the
    image's pixels 0, 2, 4, ... of it. `reconstruct` gives the image back.

    Source: Burt & Adelson 1983, equations 1-4, with the kernel (1, 4, 6, 4, 1) / 16.
    """
    low = image.astype(np.float32) * np.float32(1 / 255) if image.dtype == np.uint8 else image
    pyramid = []
    for octave in range(levels - 1):
        lower = _with_channels(cv2.pyrDown(low), low)
        pyramid.append(_octave(low - _expanded(lower, low), octave))
        low = lower
    return [*pyramid, _octave(low, levels - 1)]


def gaussian(image: Image, levels: int = 3) -> list[Level]:
    """Return an image at factors 1, 2, 4, ..., smoothed and shrunk: what `laplacian` takes its bands from.

    Parameters and levels as of `laplacian`; the last level of both is the same.
    """
    low = image.astype(np.float32) * np.float32(1 / 255) if image.dtype == np.uint8 else image
    pyramid = [_octave(low, 0)]
    for octave in range(1, levels):
        low = _with_channels(cv2.pyrDown(low), low)
        pyramid.append(_octave(low, octave))
    return pyramid


def locally_normalized(image: Image, size: int = 15, floor: float = 0.02) -> npt.NDArray[np.float32]:
    """Return an image (H, W, C) float32 with mean 0 and deviation 1 about every pixel, in each channel.

    size: of the square about a pixel, pixels. floor: a smaller deviation, on the image's scale, counts as so
    much, or noise would be amplified. Source: Jarrett, Kavukcuoglu, Ranzato & LeCun 2009, section 2.1.
    """
    centred = image - _with_channels(cv2.blur(image, (size, size)), image)
    power = _with_channels(cv2.blur(centred * centred, (size, size)), image)
    return np.asarray(centred / np.sqrt(np.maximum(power, np.float32(floor * floor))))


def reconstruct(levels: Sequence[Level]) -> npt.NDArray[np.float32]:
    """Return the image, (H, W, C) float32 on the scale 0..1, of which `laplacian` made the levels.

    Source: Burt & Adelson 1983, equation 5.
    """
    image: npt.NDArray[np.float32] = levels[-1].image
    for level in reversed(levels[:-1]):
        image = level.image + _expanded(image, level.image)
    return image


def _octave(image: Image, octave: int) -> Level:
    # Pixel i of a level has its centre on pixel 2 i of the level before: at 2 i + 1/2, where an even cut of
    # the plane would have 2 i + 1. So each octave shifts the corner by half a pixel of the level before.
    factor = 1 << octave
    return Level(image, (1 / factor, 1 / factor), ((1 - factor) / 2, (1 - factor) / 2))


def _expanded(image: Image, like: Image) -> Image:
    height, width = like.shape[:2]
    return _with_channels(cv2.pyrUp(image, dstsize=(width, height)), like)


def _with_channels(image: Image, like: Image) -> Image:
    return image.reshape(*image.shape[:2], *like.shape[2:])
