"""What a line is told to say (transcript), as symbols of the string loss.

A transcript has a character for everything that is written, but blanks:

    0 to 9  . , - / :   themselves
    ?                   a letter, or another mark that is no digit
    #                   a digit of which is not known which
    ~                   behind a digit: what follows it, up to the next digit, is not known

Neighbouring marks are one symbol, the set of them: how many letters a word has does not matter. So a line is
digits, and between them at most one set of marks each.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from windowpane.read.alphabet.labels import DIGITS, MARKS, NAMES, OTHER

LETTER, SOME_DIGIT, OPEN = "?", "#", "~"
CHARACTERS = (*DIGITS, *MARKS[:-1], LETTER, SOME_DIGIT, OPEN)
ANY = len(DIGITS)  # the symbol of some digit
OPENED = ANY + 1  # added to a digit's symbol where what follows is not known
SETS = 2 * OPENED  # the symbol of the empty set of marks; that of a set is its bits more


def symbols_of(transcript: str) -> NDArray[np.int64]:
    """Return the symbols of a transcript, (L,)."""
    codes: list[int] = []
    for is_mark, group in groupby(transcript.replace(LETTER, OTHER[0]), lambda c: c in _BITS):
        part = list(group)
        if is_mark:
            if codes and OPENED <= codes[-1] < SETS:  # it is known what follows, after all
                codes[-1] -= OPENED
            codes.append(SETS + int(np.bitwise_or.reduce([_BITS[c] for c in part])))
            continue
        for character in part:
            if character == OPEN:
                if codes and codes[-1] < OPENED:
                    codes[-1] += OPENED
            else:
                codes.append(ANY if character == SOME_DIGIT else int(character))
    return np.array(codes, np.int64)


def label_of(character: str) -> int | None:
    """Return the label of a column that looks at a character, or None where any may be right."""
    if character in (SOME_DIGIT, OPEN):
        return None
    return NAMES.index(OTHER if character == LETTER else character)


def is_digit(symbols: Tensor) -> Tensor:
    """Whether symbols are digits."""
    return symbols < SETS


def sets_of(symbols: Tensor) -> Tensor:
    """Return which marks a symbol's set holds, (..., 6) of 0 and 1; behind an open digit all may be."""
    bits = torch.arange(len(MARKS), device=symbols.device)
    held = (torch.clamp(symbols - SETS, min=0)[..., None] >> bits) & 1
    opened = (symbols >= OPENED) & is_digit(symbols)
    return torch.where(opened[..., None], torch.ones_like(held), held)


_BITS = {(OTHER[0] if mark == OTHER else mark): 1 << place for place, mark in enumerate(MARKS)}
