"""Compose pages with known truth (synthetic data): words and numbers among all else that stands on paper.

    page = compose(rng, Stock(typeface_pens(fonts, held_out=False)), 600, 450)
    page.pixels, page.numbers()

The writing comes first, as in life: `windowpane.data.writing.blocks`. Then the sheet is laid before a camera:
tilted, turned, bent, in some light. `ComposedPage` knows each character's place, height and direction after
that. A seeded generator gives the same page every time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.writing.blocks import Sheet, Stock, fill
from windowpane.data.writing.pens import MARKS

Rng = np.random.Generator
Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

DIGIT, LETTER, MARK = range(3)
"""Classes of characters; a letter is anything that is neither a digit nor stands within numbers."""


@dataclass(frozen=True, slots=True)
class Number:
    """A string of digits on a page, between two blanks or letters.

    Attributes
    ----------
    text
        As it is written, with the marks within: "1,250.00".
    corners
        (4, 2), from the upper left one in the direction of reading, clockwise, in pixels of the page.
    """

    text: str
    corners: Floats

    @property
    def digits(self) -> str:
        """Without the marks."""
        return "".join(character for character in self.text if character.isdigit())


@dataclass(frozen=True, slots=True)
class ComposedPage:
    """A page and the truth about its characters.

    Attributes
    ----------
    pixels
        (H, W) uint8 grey.
    text
        All N characters, word by word.
    words
        (N,), which word each is of.
    middles
        (N, 2), x and y of each in the middle of its row.
    sizes
        (N, 2), how far each reaches along its row, and the height of a digit there.
    angles
        (N,), the direction of reading, radians from the right, clockwise as seen.
    """

    pixels: Pixels
    text: str
    words: NDArray[np.intp]
    middles: Floats
    sizes: Floats
    angles: Floats

    @property
    def class_ids(self) -> NDArray[np.intp]:
        """Of the characters: digit, letter or mark."""
        return np.array([_class(character) for character in self.text], np.intp)

    def numbers(self) -> list[Number]:
        """Return the numbers that are whole on the page: digits, with single marks between them."""
        height, width = self.pixels.shape
        inside: NDArray[np.bool_] = np.all((self.middles > 0) & (self.middles < [width, height]), axis=1)
        classes, found, run = self.class_ids, [], list[int]()
        for place in [*range(len(self.text)), -1]:
            starts = place < 0 or not run or self.words[place] != self.words[run[-1]]
            joins = place >= 0 and not starts and classes[place] != LETTER
            joins = joins and not classes[place] == classes[run[-1]] == MARK
            if not joins:
                while run and classes[run[-1]] == MARK:
                    run.pop()
                if run and bool(np.all(inside[run])):
                    found.append(self._number(run))
                run = []
            if (place >= 0 and classes[place] == DIGIT) or joins:
                run.append(place)
        return found

    def _number(self, run: list[int]) -> Number:
        along = np.stack([np.cos(self.angles[run]), np.sin(self.angles[run])], axis=1)
        down = along[:, ::-1] * [-1, 1]
        half = along * self.sizes[run, :1] / 2, down * self.sizes[run, 1:] / 2
        start, end = self.middles[run] - half[0], self.middles[run] + half[0]
        corners = [start[0] - half[1][0], end[-1] - half[1][-1], end[-1] + half[1][-1], start[0] + half[1][0]]
        return Number("".join(self.text[place] for place in run), np.array(corners))


def _class(character: str) -> int:
    return DIGIT if character.isdigit() else MARK if character in MARKS else LETTER


def compose(
    rng: Rng,
    stock: Stock,
    height: int,
    width: int,
    *,
    heights: tuple[float, float] = (8.0, 40.0),
    tilt: float = 0.5,
    turned: float = 0.15,
) -> ComposedPage:
    """Return a page of some size.

    Parameters
    ----------
    heights
        Of digits, in pixels, from and to; small ones are as frequent as large ones.
    tilt
        Radians, by which a page is tilted at most; half of them hardly are.
    turned
        How often a page lies on a side or upside down.
    """
    angle = float(rng.normal(0, 0.01)) if rng.random() < 0.5 else float(rng.uniform(-tilt, tilt))
    quarters = int(rng.integers(1, 4)) if rng.random() < turned else 0
    if quarters % 2:
        height, width = width, height
    cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
    size = math.ceil(height * cos + width * sin) + 4, math.ceil(width * cos + height * sin) + 4
    sheet = Sheet.blank(rng, stock, *size)
    fill(rng, sheet, stock, heights)
    matrix = _camera_matrix(rng, angle, size, (height, width))
    pixels = cv2.warpPerspective(sheet.pixels, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
    page = _seen(sheet, np.asarray(pixels, np.uint8), matrix)
    return lit(rng, _quarter_turned(page, quarters))


def lit(rng: Rng, page: ComposedPage) -> ComposedPage:
    """Return a page in some light, seen by some camera: shadow, blur, noise, JPEG, or the negative of it."""
    pixels = page.pixels
    if rng.random() < 0.5:
        knots = rng.uniform(rng.uniform(0.3, 0.9), 1.0, (int(rng.integers(2, 6)), int(rng.integers(2, 6))))
        field = cv2.resize(knots.astype(np.float32), pixels.shape[::-1], interpolation=cv2.INTER_CUBIC)
        pixels = np.clip(pixels * field, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), float(rng.uniform(0.3, 1.4))), np.uint8)
    if rng.random() < 0.1:
        long = int(rng.integers(2, 5))
        pixels = np.asarray(cv2.blur(pixels, (long, 1) if rng.random() < 0.5 else (1, long)), np.uint8)
    gain, shift = float(rng.uniform(0.5, 1.15)), float(rng.uniform(-30, 40))
    noise = rng.normal(shift, rng.uniform(0, 9), pixels.shape) if rng.random() < 0.6 else shift
    pixels = np.clip(pixels * gain + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.1:
        pixels = 255 - pixels
    if rng.random() < 0.4:
        jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 90))])[1]
        pixels = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8)
    return ComposedPage(pixels, page.text, page.words, page.middles, page.sizes, page.angles)


# -- The camera --------------------------------------------------------------------------------------------


def _seen(sheet: Sheet, pixels: Pixels, matrix: Floats) -> ComposedPage:
    """Return a sheet as a camera sees it, by a matrix (3, 3) from the sheet to the page's pixels."""
    places = np.array(sheet.places, float).reshape(-1, 4)
    middle = places[:, :2]
    right, down = middle + [0.5, 0] * places[:, 2:3], middle + [0, 0.5] * places[:, 3:]
    middle, right, down = (_mapped(points, matrix) for points in (middle, right, down))
    across, along = down - middle, right - middle
    sizes = 2 * np.stack([np.hypot(*along.T), np.hypot(*across.T)], axis=1)
    angles = np.arctan2(along[:, 1], along[:, 0])
    words = np.array(sheet.words, np.intp)
    return ComposedPage(pixels, "".join(sheet.text), words, middle, sizes, np.asarray(angles))


def _mapped(points: Floats, matrix: Floats) -> Floats:
    if not len(points):
        return points
    # cv2's warp works on pixel centres
    return np.asarray(cv2.perspectiveTransform((points - 0.5)[None], matrix)[0] + 0.5, np.float64)


def _camera_matrix(rng: Rng, angle: float, size: tuple[int, int], seen: tuple[int, int]) -> Floats:
    """Return the (3, 3) matrix from a sheet to what is seen of it: turned about its middle, a little bent."""
    cos, sin = math.cos(angle), math.sin(angle)
    (height, width), (seen_height, seen_width) = size, seen
    centre = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    if rng.random() < 0.3:
        turn = (
            np.array([[1, rng.normal(0, 0.05), 0], [0, 1, 0], [*(rng.normal(0, 0.1, 2) / max(size)), 1]])
            @ turn
        )
    back = np.array([[1, 0, seen_width / 2], [0, 1, seen_height / 2], [0, 0, 1]])
    return np.asarray(back @ turn @ centre)


def _quarter_turned(page: ComposedPage, quarters: int) -> ComposedPage:
    """Return a page turned clockwise."""
    for _ in range(quarters):
        height = page.pixels.shape[0]
        middles = np.stack([height - page.middles[:, 1], page.middles[:, 0]], axis=1)
        pixels = np.ascontiguousarray(np.rot90(page.pixels, -1))
        angles = (page.angles + 1.5 * np.pi) % (2 * np.pi) - np.pi
        page = ComposedPage(pixels, page.text, page.words, middles, page.sizes, angles)
    return page
