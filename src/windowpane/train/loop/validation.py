"""Early stopping: a validation set is looked at now and then, and the weights that did best on it are kept.

A net that learns too long from few pictures learns these by heart, and gets worse on all others. So a part of
the data is not learned from but looked at every 100 steps; where that gets no better, a stage ends. Which
part that is, `windowpane.data.split` says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from windowpane.train.loop.distributed import ProcessGroup

Item = TypeVar("Item")
EVERY = 100
"""Steps from one look at the validation set, and one line of the log, to the next."""
PASS = 2**31 - 1
"""The number of the pass whose batches are the validation set: no training comes as far."""


class Validation(Generic[Item]):
    """Batches that a stage does not learn from, and what came of looking at them.

    Parameters
    ----------
    batches
        The validation set; none = nothing is looked at, and the stage goes to its end.
    patience
        Looks without a better one after which the stage is over.

    Attributes
    ----------
    loss, step, weights
        Of the best look: the mean loss of the averaged weights, when it was, and these weights.
    worse
        Looks since then.
    """

    def __init__(self, batches: Sequence[Item], patience: int) -> None:
        self.batches, self.patience = batches, patience
        self.loss, self.step, self.worse = math.inf, 0, 0
        self.weights: dict[str, Tensor] = {}

    @property
    def over(self) -> bool:
        """Whether patience is at its end."""
        return len(self.batches) > 0 and self.worse >= self.patience

    @torch.no_grad()
    def look(
        self,
        net: nn.Module,
        averaged: nn.Module,
        loss: Callable[[Item], Tensor],
        group: ProcessGroup,
        step: int,
    ) -> float:
        """Return the mean loss of averaged weights; ``loss`` is that of ``net``, which lends itself and is
        left as it was."""
        own = {name: weight.clone() for name, weight in net.state_dict().items()}
        net.load_state_dict(averaged.state_dict())
        net.eval()
        value = group.mean([loss(batch).item() for batch in self.batches[group.rank :: group.world_size]])
        self.worse += 1
        if value < self.loss:
            self.loss, self.step, self.worse = value, step, 0
            self.weights = {name: weight.clone() for name, weight in net.state_dict().items()}
        net.load_state_dict(own)
        net.train()
        return value

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"loss": self.loss, "step": self.step, "worse": self.worse, "weights": self.weights}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what a checkpoint kept."""
        self.loss, self.step, self.worse = state["loss"], state["step"], state["worse"]
        self.weights = state["weights"]
