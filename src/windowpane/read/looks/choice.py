"""Which way to see a doubtful picture (model selection by likelihood): as it is, inverted, its panels alone.

What is ink and what is paper is told from the picture alone, before the net has seen it (`ink_map`), and so
is the band of the digits. A rim, a housing or a reflection can deceive both. So a picture whose reading is
doubtful is seen in other ways too, and the net's own scores decide: the looks are compared by the log of the
best string's probability, with a premium for each digit (to see nothing at all is easy, five digits are
seldom seen by chance) and one for the plain look, which is mostly right. A look that shows none never wins.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from windowpane.core.system import Picture
from windowpane.read.decoder import StringCandidates
from windowpane.read.line import Line, Writing, find_writing
from windowpane.read.looks.frames import panels

PREMIUM = 0.8  # of a digit, in natural logarithms
MOST = 5  # digits that have a premium
PLAIN = 0.7  # premium of the plain look


def best_looks(
    pictures: Sequence[Picture],
    writings: Sequence[Writing],
    candidates: Sequence[StringCandidates],
    threshold: float,
    look: Callable[[Sequence[Line]], list[StringCandidates]],
) -> tuple[list[Writing], list[StringCandidates]]:
    """Return writing and candidates of each picture, of the best look at those that are doubtful.

    Parameters
    ----------
    writings, candidates
        Of each picture, as it looks plainly.
    threshold
        The probability below which a reading is doubtful; one without digits always is.
    look
        From lines to their candidates.
    """
    doubtful = [i for i, one in enumerate(candidates) if one.strings[0][1] < threshold or not _text(one)]
    others = {index: other_looks(pictures[index]) for index in doubtful}
    again = iter(look([writing.line() for writings in others.values() for writing in writings]))
    best, decided = list(writings), list(candidates)
    for index, some in others.items():
        most = score(candidates[index]) + PLAIN
        for writing, one in zip(some, again, strict=False):
            if _text(one) and score(one) > most:
                most, best[index], decided[index] = score(one), writing, one
    return best, decided


def other_looks(picture: Picture) -> list[Writing]:
    """Return the writing of a picture as it looks inverted, and of each of its panels in both ways."""
    looks = [find_writing(picture, inverted=True)]
    for panel in panels(picture):
        for inverted in (False, True):
            writing = find_writing(panel.pixels, inverted=inverted)
            looks.append(replace(writing, left=panel.left, top=panel.top, slope=panel.slope))
    return looks


def score(one: StringCandidates) -> float:
    """Return how much speaks for the look that led to candidates."""
    text, probability = one.strings[0]
    return math.log(max(probability, 1e-12)) + PREMIUM * min(len(text), MOST)


def _text(one: StringCandidates) -> str:
    return one.strings[0][0]
