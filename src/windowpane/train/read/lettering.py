"""Lines of words, and of numbers among them (synthetic data): who writes them, and what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from windowpane.data.glyphs import glyphs
from windowpane.data.split import Fold
from windowpane.data.writing.hands import Hand
from windowpane.data.writing.lines import Ink, Style, compose
from windowpane.data.writing.words import hands_of, mixed, with_separators, words

KINDS = ("mixed", "words")
LETTER_SETS = {"chars74k": 54.0, "choice": 23.0, "omniglot": 36.0}  # height of a capital in them, pixels
CODELESS = ("omniglot",)  # sets whose characters have no code here
PRINTED = 3  # times as often in a typeface as in hands of any one set
SIGNS = 0.1  # how often signs stand beside all that
CLOSEST, FARTHEST = -0.05, 0.35  # distance of neighbours in one hand, in digit heights


def lettering(
    data: Path | None, letters: Sequence[str], printed: list[Hand], people: list[Hand], fold: Fold
) -> list[list[Hand]]:
    """Return who writes separators and words: typefaces, people with digits alone, sets of letters.

    Parameters
    ----------
    data
        Root of the data sets.
    letters
        Names of sets, of `LETTER_SETS`.
    printed, people
        Typefaces with letters, and the hands of writers.
    fold
        Of the sets of letters.
    """
    rng = np.random.default_rng(7)
    groups = [printed] * PRINTED + [[with_separators(rng, hand) for hand in people]]
    root, chosen = (data, letters) if data else (Path(), ())
    for name in chosen:
        hands = hands_of(glyphs(root, name, fold), LETTER_SETS[name], strange=name in CODELESS)
        groups.append([with_separators(rng, hand) for hand in hands])
    return [group for group in groups if group]


def written(rng: np.random.Generator, groups: list[list[Hand]], kind: str, style: Style) -> Ink:
    """Write a line of words, or of numbers and words, in a hand of one of the groups."""
    while True:
        group = groups[rng.integers(len(groups))]
        hand = group[rng.integers(len(group))]
        text = mixed(rng, hand) if kind == "mixed" else words(rng, hand)
        if text and (kind == "words" or hand.digits):
            gap = max(style.gap[0], CLOSEST), FARTHEST
            return compose(rng, hand, text, replace(style, signs=SIGNS, gap=gap))
