"""What is written on a sheet (page layout): columns of blocks, prose, lists, bills, boxes, and clutter.

`Stock` is what they are made of; `fill` writes a sheet full.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.writing.clutter import clutter
from windowpane.data.writing.pens import Pen, Written, plotter_pens
from windowpane.data.writing.texts import digits, number, sentence, word

Rng = np.random.Generator
Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Stock:
    """What pages are made of.

    Attributes
    ----------
    print, hands
        Pens: typefaces, and handwriting.
    pictures
        Photographs and textures without text, (H, W) uint8.
    """

    print: Sequence[Pen] = field(default_factory=plotter_pens)
    hands: Sequence[Pen] = ()
    pictures: Sequence[Pixels] = ()

    def pen(self, rng: Rng) -> Pen:
        """Draw a pen."""
        pens = self.hands if self.hands and rng.random() < 0.3 else self.print
        return pens[int(rng.integers(len(pens)))]


def picture_part(rng: Rng, stock: Stock, height: int, width: int) -> Pixels:
    """Return a part of a picture without text, of some size."""
    picture = stock.pictures[int(rng.integers(len(stock.pictures)))]
    least = max(height / picture.shape[0], width / picture.shape[1])
    scale = least * math.exp(rng.uniform(0, max(0.0, math.log(1.2 / least))))
    high, wide = (
        min(picture.shape[0], math.ceil(height / scale)),
        min(picture.shape[1], math.ceil(width / scale)),
    )
    y, x = int(rng.integers(picture.shape[0] - high + 1)), int(rng.integers(picture.shape[1] - wide + 1))
    part = picture[y : y + high, x : x + wide]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(part), (width, height), interpolation=smooth), np.uint8)


# -- The sheet ---------------------------------------------------------------------------------------------


class Sheet:
    """Paper on which is written, and the characters so far."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels
        self.text: list[str] = []
        self.words: list[int] = []
        self.places: list[tuple[float, float, float, float]] = []  # middle x and y, width, height of the row
        self.word = 0

    @classmethod
    def blank(cls, rng: Rng, stock: Stock, height: int, width: int) -> Sheet:
        """Return paper: plain, rough, or a photograph or texture with little contrast."""
        light = float(rng.uniform(130, 255)) if rng.random() < 0.8 else float(rng.uniform(0, 90))
        if len(stock.pictures) and rng.random() < 0.3:
            part = picture_part(rng, stock, height, width).astype(np.float32)
            contrast = rng.uniform(0.1, 0.9)
            return cls(np.clip((part - part.mean()) * contrast + light, 0, 255).astype(np.uint8))
        pixels = np.full((height, width), light, np.float32)
        if rng.random() < 0.4:
            grain = rng.normal(0, rng.uniform(1, 12), (height // 2 + 1, width // 2 + 1)).astype(np.float32)
            grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), float(rng.uniform(0.4, 2.5))), np.float32)
            pixels += cv2.resize(grain, (width, height))
        return cls(np.clip(pixels, 0, 255).astype(np.uint8))

    def put(self, written: Written, x: float, y: float, shade: float, edge: float = math.inf) -> float:
        """Write something whose row of digits begins at x and has its middle at y, in a shade of grey.

        What would go beyond an edge is left out. Returns where it ends.
        """
        left, top = round(x), round(y - (written.top + written.bottom) / 2)
        written = written.cut(edge - left)
        self.cover(written.coverage, left, top, shade)
        high = written.bottom - written.top
        middle = top + (written.top + written.bottom) / 2
        for (x0, x1), character, own in zip(written.spans, written.text, written.words, strict=True):
            self.text.append(character)
            self.words.append(self.word + int(own))
            self.places.append((left + (x0 + x1) / 2, middle, x1 - x0, high))
        self.word += int(written.words[-1]) + 1 if len(written.words) else 1
        return float(left + written.coverage.shape[1])

    def cover(self, coverage: Pixels, x: int, y: int, shade: float) -> None:
        """Lay ink on the paper."""
        height, width = self.pixels.shape
        x0, y0 = max(x, 0), max(y, 0)
        x1, y1 = min(x + coverage.shape[1], width), min(y + coverage.shape[0], height)
        if x0 < x1 and y0 < y1:
            place = self.pixels[y0:y1, x0:x1]
            ink = coverage[y0 - y : y1 - y, x0 - x : x1 - x].astype(np.float32) / 255
            place[:] = np.clip(place + ink * (shade - place), 0, 255).astype(np.uint8)

    def ink(self, rng: Rng, x: float, y: float) -> float:
        """Draw a shade that differs enough from the paper at a place."""
        height, width = self.pixels.shape
        row, column = int(np.clip(y, 0, height - 1)), int(np.clip(x, 0, width - 1))
        paper = float(self.pixels[max(0, row - 5) : row + 6, max(0, column - 5) : column + 60].mean())
        if paper > 128 or (paper > 90 and rng.random() < 0.5):
            return float(max(0.0, paper - rng.uniform(55, 250)))
        return float(min(255.0, paper + rng.uniform(60, 250)))


# -- What is written ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Style:
    pen: Pen
    size: float
    leading: float  # from row to row, in heights of the digits


def fill(rng: Rng, sheet: Sheet, stock: Stock, heights: tuple[float, float]) -> None:
    """Fill a sheet: columns of blocks, each of one style, with clutter before and after."""
    height, width = sheet.pixels.shape
    for _ in range(int(rng.integers(0, 3))):
        _clutter(rng, sheet)
    base = math.exp(rng.uniform(math.log(heights[0]), math.log(heights[1])))
    columns = int(rng.integers(1, 3)) if width > 25 * base else 1
    own = stock.pen(rng)
    for column in range(columns):
        x0, x1 = width * column / columns, width * (column + 1) / columns
        y = float(rng.uniform(0, 2 * base))
        while y < height:
            size = float(np.clip(base * math.exp(rng.normal(0, 0.25)), *heights))
            pen = own if rng.random() < 0.5 else stock.pen(rng)
            style = _Style(pen, size, float(rng.uniform(1.35, 2.6)))
            block = BLOCKS[rng.choice(len(BLOCKS), p=BLOCK_SHARES)]
            y = block(rng, sheet, style, (x0 + rng.uniform(0, 2) * size, x1), y) + size * rng.uniform(0, 1.5)
    if rng.random() < 0.4:
        _clutter(rng, sheet)


def _clutter(rng: Rng, sheet: Sheet) -> None:
    cover = np.zeros_like(sheet.pixels)
    clutter(rng, cover)
    if rng.random() < 0.3:
        cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), float(rng.uniform(0.5, 3))), np.uint8)
    sheet.cover(cover, 0, 0, float(rng.uniform(0, 255)))


Span = tuple[float, float]


def _fitting(style: _Style, span: Span) -> int:
    """Return about how many characters fit into a row."""
    return max(2, int((span[1] - span[0]) / (0.75 * style.size)))


def _rows(rng: Rng, sheet: Sheet, style: _Style, span: Span, y: float, texts: Sequence[str]) -> float:
    """Write texts below each other; return where the next row would be. Now and then they are on a panel."""
    step = style.size * style.leading
    if rng.random() < 0.12:
        left, right = round(span[0] - 0.3 * style.size), round(span[1])
        bottom = round(y + step * len(texts))
        cv2.rectangle(sheet.pixels, (left, round(y)), (right, bottom), float(rng.uniform(0, 255)), -1)
    y += 0.5 * step
    shade = sheet.ink(rng, span[0], y)
    for text in texts:
        sheet.put(style.pen.write(rng, text, style.size), span[0], y, shade, span[1])
        y += step
    return y


def _prose(rng: Rng, sheet: Sheet, style: _Style, span: Span, y: float) -> float:
    """Write sentences, in which now and then there is a number."""
    texts = []
    for _ in range(int(rng.integers(1, 6))):
        text = sentence(rng, int(_fitting(style, span) * rng.uniform(0.5, 1)))
        if rng.random() < 0.25:
            words = text.split(" ")
            words.insert(int(rng.integers(len(words) + 1)), number(rng))
            text = " ".join(words)
        texts.append(text)
    return _rows(rng, sheet, style, span, y, texts)


def _list(rng: Rng, sheet: Sheet, style: _Style, span: Span, y: float) -> float:
    """Write numbers below each other, one or more in a row."""
    many = max(1, _fitting(style, span) // 12)
    gap = " " * int(rng.integers(1, 5))
    texts = [
        gap.join(number(rng) for _ in range(int(rng.integers(1, many + 1))))
        for _ in range(rng.integers(1, 6))
    ]
    return _rows(rng, sheet, style, span, y, texts)


def _bill(rng: Rng, sheet: Sheet, style: _Style, span: Span, y: float) -> float:
    """Write names at the left and numbers at the right, as on a receipt."""
    step, shade = style.size * style.leading, sheet.ink(rng, span[0], y)
    edge = span[1] - style.size * rng.uniform(0.5, 4)
    for _ in range(int(rng.integers(1, 8))):
        y += step
        name = " ".join(word(rng) for _ in range(int(rng.integers(1, 3))))
        name = f"{digits(rng, int(rng.integers(1, 6)))} {name}" if rng.random() < 0.2 else name
        end = sheet.put(style.pen.write(rng, name, style.size), span[0], y, shade, span[1])
        written = style.pen.write(rng, number(rng), style.size)
        sheet.put(written, max(end + style.size, edge - written.coverage.shape[1]), y, shade, span[1])
    return y + step / 2


def _labelled(rng: Rng, sheet: Sheet, style: _Style, span: Span, y: float) -> float:
    """Write a word and a number beside it, which may be in another pen or larger."""
    text = f"{word(rng)}{rng.choice([':', ' :', '', ' No.', '.', ' #'])} "
    texts = [
        text + number(rng) + (f" {word(rng)}" if rng.random() < 0.3 else "")
        for _ in range(rng.integers(1, 4))
    ]
    return _rows(rng, sheet, style, span, y, texts)


def _boxed(rng: Rng, sheet: Sheet, style: _Style, span: Span, y: float) -> float:
    """Write a number with a box, or a line, for each digit."""
    text, pitch = digits(rng, int(rng.integers(2, 10))), style.size * rng.uniform(1.0, 1.7)
    if rng.random() < 0.15:
        text = word(rng).upper()
    middle, high, start = y + 1.2 * style.size, style.size * rng.uniform(0.65, 1.0), len(sheet.words)
    shade, thick = sheet.ink(rng, span[0], middle), int(rng.integers(1, 4))
    kind, frame, panel = rng.integers(3), float(rng.uniform(0, 255)), rng.random() < 0.2
    for place, character in enumerate(text):
        x = span[0] + (place + 0.5) * pitch
        corners = [(round(x + sign * pitch / 2), round(middle + sign * high)) for sign in (-1, 1)]
        if kind < 2:
            cv2.rectangle(sheet.pixels, corners[0], corners[1], frame, -1 if panel and kind == 0 else thick)
        else:
            cv2.line(
                sheet.pixels,
                (corners[0][0] + 1, corners[1][1]),
                (corners[1][0] - 1, corners[1][1]),
                frame,
                thick,
            )
        if panel:
            shade = sheet.ink(rng, x, middle)
        written = style.pen.write(rng, character, style.size)
        sheet.put(
            written, x - written.coverage.shape[1] / 2 + rng.normal(0, 0.05) * style.size, middle, shade
        )
    sheet.words[start:] = [sheet.word] * (len(sheet.words) - start)
    sheet.word += 1
    return y + 2.4 * style.size


def _stamped(rng: Rng, sheet: Sheet, style: _Style, span: Span, y: float) -> float:
    """Leave a place to a stamp, a logo, a bar code or a picture's worth of strokes."""
    side = round(style.size * rng.uniform(2, 8))
    cover = np.zeros((side, max(8, round(min(span[1] - span[0], side * rng.uniform(0.7, 4))))), np.uint8)
    for _ in range(int(rng.integers(1, 3))):
        clutter(rng, cover)
    sheet.cover(cover, round(span[0]), round(y), sheet.ink(rng, span[0], y))
    return y + side


Block = Callable[[Rng, Sheet, _Style, Span, float], float]
BLOCKS: tuple[Block, ...] = (_prose, _list, _bill, _labelled, _boxed, _stamped)
BLOCK_SHARES = (0.3, 0.22, 0.16, 0.16, 0.08, 0.08)
