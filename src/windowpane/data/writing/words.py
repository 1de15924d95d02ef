"""Lines of numbers as they stand on pages (text generation): with separators, and words beside them.

The words are of no language: syllables put together by chance. What a hand lacks of a text is left out of it,
so that a writer of whom there are only digits writes numbers.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.glyphs import GlyphSet
from windowpane.data.writing.hands import FIRST_STRANGE, SEPARATORS, Hand

Rng = np.random.Generator

ONSETS, AFTER_ONSETS = "bcdfghjklmnprstvwxyz", "rlhn"
VOWELS = "aaeeeiioouy"
CODAS = "nrlstdmkgx"
COPIES = 3  # of each separator of a pen


def word(rng: Rng, capitals: float = 0.5) -> str:
    """Return a word of one to four syllables, in capitals now and then."""
    parts = []
    for _ in range(int(rng.integers(1, 5))):
        chances = zip((ONSETS, AFTER_ONSETS, VOWELS, VOWELS, CODAS), (0.85, 0.2, 1, 0.15, 0.5), strict=True)
        parts += [letters[rng.integers(len(letters))] for letters, chance in chances if rng.random() < chance]
    text = "".join(parts)[:11]
    if rng.random() < capitals:
        return text.upper()
    return text.capitalize() if rng.random() < 0.5 else text


def number(rng: Rng) -> str:
    """Return a number with separators: an amount, a date, a time, a telephone number, a fraction."""
    d = _digits
    kind = rng.integers(9)
    if kind == 0:
        return f"{d(rng, 1, 4)}.{d(rng, 1, 2)}"
    if kind == 1:
        return f"{d(rng, 1, 4)},{d(rng, 1, 2)}"
    if kind == 2:
        return (
            f"{d(rng, 1, 3)},{d(rng, 3)}.{d(rng, 2)}"
            if rng.random() < 0.5
            else f"{d(rng, 1, 3)}.{d(rng, 3)},{d(rng, 2)}"
        )
    if kind == 3:
        mark = str(rng.choice(list("/.-")))
        return mark.join([d(rng, 1, 2), d(rng, 1, 2), d(rng, 2) if rng.random() < 0.5 else d(rng, 4)])
    if kind == 4:
        return ":".join([d(rng, 1, 2), d(rng, 2), *([d(rng, 2)] if rng.random() < 0.3 else [])])
    if kind == 5:
        return f"{d(rng, 2, 4)}-{d(rng, 3, 4)}{' ' if rng.random() < 0.3 else ''}{d(rng, 0, 4)}"
    if kind == 6:
        return f"{d(rng, 1, 3)}/{d(rng, 1, 3)}"
    if kind == 7:
        return f"-{d(rng, 1, 3)}{rng.choice(['', '.5', ',25'])}"
    return " ".join(d(rng, 2, 4) for _ in range(int(rng.integers(2, 4))))


def mixed(rng: Rng, hand: Hand) -> str:
    """Return a line of numbers, with words beside them or in them now and then, of what the hand has."""
    some, text = number(rng) if rng.random() < 0.7 else _digits(rng, 1, 6), word(rng)
    kind = rng.random()
    if kind < 0.45:
        line = some
    elif kind < 0.65:
        line = f"{text[:8]}{rng.choice(['', '.', ':', ' '])} {some}"
    elif kind < 0.8:
        line = f"{some}{' ' if rng.random() < 0.6 else ''}{text[:8]}"
    elif kind < 0.9:
        line = f"{text[:4]}{some}{' ' if rng.random() < 0.5 else ''}{text[4:9]}"
    else:
        line = "".join(
            str(rng.choice(list(text.upper() + _digits(rng, 3)))) for _ in range(int(rng.integers(3, 8)))
        )
    kept = "".join(character for character in line if character == " " or character in hand.places).strip()
    return kept or _digits(rng, 1, 6)


def words(rng: Rng, hand: Hand) -> str:
    """Return a line of words without digits, of what the hand has; "" if it has no letters."""
    letters = [
        character for character in hand.places if character.isalpha() or ord(character) >= FIRST_STRANGE
    ]
    if letters and ord(letters[0]) >= FIRST_STRANGE:
        return "".join(str(c) for c in rng.choice(letters, int(rng.integers(1, 9))))
    line = " ".join(word(rng) for _ in range(int(rng.integers(1, 4))))[:18]
    return "".join(character for character in line if character == " " or character in hand.places).strip()


def _digits(rng: Rng, least: int, most: int | None = None) -> str:
    count = int(rng.integers(least, (most or least) + 1))
    return "".join(map(str, rng.integers(0, 10, count)))


# -- Hands that have more than digits ----------------------------------------------------------------------


def with_separators(rng: Rng, hand: Hand) -> Hand:
    """Return a writer's hand with separators drawn by a pen, in the size of its digits."""
    size, height = hand.images.shape[1], hand.height
    pen = max(1.0, height * float(rng.uniform(0.06, 0.13)))
    images, characters = [], []
    for mark in SEPARATORS:
        for _ in range(COPIES):
            images.append(_separator(rng, mark, size, height, pen))
            characters.append(mark)
    every = np.concatenate([hand.images, np.array(images)])
    return Hand(hand.name, hand.family, every, np.array([*hand.characters, *characters]), hand.height)


def _separator(rng: Rng, mark: str, size: int, height: float, pen: float) -> NDArray[np.uint8]:
    middle, foot = size / 2, size / 2 + height / 2
    sway = height * rng.normal(0, 0.04, 4)
    dot = pen * float(rng.uniform(0.1, 0.8))
    point = (middle, foot - pen / 2 + sway[0], middle + dot, foot - pen / 2 + sway[1])
    drop = height * float(rng.uniform(0.08, 0.2))
    reach = height * float(rng.uniform(0.12, 0.28))
    strokes = {
        ".": [point],
        ",": [(middle + drop / 3, foot - pen, middle - drop / 3 + sway[0], foot + drop)],
        "-": [(middle - reach, size / 2 + sway[0], middle + reach, size / 2 + sway[1])],
        "/": [(middle + reach + sway[0], size / 2 - 0.55 * height, middle - reach, foot + sway[1])],
        ":": [
            point,
            (middle + sway[2], size / 2 - 0.1 * height, middle + dot, size / 2 - 0.1 * height + sway[3]),
        ],
    }
    image = np.zeros((size, size), np.uint8)
    for x0, y0, x1, y1 in strokes[mark]:
        start, end = (round(16 * x0), round(16 * y0)), (round(16 * x1), round(16 * y1))
        cv2.line(image, start, end, 255, max(1, round(pen)), cv2.LINE_AA, 4)
    return image


def hands_of(glyphs: GlyphSet, height: float, *, strange: bool = False) -> list[Hand]:
    """Return the hands of a set of single characters: one for each source.

    Parameters
    ----------
    height
        Of a digit or a capital in the pictures, pixels.
    strange
        Whether the characters are of scripts that have no code here; they are numbered.
    """
    names = np.unique(glyphs.texts).tolist()
    codes = {name: chr(FIRST_STRANGE + place) if strange else name for place, name in enumerate(names)}
    hands = []
    for source in np.unique(glyphs.sources).tolist():
        own = glyphs.where(glyphs.sources == source)
        characters = np.array([codes[text] for text in own.texts.tolist()])
        hands.append(Hand(source, source, own.images, characters, height))
    return hands
