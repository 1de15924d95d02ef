"""The same image at many sizes (image pyramid), so that a net with one window sees objects of every size.

Each `Level` knows its place in the image, so boxes found on it are mapped back exactly, whatever was rounded.

Convention: boxes are ``(x0, y0, x1, y1)`` in pixels, the corner of the picture at 0, pixel centres at
half-integers; scales and shifts are ``(y, x)``.

Sources: LeCun, NYU Deep Learning 2020, lecture 6.1 (detection on a pyramid of factor sqrt 2); Burt & Adelson
1983, "The Laplacian pyramid as a compact image code"; Farabet et al. 2013, section 3.1 (factors 1, 2, 4);
Hadsell et al., IROS 2008 (a robot's bands of distance).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from math import atan, ceil, cos, inf, sin, sqrt
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from windowpane.core.windows import Pair
from windowpane.errors import ArgumentError

Image = npt.NDArray[Any]

BILINEAR = 0.58
"""Down to this scale an image is shrunk bilinearly: every pixel still counts, about as much as the others."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One level of a pyramid and its place in the image it was made from.

    Attributes
    ----------
    image
        (H, W, C) of this level.
    scale
        ``(y, x)``, pixels of the level for one pixel of the image, after rounding of the size.
    shift
        ``(y, x)``, where the level's corner lies in the image, in its pixels.
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

    Enlarging is bilinear, and so is shrinking by little (`BILINEAR`), in a seventh of the time; else a pixel
    is the mean of those that it covers.

    Parameters
    ----------
    image
        (H, W, C), uint8 or float32, of at most four channels (OpenCV's limit); levels have its dtype.
    smallest_size
        The window's size, one number or ``(height, width)``: no level is smaller.
    largest_scale
        Scale of the first level: the net's object size over the smallest object wanted. Above 1 the image is
        enlarged, for objects smaller than those that the net was trained on.
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

    Levels are float32 on the scale 0..1; all but the last are differences, around 0. The last is the image
    blurred and shrunk. Each level has half the size of the one before, rounded up, and its pixels lie on the
    image's pixels 0, 2, 4, ... of it. `reconstruct` gives the image back.

    Source: Burt & Adelson 1983, equations 1-4, with the kernel (1, 4, 6, 4, 1) / 16.

    Parameters
    ----------
    image
        (H, W, C), uint8, or float32 on the scale 0..1.
    levels
        Number of levels, at least 1.
    """
    low = _unit(image)
    pyramid = []
    for octave in range(levels - 1):
        lower = _with_channels(cv2.pyrDown(low), low)
        blurred = _expanded(lower, low)
        pyramid.append(_octave(np.subtract(low, blurred, out=blurred), octave))
        low = lower
    return [*pyramid, _octave(low, levels - 1)]


def gaussian(image: Image, levels: int = 3) -> list[Level]:
    """Return an image at factors 1, 2, 4, ..., smoothed and shrunk: what `laplacian` takes its bands from.

    Parameters and levels as of `laplacian`; the last level of both is the same.
    """
    low = _unit(image)
    pyramid = [_octave(low, 0)]
    for octave in range(1, levels):
        low = _with_channels(cv2.pyrDown(low), low)
        pyramid.append(_octave(low, octave))
    return pyramid


def locally_normalized(image: Image, size: int = 15, floor: float = 0.02) -> npt.NDArray[np.float32]:
    """Return an image (H, W, C) float32 with mean 0 and deviation 1 about every pixel, in each channel.

    Parameters
    ----------
    size
        Of the square about a pixel, pixels.
    floor
        A smaller deviation, on the image's scale, counts as so much, or noise would be amplified. Source:
        Jarrett, Kavukcuoglu, Ranzato & LeCun 2009, section 2.1.
    """
    mean = _with_channels(cv2.blur(image, (size, size)), image)
    centred = np.subtract(image, mean, out=mean)  # in place: memory that is new costs as much as the sums
    power = _with_channels(cv2.blur(centred * centred, (size, size)), image)
    np.maximum(power, np.float32(floor * floor), out=power)
    return np.asarray(np.divide(centred, np.sqrt(power, out=power), out=centred))


def reconstruct(levels: Sequence[Level]) -> npt.NDArray[np.float32]:
    """Return the image, (H, W, C) float32 on the scale 0..1, of which `laplacian` made the levels.

    Source: Burt & Adelson 1983, equation 5.
    """
    image: npt.NDArray[np.float32] = levels[-1].image
    for level in reversed(levels[:-1]):
        image = level.image + _expanded(image, level.image)
    return image


def _unit(image: Image) -> Image:
    """Return an image on the scale 0..1, float32."""
    return np.multiply(image, np.float32(1 / 255), dtype=np.float32) if image.dtype == np.uint8 else image


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


# -- Distance-normalized: what stands on the ground has one size -------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """A strip of the picture along the ground at one distance, levelled, in which a metre has so many pixels.

    Attributes
    ----------
    image
        (h, w, 3) float32 YUV, see `contrast`.
    distance
        Metres, to the ground where a metre has just so many pixels.
    near, far
        Metres, of the ground that this band, of all, shows in the best size; the farthest band's far is
        infinite.
    scale
        Pixels of the band for one of the picture.
    horizon
        The band's row of the horizon, which may lie outside.
    rows
        (h,) float64, the distance in metres of the ground in the middle of each row, infinite above the
        horizon.
    matrix
        (2, 3), from points of the band to points of the picture.
    """

    image: npt.NDArray[np.float32]
    distance: float
    near: float
    far: float
    scale: float
    horizon: float
    rows: npt.NDArray[np.float64]
    matrix: npt.NDArray[np.float64]

    def to_image(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return points of the band, (..., 2) x and y, in pixels of the picture."""
        return np.asarray(points, np.float64) @ self.matrix[:, :2].T + self.matrix[:, 2]

    def from_image(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return points of the picture, (..., 2) x and y, in pixels of the band; inverse of `to_image`."""
        moved = np.asarray(points, np.float64) - self.matrix[:, 2]
        return np.asarray(moved @ np.linalg.inv(self.matrix[:, :2]).T)

    def cut(self, shrunk: Sequence[Image], outside: int = cv2.BORDER_CONSTANT) -> Image:
        """Return the strip, of this band's size, of something else of the picture's size, float32 or uint8.

        Parameters
        ----------
        shrunk
            Its `halves`.
        outside
            OpenCV's way to go on beyond the picture; constant = 0.
        """
        return _strip(shrunk, self.matrix, self.scale, self.image.shape[0], self.image.shape[1], outside)


BAND_RATIO = sqrt(2)
"""Of the distances of neighbouring bands along the ground."""


def distance_normalized(
    picture: npt.NDArray[np.uint8],
    *,
    horizon: tuple[float, float],
    drop: float,
    metre: float,
    focal: float,
    more: int = 0,
    height: int = 36,
    margin: tuple[int, int] = (6, 12),
) -> list[Band]:
    """Return a picture's bands along the ground, the farthest first.

    Ground at the distance z lies ``drop / z`` pixels below the horizon, and one metre has ``focal / z``
    pixels there. A band shrinks the picture so that a metre at its own distance has ``metre`` pixels: then an
    object has the same height in the band that shows its foot, wherever it stands. The farthest band is the
    picture in its own size, and shows all to the horizon.

    Raises ArgumentError for a drop, metre or focal length that is not above 0. Sources: lecture 6.1 (figure
    5); Hadsell et al., IROS 2008, "Deep belief net learning in a long-range vision system for autonomous
    off-road driving".

    Parameters
    ----------
    picture
        (H, W, 3) uint8 RGB.
    horizon
        ``(a, b)``: the line y = a x + b of the picture. The bands are turned so that it lies flat.
    drop
        Focal length times the camera's height above the ground, pixels times metres.
    metre, focal
        Pixels of a metre in every band; the camera's focal length in pixels.
    more
        How many bands there are beyond the nearest: ever coarser views, for what is around.
    height, margin
        Rows of a band, at least (there are more where the bands would not touch); what a net's window sees
        ``(y, x)`` beyond its middle, so much a band is larger than what is asked of it.
    """
    if not min(drop, metre, focal) > 0:
        raise ArgumentError(f"drop, metre and focal are above 0, not {drop, metre, focal}")
    (slope, offset), (picture_height, picture_width) = horizon, picture.shape[:2]
    angle, middle = atan(slope), picture_width / 2
    turn = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
    origin = np.array([middle, slope * middle + offset])  # of the horizon, and there the level picture turns
    lowest = (picture_height - origin[1]) * cos(angle)
    nearest = drop / lowest if lowest > 0 else inf  # of the ground in the picture's middle
    line = drop * metre / focal  # rows from the horizon down to the ground at a band's distance, in each band
    below = ceil(line * (sqrt(BAND_RATIO) - 1)) + margin[0] + 2
    rows = max(height, ceil(line * (1 - 1 / sqrt(BAND_RATIO))) + margin[0] + 2 + below)
    shrunk = halves(picture)
    bands: list[Band] = []
    for step in count():
        distance = focal / metre / BAND_RATIO**step
        if step > more and distance * BAND_RATIO ** (more + 0.5) < nearest:
            return bands
        scale = BAND_RATIO**-step
        width = ceil(picture_width * scale) + 2 * margin[1]
        top = line + below - rows  # of the band, in its rows below the horizon
        matrix = np.column_stack([turn / scale, origin - turn @ np.array([width / 2, -top]) / scale])
        pixels = _strip(shrunk, matrix, scale, rows, width, cv2.BORDER_REFLECT_101)
        depths = drop * scale / np.maximum(np.arange(rows) + 0.5 + top, 1e-9)
        depths[depths > 1e6] = inf
        far = distance * sqrt(BAND_RATIO) if step else inf
        bands.append(
            Band(contrast(pixels), distance, distance / sqrt(BAND_RATIO), far, scale, -top, depths, matrix)
        )
    return bands


def contrast(picture: npt.NDArray[np.uint8], size: int = 16, floor: float = 0.02) -> npt.NDArray[np.float32]:
    """Return an RGB picture (H, W, 3) uint8 as YUV, float32: Y normalized about every pixel, U and V about 0.

    Parameters
    ----------
    size
        Pixels, of the smooth kernel that Y is normalized over, to mean 0 and deviation 1.
    floor
        A smaller deviation, on the scale 0..1, counts as so much. U and V lie in -0.5..0.5, and are 0 where
        all is grey.
    """
    unit = _unit(picture)
    yuv: npt.NDArray[np.float32] = np.asarray(cv2.cvtColor(unit, cv2.COLOR_RGB2YUV), np.float32)
    light, blur = yuv[..., 0], partial(cv2.GaussianBlur, ksize=(0, 0), sigmaX=size / 4)
    centred = light - blur(light)
    yuv[..., 0] = centred / np.sqrt(np.maximum(blur(centred * centred), np.float32(floor * floor)))
    yuv[..., 1:] -= 0.5
    return yuv


def halves(image: Image) -> list[Image]:
    """Return an image (H, W) or (H, W, C) and its half, quarter, ...: each pixel the mean of four."""
    shrunk = [image]
    while min(shrunk[-1].shape[:2]) >= 32:
        height, width = (size // 2 for size in shrunk[-1].shape[:2])
        even = shrunk[-1][: 2 * height, : 2 * width]
        half = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
        shrunk.append(_with_channels(half, even))
    return shrunk


def _strip(
    shrunk: Sequence[Image],
    matrix: npt.NDArray[np.float64],
    scale: float,
    height: int,
    width: int,
    outside: int,
) -> Image:
    """Return (height, width) pixels of an image, given with its halves; matrix: to the image's pixels."""
    octave = min(max(0, int(np.log2(1 / scale) + 1e-6)), len(shrunk) - 1)
    inner = matrix / 2**octave
    # OpenCV's pixel centres are whole numbers, ours half-integers.
    inner[:, 2] += inner[:, :2] @ np.full(2, 0.5) - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(shrunk[octave], inner, (width, height), flags=flags, borderMode=outside)
    return _with_channels(warped, shrunk[octave])
