"""Paper that words are written on (synthetic data): with typefaces and with the digits of a hand.

sheet = Sheet(np.full((800, 1600, 3), 240, np.float32))
pen = Pen(faces(folder, held_out=False)[0], 30, (30, 30, 40))
pen.write(rng, sheet, ("33000", "Valmire"), 700, 500)
sheet.written       # [Written("33000", (700, 470, 801, 500)), Written("Valmire", ...)]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.writing.hands import HELD_OUT_FAMILIES, SYMBOL_FONTS, Hand
from windowpane.data.writing.lines import Style, compose
from windowpane.errors import DataError, MissingExtraError, install

Rng = np.random.Generator
Colour = tuple[float, float, float]
Box = tuple[float, float, float, float]

HANDWRITTEN = ("Femke", "Humor", "Isabella", "Kristi", "Rufscript")
"""Families whose letters look written by hand."""
CLOSE = Style(gap=(0.05, 0.35), slant=0.1, wobble=0.6, size=0.06, signs=0)
SAMPLE = "0123456789AEMRagenrst"
ACCENTS = "ÉüßçőŁ"
"""Those who draw for ornament leave them out."""


@dataclass(frozen=True, slots=True)
class Written:
    """Digits on a sheet, or other characters, and the box around them, x0, y0, x1, y1 in pixels."""

    text: str
    box: Box


@dataclass(slots=True)
class Sheet:
    """A sheet of paper.

    Attributes
    ----------
    pixels
        (H, W, 3) float32, 0..255; ink is laid on it.
    written
        What is written on it; digits by themselves.
    """

    pixels: NDArray[np.float32]
    written: list[Written] = field(default_factory=list)

    def ink(self, coverage: NDArray[np.uint8], x: int, y: int, colour: Colour, strength: float = 1.0) -> None:
        """Lay ink (h, w) uint8, 255 = full, with its corner at (x, y); what is beyond the sheet is lost."""
        height, width = self.pixels.shape[:2]
        x0, y0 = max(x, 0), max(y, 0)
        x1, y1 = min(x + coverage.shape[1], width), min(y + coverage.shape[0], height)
        if x0 < x1 and y0 < y1:
            part = coverage[y0 - y : y1 - y, x0 - x : x1 - x, None] * np.float32(strength / 255)
            place = self.pixels[y0:y1, x0:x1]
            place += part * (np.array(colour, np.float32) - place)


@dataclass(frozen=True, slots=True)
class Pen:
    """What words are written with.

    Attributes
    ----------
    face
        The file of a typeface.
    height
        Of a digit, pixels.
    colour
        Of the ink.
    hand
        Whose digits are written, in place of those of the typeface.
    strength
        Of the ink, 0..1.
    """

    face: Path
    height: int
    colour: Colour
    hand: Hand | None = None
    strength: float = 1.0

    def write(
        self, rng: Rng, sheet: Sheet, words: Sequence[str], x: float, y: float, gap: float = 0.5
    ) -> list[Box]:
        """Write words on a baseline, ``gap`` heights apart; return the box of each."""
        boxes = []
        for word in words:
            start = x
            for part in re.findall(r"[0-9]+|[^0-9]+", word):
                x = self._part(rng, sheet, part, x, y)
            boxes.append((start, y - self.height, x, y))
            x += self.height * gap * rng.uniform(0.9, 1.2)
        return boxes

    def width(self, words: Sequence[str], gap: float = 0.5) -> float:
        """Return about how many pixels words take."""
        font = _font(self.face, self.height)
        return float(sum(font.getlength(word) for word in words)) + self.height * gap * (len(words) - 1)

    def _part(self, rng: Rng, sheet: Sheet, part: str, x: float, y: float) -> float:
        """Write digits, or what is none, and return where it ends."""
        if part.isdigit() and self.hand is not None:
            end = self._by_hand(rng, sheet, part, x, y)
        else:
            font = _font(self.face, self.height)
            mask = font.getmask2(part, "L", anchor="ls")
            coverage = np.array(mask[0], np.uint8).reshape(mask[0].size[::-1])
            sheet.ink(coverage, round(x) + mask[1][0], round(y) + mask[1][1], self.colour, self.strength)
            end = x + float(font.getlength(part))
        sheet.written.append(Written(part, (x, y - self.height, end, y)))
        return end

    def _by_hand(self, rng: Rng, sheet: Sheet, digits: str, x: float, y: float) -> float:
        assert self.hand is not None
        coverage = compose(rng, self.hand, digits, CLOSE).coverage
        rows, columns = (np.flatnonzero(coverage.max(axis=axis) > 60) for axis in (1, 0))
        coverage = coverage[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        height = self.height * rng.uniform(0.95, 1.25)
        scale = height / coverage.shape[0]
        size = max(1, round(coverage.shape[1] * scale)), max(1, round(height))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        written = np.asarray(cv2.resize(coverage, size, interpolation=way), np.uint8)
        sheet.ink(written, round(x), round(y - height), self.colour, self.strength)
        return float(x + size[0])


def faces(folder: Path, *, held_out: bool) -> list[Path]:
    """Return the typefaces under a folder that words can be written with: for training, or for the test.

    Raises
    ------
    DataError
        When there is none.
    """
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".ttf", ".otf"}):
        font = None if any(word in path.name.lower() for word in SYMBOL_FONTS) else _opened(path)
        if font is None or held_out != font.getname()[0].startswith(HELD_OUT_FAMILIES):
            continue
        needed = SAMPLE if looks_handwritten(path) else SAMPLE + ACCENTS
        if len({bytes(font.getmask(character)) for character in needed}) == len(needed):
            found.append(path)
    if not found:
        raise DataError(
            f"no typeface (.ttf or .otf with letters and digits) under {folder}: install some fonts"
        )
    return found


def looks_handwritten(path: Path) -> bool:
    """Return whether the letters of a typeface look written by hand."""
    return path.stem.lower().startswith(tuple(name.lower() for name in HANDWRITTEN))


@lru_cache(500)
def _font(path: Path, height: int) -> Any:
    """Return a typeface whose digits have a height in pixels."""
    probe = _opened(path)
    top, bottom = probe.getbbox("0123456789", anchor="ls")[1::2]
    return probe.font_variant(size=max(4, round(40 * height / max(bottom - top, 10))))


def _opened(path: Path) -> Any:
    try:
        from PIL import ImageFont
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"writing with typefaces needs Pillow: run {install('train')}") from error
    try:
        return ImageFont.truetype(str(path), 40)
    except OSError:
        return None
