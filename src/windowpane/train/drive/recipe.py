"""The robot's recipe (pretraining): a backbone from labelled scenes, or a last layer from marked patches.

    windowpane train drive CONFIG.toml

1. Without ``patches``: strips of labelled scenes, `windowpane.train.drive.terrain`, teach the backbone what
   there is outdoors (soft targets: the share of each class in a window's middle, upper and lower half) and
   the five labels as they are there, `windowpane.train.drive.targets`. What is kept is the backbone, and the
   last layer as the "lab" left it.
2. With ``patches``, a CSV of boxes in pictures (file, x0, y0, x1, y1, label): the backbone of a net file
   stays as it is, and its last layer learns what the boxes are called; `windowpane.train.drive.patches`.

Sources: lecture 6.1; Hadsell et al., IROS 2008: a net trained once in the lab and then fixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import torch

from windowpane.data.check.folder import refuse_faults
from windowpane.data.scenes import Labels, Picture
from windowpane.data.split import random_split
from windowpane.drive.perception.labels import Label
from windowpane.train.drive.config import Config
from windowpane.train.drive.net import BackboneNet
from windowpane.train.drive.net_file import write_net
from windowpane.train.drive.patches import learn_patches
from windowpane.train.drive.targets import loss
from windowpane.train.drive.terrain import COMMON, Strips, read_terrain, strips
from windowpane.train.loop.prefetch import prefetched
from windowpane.train.loop.run import begin_run, data_of
from windowpane.train.loop.stage import Progress, Schedule
from windowpane.train.loop.validation import PASS


def train(
    config_path: str | Path,
    *,
    resume: bool = False,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Train by a configuration; return the net file, ``<out>/<name>.onnx``.

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
    ConfigError, DataError, NetFileError, MissingExtraError
        Before anything is trained.
    """
    config_path = Path(config_path)
    config = Config.load(config_path)
    with begin_run(config, out=out, resume=resume, progress=progress) as run:
        if config.patches:
            refuse_faults(config_path.parent / config.patches, "drive")
            return learn_patches(config, config_path.parent, run.net_file)
        scenes = read_terrain(config.scenes, data_of(config))
        scenes, held_out = random_split(scenes, config.seed) if config.patience else (scenes, [])
        net = make_net(config)

        def one_pass(some: Sequence[tuple[Picture, Labels]], number: int) -> Iterator[Strips]:
            size, seed = (config.height, config.width), (config.seed, number)
            return strips(some, size=config.batch, height=size[0], width=size[1], grey=config.grey, seed=seed)

        validation = list(one_pass(held_out, PASS)) if held_out else []
        run.stage(
            net,
            Schedule("trunk", config.steps, config.rate, weight_decay=1e-3, patience=config.patience),
            lambda number: prefetched(one_pass(scenes, number)),
            partial(loss, net),
            validation,
        )
        if run.group.is_main:
            write_net(net, config, run.net_file, validation)
    return run.net_file


def make_net(config: Config) -> BackboneNet:
    """Return an untrained net."""
    net = BackboneNet(len(COMMON), len(Label), config.maps)
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
