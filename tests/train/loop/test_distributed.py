"""Processes that train together; alone, a process is its own group."""

import torch
from torch import nn

from windowpane.train.loop.distributed import SINGLE, ProcessGroup, autocast, process_group


def test_without_torchrun_there_is_one_process_that_writes(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    with process_group() as group:
        assert (group.rank, group.world_size, group.is_main) == (0, 1, True)
        group.barrier()


def test_the_first_process_writes():
    assert SINGLE.is_main
    assert not ProcessGroup(rank=1, world_size=2).is_main


def test_alone_means_and_gradients_are_its_own():
    assert SINGLE.mean([1.0, 2.0, 6.0]) == 3.0
    net = nn.Linear(2, 1)
    net(torch.ones(1, 2)).sum().backward()
    SINGLE.average_gradients(net)
    assert net.weight.grad.tolist() == [[1.0, 1.0]]


def test_half_the_bits_are_for_machines_that_compute_with_them():
    native = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    with autocast():
        assert torch.is_autocast_enabled("cpu") == native
