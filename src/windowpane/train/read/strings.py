"""Training on whole strings (sequence loss): the right string against all strings, through the lattice.

LeCun, Bottou, Bengio & Haffner 1998 (sections VI-VIII) train a reader through its graph: the forward
algorithm sums the scores of every path that spells the right string and divides by the sum over all paths,
whatever they spell. The lattice is that of `windowpane.read.lattice`, in which a digit takes two columns.

A path says at each column that it looks at the next digit, at a mark, or at nothing. For the string of digits
marks are nothing; the whole transcript has more to say: where no mark is written there is none, and where
some are there is at least one of them. So a set of marks is a step like a digit, to the first column that
looks at one, and from there to the next digit marks of the set and nothing are alike.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

from windowpane.read.alphabet.labels import DIGITS
from windowpane.train.read.symbols import ANY, OPENED, is_digit, sets_of

NEVER = -1e4  # log-probability of what cannot be; -inf would give gradients that are no numbers
LEAST = 1e-30  # probability of a mark
COUNT = len(DIGITS)


def string_log_probability(scores: Tensor, symbols: Tensor, lengths: Tensor, columns: Tensor) -> Tensor:
    """Return (N,) log-probabilities of transcripts, each among all of all lengths.

    Parameters
    ----------
    scores
        (N, 17, T) log-probabilities of the labels.
    symbols
        (N, L) of `windowpane.train.read.symbols`, anything beyond the length.
    lengths
        (N,) numbers of symbols.
    columns
        (N,) numbers of valid columns; those behind are not looked at.
    """
    n, _, t = scores.shape
    valid = torch.arange(t, device=scores.device)[None] < columns[:, None]
    none = scores[:, -1].masked_fill(~valid, 0.0)
    marks = scores[:, COUNT:-1].exp()
    emitted, afterwards = _steps(scores, none, marks, symbols)
    emitted = emitted.masked_fill(~valid[:, None], NEVER)
    afterwards = afterwards.masked_fill(~valid[:, None], 0.0)
    digit = is_digit(symbols)

    rows = [torch.zeros(n, device=scores.device)]
    before = torch.zeros(n, t, device=scores.device)  # all ways to be at a column with r symbols behind
    for row in range(symbols.shape[1]):
        so_far = afterwards[:, row].cumsum(1)  # of what may be beside nothing, behind the symbol
        two = digit[:, row, None]
        start = torch.where(two, _sooner(so_far), so_far)
        ways = torch.logcumsumexp(before + emitted[:, row] - start, dim=1)
        rows.append(ways[:, -1] + so_far[:, -1])
        before = torch.where(two, _later(ways, 2), _later(ways, 1)) + _later(so_far, 1, 0.0)
    right = torch.stack(rows, dim=1).gather(1, lengths[:, None])[:, 0]
    return right + none.sum(1) - _all_strings(scores, valid)


def _steps(scores: Tensor, none: Tensor, marks: Tensor, symbols: Tensor) -> tuple[Tensor, Tensor]:
    """Return for each symbol the odds against nothing, (N, L, T): of its step, and of what may follow it."""
    t = scores.shape[2]
    digits = torch.cat([scores[:, :COUNT], scores[:, :COUNT].logsumexp(1, keepdim=True)], dim=1)
    which = torch.where(is_digit(symbols), symbols % OPENED, torch.full_like(symbols, ANY))
    of_digit = digits.gather(1, which[:, :, None].expand(-1, -1, t)) - (none + _next(none))[:, None]
    sets = sets_of(symbols)
    of_set = (sets.to(marks.dtype) @ marks).clamp_min(LEAST).log() - none[:, None]
    some = sets.any(2, keepdim=True)
    afterwards = torch.where(some, softplus(of_set), torch.zeros_like(of_set))
    return torch.where(is_digit(symbols)[:, :, None], of_digit, of_set), afterwards


def _all_strings(scores: Tensor, valid: Tensor) -> Tensor:
    """Return the forward sum (N,) over all paths."""
    nothing = scores[:, COUNT:].logsumexp(1).masked_fill(~valid, 0.0)
    digit = (scores[:, :COUNT].logsumexp(1) - nothing - _next(nothing)).masked_fill(~valid, NEVER)
    two_back = one_back = torch.zeros(len(scores), device=scores.device)
    for step in digit.unbind(1):
        two_back, one_back = one_back, torch.logaddexp(one_back, two_back + step)
    return one_back + nothing.sum(1)


def _next(values: Tensor) -> Tensor:
    """Return the value of the next column at each, 0 at the last."""
    return torch.cat([values[:, 1:], torch.zeros_like(values[:, :1])], dim=1)


def _sooner(sums: Tensor) -> Tensor:
    """Return the sum up to the next column at each, at the last its own."""
    return torch.cat([sums[:, 1:], sums[:, -1:]], dim=1)


def _later(values: Tensor, by: int, fill: float = NEVER) -> Tensor:
    """Return the value of an earlier column at each."""
    start = torch.full_like(values[:, :by], fill)
    return torch.cat([start, values[:, : max(values.shape[1] - by, 0)]], dim=1)[:, : values.shape[1]]
