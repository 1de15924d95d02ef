"""Where a net is trained (distributed data parallel, DDP): on a CPU, a GPU, or several under ``torchrun``.

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
class ProcessGroup:
    """The processes that train a net together, seen by one of them.

    Attributes
    ----------
    rank
        The number of this process, from 0.
    world_size
        How many there are.
    device
        That this process trains on.
    """

    rank: int = 0
    world_size: int = 1
    device: torch.device = CPU

    @property
    def is_main(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def average_gradients(self, net: nn.Module) -> None:
        """Give every process the mean of all processes' gradients (all-reduce)."""
        if self.world_size == 1:
            return
        gradients = [parameter.grad for parameter in net.parameters() if parameter.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        parts = torch.split(flat / self.world_size, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def mean(self, values: Sequence[float]) -> float:
        """Return the mean of the numbers that all processes have, the same to each of them."""
        total = torch.tensor([sum(values), len(values)], dtype=torch.float64, device=self.device)
        if self.world_size > 1:
            dist.all_reduce(total)
        return float(total[0] / total[1])

    def barrier(self) -> None:
        """Wait until all processes have come as far."""
        if self.world_size > 1:
            dist.barrier()


SINGLE = ProcessGroup()
"""One process, on the CPU."""


@contextmanager
def process_group() -> Iterator[ProcessGroup]:
    """Join the processes that ``torchrun`` started; without it there is only this one."""
    rank, world_size = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if gpu else CPU
    if world_size == 1:
        yield ProcessGroup(device=device)
        return
    # The others wait while the first prepares, which may take long: lines are composed, windows are mined.
    dist.init_process_group("nccl" if gpu else "gloo", timeout=timedelta(days=1))
    try:
        yield ProcessGroup(rank, world_size, device)
    finally:
        dist.destroy_process_group()


def autocast(device: torch.device = CPU) -> torch.autocast:
    """Return the context in which a net's layers are computed (automatic mixed precision, AMP).

    They are computed in bf16 where the machine does so by itself: on a GPU, or on a CPU with AMX or AVX-512
    for it, where it is up to three times as fast as in 32 bits. CPUs that have to imitate it take ten times
    as long.
    """
    native = (
        device.type != "cpu" or torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    )
    return torch.autocast(device.type, torch.bfloat16, enabled=bool(native))
