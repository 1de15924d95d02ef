"""The training loop of every recipe: steps, learning rate, averaged weights, an early end, log, resume."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from windowpane.core.allocator import keep_freed_memory
from windowpane.train.loop.distributed import ALONE, Team
from windowpane.train.loop.log import Log
from windowpane.train.loop.validation import LOOK, Aside

Item = TypeVar("Item")
Progress = Callable[[str, int, int, str], None]
"""Told what is done, how far, of how much, and a remark."""
BETWEEN = 300.0
"""Seconds from one checkpoint to the next."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One stage of training.

    name: as it stands in the log and the checkpoint. steps: batches. rate: highest learning rate, reached
    after ``warmup`` steps and lowered to nothing along a cosine. averaging: decay of the running average of
    the weights, which is what the stage hands on. decay: of kernels. patience: looks at what is kept aside,
    without a better one, after which the stage ends.
    """

    name: str
    steps: int
    rate: float
    warmup: int = 200
    averaging: float = 0.999
    decay: float = 1e-4
    patience: int = 0

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step."""
        rise = min(1.0, (step + 1) / self.warmup)
        return self.rate * rise * 0.5 * (1 + math.cos(math.pi * step / self.steps))


def run_stage(
    net: nn.Module,
    schedule: Schedule,
    items: Callable[[int], Iterator[Item]],
    loss: Callable[[Item], Tensor],
    *,
    folder: Path,
    resume: bool,
    progress: Progress | None = None,
    team: Team = ALONE,
    aside: Sequence[Item] = (),
) -> None:
    """Train a net in place through one stage, and leave it on the CPU with the averaged weights.

    items(epoch) yields the batches of one pass; loss(item) is the loss of a batch. Every five minutes and on
    Ctrl-C a checkpoint goes to ``<folder>/<stage>.pt`` and, every 100 steps, news to the log. With
    ``resume`` the stage goes on from its checkpoint, at the start of the pass that was broken off. team:
    the processes that train together; each takes passes of its own. aside: batches that are kept aside; with
    them the averaged weights are those that had the least loss on these, and the stage ends by itself once
    its schedule's patience is at its end.
    """
    keep_freed_memory(None)
    checkpoint = folder / f"{schedule.name}.pt"
    net.to(team.device)
    averaged = deepcopy(net)
    optimizer = torch.optim.AdamW(decay_groups(net, schedule.decay), lr=schedule.rate, betas=(0.9, 0.98))
    step = passes = 0
    kept = Aside(aside, schedule.patience)
    if resume and checkpoint.exists():
        state = torch.load(checkpoint, map_location=team.device, weights_only=True)
        net.load_state_dict(state["net"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        step, passes = state["step"], state["passes"]
        if "aside" in state:
            kept.restore(state["aside"])

    log = Log(folder, schedule.name, step) if team.leads else None

    def save() -> None:
        if log is None:
            return
        state = {"net": net.state_dict(), "averaged": averaged.state_dict(), "step": step, "passes": passes}
        state |= {"optimizer": optimizer.state_dict(), "aside": kept.state()}
        torch.save(state, checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").rename(checkpoint)
        log.draw()

    net.train()
    started, first, mean = time.monotonic(), step, float("nan")
    saved, looked = started, ""
    try:
        while step < schedule.steps and not kept.over:
            for item in items(passes * team.size + team.rank):
                for group in optimizer.param_groups:
                    group["lr"] = schedule.rate_at(step)
                optimizer.zero_grad(set_to_none=True)
                value = loss(item)
                value.backward()  # type: ignore[no-untyped-call]
                team.average_gradients(net)
                nn.utils.clip_grad_norm_(net.parameters(), 5.0)
                optimizer.step()
                average(averaged, net, min(schedule.averaging, (step + 1) / (step + 10)))
                step += 1
                mean = value.item() if math.isnan(mean) else 0.98 * mean + 0.02 * value.item()
                news = {"loss": mean}
                if aside and (step % LOOK == 0 or step == schedule.steps):
                    news["aside"] = kept.look(net, averaged, loss, team, step)
                    looked = f", kept aside {news['aside']:.4f}"
                if log and (step % LOOK == 0 or "aside" in news):
                    pace = (time.monotonic() - started) / (step - first)
                    log.write(step, news, left=pace * (schedule.steps - step))
                if progress and team.leads:
                    ended = f", no better since step {kept.step}" if kept.over else ""
                    total = step if kept.over else schedule.steps
                    progress(schedule.name, step, total, f"loss {mean:.4f}{looked}{ended}")
                if time.monotonic() - saved > BETWEEN:
                    save()
                    saved = time.monotonic()
                if step >= schedule.steps or kept.over:
                    break
            else:
                passes += 1
    finally:
        save()
        if log:
            log.close()
    net.load_state_dict(kept.weights if aside and kept.weights else averaged.state_dict())
    net.to("cpu")


def decay_groups(net: nn.Module, decay: float) -> list[dict[str, object]]:
    """Return a net's parameters for an optimizer: only kernels decay."""
    kernels = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": kernels, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


@torch.no_grad()
def average(averaged: nn.Module, net: nn.Module, decay: float) -> None:
    """Move averaged weights towards a net's, in place; decay: the share of the old that is kept."""
    for kept, new in zip(averaged.state_dict().values(), net.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(new, 1 - decay)
        else:
            kept.copy_(new)
