"""The reader's recipe (graph transformer training): windows are learned, then strings through the lattice.

    windowpane train read CONFIG.toml

1. pool: lines are composed from the public sets and typefaces, and varied from one's own pictures;
   `windowpane.train.read.pool`.
2. windows: every column of a line is one window; it learns the digit in its middle or "no whole digit here".
3. strings: the log-probability of the right string through the lattice, for the vote and for each head;
   `windowpane.train.read.strings`.
4. polish: short last rounds of strings, each on a new pool, with more of what proved hard.
5. blend and marks: a net that went on from another may be blended with it, so that it forgets less; marks,
   which that one may not have known, then learn alone; `windowpane.train.read.net`.
6. calibration, on the writers and lines of the validation set: a curve that makes the string's probability
   honest, and the threshold below which a reading is rejected; `windowpane.train.read.net_file`.
7. export: one ``.onnx`` file with its manifest and card.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from windowpane.data.check.folder import refuse_faults
from windowpane.train.loop.distributed import autocast
from windowpane.train.loop.run import Run, begin_run
from windowpane.train.loop.stage import Progress, Schedule
from windowpane.train.read.batches import IGNORED, Batch, batches, epoch
from windowpane.train.read.config import Config
from windowpane.train.read.net import MarksOnly, ReaderNet, align, blended, start_from, vote
from windowpane.train.read.net_file import finish
from windowpane.train.read.pool import Maker, Sources, make_pool
from windowpane.train.read.strings import string_log_probability

Learner = ReaderNet | MarksOnly
MARKS_RATE = 4e-3  # learning rate of marks that learn alone
LAPSE = 0.01  # probability that a line cannot be read or has a wrong label


def train(
    config_path: str | Path,
    *,
    resume: bool = False,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Train a reader by a configuration; return the net file, ``<out>/<name>.onnx``.

    Parameters
    ----------
    resume
        Whether everything already done in the run folder is kept.
    out
        The run folder, by default ``runs/<name>``; it keeps the pool, checkpoints and ``log.jsonl`` too.
    progress
        Is told how far it is.

    Raises
    ------
    ConfigError, DataError, MissingExtraError
        Before anything is trained.
    """
    config_path = Path(config_path)
    config = Config.load(config_path)
    with begin_run(config, out=out, resume=resume, progress=progress) as run:
        sources = config.sources(config_path.parent, config.shares)
        for folder in sources.own:
            refuse_faults(folder, "read")
        net = start_from(config.start) if config.start else ReaderNet()
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        sources, shards = _train(net, config, config_path.parent, sources, run)
        if config.start and config.blend < 1:
            net = blended(start_from(config.start), net, config.blend)
        if config.marks_steps:
            net = _with_marks(net, config, shards, run)
        if run.group.is_main:
            finish(net, config, sources, run.net_file)
    return run.net_file


def _train(
    net: ReaderNet, config: Config, base: Path, sources: Sources, run: Run
) -> tuple[Sources, list[Path]]:
    """Train a net in place through all stages; return what the last pool was made from, and its shards."""
    validation = _validation(sources, config) if config.patience else []
    schedule = partial(Schedule, patience=config.patience)
    strings = partial(strings_loss, net)

    def stage(schedule: Schedule, shards: list[Path], seed: int, loss: Callable[[Batch], Tensor]) -> None:
        run.stage(net, schedule, _passes(shards, config, seed), loss, validation)

    shards = _pool(run, "pool", sources, config.lines, config.seed, config.processes)
    stage(schedule("windows", config.windows_steps, config.rate), shards, 0, partial(windows_loss, net))
    stage(schedule("strings", config.strings_steps, config.rate / 2), shards, 1000, strings)
    for number in range(1, config.polish_rounds + 1):
        sources = replace(
            config.sources(base, config.polish_shares),
            photos=config.polish_photos,
            closest=config.polish_closest,
            stretch=config.polish_stretch,
        )
        name, rate = f"polish-{number}", config.rate / (4 * number)
        shards = _pool(run, name, sources, config.polish_lines, config.seed + number, config.processes)
        stage(schedule(name, config.polish_steps, rate), shards, 1000 + 1000 * number, strings)
    return sources, shards


def _with_marks(net: ReaderNet, config: Config, shards: list[Path], run: Run) -> ReaderNet:
    """Return a net whose marks have learned anew, on the lines of some shards; all else stays as it is."""
    learner = MarksOnly(net)
    schedule = Schedule("marks", config.marks_steps, MARKS_RATE)
    run.stage(learner, schedule, _passes(shards, config, 9000), partial(strings_loss, learner))
    return learner.finished()


def _pool(run: Run, name: str, sources: Sources, lines: int, seed: int, processes: int) -> list[Path]:
    """Return the shards of a pool, which the first process composes with so many others."""
    make = partial(make_pool, run.folder / name, sources, lines=lines, seed=seed)
    if run.group.is_main:
        make(processes=processes, progress=run.progress)
    run.group.barrier()
    return make(processes=1)  # all is there


def _validation(sources: Sources, config: Config) -> list[Batch]:
    """Return the lines of the validation set, as many as calibrate the net, in batches."""
    lines = Maker(sources, validation=True).shard(config.seed, config.tuning_lines)
    return list(batches(lines, size=config.batch, rng=None))


def _passes(shards: list[Path], config: Config, offset: int) -> Callable[[int], Iterator[Batch]]:
    return lambda number: epoch(shards, size=config.batch, seed=config.seed * 10_007 + offset + number)


def maps_of(net: Learner, batch: Batch) -> Tensor:
    """Return the vote and the heads' own maps of a batch, (1 + heads, N, 17, T)."""
    device = next(net.parameters()).device
    with autocast(device):
        maps = net(batch.ink.to(device, memory_format=torch.channels_last))
    aligned = align(tuple(scores[:, :, 0] for scores in maps), net.windows())
    return torch.cat([vote(aligned)[None], aligned])


def windows_loss(net: Learner, batch: Batch) -> Tensor:
    """Return the mean cross-entropy of all columns, of the vote and of every head."""
    maps = maps_of(net, batch)
    targets = batch.targets.to(maps.device)[None].expand(len(maps), -1, -1)
    return nn.functional.nll_loss(maps.flatten(0, 1), targets.flatten(0, 1), ignore_index=IGNORED)


def strings_loss(net: Learner, batch: Batch) -> Tensor:
    """Return minus the mean log-probability of the strings: the vote's, and a tenth of each head's own."""
    maps = maps_of(net, batch)
    copies = len(maps)
    values = string_log_probability(
        maps.flatten(0, 1),
        batch.symbols.to(maps.device).repeat(copies, 1),
        batch.lengths.to(maps.device).repeat(copies),
        batch.columns.to(maps.device).repeat(copies),
    )
    illegible = values.new_tensor(math.log(LAPSE))  # a line that no one can read, or with a wrong label
    losses = -torch.logaddexp(values, illegible).reshape(copies, -1).mean(1)
    return losses[0] + 0.1 * losses[1:].sum()
