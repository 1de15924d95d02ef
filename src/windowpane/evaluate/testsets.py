"""The reader's test sets: pictures of numbers with what they say, made or read the same way every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from windowpane.data.digits import mnist, orand, usps
from windowpane.data.writing.hands import Hand, by_family, text_typefaces, typefaces, writers
from windowpane.data.writing.lines import PLAIN, TOUCHING, Look, Style, compose, photograph
from windowpane.images import load
from windowpane.read.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class NumberPicture:
    """A picture (H, W, 3) uint8 RGB of a number and what it says."""

    pixels: NDArray[np.uint8]
    text: str


def composed_zips(
    root: Path, *, seed: int, count: int = 2000, style: Style = PLAIN
) -> Iterator[NumberPicture]:
    """Yield valid ZIP codes, each in the digits of one writer of the MNIST test part, on light paper."""
    rng = np.random.default_rng(seed)
    hands = writers(mnist(root, "test"))
    codes = _zip_codes()
    for _ in range(count):
        code = codes[rng.integers(len(codes))]
        able = [hand for hand in hands if set(code) <= set(hand.digits)]
        hand = able[rng.integers(len(able))]
        yield _example(rng, hand, code, style, "clean")


def touching_zips(root: Path, *, seed: int, count: int = 2000) -> Iterator[NumberPicture]:
    """Yield the same with digits that touch or overlap by up to 20 % of their width."""
    return composed_zips(root, seed=seed, count=count, style=TOUCHING)


def printed_numbers(fonts: Path, *, seed: int, look: Look, count: int = 1000) -> Iterator[NumberPicture]:
    """Yield five digits in typefaces held out of training, every family as often, clean or photographed."""
    rng = np.random.default_rng(seed)
    families = by_family(typefaces(fonts, held_out=True))
    style = Style(weight=(0, 0), signs=0, wobble=0, slant=0)
    for _ in range(count):
        family = families[rng.integers(len(families))]
        hand = family[rng.integers(len(family))]
        yield _example(rng, hand, "".join(rng.choice(list("0123456789"), 5)), style, look)


def cheque_amounts(root: Path) -> Iterator[NumberPicture]:
    """Yield the amounts of ORAND-CAR-A's test part."""
    for line in orand(root, "test"):
        yield NumberPicture(load(line.path), line.label)


def single_digits(root: Path, name: str) -> Iterator[NumberPicture]:
    """Yield the single digits of the test part of "mnist" or "usps", as dark ink on white paper."""
    digits = mnist(root, "test") if name == "mnist" else usps(root, "test")
    for image, label in zip(digits.images, digits.labels, strict=True):
        yield NumberPicture(np.repeat(255 - image[..., None], 3, axis=2), str(label))


def _example(rng: np.random.Generator, hand: Hand, text: str, style: Style, look: Look) -> NumberPicture:
    picture = photograph(rng, compose(rng, hand, text, style), look)
    return NumberPicture(picture.pixels, text)


def _zip_codes() -> list[str]:
    lexicon = Lexicon.us_zip()
    return [code for code in (f"{number:05d}" for number in range(100_000)) if code in lexicon]


# -- Pages without a number --------------------------------------------------------------------------------

CONSONANTS = "b c d f g h j l m n p r s t v w st tr sch l l s S I O B Z G"
VOWELS = "a e i o u ie ou a e l"


def prose_pages(fonts: Path, *, seed: int, count: int, held_out: bool = True) -> Iterator[NDArray[np.uint8]]:
    """Yield pages (1600, 1100, 3) of made-up words without a digit, in typefaces held out of training or not.

    One word in twelve is in capitals; letters that look like digits are as often as others.

    Raises
    ------
    DataError
        When there is no usable typeface.
    MissingExtraError
        Without Pillow.
    """
    from PIL import Image, ImageDraw, ImageFont

    rng = np.random.default_rng(seed)
    files = text_typefaces(fonts, held_out=held_out)
    for _ in range(count):
        size = int(rng.integers(14, 44))
        face = ImageFont.truetype(str(files[rng.integers(len(files))]), size)
        paper, ink = int(rng.integers(200, 256)), int(rng.integers(0, 90))
        page = Image.new("L", (1100, 1600), paper)
        draw = ImageDraw.Draw(page)
        for y in range(60, 1540 - size, round(size * rng.uniform(1.15, 1.7))):
            line = ""
            while face.getlength(line) < 850:
                line += _word(rng) + " "
            draw.text((80, y), line, fill=ink, font=face)
        pixels = np.asarray(page, np.float32) + rng.normal(0, rng.uniform(0, 8), (1600, 1100))
        yield np.repeat(pixels.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _word(rng: np.random.Generator) -> str:
    consonants, vowels = CONSONANTS.split(), VOWELS.split()
    word = "".join(str(rng.choice(consonants)) + str(rng.choice(vowels)) for _ in range(rng.integers(1, 5)))
    word = word.upper() if rng.random() < 1 / 12 else word
    return word + str(rng.choice(["", "", "", "", ",", ".", ";", "!", "-"]))
