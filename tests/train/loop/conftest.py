"""What the tests of the training loop share: a net that learns by heart and is wrong on all else."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from windowpane.train.loop.stage import Schedule, run_stage


class Rote(nn.Module):
    """Learns eight numbers by heart, of which nothing follows for others: a number each, and one for all."""

    def __init__(self):
        super().__init__()
        self.own = nn.Parameter(torch.zeros(9))
        self.all = nn.Parameter(torch.zeros(1))


def rote_loss(net):
    """The first eight are 2 more than any other; the validation set has the ninth, which is never learned."""
    return lambda place: (net.own[place] + net.all - 1 - 2 * (place < 8)).square().mean()


def train_rote(folder, *, patience, resume=False, **options):
    net = Rote()
    run_stage(
        net,
        Schedule("rote", 1500, rate=0.004, warmup=1, ema_decay=0.5, patience=patience),
        lambda number: iter([torch.arange(8)] * 50),
        rote_loss(net),
        folder=folder,
        resume=resume,
        validation=[torch.tensor([8])] if patience else [],
        **options,
    )
    return net


def log_of(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.fixture
def rote():
    """Train the net that learns by heart; gives what does."""
    return train_rote


@pytest.fixture
def cost():
    """The loss of that net."""
    return rote_loss


@pytest.fixture
def records():
    """The lines of a log."""
    return log_of
