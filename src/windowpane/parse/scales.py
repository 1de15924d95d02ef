"""From a picture to the levels that a parser's net sees, and from its maps back to pixels (upsampling).

A level is padded, by mirroring, so that the net's first cell looks at the level's first pixels in its
middle. A cell of a map stands for the middle of its window, a point of the picture; between these points
maps are interpolated linearly. So maps of all levels meet exactly, whatever was rounded.

Sources: LeCun, NYU Deep Learning 2020, lecture 6.1; Farabet, Couprie, Najman & LeCun 2013, sections 3.1 and
3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.pyramids import Level, gaussian, laplacian, locally_normalized
from windowpane.core.windows import Window

Floats = NDArray[np.float32]
Places = NDArray[np.floating]
FAINT = 0.005  # deviation of light or colour, of 1, below which it is not amplified to 1
SIDE = 64  # places, in each direction, that are interpolated at once


def levels_of(
    picture: NDArray[np.uint8],
    kind: str,
    count: int,
    window: Window,
    at: tuple[Places, Places] | None = None,
) -> list[Level]:
    """Return the padded levels of a picture (H, W, 3), factors 1, 2, 4, ..., float32.

    Parameters
    ----------
    kind
        "laplacian" = bands of detail of light and colour, Y, U and V, each locally normalized, as in the
        paper; "gaussian" = the picture itself, smaller and smaller.
    window
        Of the net.
    at
        Rows y and columns x of the picture; given these, a level is only so large that its map can be
        interpolated there.
    """
    levels = _normalized_bands(picture, count) if kind == "laplacian" else gaussian(picture, count)
    nearest = padded(levels[0], window, at)
    return [nearest, *(padded(level, window, places(nearest, window)) for level in levels[1:])]


def _normalized_bands(picture: NDArray[np.uint8], count: int) -> list[Level]:
    yuv = cv2.cvtColor(np.multiply(picture, np.float32(1 / 255)), cv2.COLOR_RGB2YUV)
    bands = laplacian(np.asarray(yuv, np.float32), count)
    return [Level(locally_normalized(band.image, floor=FAINT), band.scale, band.shift) for band in bands]


def padded(level: Level, window: Window, at: tuple[Places, Places] | None = None) -> Level:
    """Return a level with mirrored edges, so wide that the windows of its outermost cells begin beyond them;
    or so much of it as is needed at places of the picture, as `levels_of` takes them."""
    spans, edges, shift = [], [], []
    for axis, size in enumerate((window.height, window.width)):
        length, step = level.image.shape[axis], window.stride[axis]
        lead, first, last = (size - step) // 2, 0, -(-length // step) - 1
        if at is not None:
            middles = np.arange(last + 1) * step + size / 2 - lead
            among = cells(at[axis], level.shift[axis] + middles / level.scale[axis])
            first, last = int(np.floor(among.min())), int(np.ceil(among.max()))
        start, stop = first * step - lead, last * step + size - lead
        spans.append(slice(max(0, start), min(stop, length)))
        edges.append((max(0, -start), max(0, stop - length)))
        shift.append(level.shift[axis] + start / level.scale[axis])
    part = level.image[spans[0], spans[1]]
    image = cv2.copyMakeBorder(part, *edges[0], *edges[1], cv2.BORDER_REFLECT_101)
    return Level(image, level.scale, (shift[0], shift[1]))


def places(level: Level, window: Window, finer: int = 1) -> tuple[Places, Places]:
    """Return where in the picture the cells of a padded level's map stand: y of its rows, x of its columns.

    Parameters
    ----------
    finer
        Into how many parts a cell is cut in each direction; then it is these that are meant.
    """
    rows, cols = window.map_size(*level.image.shape[:2])
    y, x = (
        ((np.arange(count * finer) + 0.5) / finer - 0.5) * step + size / 2
        for count, step, size in zip((rows, cols), window.stride, (window.height, window.width), strict=True)
    )
    return level.shift[0] + y / level.scale[0], level.shift[1] + x / level.scale[1]


def cells(wanted: Places, given: Places) -> Floats:
    """Return where wanted places lie among given ones, evenly spaced: 0 is the first, 0.5 half-way to the
    second; before the first and after the last these."""
    step = given[1] - given[0] if len(given) > 1 else 1.0
    return np.asarray(np.clip((wanted - given[0]) / step, 0, len(given) - 1), np.float32)


def interpolated(maps: Floats, rows: Floats, cols: Floats) -> Floats:
    """Return maps (K, H, W) at h rows and w columns that `cells` gives, between four cells linearly: (K, h,
    w).

    Block by block it is the product of a small matrix, the cells, and a small matrix: several times as fast
    as to take the four cells of each place.
    """
    found = np.empty((len(maps), len(rows), len(cols)), np.float32)
    upright, across = _blocks(rows), _blocks(cols)
    for down, of_rows, ys in upright:
        for along, of_cols, xs in across:
            np.matmul(of_rows, np.matmul(maps[:, ys, xs], of_cols.T), out=found[:, down, along])
    return found


def _blocks(at: Floats) -> list[tuple[slice, Floats, slice]]:
    """Return for every `SIDE` places among cells: which these are, the cells that they lie among, and the
    matrix (places, cells) of what each cell gives to each place; as which places, matrix, which cells."""
    blocks = []
    for start in range(0, len(at), SIDE):
        some = at[start : start + SIDE]
        first, last = int(some.min()), int(np.ceil(some.max()))
        distances = np.abs(some[:, None] - np.arange(first, last + 1, dtype=np.float32))
        blocks.append((slice(start, start + SIDE), np.maximum(0, 1 - distances), slice(first, last + 1)))
    return blocks


def aligned(maps: Sequence[Floats], at: Sequence[tuple[Places, Places]]) -> Iterator[Floats]:
    """Yield the maps (K, H, W) of all levels at the places of the first level's cells: (K, rows, cols)."""
    y, x = at[0]
    yield maps[0]
    for one, (rows, cols) in zip(maps[1:], at[1:], strict=True):
        yield interpolated(one, cells(y, rows), cells(x, cols))


def in_parts(logits: Floats, finer: int) -> Floats:
    """Return the logits (classes * finer ** 2, H, W) of the parts of cells, each in its place.

    They are then (classes, finer * H, finer * W): a pixel shuffle.
    """
    _, rows, cols = logits.shape
    return (
        logits.reshape(-1, finer, finer, rows, cols)
        .transpose(0, 3, 1, 4, 2)
        .reshape(-1, rows * finer, cols * finer)
    )


def likeliest(probabilities: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """Return of probabilities (K, H, W) each pixel's likeliest class (argmax), uint8, and its probability."""
    best, labels = probabilities[0].copy(), np.zeros(probabilities.shape[1:], np.uint8)
    for number, plane in enumerate(probabilities[1:], 1):
        better = np.asarray(cv2.compare(plane, best, cv2.CMP_GT)) & np.uint8(number)
        cv2.max(best, plane, best)
        cv2.max(labels, better, labels)
    return labels, best
