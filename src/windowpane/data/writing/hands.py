"""Hands: whose digits a line is composed from (writers, fonts): of MNIST each writer, USPS, or a typeface.

Lines are composed from one hand each, so that their digits look alike as they do on an envelope. Typefaces
are rendered with Pillow from the fonts that are installed (Debian's free fonts, say); some families are held
out of training for the test.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.digits import GLYPH_HEIGHT, DigitSet, LabelledLine
from windowpane.errors import DataError, MissingExtraError, install
from windowpane.images import load
from windowpane.read.line import ink_map

FACE_SIZE = 72  # of a rendered character, pixels square
FACE_HEIGHT = 40  # of its digits, pixels
SIGNS = "-.,/:$#*+=()%&"  # what stands beside digits and is none
SEPARATORS = "-.,/:"  # those of them that are part of a number
LETTERS = "ADEFGHKMNPRTUVWXYabdefghkmnprtuvwy"  # those that no one takes for a digit

OTHER_LETTERS = "BCJLOQSZcijloqsxz"  # those that are known by their word alone
FIRST_STRANGE = 0xE000  # characters of other scripts, which have no code here, are numbered from this one

# Whole families, with those drawn after them (Carlito after Lato): no face of the test was trained on.
HELD_OUT_FAMILIES = (
    "B612",
    "Cabin",
    "Caladea",
    "Carlito",
    "Courier Prime",
    "DSEG7 Modern",
    "EB Garamond",
    "Inconsolata",
    "Karla",
    "Lato",
    "OCR B",
    "OCRB",
    "Quattrocento",
    "Vollkorn",
)
# Kin of a held-out family, or no shapes to read by: neither trained on nor tested with.
LEFT_OUT = (
    *("DSEG14 Modern", "OCR B Inverted", "OCR B Outline", "OCR B Sharp", "Lato Hairline"),
    *("DSEG Weather", "DSEG7 7SEGG", "Linux Biolinum Keyboard"),  # weather, faces and keys for digits
)
SYMBOL_FONTS = ("symbol", "math", "emoji", "icon", "music", "braille", "dingbat", "barcode", "blank")


@dataclass(frozen=True, slots=True)
class Hand:
    """The characters of one writer or typeface.

    Attributes
    ----------
    name
        Of the writer or typeface.
    family
        Of the typeface, or the name again.
    images
        (N, S, S) uint8, 255 = ink.
    characters
        N characters; those that are no digits are drawn but not read.
    height
        Of the digits in the images, pixels.
    advances
        (N,) distance to the next character in pixels for a typeface, None for a writer.
    places
        Where each character's images are.
    """

    name: str
    family: str
    images: NDArray[np.uint8]
    characters: NDArray[np.str_]
    height: float
    advances: NDArray[np.float32] | None = None
    places: dict[str, NDArray[np.int64]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {str(c): np.flatnonzero(self.characters == c) for c in np.unique(self.characters)}
        object.__setattr__(self, "places", places)

    @property
    def printed(self) -> bool:
        """Whether this is a typeface."""
        return self.advances is not None

    @property
    def digits(self) -> list[str]:
        """The digits that this hand has at least once."""
        return [character for character in self.places if character.isdigit()]


def writers(digits: DigitSet, *, at_least: int = 5) -> list[Hand]:
    """Return one hand for each writer with enough digits; digits of unknown writers make one hand."""
    characters = digits.labels.astype(str)
    hands = []
    for writer in np.unique(digits.writers):
        mask = digits.writers == writer
        if mask.sum() >= at_least:
            name = f"writer {writer}"
            hands.append(Hand(name, name, digits.images[mask], characters[mask], GLYPH_HEIGHT))
    return hands


def cut_from_lines(lines: Sequence[LabelledLine], *, name: str) -> Hand:
    """Return the digits cut, as ink on nothing, from pictures of numbers with a box for every digit."""
    images, characters, size = [], [], 56
    for line in lines:
        if line.boxes is None:
            continue
        ink = ink_map(load(line.path))
        for character, (x0, y0, x1, y1) in zip(line.label, line.boxes, strict=True):
            scale = FACE_HEIGHT / max(y1 - y0, 0.6 * (x1 - x0), 1)
            matrix = np.array([[scale, 0, size / 2 - scale * (x0 + x1) / 2], [0, scale, 0]])
            matrix[1, 2] = size / 2 - scale * (y0 + y1) / 2
            patch = cv2.warpAffine(ink, matrix, (size, size), flags=cv2.INTER_LINEAR)
            half = scale * (x1 - x0) / 2 + 2
            patch[:, : max(0, round(size / 2 - half))] = 0
            patch[:, round(size / 2 + half) :] = 0
            patch[patch < 90] = 0
            images.append(patch)
            characters.append(character)
    return Hand(name, name, np.array(images), np.array(characters), FACE_HEIGHT)


def typefaces(folder: Path, *, held_out: bool) -> list[Hand]:
    """Render the typefaces under a folder of fonts: those for training, or those held out for the test.

    Raises
    ------
    DataError
        When the folder has no usable font.
    MissingExtraError
        Without Pillow.
    """
    hands: dict[tuple[str, str], Hand] = {}
    for _, face in _chosen(folder, held_out=held_out):
        family, style = face.getname()
        hand = None if (family, style) in hands else _render(face, f"{family} {style}", family)
        if hand is not None:
            hands[family, style] = hand
    if not hands:
        raise DataError(f"no usable typeface (.ttf or .otf with digits) under {folder}: install some fonts")
    return _distinct(list(hands.values()))


def text_typefaces(folder: Path, *, held_out: bool) -> list[Path]:
    """Return the files of the typefaces that words can be set in; raises as `typefaces` does."""
    chosen = _chosen(folder, held_out=held_out)
    paths = [path for path, face in chosen if not face.getname()[0].startswith("DSEG")]
    if not paths:
        raise DataError(f"no usable typeface (.ttf or .otf) under {folder}: install some fonts")
    return paths


def _chosen(folder: Path, *, held_out: bool) -> Iterator[tuple[Path, Any]]:
    """Yield the files of the typefaces for training, or of those held out for the test."""
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".ttf", ".otf"}):
        face = open_font(path)
        if face is None or any(word in path.name.lower() for word in SYMBOL_FONTS):
            continue
        family, style = face.getname()
        chosen = any(family == out or family.startswith(f"{out} ") for out in HELD_OUT_FAMILIES)
        left_out = f"{family} {style}".startswith(LEFT_OUT)
        foreign = family.startswith("Noto ") and "Noto S" not in family
        if chosen == held_out and not left_out and not foreign:
            yield path, face


def by_family(hands: Sequence[Hand]) -> list[list[Hand]]:
    """Return typefaces family by family."""
    families: dict[str, list[Hand]] = {}
    for hand in hands:
        families.setdefault(hand.family, []).append(hand)
    return list(families.values())


def dotted(hand: Hand, rows: int) -> Hand:
    """Return a typeface as a dot-matrix printer would print it, its digits ``rows`` dots high."""
    grid = round(FACE_SIZE * rows / hand.height)
    pitch = 6
    dot = np.zeros((pitch, pitch), np.float32)
    cv2.circle(dot, (pitch * 4 - 4, pitch * 4 - 4), 20, 1.0, -1, cv2.LINE_AA, 3)
    images = []
    for image in hand.images:
        dots = (cv2.resize(image, (grid, grid), interpolation=cv2.INTER_AREA) > 100).astype(np.float32)
        big = np.kron(dots, dot) * 255
        images.append(cv2.resize(big, (FACE_SIZE, FACE_SIZE), interpolation=cv2.INTER_AREA).astype(np.uint8))
    name = f"{hand.name}, {rows} dots"
    return Hand(name, "dots", np.array(images), hand.characters, hand.height, hand.advances)


def old_style(hand: Hand) -> Hand:
    """Return a typeface with old-style figures: 0, 1, 2 small, 1 like a small I, 3, 4, 5, 7, 9 hanging."""
    small, middle = 0.72, FACE_SIZE / 2 - 0.5
    images, capital = hand.images.copy(), hand.images[hand.places["I"][0]]
    for digit in range(10):
        shrunk, drop = digit in (0, 1, 2), 0.14 if digit in (3, 4, 5, 7, 9) else -0.14
        scale, shift = (small, 0.0) if shrunk else (1.0, drop * hand.height)
        matrix = np.array([[scale, 0, middle * (1 - scale)], [0, scale, middle * (1 - scale) + shift]])
        source = capital if digit == 1 else hand.images[digit]
        images[digit] = cv2.warpAffine(source, matrix, (FACE_SIZE, FACE_SIZE), flags=cv2.INTER_LINEAR)
    assert hand.advances is not None
    advances = hand.advances.copy()
    advances[:3] *= small
    advances[1] = small * hand.advances[hand.places["I"][0]]
    return Hand(f"{hand.name}, old style", hand.family, images, hand.characters, hand.height, advances)


def open_font(path: Path) -> Any | None:
    """Return Pillow's font of a file, or None where it is none; raises MissingExtraError without Pillow."""
    try:
        from PIL import ImageFont
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"rendering typefaces needs Pillow: run {install('train')}") from error
    try:
        return ImageFont.truetype(str(path), FACE_HEIGHT)
    except OSError:
        return None


def _render(face: Any, name: str, family: str) -> Hand | None:
    from PIL import Image, ImageDraw

    try:
        box = face.getbbox("0123456789", anchor="ls")
        if box[3] - box[1] < 10:
            return None
        face = face.font_variant(size=round(FACE_HEIGHT * FACE_HEIGHT / (box[3] - box[1])))
        top, bottom = face.getbbox("0123456789", anchor="ls")[1::2]
        images, advances, characters = [], [], []
        # on a segment display letters are drawn like digits, so it has none here
        others = "" if name.startswith("DSEG") else SIGNS + LETTERS + "I"
        for character in "0123456789" + others + OTHER_LETTERS * bool(others):
            advance = face.getlength(character)
            picture = Image.new("L", (FACE_SIZE, FACE_SIZE))
            place = ((FACE_SIZE - advance) / 2, FACE_SIZE / 2 - (top + bottom) / 2)
            ImageDraw.Draw(picture).text(place, character, fill=255, font=face, anchor="ls")
            images.append(np.asarray(picture))
            advances.append(advance)
            characters.append(character)
    except (OSError, ValueError):
        return None
    digits = np.array(images[:10])
    differ = len({image.tobytes() for image in digits}) == 10
    inked = (digits > 128).sum((1, 2)) > 40
    known = 10 + len(others)
    if len({image.tobytes() for image in images[:known]}) < known:  # characters that the typeface lacks
        images, characters, advances = images[:10], characters[:10], advances[:10]
    if not differ or not inked.all() or max(advances[:10]) > FACE_SIZE - 4:
        return None
    return Hand(
        name, family, np.array(images), np.array(characters), FACE_HEIGHT, np.array(advances, np.float32)
    )


def _distinct(hands: list[Hand]) -> list[Hand]:
    """Drop typefaces whose digits are, to the eye, those of an earlier one."""
    kept: list[Hand] = []
    seen: list[NDArray[np.float32]] = []
    for hand in hands:
        small = np.array([cv2.resize(i, (18, 18), interpolation=cv2.INTER_AREA) for i in hand.images[:10]])
        small = small.astype(np.float32)
        if all(np.abs(small - other).mean() > 3 for other in seen):
            kept.append(hand)
            seen.append(small)
    return kept
