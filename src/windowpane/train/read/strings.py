"""Training on whole strings (sequence loss): the right string against all strings, through the lattice.

LeCun, Bottou, Bengio & Haffner 1998 (sections VI-VIII) train a reader through its graph: the forward
algorithm sums the scores of every path that spells the right string and divides by the sum over all paths,
whatever they spell. The lattice is that of `windowpane.read.lattice`, in which a digit takes two columns.
"""

from __future__ import annotations

import torch
from torch import Tensor

from windowpane.train.read.net import NONE

NEVER = -1e4  # log-probability of what cannot be; -inf would give gradients that are no numbers


def string_log_probability(scores: Tensor, texts: Tensor, lengths: Tensor, columns: Tensor) -> Tensor:
    """Return (N,) log-probabilities of the strings, each among all strings of all lengths.

    Parameters
    ----------
    scores
        (N, 11, T) log-probabilities.
    texts
        (N, L) digits, anything beyond the length.
    lengths
        (N,) numbers of digits.
    columns
        (N,) numbers of valid columns; those behind are not looked at.
    """
    n, _, t = scores.shape
    valid = torch.arange(t, device=scores.device)[None] < columns[:, None]
    none = scores[:, NONE].masked_fill(~valid, 0.0)
    none = none + torch.cat([none[:, 1:], torch.zeros_like(none[:, :1])], dim=1)  # of a digit's two columns
    wanted = scores.gather(1, texts[:, :, None].expand(-1, -1, t)) if texts.shape[1] else scores[:, :0]
    gains = (wanted - none[:, None]).masked_fill(~valid[:, None], NEVER)
    any_digit = (scores[:, :NONE].logsumexp(1) - none).masked_fill(~valid, NEVER)
    rows = [torch.zeros(n, device=scores.device)]
    nowhere = torch.full((n, 2), NEVER, device=scores.device)
    before = torch.zeros(n, t, device=scores.device)  # sum over all ways to be here with r digits behind
    for row in range(texts.shape[1]):
        after = torch.logcumsumexp(before + gains[:, row], dim=1)
        rows.append(after[:, -1])
        before = torch.cat([nowhere, after[:, :-2]], dim=1)[:, :t]
    right = torch.stack(rows, dim=1).gather(1, lengths[:, None])[:, 0]
    return right - _all_strings(any_digit)


def _all_strings(any_digit: Tensor) -> Tensor:
    """Return the forward sum (N,) over all paths; any_digit: (N, T) score of a digit at each column."""
    two_back = one_back = torch.zeros_like(any_digit[:, 0]) if any_digit.shape[1] else any_digit.sum(1)
    for step in any_digit.unbind(1):
        two_back, one_back = one_back, torch.logaddexp(one_back, two_back + step)
    return one_back
