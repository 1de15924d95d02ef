"""What a finder learns from, by its configuration (dataset): pens, pages, and pictures without text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from windowpane.data.digits import mnist
from windowpane.data.faces import background, split
from windowpane.data.glyphs import glyphs
from windowpane.data.pages import Page, pages
from windowpane.data.split import Fold, every_so_many
from windowpane.data.writing.blocks import Stock
from windowpane.data.writing.hands import Hand, writers
from windowpane.data.writing.pens import (
    Handwriting,
    Pen,
    cut_to_ink,
    handwriting_pens,
    plotter_pens,
    typeface_pens,
)
from windowpane.data.writing.strokes import drawn_hand
from windowpane.images import load
from windowpane.images.crops import Pixels
from windowpane.train.loop.run import data_of
from windowpane.train.strings.config import Config
from windowpane.train.strings.parts import Sources
from windowpane.train.strings.real import of_page

PICTURE_PIXELS = 200_000  # a larger picture without text is kept in this size
DRAWN = 40  # hands that we draw ourselves


def gather(config: Config, fold: Fold) -> Sources:
    """Return what to learn from, or the validation set ("tune").

    Typefaces that are held out are for tests alone: the validation set has those for training.

    Raises
    ------
    DataError
        For a set that is asked for and not there.
    """
    pictures = [
        _grey(path) for name in config.backgrounds for path in split(background(data_of(config), name), fold)
    ]
    typefaces: Sequence[Pen] = typeface_pens(Path(config.fonts), held_out=False)
    stock = Stock(typefaces or plotter_pens(), list(_hands(config, fold)), pictures)
    return Sources(stock, [of_page(page) for page in labelled(config, fold)], [], config.shares)


def labelled(config: Config, fold: Fold) -> list[Page]:
    """Return the pages of a fold on which all text is known."""
    found = [page for name in config.pages for page in pages(data_of(config), name, fold)]
    return [page for page in found if page.complete]


def to_tune_on(config: Config) -> list[Page]:
    """Return the pages of the validation set, those too on which most text is known."""
    more = [page for name in config.tuning_sets for page in pages(data_of(config), name, "tune")]
    return labelled(config, "tune") + more


def _hands(config: Config, fold: Fold) -> Iterator[Handwriting]:
    """Yield pens of people: some that we draw, and MNIST's writers where sets of letters are named."""
    rng = np.random.default_rng((config.seed, fold == "train"))
    letters: dict[str, list[Pixels]] = {}
    for name in config.letters:
        some = glyphs(data_of(config), name, fold)
        for image, text in zip(some.images, some.texts, strict=True):
            if len(text) == 1 and text.isascii() and text.isalpha():
                letters.setdefault(str(text), []).append(cut_to_ink(image))
    hands: list[Hand] = [drawn_hand(rng, f"drawn {number}") for number in range(DRAWN)]
    if config.letters:
        people = writers(mnist(data_of(config), "train"))
        aside = every_so_many(len(people)) == (fold == "tune")
        hands += [hand for hand, is_chosen in zip(people, aside, strict=True) if is_chosen]
    yield from handwriting_pens(rng, hands, letters)


def _grey(path: Path) -> Pixels:
    """Return a picture in grey, not too large."""
    grey = np.asarray(cv2.cvtColor(load(path), cv2.COLOR_RGB2GRAY), np.uint8)
    scale = (PICTURE_PIXELS / grey.size) ** 0.5
    return (
        grey
        if scale >= 1
        else np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    )
