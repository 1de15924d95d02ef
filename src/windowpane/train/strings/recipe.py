"""The finder's recipe (dense training with hard-negative mining): parts of pages, round after round.

    windowpane train strings CONFIG.toml

1. round 0: parts of composed and of real pages, and of pictures without text;
   `windowpane.train.strings.parts`.
2. rounds 1, 2, ...: the net is run over the pictures without text; where it takes something for a character
   more parts are laid; `windowpane.train.strings.mining`.
3. export: one ``.onnx`` file with its manifest and card, calibrated with the reader that reads what it
   finds, on pages and pictures of the validation set; `windowpane.train.strings.calibrate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from windowpane.core.netfile import load_net
from windowpane.read.pages.characters import CharacterFinder
from windowpane.train.loop.prefetch import prefetched_apart
from windowpane.train.loop.run import Run, begin_run
from windowpane.train.loop.stage import Progress, Schedule
from windowpane.train.strings.calibrate import calibrate
from windowpane.train.strings.config import Config
from windowpane.train.strings.mining import mine
from windowpane.train.strings.net import FinderNet, finder_from
from windowpane.train.strings.net_file import write_net
from windowpane.train.strings.parts import Parts, Sources, Spot, parts, parts_loss
from windowpane.train.strings.sources import gather, to_tune_on

BATCHES = 400  # of one pass


def train(
    config_path: str | Path,
    *,
    resume: bool = False,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Train a finder by a configuration; return the net file, ``<out>/<name>.onnx``.

    Parameters
    ----------
    resume
        Whether everything already done in the run folder is kept.
    out
        The run folder, by default ``runs/<name>``; it keeps checkpoints, ``log.jsonl`` and ``mining.jsonl``.
    progress
        Is told how far it is.

    Raises
    ------
    ConfigError, DataError, MissingExtraError
        Before anything is trained.
    """
    config = Config.load(Path(config_path))
    with begin_run(config, out=out, resume=resume, progress=progress) as run:
        net = finder_from(load_net(config.start)) if config.start else FinderNet(config.maps)
        if config.first_steps or config.rounds:
            _rounds(net, gather(config, "train"), config, run)
        if run.group.is_main:
            file = write_net(net, config, run.net_file)
            calibrate(run.net_file, file, gather(config, "tune").stock, to_tune_on(config), config)
    return run.net_file


def _rounds(net: FinderNet, sources: Sources, config: Config, run: Run) -> None:
    """Train a net in place, through round 0 and all rounds of mining."""
    spots: list[Spot] = []
    for number, steps in enumerate([config.first_steps, *[config.round_steps] * config.rounds]):
        if number:
            draft = write_net(net, config, run.folder / f"draft{run.group.rank or ''}.onnx")
            spots += mine(CharacterFinder(draft), sources.stock, config, run, number)
        if steps:
            of_round = Sources(sources.stock, sources.real, spots, sources.shares)
            schedule = Schedule(f"round-{number}", steps, config.rate / 2 if number else config.rate)
            run.stage(
                net, schedule, partial(_made_ahead, of_round, net, config, number), partial(parts_loss, net)
            )


def _made_ahead(
    sources: Sources, net: FinderNet, config: Config, round_number: int, number: int
) -> Iterator[Parts]:
    """Yield the batches of one pass, made by another process."""
    seed = (config.seed, round_number, number)
    return prefetched_apart(islice(parts(sources, net.window, config.size, config.batch, seed), BATCHES))
