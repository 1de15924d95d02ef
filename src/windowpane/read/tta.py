"""Looks again at the lines that are not sure, from other views (test-time augmentation, TTA).

A doubtful line is cut out of its picture anew, moved, larger and smaller, and stretched. The probability of a
string is then the mean of what all views say, and its digits stand where the view has them that is the surest
of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

import numpy as np

from windowpane.read.decoder import StringCandidates, probabilities
from windowpane.read.line import Line, LineView, Writing

VIEWS = (
    LineView(zoom=0.84, stretch=1.3),
    LineView(zoom=0.92, slide=2),
    LineView(zoom=1.05, shift=1.5, slide=2, stretch=1.15),
    LineView(zoom=1.09, stretch=1.3),
)
"""Beside the plain one: smaller, larger, a little lower, half a column further on, and stretched, which sets
tight digits apart."""


def look_again(
    writings: Sequence[Writing],
    candidates: Sequence[StringCandidates],
    threshold: float,
    look: Callable[[Sequence[Line]], list[StringCandidates]],
) -> list[StringCandidates]:
    """Return the candidates of each line: of all views where the best of the plain one is doubtful.

    Parameters
    ----------
    writings, candidates
        Of each line its writing, and the candidates of its plain view.
    threshold
        The probability below which a line is doubtful.
    look
        From lines to their candidates.
    """
    doubtful = [index for index, one in enumerate(candidates) if one.strings[0][1] < threshold]
    if not doubtful:
        return list(candidates)
    again = look([writings[index].line(view) for view in VIEWS for index in doubtful])
    views = [[candidates[index], *again[place :: len(doubtful)]] for place, index in enumerate(doubtful)]
    decided = list(candidates)
    for index, one in zip(doubtful, joined(views), strict=True):
        decided[index] = one
    return decided


def joined(lines: Sequence[Sequence[StringCandidates]]) -> list[StringCandidates]:
    """Join the candidates of several views of each line; a string's probability is the mean of all views.

    Those are returned of the view that is the surest of the best string: there its digits have their places.
    """
    texts = [list({text: None for view in views for text, _ in view.strings}) for views in lines]
    asked = [pair for views, strings in zip(lines, texts, strict=True) for pair in product(views, strings)]
    chances = iter(probabilities([view for view, _ in asked], [text for _, text in asked]))
    return [_joined(views, strings, chances) for views, strings in zip(lines, texts, strict=True)]


def _joined(
    views: Sequence[StringCandidates], texts: Sequence[str], chances: Iterator[float]
) -> StringCandidates:
    """Join the views of one line, given the probabilities of its texts, view by view."""
    each = np.reshape(list(islice(chances, len(views) * len(texts))), (len(views), len(texts)))
    mean = each.mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    surest = views[int(each[:, order[0]].argmax())]
    return replace(surest, strings=[(texts[index], float(mean[index])) for index in order])
