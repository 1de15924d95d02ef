"""What a window net's answers to whole pictures cost (dense training), each cell of its maps on its own.

Most cells show nothing, and most of these are soon told right; so what is right already counts less (focal
loss: Lin, Goyal, Girshick, He & Dollar 2017).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

FOCUS = 1.5  # the exponent of the focal loss
NOTHING, PASSED_OVER = -1, -2
"""Classes of cells where nothing is to be found, and of those of which nothing is learned."""


def dense_loss(score: Tensor, given: Tensor, class_ids: Tensor, wanted: Tensor, place: float = 1.0) -> Tensor:
    """Return the loss of maps, over the number of cells that are to find something.

    Parameters
    ----------
    score
        (N, classes, rows, columns) logits.
    given, wanted
        (N, K, rows, columns), what the net gives for the place of what it finds, and what it should give.
    class_ids
        (N, rows, columns), `NOTHING` or `PASSED_OVER` where nothing is to be found.
    place
        What places count.
    """
    told, shown = class_ids != PASSED_OVER, class_ids >= 0
    there = nn.functional.one_hot(class_ids.clamp(min=0), score.shape[1]).permute(0, 3, 1, 2).float()
    there = there * shown[:, None]
    cost = nn.functional.binary_cross_entropy_with_logits(score, there, reduction="none")
    focus = (1 - torch.exp(-cost.detach())) ** FOCUS
    count = shown.sum().clamp(min=1)
    value = (cost * focus * told[:, None]).sum() / count
    off = nn.functional.smooth_l1_loss(given, wanted, beta=0.1, reduction="none")
    return value + place * (off * shown[:, None]).sum() / (given.shape[1] * count)
