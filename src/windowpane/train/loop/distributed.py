"""Where a net is trained: on the CPU, on a GPU where there is one, on several of them under ``torchrun``.

    torchrun --nproc-per-node 2 -m windowpane train parse CONFIG.toml

Every process learns from batches of its own. Their gradients are averaged at each step, so all keep the same
weights, and one step is one on as many batches as there are processes. The first process writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn

CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Team:
    """The processes that train a net together, seen by one of them.

    rank: its number, from 0. size: how many there are. device: that it trains on.
    """

    rank: int = 0
    size: int = 1
    device: torch.device = CPU

    @property
    def leads(self) -> bool:
        """Whether it is the one that writes."""
        return self.rank == 0

    def average_gradients(self, net: nn.Module) -> None:
        """Give every process the mean of all processes' gradients."""
        if self.size == 1:
            return
        gradients = [parameter.grad for parameter in net.parameters() if parameter.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        parts = torch.split(flat / self.size, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def mean(self, values: Sequence[float]) -> float:
        """Return the mean of the numbers that all processes have, the same to each of them."""
        total = torch.tensor([sum(values), len(values)], dtype=torch.float64, device=self.device)
        if self.size > 1:
            dist.all_reduce(total)
        return float(total[0] / total[1])

    def wait(self) -> None:
        """Wait until all processes have come as far."""
        if self.size > 1:
            dist.barrier()


ALONE = Team()


def half_precision(device: torch.device = CPU) -> torch.autocast:
    """Return the context in which a net's layers are computed: in bf16, where the machine does so by itself.

    That is on a GPU, or on a CPU with AMX, where it is about three times as fast as in 32 bits. Other CPUs
    that know bf16 take a third longer with it, and those that have to imitate it ten times as long.
    """
    native = device.type != "cpu" or torch.cpu._is_amx_tile_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=bool(native))


@contextmanager
def team() -> Iterator[Team]:
    """Join the processes that ``torchrun`` started; without it there is only this one."""
    rank, size = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if gpu else CPU
    if size == 1:
        yield Team(device=device)
        return
    # The others wait while the first prepares, which may take long: lines are composed, windows are mined.
    dist.init_process_group("nccl" if gpu else "gloo", timeout=timedelta(days=1))
    try:
        yield Team(rank, size, device)
    finally:
        dist.destroy_process_group()
