"""The detector's recipe (hard-negative mining): windows are learned, then false positives, round after round.

    windowpane train detect CONFIG.toml

1. dataset: every object is cut out with its surroundings; `windowpane.train.detect.dataset`.
2. round 0: windows that show an object against windows at random places, and against parts of objects;
   `windowpane.train.detect.batches`.
3. rounds 1, 2, ...: the net is run over pictures without an object; what it takes for one is learned as a
   negative, together with all that earlier rounds found; `windowpane.train.detect.mining`.
4. whole pictures: if asked for, the net goes on with parts of pictures, a thousand windows at once;
   `windowpane.train.detect.whole`.
5. cascade: a larger net learns in the same way, whole pictures first, from windows twice as large, which of
   the first net's boxes show an object; in every round it is mined with both nets;
   `windowpane.train.detect.cascade`.
6. export: one ``.onnx`` file with its manifest and card; `windowpane.train.detect.calibrate`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from windowpane.core.engine import Engine
from windowpane.core.netfile import NetFile, load_net
from windowpane.detect.detector import Detector
from windowpane.images.crops import Pixels
from windowpane.train.detect.batches import BATCHES, batches, windows_loss
from windowpane.train.detect.calibrate import calibrate
from windowpane.train.detect.cascade import StageTraining, first_stage, second_stage
from windowpane.train.detect.config import Config
from windowpane.train.detect.dataset import Dataset
from windowpane.train.detect.mining import Finder, Mined, boxes_above, mine, random_windows, windows_above
from windowpane.train.detect.net_file import with_second_stage, write_net
from windowpane.train.detect.objects import Windows
from windowpane.train.detect.whole import Parts, parts, parts_loss
from windowpane.train.loop.prefetch import prefetched_apart
from windowpane.train.loop.run import Run, begin_run
from windowpane.train.loop.stage import Progress, Schedule
from windowpane.train.loop.validation import PASS

VALIDATION_BATCHES = 8
AT_RANDOM = 20_000  # windows at random places to begin with
MINED_FROM = -1.0  # logit from which a window of an empty picture is learned from
PARTS = 16  # of whole pictures in a batch
SECOND_MINED_FROM = -4.0  # the same for the second net and a box: few are left
AS_LIKELY_RIGHT = 0.5  # the probability above which a box is given, where no more false ones pass than may
CANDIDATES = 100.0  # boxes in a megapixel without objects that the first net may leave to the second
MORE = 8  # for how many times as many the second net is trained first


def train(
    config_path: str | Path,
    *,
    resume: bool = False,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Train a detector by a configuration; return the net file, ``<out>/<name>.onnx``.

    Parameters
    ----------
    resume
        Whether everything already done in the run folder is kept.
    out
        The run folder, by default ``runs/<name>``; it keeps checkpoints, mined windows, ``log.jsonl`` and
        ``mining.jsonl`` too.
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
        config.refuse_faults(config_path.parent)
        dataset = config.dataset(config_path.parent)
        validation = config.dataset(config_path.parent, validation=True)
        first = first_stage(config, dataset, validation)
        train_first_stage(first, config, run)
        if run.group.is_main:
            file = write_net(first, config, run.net_file)
            if config.second_maps:
                calibrate(run.net_file, file, validation, per_megapixel=CANDIDATES)
        run.group.barrier()
        file = load_net(run.net_file)
        if config.second_maps:
            larger = partial(config.dataset, config_path.parent, second=True)
            second = second_stage(config, larger(), larger(validation=True))
            train_second_stage(second, file, config, run)
        if run.group.is_main:
            file = with_second_stage(file, second, config, run.net_file) if config.second_maps else file
            calibrate(run.net_file, file, validation, per_picture=config.false_alarms, least=AS_LIKELY_RIGHT)
    return run.net_file


def train_first_stage(first: StageTraining, config: Config, run: Run) -> None:
    """Train the first net, each round after round 0 on what it finds itself where there is nothing."""

    def finder(number: int) -> Finder | None:
        if not number:
            return None
        return windows_above(Engine(write_net(first, config, _draft(run))), MINED_FROM, first.size)

    run_rounds(first, finder, config, run)
    _learn_whole(first, config.whole_steps, config, run)


def _learn_whole(stage: StageTraining, steps: int, config: Config, run: Run) -> None:
    """Train a net on parts of whole pictures, so many steps, if any."""
    if not steps:
        return
    dataset, net = stage.dataset, stage.net
    samples = list({sample.path: sample for sample in dataset.shown + dataset.empty}.values())

    def batches_of(number: int) -> Iterator[Parts]:
        some = parts(
            samples,
            net.window,
            stage.size,
            colour=dataset.colour,
            variety=dataset.variety,
            count=PARTS,
            seed=(config.seed, number),
        )
        return prefetched_apart(islice(some, BATCHES))

    schedule = Schedule(f"{stage.prefix}whole", steps, config.rate / 2)
    run.stage(net, schedule, batches_of, partial(parts_loss, net, place=stage.place))


def train_second_stage(second: StageTraining, file: NetFile, config: Config, run: Run) -> None:
    """Train the second net, round 0 on what the first net finds, each other round on what both find.

    Parameters
    ----------
    file
        Of the first net.
    """
    threshold = file.manifest.threshold
    assert threshold is not None
    least = 1 / (1 + math.exp(-SECOND_MINED_FROM))

    def finder(number: int) -> Finder:
        if not number:
            return boxes_above(Detector(file, threshold=threshold / MORE))
        return boxes_above(Detector(with_second_stage(file, second, config, _draft(run)), threshold=least))

    _learn_whole(second, config.second_whole_steps, config, run)
    run_rounds(second, finder, config, run)


def _draft(run: Run) -> Path:
    """Return the net file that a process mines with."""
    return run.folder / f"draft{run.group.rank or ''}.onnx"


def run_rounds(
    stage: StageTraining, finder: Callable[[int], Finder | None], config: Config, run: Run
) -> None:
    """Train a net in place, through round 0 and all rounds of mining.

    The validation set is mined in the same way, if it is to be looked at. The run's folder gets checkpoints,
    mined windows, and ``mining.jsonl`` with the false positives for a million pixels of each round.

    Parameters
    ----------
    finder
        Gives, for the number of a round, what to mine with before it, if there is anything.
    """
    learned: list[Pixels] = []
    kept: list[Pixels] = []
    for number, steps in enumerate(stage.steps):
        find = finder(number)
        _mine(stage, find, number, config, run, stage.dataset, learned, "mined")
        validation: list[Windows] = []
        if config.patience:
            _mine(stage, find, number, config, run, stage.validation, kept, "aside")
            looked_at = batches(stage, stage.validation, kept, config, number, PASS)
            validation = list(islice(looked_at, VALIDATION_BATCHES))
        rate = config.rate / 2 if number else config.rate
        run.stage(
            stage.net,
            Schedule(f"{stage.prefix}round-{number}", steps, rate, patience=config.patience),
            partial(_made_ahead, stage, learned, config, number),
            partial(windows_loss, stage.net, place=stage.place),
            validation,
        )


def _made_ahead(
    stage: StageTraining, learned: list[Pixels], config: Config, round_number: int, number: int
) -> Iterator[Windows]:
    """Yield the batches of one pass, made by another process."""
    return prefetched_apart(batches(stage, stage.dataset, learned, config, round_number, number))


def _mine(
    stage: StageTraining,
    find: Finder | None,
    number: int,
    config: Config,
    run: Run,
    dataset: Dataset,
    found: list[Pixels],
    part: str,
) -> None:
    """Add windows without an object, for a round, to those found before: mined ones, or to begin with any.

    part: "mined" or "aside", for the folder where they are kept; of the mined ones the log tells too.
    """
    side = stage.net.window.height
    if find:
        mined = mine(
            find,
            dataset.empty,
            run.folder / f"{stage.prefix}{part}-{number}",
            colour=dataset.colour,
            size=stage.size,
            side=side,
            pictures=config.pictures,
            per_picture=config.per_picture,
            seed=config.seed + number,
            progress=run.progress,
            group=run.group,
        )
        if part == "mined" and run.group.is_main:
            _log(run.folder, f"{stage.prefix}round-{number}", mined)
        if len(mined.pixels):
            found.append(mined.pixels)
    if not found:
        empty, colour = dataset.empty, dataset.colour
        found.append(random_windows(empty, AT_RANDOM, colour=colour, side=side, seed=config.seed))


def _log(folder: Path, stage: str, mined: Mined) -> None:
    record = {
        "stage": stage,
        "false_alarms_per_megapixel": round(mined.per_megapixel, 4),
        "megapixels": round(mined.megapixels, 1),
        "kept": len(mined.pixels),
    }
    log = folder / "mining.jsonl"
    rows = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    rows = [row for row in rows if row["stage"] != stage]  # a resumed run finds the same again
    log.write_text("".join(json.dumps(row) + "\n" for row in [*rows, record]))
