"""What is kept aside of the data: it is looked at now and then, and the best weights so far are kept.

A net that learns too long from few pictures learns these by heart, and gets worse on all others. So a part of
the data is not learned from but looked at every 100 steps; where that gets no better, a stage ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from windowpane.errors import DataError
from windowpane.train.loop.distributed import Team

Item = TypeVar("Item")
LOOK = 100
"""Steps from one look to the next."""
SHARE = 10
"""One picture in so many is kept aside."""
PASS = 2**31 - 1
"""The number of the pass whose batches are looked at: no training comes as far."""


class Aside(Generic[Item]):
    """Batches that a stage does not learn from, and what came of looking at them.

    patience: looks without a better one after which the stage is over. loss, step, weights: of the best look,
    the mean loss of the averaged weights, when it was, and these weights. worse: looks since then.
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
        self, net: nn.Module, averaged: nn.Module, loss: Callable[[Item], Tensor], team: Team, step: int
    ) -> float:
        """Return the mean loss of averaged weights; ``loss`` is that of ``net``, which lends itself and is
        left as it was."""
        own = {name: weight.clone() for name, weight in net.state_dict().items()}
        net.load_state_dict(averaged.state_dict())
        net.eval()
        value = team.mean([loss(item).item() for item in self.batches[team.rank :: team.size]])
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


def split(items: Sequence[Item], patience: int, seed: int) -> tuple[list[Item], list[Item]]:
    """Return what to learn from and what to keep aside: without patience nothing, else one in ten, drawn by a
    seed.

    Raises DataError where there are fewer than two.
    """
    if not patience:
        return list(items), []
    if len(items) < 2:
        raise DataError(f"{len(items)} picture(s): patience keeps some aside, so label two at least")
    kept = set(np.random.default_rng(seed).permutation(len(items))[: -(-len(items) // SHARE)].tolist())
    return (
        [item for place, item in enumerate(items) if place not in kept],
        [item for place, item in enumerate(items) if place in kept],
    )
