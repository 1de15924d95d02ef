"""Pens: what writes any text into a picture (text rendering): typefaces, handwriting, and a plotter.

Each pen sets a text in one go and tells where its characters are. A typeface is drawn by Pillow, with its own
distances; handwriting is put together from pictures of single characters; the plotter draws with OpenCV's
line fonts, so that there are letters where no font is installed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.writing.hands import HELD_OUT_FAMILIES, LEFT_OUT, SYMBOL_FONTS, Hand, open_font

Rng = np.random.Generator
Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

MARKS = ".,:/-"
"""What stands within numbers and is no digit."""

PROBE = 64
"""Size at which a typeface is measured."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text as a pen wrote it.

    Attributes
    ----------
    coverage
        (H, W) uint8, 255 = full ink.
    text
        Its characters, without blanks.
    spans
        (N, 2), from where to where each reaches across, in pixels.
    top, bottom
        Between what rows its digits stand, or would.
    words
        (N,), which word each is of.
    """

    coverage: Pixels
    text: str
    spans: Floats
    top: float
    bottom: float
    words: NDArray[np.intp]

    def cut(self, width: float) -> Written:
        """Return what of it fits into a width."""
        if self.coverage.shape[1] <= width:
            return self
        kept = self.spans[:, 1] <= width
        end = math.ceil(self.spans[kept, 1].max(initial=0.0))
        text = "".join(one for one, is_kept in zip(self.text, kept, strict=True) if is_kept)
        return Written(
            self.coverage[:, :end], text, self.spans[kept], self.top, self.bottom, self.words[kept]
        )


class Pen(Protocol):
    """Something to write with."""

    def write(self, rng: Rng, text: str, size: float) -> Written:
        """Return a text whose digits are so many pixels high."""
        ...


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font file.

    Attributes
    ----------
    em
        Size of the font, in heights of its digits.
    """

    path: Path
    family: str
    em: float

    def write(self, rng: Rng, text: str, size: float) -> Written:
        """Return a text whose digits are so many pixels high."""
        from PIL import Image, ImageDraw

        font = _font(self.path, max(4, round(size * self.em)))
        left, top, right, bottom = (round(side) for side in font.getbbox(text, anchor="ls"))
        digits = font.getbbox("0", anchor="ls")
        ends = np.array([font.getlength(text[: count + 1]) for count in range(len(text))])
        picture = Image.new("L", (max(1, right - left + 2), max(1, bottom - top + 2)))
        ImageDraw.Draw(picture).text((1 - left, 1 - top), text, fill=255, font=font, anchor="ls")
        spans = np.stack([np.append(0, ends)[:-1], ends], axis=1) + (1 - left)
        return _written(np.asarray(picture), text, spans, digits[1] + 1 - top, digits[3] + 1 - top)


@dataclass(frozen=True, slots=True)
class Plotter:
    """One of OpenCV's line fonts, drawn with a pen of some breadth, in heights of the digits."""

    font: int
    breadth: float

    def write(self, rng: Rng, text: str, size: float) -> Written:
        """Return a text whose digits are so many pixels high."""
        thick = max(1, round(size * self.breadth))
        scale = max(1.0, size - thick) / _plotted_height(self.font)
        ends = [
            cv2.getTextSize(text[: count + 1], self.font, scale, thick)[0][0] for count in range(len(text))
        ]
        low, edge = round(0.4 * size) + thick, thick + 1
        pixels = np.zeros((round(1.3 * size) + low, ends[-1] + 2 * edge), np.uint8)
        line = pixels.shape[0] - low
        cv2.putText(pixels, text, (edge, line), self.font, scale, 255, thick, cv2.LINE_AA)
        spans = np.stack([np.append(0, ends)[:-1], ends], axis=1) + edge
        return _written(pixels, text, spans.astype(float), line - size, line)


@dataclass(frozen=True, slots=True)
class Handwriting:
    """Pictures of single characters, of one hand as far as there are such.

    Attributes
    ----------
    glyphs
        For each character its pictures, cut to the ink, as high as the character stands in its row.
    slant
        To the right, for a height.
    gap
        Between characters, in heights of the digits.
    """

    glyphs: Mapping[str, Sequence[Pixels]]
    slant: float
    gap: float
    bold: float

    def write(self, rng: Rng, text: str, size: float) -> Written:
        """Return a text whose digits are so many pixels high; characters that it lacks are left out."""
        edge, low = round(0.6 * size), round(0.5 * size)
        pieces, spans, kept, x = [], [], [], 0.0
        for character in text:
            pictures = self.glyphs.get(character)
            if character != " " and pictures:
                high, lift = _stance(character)
                glyph = pictures[int(rng.integers(len(pictures)))]
                tall = max(2, round(size * high * float(np.exp(rng.normal(0, 0.06)))))
                wide = max(2, round(glyph.shape[1] * tall / glyph.shape[0]))
                small = np.asarray(cv2.resize(glyph, (wide, tall), interpolation=cv2.INTER_AREA), np.uint8)
                pieces.append((round(x), round(size * (lift + rng.normal(0, 0.03))), small))
                spans.append((x, x + wide))
                kept.append(character)
                x += wide + size * max(-0.1, self.gap + rng.normal(0, 0.05))
            elif character == " ":
                kept.append(character)
                spans.append((x, x + 0.5 * size))
                x += 0.5 * size
        line = edge + round(size)
        page = np.zeros((line + low, round(x) + 2 * edge), np.uint8)
        for left, lift, glyph in pieces:
            bottom = min(line + lift, page.shape[0])
            top = max(0, bottom - glyph.shape[0])
            place = page[top:bottom, left + edge : left + edge + glyph.shape[1]]
            np.maximum(place, glyph[glyph.shape[0] - (bottom - top) :, : place.shape[1]], out=place)
        matrix = np.array([[1, -self.slant, self.slant * (line - size / 2)], [0, 1, 0]])
        slanted = cv2.convertScaleAbs(cv2.warpAffine(page, matrix, page.shape[1::-1]), alpha=self.bold)
        across = np.array(spans, float).reshape(-1, 2) + edge
        return _written(np.asarray(slanted, np.uint8), "".join(kept), across, line - size, line)


def _stance(character: str) -> tuple[float, float]:
    """Return how high a character is and how far below the line it reaches, in heights of the digits."""
    if character in "acemnorsuvwxz":
        return 0.66, 0.0
    if character in "gpqy":
        return 0.95, 0.3
    if character in ".,":
        return 0.14, 0.05
    if character == "-":
        return 0.1, -0.42
    return 1.0, 0.0


def _written(coverage: Pixels, text: str, spans: Floats, top: float, bottom: float) -> Written:
    """Return what was written without the blanks, which part it into words."""
    blank = np.array([character == " " for character in text], bool)
    words = np.cumsum(blank)[~blank] if len(text) else np.zeros(0, np.intp)
    shown = "".join(character for character in text if character != " ")
    return Written(coverage, shown, spans[~blank], top, bottom, words.astype(np.intp))


# -- Where pens come from ----------------------------------------------------------------------------------


def typeface_pens(folder: Path, *, held_out: bool) -> list[Typeface]:
    """Return the typefaces under a folder that have digits and letters: for training, or for the test.

    Fewer than all: of one family the first few faces. None where no font lies there.

    Raises
    ------
    MissingExtraError
        Without Pillow.
    """
    families: dict[str, list[Typeface]] = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".ttf", ".otf"}):
        font = open_font(path)
        if font is None or any(word in path.name.lower() for word in SYMBOL_FONTS):
            continue
        family, style = font.getname()
        chosen = any(family == out or family.startswith(f"{out} ") for out in HELD_OUT_FAMILIES)
        foreign = family.startswith("Noto ") and "Noto S" not in family
        same = families.setdefault(family, [])
        if foreign or chosen != held_out or f"{family} {style}".startswith(LEFT_OUT) or len(same) == FACES:
            continue
        if (em := _em(font)) is not None:
            same.append(Typeface(path, family, em))
    return [face for faces in families.values() for face in faces]


FACES = 4  # of a family


def _em(font: Any) -> float | None:
    """Return a font's size over the height of its digits, or None where it has no digits or letters."""
    try:
        masks = [bytes(font.getmask(character)) for character in "0123456789ABaegn"]
        box, narrowest = font.getbbox("0", anchor="ls"), min(map(font.getlength, "0123456789ABaegn"))
    except (OSError, ValueError):
        return None
    height = box[3] - box[1]
    blank = any(not any(mask) for mask in masks)
    return (
        None
        if blank or len(set(masks)) < len(masks) or min(height, narrowest) < 8
        else float(font.size / height)
    )


@lru_cache
def _plotted_height(font: int) -> float:
    """Return how high the digits of one of OpenCV's fonts are at the scale 1, without the pen's breadth."""
    picture = np.zeros((200, 200), np.uint8)
    cv2.putText(picture, "8", (20, 180), font, 4.0, 255, 1)
    rows = np.flatnonzero(picture.any(axis=1))
    return float(rows[-1] - rows[0]) / 4


@lru_cache(maxsize=4096)
def _font(path: Path, size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(str(path), size)


def plotter_pens() -> list[Plotter]:
    """Return pens that are always there."""
    fonts = (
        cv2.FONT_HERSHEY_SIMPLEX,
        cv2.FONT_HERSHEY_PLAIN,
        cv2.FONT_HERSHEY_DUPLEX,
        cv2.FONT_HERSHEY_COMPLEX,
        cv2.FONT_HERSHEY_TRIPLEX,
    )
    return [Plotter(font, breadth) for font in fonts for breadth in (0.05, 0.1, 0.16)]


def handwriting_pens(
    rng: Rng, digits: Sequence[Hand], letters: Mapping[str, Sequence[Pixels]]
) -> list[Handwriting]:
    """Return one pen a hand: its digits, with letters of anybody.

    Parameters
    ----------
    letters
        For each character pictures of it, 255 = ink, cut to the ink.
    """
    drawn = {character: [_mark(character)] for character in MARKS}
    pens = []
    for hand in digits:
        own = {
            c: [cut_to_ink(hand.images[i]) for i in places]
            for c, places in hand.places.items()
            if c.isdigit()
        }
        some = {
            c: [pictures[int(rng.integers(len(pictures)))]]
            for c, pictures in letters.items()
            if len(pictures)
        }
        slant, gap = rng.normal(0.05, 0.15), rng.uniform(0.0, 0.25)
        pens.append(
            Handwriting({**drawn, **some, **own}, float(slant), float(gap), float(rng.uniform(0.9, 1.8)))
        )
    return pens


def cut_to_ink(picture: Pixels) -> Pixels:
    """Return a character (H, W), 255 = ink, without the empty rows and columns around it."""
    rows, columns = (np.flatnonzero(picture.max(axis=axis) > 80) for axis in (1, 0))
    if not len(rows):
        return picture
    return np.ascontiguousarray(picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _mark(character: str) -> Pixels:
    """Draw a mark, cut to the ink."""
    picture = np.zeros((40, 40), np.uint8)
    if character == "/":
        cv2.line(picture, (30, 2), (10, 38), 255, 4, cv2.LINE_AA)
    elif character == "-":
        cv2.line(picture, (6, 20), (34, 20), 255, 5, cv2.LINE_AA)
    elif character == ":":
        cv2.circle(picture, (20, 8), 4, 255, -1, cv2.LINE_AA)
        cv2.circle(picture, (20, 32), 4, 255, -1, cv2.LINE_AA)
    elif character == ",":
        cv2.line(picture, (22, 10), (17, 28), 255, 6, cv2.LINE_AA)
    else:
        cv2.circle(picture, (20, 20), 6, 255, -1, cv2.LINE_AA)
    return cut_to_ink(picture)
