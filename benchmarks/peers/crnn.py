"""The peer that most people would train: a CRNN with CTC, of the reader's size, on the reader's lines.

    python benchmarks/peers/crnn.py train POOL --steps N      # the pool that `windowpane train read` composed

Shi, Bai & Yao 2017 in small: five convolutions, a two-way LSTM, connectionist temporal classification.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from windowpane.train.loop.stage import Schedule, run_stage
from windowpane.train.read.batches import Batch, epoch
from windowpane.train.read.symbols import OPENED, is_digit


class Crnn(nn.Module):
    """Line (N, 1, 32, W) in 0..1 -> log-probabilities (N, W // 4, 11) of ten digits and CTC's blank (10)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        pools = [(2, 2), (2, 2), None, (2, 1), (4, 1)]
        for (inputs, outputs), pool in zip(pairwise([1, 24, 40, 64, 72, 80]), pools, strict=True):
            layers.append(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False))
            layers += [nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
            if pool:
                layers.append(nn.MaxPool2d(pool))
        self.trunk = nn.Sequential(*layers)
        self.memory = nn.LSTM(80, 80, bidirectional=True, batch_first=True)
        self.head = nn.Linear(160, 11)

    def forward(self, ink: Tensor) -> Tensor:
        features = self.trunk(ink)[:, :, 0].transpose(1, 2)
        return self.head(self.memory(features)[0]).float().log_softmax(-1)


def read(net: Crnn, inks: Tensor, widths: list[int]) -> list[str]:
    """Best path of CTC: the best label of each column, repeats joined, blanks dropped."""
    with torch.inference_mode():
        best = net(inks).argmax(-1).tolist()
    texts = []
    for row, width in zip(best, widths, strict=True):
        row = row[: width // 4]
        texts.append("".join(str(k) for i, k in enumerate(row) if k != 10 and (i == 0 or row[i - 1] != k)))
    return texts


def loss(net: Crnn, batch: Batch) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        features = net.trunk(batch.ink.contiguous(memory_format=torch.channels_last))[:, :, 0].transpose(1, 2)
    scores = net.head(net.memory(features.float())[0]).log_softmax(-1)
    columns = torch.full((len(scores),), scores.shape[1])
    said = [row[:n] for row, n in zip(batch.symbols, batch.lengths, strict=True)]
    targets = [row[is_digit(row)] % OPENED for row in said]  # it reads digits alone
    lengths = torch.tensor([len(row) for row in targets])
    flat = torch.cat(targets)
    return F.ctc_loss(scores.transpose(0, 1), flat, columns, lengths, blank=10, zero_infinity=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool", type=Path)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/crnn"))
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--polish", action="store_true", help="a last round, after that without it")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    net = Crnn().to(memory_format=torch.channels_last)
    print(sum(p.numel() for p in net.parameters()), "parameters")
    shards = sorted(options.pool.glob("shard-*.npz"))

    def items(number: int) -> Iterator[Batch]:
        return epoch(shards, size=64, seed=10_007 + number)

    options.out.mkdir(parents=True, exist_ok=True)
    stage = Schedule("ctc", options.steps, 3e-3)
    if options.polish:
        net.load_state_dict(torch.load(options.out / "ctc.pt", weights_only=True)["averaged"])
        stage = Schedule("polish", options.steps, 7.5e-4)
    run_stage(net, stage, items, lambda batch: loss(net, batch), folder=options.out, resume=options.resume)
    torch.save(net.state_dict(), options.out / "crnn.pt")


if __name__ == "__main__":
    main()
