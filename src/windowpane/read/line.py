"""From any picture of a number to the line that the net reads (normalization): ink on nothing, one height.

The net sees neither paper nor pen: it gets an *ink map*, 0 = paper and 255 = full ink, 32 pixels high, with
digits about 22 pixels high in the middle. Making it takes three steps, none of which is learned:

1. `ink_map`: project the colours on the axis of the strongest local contrast, find out whether the ink is
   darker or lighter than the paper, take the paper away (closing, as in Haralick et al. 1987) and even out
   the contrast, so that shadows, coloured paper and faint pencil come out alike.
2. `find_band`: the rows that hold the digits, without long ruled lines.
3. `cut`: take that band out and bring it to the net's height, with half a window of paper at both ends.

The same code makes the training lines, so the net learns with the faults of these steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT = 32  # of a line, pixels: the height of the reader's window
DIGIT_HEIGHT = 22  # of the digits in it, pixels
MARGIN = 24  # of paper at both ends: half the widest window, so that digits at the ends can be centred
WORKING_HEIGHT = 96  # taller pictures are reduced to this before anything else
MAX_WIDTH = 4096  # of a line, pixels

Gray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Line:
    """A line ready for the net.

    Attributes
    ----------
    ink
        (32, W) uint8, 0 = paper, 255 = ink.
    scale
        Line pixels per picture pixel, across and down.
    left, top
        The place in the picture, in pixels, of the line's corner (0, 0).
    slope
        By how much the line goes down in the picture, pixel by pixel to the right.
    """

    ink: Gray
    scale: tuple[float, float]
    left: float
    top: float
    slope: float = 0.0

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """Map a point of the line to the picture, both in pixels."""
        across = x / self.scale[0]
        return self.left + across, self.top + y / self.scale[1] + self.slope * across

    def to_line(self, x: float, y: float) -> tuple[float, float]:
        """Map a point of the picture to the line, both in pixels."""
        across = x - self.left
        return across * self.scale[0], (y - self.top - self.slope * across) * self.scale[1]


@dataclass(frozen=True, slots=True)
class LineView:
    """How a line is viewed: for test-time augmentation, and for augmentation in training.

    zoom makes digits larger or smaller than their nominal 22 pixels; stretch makes them wider than they are,
    which sets narrow ones apart; shift moves them down and slide to the right, in line pixels.
    """

    zoom: float = 1.0
    shift: float = 0.0
    slide: float = 0.0
    stretch: float = 1.0


@dataclass(frozen=True, slots=True)
class Writing:
    """The ink of a picture and the band of it that holds the number, from which lines are cut.

    Attributes
    ----------
    ink
        (h, w) uint8, of the picture reduced by ``reduction``.
    band
        X0, y0, x1, y1 in its pixels.
    left, top, slope
        Where the ink's corner (0, 0) is in the picture, in pixels, and how it is tilted there.
    """

    ink: Gray
    band: tuple[int, int, int, int]
    reduction: float
    left: float = 0.0
    top: float = 0.0
    slope: float = 0.0

    def line(self, view: LineView = LineView()) -> Line:
        """Return the line, 32 pixels high, as a view shows it."""
        line = cut(self.ink, self.band, view)
        across, down = line.scale
        scale = across * self.reduction, down * self.reduction
        left, top = line.left / self.reduction, line.top / self.reduction
        top += self.top + self.slope * left
        return Line(line.ink, scale, self.left + left, top, self.slope)


def find_writing(picture: NDArray[np.uint8], *, inverted: bool = False) -> Writing:
    """Return the writing in a picture (H, W, 3) or (H, W) uint8 of one number.

    Parameters
    ----------
    inverted
        Whether what looks like paper is taken for ink, and ink for paper.
    """
    picture = _without_colour(picture)
    reduction = min(1.0, WORKING_HEIGHT / picture.shape[0])
    if reduction < 1:
        width = max(1, round(picture.shape[1] * reduction))
        picture = _pixels(cv2.resize(picture, (width, WORKING_HEIGHT), interpolation=cv2.INTER_AREA))
    ink = ink_map(picture, inverted=inverted)
    return Writing(ink, find_band(ink), reduction)


def normalize(picture: NDArray[np.uint8], view: LineView = LineView()) -> Line:
    """Return the line that a picture (H, W, 3) or (H, W) uint8 of one number shows, as a view shows it."""
    return find_writing(picture).line(view)


def ink_map(picture: NDArray[np.uint8], reach: int | None = None, *, inverted: bool = False) -> Gray:
    """Return the ink of a picture, (H, W, 3) or (H, W) uint8 -> (H, W) uint8, 0 = paper, 255 = full ink.

    Parameters
    ----------
    reach
        Pixels over which paper and light are taken to be even; wider than any stroke. None takes a third of
        the height, right for a picture of one line.
    inverted
        Whether what looks like paper is taken for ink, and ink for paper.
    """
    grey = _without_colour(picture)
    grey = _contrast_axis(grey) if grey.ndim == 3 else grey
    size = min(grey.shape)
    grey = _pixels(cv2.GaussianBlur(grey, (3, 3), 0)) if size >= 48 else grey
    reach = (reach or max(3, size // 3)) | 1
    detail = cv2.subtract(grey, cv2.blur(grey, (reach, reach)), dtype=cv2.CV_32F)
    lighter = np.vdot(cv2.multiply(detail, detail), detail) > 0  # strokes, the minority, make the long tail
    if lighter != inverted:
        grey = _pixels(cv2.bitwise_not(grey))
    kernel = np.ones((reach, reach), np.uint8)
    paper = cv2.blur(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, kernel), (reach, reach))
    ink = _pixels(cv2.subtract(paper, grey))
    most, nearly_all = _levels(ink, 0.99, 0.999)
    strongest = max(most, nearly_all // 2)  # the latter where little is written
    if strongest < 6:  # nothing but noise
        return np.zeros_like(ink)
    wide = (2 * reach + 1, 2 * reach + 1)
    local = cv2.blur(cv2.dilate(ink, kernel), wide).astype(np.float32)
    np.maximum(local, np.float32(0.4 * strongest), out=local)
    return _pixels(cv2.divide(ink, local, scale=255, dtype=cv2.CV_8U))


def find_band(ink: Gray) -> tuple[int, int, int, int]:
    """Return x0, y0, x1, y1 of the digits in an ink map (H, W), in pixels; the whole map if it is blank."""
    height, width = ink.shape
    mask = _without_rules(_pixels(cv2.threshold(ink, 110, 1, cv2.THRESH_BINARY)[1]))
    labels = cv2.CV_16U if mask.size < 4 * 65_535 else cv2.CV_32S  # the former is twice as fast
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=labels)
    x, y, w, h, area = stats[1:].T
    tallest = np.sort(h)[-3:].tolist()
    kept = np.flatnonzero((h >= 0.4 * sum(tallest) / max(1, len(tallest))) & (area >= 4))
    if not len(kept):
        return 0, 0, width, height
    x, y, w, h = stats[1 + kept, :4].T
    weight = np.minimum(w, 2 * h)
    y0 = _weighted_quantile(y, weight, 0.15)
    y1 = _weighted_quantile(y + h, weight, 0.85)
    return int(x.min()), y0, int((x + w).max()), max(y1, y0 + 1)


def _without_rules(mask: Gray) -> Gray:
    """Return a mask, 0 or 1, without ruled lines, which are longer than strokes."""
    height, width = mask.shape
    run = max(round(1.3 * height), 24)
    full = cv2.reduce(mask, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel() >= run if width > run else np.False_
    if not full.any():
        return mask
    long = cv2.morphologyEx(mask[full], cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    if not long.any():
        return mask
    rules = np.zeros_like(mask)
    rules[full] = long
    return _pixels(cv2.subtract(mask, cv2.dilate(rules, np.ones((3, 1), np.uint8))))


def cut(ink: Gray, band: tuple[int, int, int, int], view: LineView = LineView()) -> Line:
    """Cut a band (x0, y0, x1, y1) out of an ink map and bring its digits to the nominal height."""
    x0, y0, x1, y1 = band
    scale = view.zoom * DIGIT_HEIGHT / (y1 - y0)
    scale = min(scale, (MAX_WIDTH - 2 * MARGIN) / (view.stretch * (x1 - x0)))
    across = view.stretch * scale
    width = min(int(np.ceil((x1 - x0) * across)) + 2 * MARGIN, MAX_WIDTH)
    left = x0 - (MARGIN + view.slide) / across
    top = (y0 + y1) / 2 - (HEIGHT / 2 + view.shift) / scale
    reduced = ink
    if scale < 0.7:  # a plain warp would skip pixels: reduce by area first
        size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
        reduced = _pixels(cv2.resize(ink, size, interpolation=cv2.INTER_AREA))
    ratio_x, ratio_y = reduced.shape[1] / ink.shape[1], reduced.shape[0] / ink.shape[0]
    # cv2's warp works on pixel centres; (x + 0.5) / across + left is the place in the ink map
    matrix = np.array(
        [
            [ratio_x / across, 0, (0.5 / across + left) * ratio_x - 0.5],
            [0, ratio_y / scale, (0.5 / scale + top) * ratio_y - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    line = _pixels(cv2.warpAffine(reduced, matrix, (width, HEIGHT), flags=flags, borderValue=0))
    (peak,) = _levels(line, 0.98)
    if 40 < peak < 230:  # thin strokes fade when they shrink
        line = _pixels(cv2.convertScaleAbs(line, alpha=min(230 / peak, 2.5)))
    return Line(line, (across, scale), left, top)


def _without_colour(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the one channel (H, W) of a picture whose three are equal, any other as it is."""
    if picture.ndim == 2:
        return picture
    red, green, blue = cv2.split(picture)
    is_grey = not (cv2.norm(red, green, cv2.NORM_INF) or cv2.norm(red, blue, cv2.NORM_INF))
    return _pixels(red) if is_grey else picture


def _contrast_axis(picture: NDArray[np.uint8]) -> Gray:
    """Project colours (H, W, 3) on the axis along which they differ most from their surroundings."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (min(width, 128), min(height, 32)), interpolation=cv2.INTER_AREA)
    reach = max(3, min(small.shape[:2]) // 2) | 1
    detail = cv2.subtract(small, cv2.blur(small, (reach, reach)), dtype=cv2.CV_32F).reshape(-1, 3)
    axis = np.linalg.eigh(detail.T @ detail)[1][:, 2]
    axis = axis if axis.sum() >= 0 else -axis
    low = 255.0 * float(np.minimum(axis, 0).sum())
    gain = 1.0 / float(np.abs(axis).sum())
    weights = np.append(axis, -low)[None] * gain
    projected = _pixels(cv2.transform(picture, weights))
    return projected.reshape(height, width)  # OpenCV 4 keeps a third axis, 5 does not


def _pixels(result: NDArray[Any]) -> Gray:
    """Say what OpenCV's types do not: bytes in, bytes out."""
    return np.asarray(result, np.uint8)


def _levels(values: Gray, *shares: float) -> list[int]:
    """Return the values below which these shares of all values lie."""
    counts = cv2.calcHist([values], [0], None, [256], [0, 256]).cumsum(dtype=np.float64)
    return [int(counts.searchsorted(share * counts[-1])) for share in shares]


def _weighted_quantile(values: NDArray[np.int32], weights: NDArray[np.int32], share: float) -> int:
    order = values.argsort()
    total = weights[order].cumsum()
    return int(values[order[total.searchsorted(share * total[-1])]])
