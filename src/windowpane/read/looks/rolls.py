"""How far the last roll of a counter has turned on, in tenths (test-time augmentation: shifted views).

A roll on its way shows two digits, one above the other, neither in the middle of the row. So the line is seen
moved up and down by steps. Where a digit stands is where a view with it in the middle is sure of it; of all
places of the roll, in tenths from 0.0 to 9.9, that one is told in which the views see its digits best.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from windowpane.core.windows import Window
from windowpane.read.decoder import Decision, StringCandidates
from windowpane.read.lattice import NONE
from windowpane.read.line import Line, LineView, Writing
from windowpane.read.reading import Reading

SHIFTS = tuple(range(-20, 21, 2))  # of the views, line pixels
PITCH = 28.0  # line pixels from a roll's digit to the next one below it
HIGHER = -2.0  # line pixels, of a digit at a whole step from the middle of the row: rolls stop a little late
SPREAD = 3.0  # line pixels from its middle in which a digit is seen as well
PLACES = 100  # of a roll, tenths of a step


def with_tenths(
    writings: Sequence[Writing],
    decisions: Sequence[Decision],
    window: Window,
    look: Callable[[Sequence[Line]], list[StringCandidates]],
) -> list[Decision]:
    """Return decisions whose text ends with the last roll's digit, a point, and the tenths it has turned on.

    Parameters
    ----------
    writings, decisions
        Of each line.
    window
        Of a column of the votes.
    look
        From lines to their candidates.
    """
    views = [writing.line(LineView(shift=float(shift))) for writing in writings for shift in SHIFTS]
    seen = look(views)
    told = []
    for place, decision in enumerate(decisions):
        some = seen[place * len(SHIFTS) : (place + 1) * len(SHIFTS)]
        tenths = turned_on(np.stack([_of_last(one, decision, window) for one in some]))
        told.append(replace(decision, reading=_with(decision.reading, tenths)))
    return told


def turned_on(seen: NDArray[np.floating]) -> int:
    """Return a roll's place in tenths, 0 to 99, from how probable each digit is in each view, (S, 10)."""
    return int(np.einsum("psd,sd->p", _seen_at(), seen).argmax())


def _seen_at() -> NDArray[np.float64]:
    """Return how well each view sees each digit at each place of a roll, (places, views, digits)."""
    place, digit = np.arange(PLACES)[:, None] / 10, np.arange(10)
    ahead = (digit - place + 3) % 10 - 3  # steps to the digit; those behind are negative
    below = HIGHER + ahead * PITCH
    off = np.array(SHIFTS)[None, :, None] + below[:, None]
    return np.asarray(np.exp(-((off / SPREAD) ** 2) / 2))


def _of_last(one: StringCandidates, decision: Decision, window: Window) -> NDArray[np.float64]:
    """Return how probable each digit is where the last one was read; anywhere, if none was."""
    votes = np.exp(np.asarray(one.batch.voted[one.row][:NONE], np.float64))
    votes = votes[:, : window.map_size(*one.line.ink.shape)[1]]
    if decision.columns:
        x = window.centre(0, 0)[0] + window.stride[1] * decision.columns[-1]
        here, _ = one.line.to_line(*decision.candidates.line.to_picture(x, 0))
        column = round((here - window.centre(0, 0)[0]) / window.stride[1])
        column = min(max(column, 0), votes.shape[1] - 1)
        votes = votes[:, max(0, column - 1) : column + 2]
    return np.asarray(votes.max(axis=1, initial=0.0))


def _with(reading: Reading, tenths: int) -> Reading:
    digit, rest = divmod(tenths, 10)
    before = reading.text[:-1] if reading.digits else ""
    return replace(reading, text=f"{before}{digit}.{rest}")
