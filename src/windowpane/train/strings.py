"""Training on whole strings: the probability of the right string against all strings, through the lattice.

LeCun, Bottou, Bengio & Haffner 1998 (sections VI-VIII) train a reader through its graph: the forward
algorithm sums the probability of every path that spells the right string and divides by that of all paths.
In this lattice every digit is emitted at one column and every other column says "none"; as each column's
probabilities sum to one, so do those of all strings, and the division is by one: the forward sum *is* the
log-probability of the right string.
"""

from __future__ import annotations

import torch
from torch import Tensor

from windowpane.train.nets import NONE

NEVER = -1e4  # log-probability of what cannot be; -inf would give gradients that are no numbers


def string_log_probability(scores: Tensor, texts: Tensor, lengths: Tensor, columns: Tensor) -> Tensor:
    """Return (N,) log-probabilities of the strings.

    scores: (N, 11, T) log-probabilities. texts: (N, L) digits, anything beyond the length. lengths: (N,)
    numbers of digits. columns: (N,) numbers of valid columns; those behind are not looked at.
    """
    n, _, t = scores.shape
    valid = torch.arange(t, device=scores.device)[None] < columns[:, None]
    none = scores[:, NONE].masked_fill(~valid, 0.0)
    wanted = scores.gather(1, texts[:, :, None].expand(-1, -1, t)) if texts.shape[1] else scores[:, :0]
    gains = (wanted - none[:, None]).masked_fill(~valid[:, None], NEVER)
    rows = [torch.zeros(n, device=scores.device)]
    before = torch.zeros(n, t, device=scores.device)  # sum over all ways to be here with r digits behind
    for row in range(texts.shape[1]):
        after = torch.logcumsumexp(before + gains[:, row], dim=1)
        rows.append(after[:, -1])
        before = torch.cat([torch.full_like(after[:, :1], NEVER), after[:, :-1]], dim=1)
    ends = torch.stack(rows, dim=1).gather(1, lengths[:, None])[:, 0]
    return none.sum(1) + ends
