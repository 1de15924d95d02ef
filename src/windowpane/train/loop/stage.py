"""One stage of a training (training loop): steps, learning rate, averaged weights, early stopping, resume."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from windowpane.core.runtimes import keep_freed_memory
from windowpane.train.loop.distributed import SINGLE, ProcessGroup
from windowpane.train.loop.log import Log
from windowpane.train.loop.validation import EVERY, Validation
from windowpane.train.loop.weights import with_new_names

Item = TypeVar("Item")
Progress = Callable[[str, int, int, str], None]
"""Told what is done, how far, of how much, and a remark."""
BETWEEN = 300.0
"""Seconds from one checkpoint to the next."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The plan of one stage.

    Attributes
    ----------
    name
        As it stands in the log and the checkpoint.
    steps
        Batches.
    rate
        The highest learning rate, reached after ``warmup`` steps and lowered to nothing along a cosine.
    ema_decay
        Of the exponential moving average (EMA) of the weights, which is what the stage hands on.
    weight_decay
        Of kernels.
    patience
        Looks at the validation set, without a better one, after which the stage ends.
    """

    name: str
    steps: int
    rate: float
    warmup: int = 200
    ema_decay: float = 0.999
    weight_decay: float = 1e-4
    patience: int = 0

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step."""
        rise = min(1.0, (step + 1) / self.warmup)
        return self.rate * rise * 0.5 * (1 + math.cos(math.pi * step / self.steps))

    def ema_decay_at(self, step: int) -> float:
        """Return the decay of the average after a step: the first steps forget the untrained weights."""
        return min(self.ema_decay, (step + 1) / (step + 10))


def run_stage(
    net: nn.Module,
    schedule: Schedule,
    batches: Callable[[int], Iterator[Item]],
    loss: Callable[[Item], Tensor],
    *,
    folder: Path,
    resume: bool,
    progress: Progress | None = None,
    group: ProcessGroup = SINGLE,
    validation: Sequence[Item] = (),
) -> None:
    """Train a net in place through one stage, and leave it on the CPU with the averaged weights.

    Every five minutes and on Ctrl-C a checkpoint goes to ``<folder>/<stage>.pt``, and every 100 steps a line
    to the log.

    Parameters
    ----------
    batches
        Yields the batches of one pass, by its number (epoch).
    loss
        Gives the loss of a batch.
    resume
        Whether to go on from the stage's checkpoint, at the start of the pass that was broken off.
    group
        The processes that train together; each takes passes of its own.
    validation
        The batches of the validation set. With them the averaged weights are those that had the least loss
        on these, and the stage ends by itself once its schedule's patience is at its end.
    """
    keep_freed_memory(None)
    checkpoint = folder / f"{schedule.name}.pt"
    net.to(group.device)
    training = _Training(net, schedule, loss, group, validation)
    if resume and checkpoint.exists():
        training.restore(torch.load(checkpoint, map_location=group.device, weights_only=True))
    news = _News(training, folder if group.is_main else None, progress)
    saved = time.monotonic()
    try:
        while not training.over:
            for batch in batches(training.passes * group.world_size + group.rank):
                training.learn(batch)
                news.tell(training.look())
                if group.is_main and time.monotonic() - saved > BETWEEN:
                    training.save(checkpoint)
                    saved = time.monotonic()
                if training.over:
                    break
            else:
                training.passes += 1
    finally:
        if group.is_main:
            training.save(checkpoint)
        news.close()
    net.load_state_dict(training.best_weights())
    net.to("cpu")


class _Training(Generic[Item]):
    """A net on its way through a stage: all that a checkpoint holds, and the running mean of its losses."""

    def __init__(
        self,
        net: nn.Module,
        schedule: Schedule,
        loss: Callable[[Item], Tensor],
        group: ProcessGroup,
        validation: Sequence[Item],
    ) -> None:
        self.net, self.averaged = net.train(), deepcopy(net)
        self.schedule, self.loss, self.group = schedule, loss, group
        parameters = decay_groups(net, schedule.weight_decay)
        self.optimizer = torch.optim.AdamW(parameters, lr=schedule.rate, betas=(0.9, 0.98))
        self.validation = Validation(validation, schedule.patience)
        self.step = self.passes = 0
        self.mean = math.nan

    @property
    def over(self) -> bool:
        """Whether there is nothing more to learn."""
        return self.step >= self.schedule.steps or self.validation.over

    def learn(self, batch: Item) -> None:
        """Take one step."""
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = self.schedule.rate_at(self.step)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        self.group.average_gradients(self.net)
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimizer.step()
        update_average(self.averaged, self.net, self.schedule.ema_decay_at(self.step))
        self.step += 1
        value = loss.item()
        self.mean = value if math.isnan(self.mean) else 0.98 * self.mean + 0.02 * value

    def look(self) -> float | None:
        """Return the loss on the validation set, where there is one and it is time to look."""
        if not self.validation.batches or (self.step % EVERY and self.step != self.schedule.steps):
            return None
        return self.validation.look(self.net, self.averaged, self.loss, self.group, self.step)

    def best_weights(self) -> dict[str, Any]:
        """Return the averaged weights that did best on the validation set; without one the last."""
        best = self.validation.weights if self.validation.batches else {}
        return best or self.averaged.state_dict()

    def save(self, checkpoint: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {name: part.state_dict() for name, part in self._parts().items()}
        state |= {"step": self.step, "passes": self.passes, "validation": self.validation.state()}
        torch.save(state, checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").rename(checkpoint)

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name] if name == "optimizer" else with_new_names(state[name]))
        self.step, self.passes = state["step"], state["passes"]
        validation = state["validation"] if "validation" in state else state["aside"]  # its old name
        self.validation.restore(validation | {"weights": with_new_names(validation["weights"])})

    def _parts(self) -> dict[str, Any]:
        return {"net": self.net, "averaged": self.averaged, "optimizer": self.optimizer}


class _News:
    """What a stage tells while it goes on: lines of the log, and its progress.

    folder: of the log; None where another process writes.
    """

    def __init__(self, training: _Training[Any], folder: Path | None, progress: Progress | None) -> None:
        self.training, self.progress = training, progress if folder else None
        self.log = Log(folder, training.schedule.name, training.step) if folder else None
        self.first, self.started = training.step, time.monotonic()
        self.looked = ""

    def tell(self, looked: float | None) -> None:
        """Tell what came of the last step.

        Parameters
        ----------
        looked
            The loss on the validation set, if it was looked at.
        """
        training, schedule = self.training, self.training.schedule
        step, values = training.step, {"loss": training.mean}
        if looked is not None:
            values["aside"] = looked
            self.looked = f", validation {looked:.4f}"
        if self.log and (step % EVERY == 0 or looked is not None):
            pace = (time.monotonic() - self.started) / (step - self.first)
            self.log.write(step, values, left=pace * (schedule.steps - step))
        if self.progress:
            over = training.validation.over
            ended = f", no better since step {training.validation.step}" if over else ""
            remark = f"loss {training.mean:.4f}{self.looked}{ended}"
            self.progress(schedule.name, step, step if over else schedule.steps, remark)

    def close(self) -> None:
        """End the log."""
        if self.log:
            self.log.close()


def decay_groups(net: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Return a net's parameters for an optimizer: only kernels decay."""
    kernels = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": kernels, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


@torch.no_grad()
def update_average(averaged: nn.Module, net: nn.Module, decay: float) -> None:
    """Move averaged weights towards a net's, in place.

    Parameters
    ----------
    decay
        The share of the old that is kept.
    """
    for kept, new in zip(averaged.state_dict().values(), net.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(new, 1 - decay)
        else:
            kept.copy_(new)
