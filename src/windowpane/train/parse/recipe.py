"""The parser's recipe (semantic segmentation): views of labelled scenes, a class for every pixel.

    windowpane train parse CONFIG.toml

1. dataset: the public sets, or a folder of one's own; `windowpane.data.scenes`.
2. training: views, mirrored, zoomed, turned and lit, `windowpane.train.parse.batches`; all levels of each go
   through one backbone, or two; `windowpane.train.parse.loss`.
   Where an ensemble is asked for, this is done for each net of it, from another seed.
3. export: backbone and classifier in one ``.onnx`` file with its manifest and card.

Source: Farabet, Couprie, Najman & LeCun 2013, "Learning hierarchical features for scene labeling", sections
3 and 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from windowpane.data.scenes import Labels, Picture, read_all
from windowpane.data.split import random_split
from windowpane.train.loop.augment import Augmentation
from windowpane.train.loop.prefetch import prefetched
from windowpane.train.loop.run import Run, begin_run
from windowpane.train.loop.stage import Progress, Schedule
from windowpane.train.loop.validation import PASS
from windowpane.train.parse.batches import Batch, batches
from windowpane.train.parse.config import Config
from windowpane.train.parse.loss import Geometry, class_weights, loss
from windowpane.train.parse.net import ParserNet, faithful_backbone, residual_backbone
from windowpane.train.parse.net_file import write_net, write_scores


def train(
    config_path: str | Path,
    *,
    resume: bool = False,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Train a parser by a configuration; return the net file, ``<out>/<name>.onnx``.

    Parameters
    ----------
    resume
        Whether everything already done in the run folder is kept.
    out
        The run folder, by default ``runs/<name>``; it keeps the checkpoint and ``log.jsonl`` too.
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
        scenes = read_all(dataset)
        scenes, validation = random_split(scenes, config.seed) if config.patience else (scenes, [])
        weights = class_weights(scenes, len(dataset.names), config.balance)
        nets = []
        for number in range(config.ensemble):
            one = replace(config, seed=config.seed + number)
            stage = "scenes" if number == 0 else f"scenes-{number + 1}"
            nets.append(_train_one(one, stage, scenes, validation, weights, run))
        if run.group.is_main:
            write_net(nets, dataset.names, config, run.net_file)
            if validation:
                write_scores(run.net_file, validation, config.threads)
    return run.net_file


def _train_one(
    config: Config,
    stage: str,
    scenes: Sequence[tuple[Picture, Labels]],
    validation: Sequence[tuple[Picture, Labels]],
    weights: Tensor,
    run: Run,
) -> ParserNet:
    """Return a net trained on scenes from the configuration's seed."""
    torch.manual_seed(config.seed)
    net = make_net(config, len(weights))
    window = net.window

    def one_pass(
        some: Sequence[tuple[Picture, Labels]], number: int, augmentation: Augmentation
    ) -> Iterator[Batch]:
        return batches(
            some,
            size=config.batch,
            augmentation=augmentation,
            pyramid=config.pyramid,
            levels=config.levels,
            window=window,
            seed=(config.seed, number),
        )

    run.stage(
        net,
        Schedule(stage, config.steps, config.rate, weight_decay=config.decay, patience=config.patience),
        lambda number: prefetched(one_pass(scenes, number, config.augmentation)),
        partial(loss, net, Geometry.of(config, window), weights, config.auxiliary),
        list(one_pass(validation, PASS, replace(config.augmentation, mix=0.0))) if validation else [],
    )
    return net


def make_net(config: Config, classes: int) -> ParserNet:
    """Return an untrained net."""
    others = [config.wider * maps for maps in config.maps] if config.wider else config.maps
    kinds = [config.maps, *[others] * (config.levels - 1)]
    if config.shared:
        kinds = kinds[: 2 if config.wider else 1]
    backbones = [
        residual_backbone(maps, config.halvings, separable=config.separable, light=config.light)
        if maps
        else faithful_backbone()
        for maps in kinds
    ]
    net = ParserNet(
        backbones,
        config.levels,
        classes,
        config.hidden,
        config.finer,
        drop=config.drop,
        blind=config.blind,
        auxiliary=config.auxiliary > 0,
    )
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
