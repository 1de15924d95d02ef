"""The parser's recipe: views of labelled scenes, all levels through one trunk, a class for every pixel.

    windowpane train parse CONFIG.toml

1. scenes: the public sets, or a folder of one's own; `windowpane.data.scenes`.
2. training: views, mirrored, zoomed, turned and lit; the loss is taken at full resolution, through the
   interpolation that gives the answer; `windowpane.train.parse.scenes`.
   Where an ensemble is asked for, this is done for each net of it, from another seed.
3. export: trunk and classifier in one ``.onnx`` file with its manifest and card.

Source: Farabet, Couprie, Najman & LeCun 2013, "Learning hierarchical features for scene labeling", sections
3 and 5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from windowpane.core.windows import Window
from windowpane.data.root import data_root
from windowpane.data.scenes import FOLDS, UNKNOWN, Labels, SceneSet, camvid, own, stanford_background, ycor
from windowpane.errors import ConfigError
from windowpane.parse.scales import Places, cells, levels_of, places
from windowpane.train.loop.config import read_config, run_folder
from windowpane.train.loop.distributed import half_precision, team
from windowpane.train.loop.loop import Progress, Schedule, run_stage
from windowpane.train.loop.validation import PASS, split
from windowpane.train.parse.file import write_net, write_scores
from windowpane.train.parse.net import ParserNet, faithful_trunk, resampled, residual_trunk
from windowpane.train.parse.scenes import Batch, Picture, View, ahead, batches, read_all

PUBLIC = ("stanford-background", "camvid", "ycor")
FINER = 2  # the loss is taken at every so-manieth pixel in each direction
SMALLEST = 1e-4  # added to probabilities: no pixel counts without end


@dataclass(frozen=True, slots=True)
class Config:
    """A parser's training, as written in TOML.

    name: of the net. scenes: "stanford-background", "camvid" or "ycor", or a folder of one's own, relative to
    the configuration. fold: of stanford-background, kept aside, 1 .. 5; 0 = none. everything: learn from the
    tuning part too. data: root of the public sets, "" = where `data_root` finds them. maps: channels of the
    trunk's layers; none = the trunk of the paper. halvings: how many of these layers, the first, have stride
    2; light: whether these filter each map by itself and then mix them, but for the first, and separable:
    whether the others do. wider: all levels but the first have a trunk of their own, with so many times the
    maps; 0 = one trunk for all. shared: whether these levels share it, or have one each. finer: in how many
    parts, in each direction, each cell is classified. pyramid: "laplacian" or "gaussian". levels: of the
    pyramid. hidden: maps between features and classes, 0 = none.
    balance: how much rare classes count: 0 = by their pixels, 1 = all classes alike. height, width: of a
    view, pixels. zoom, turn, colour: how views differ; mix: the share that has a piece of another one in it.
    drop, blind: the shares of the features, and of the levels, that the classifier goes without in training:
    with all of them a net learns its pictures by heart. auxiliary: how much counts what each level says
    alone, through a classifier that is there for training only. steps, batch, rate, seed, threads: of the
    training; decay: of its kernels. ensemble: so many nets are trained, from seed, seed + 1, ..., and the
    mean of their scores decides. patience: hundreds of steps, without getting better on one scene in ten
    that is kept aside, after which it ends; 0 = nothing is kept aside. sets, terms: of the data, for the
    card.
    """

    name: str = "scenes"
    scenes: str = "stanford-background"
    fold: int = 0
    everything: bool = False
    data: str = ""
    maps: tuple[int, ...] = (16, 32, 96, 96, 96)
    halvings: int = 3
    light: bool = True
    separable: bool = True
    wider: int = 2
    shared: bool = True
    finer: int = 2
    pyramid: str = "gaussian"
    levels: int = 4
    hidden: int = 128
    balance: float = 0.3
    height: int = 240
    width: int = 320
    zoom: float = 1.7
    turn: float = 5.0
    colour: float = 0.25
    mix: float = 0.5
    drop: float = 0.3
    blind: float = 0.1
    auxiliary: float = 0.3
    steps: int = 3_000
    batch: int = 8
    rate: float = 4e-3
    decay: float = 0.05
    ensemble: int = 1
    patience: int = 0
    seed: int = 1
    threads: int = 2
    sets: str = ""
    terms: str = ""

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a configuration; raises ConfigError for what is wrong with it."""
        config = read_config(cls, path)
        if config.pyramid not in ("laplacian", "gaussian"):
            raise ConfigError(f'{path}: pyramid is "laplacian" or "gaussian", not {config.pyramid!r}')
        if len(config.maps) == 1 or not all(isinstance(count, int) and count > 0 for count in config.maps):
            raise ConfigError(
                f"{path}: maps are two or more numbers of channels, or none for the trunk of the paper, not"
                f" {list(config.maps)}"
            )
        if config.maps and not 1 <= config.halvings <= len(config.maps):
            raise ConfigError(
                f"{path}: halvings are 1 to {len(config.maps)} with so many maps, not {config.halvings}"
            )
        for name in ("mix", "drop", "blind"):
            if not 0 <= getattr(config, name) < 1:
                raise ConfigError(f"{path}: {name} is a share, 0 up to 1, not {getattr(config, name)}")
        if config.fold > FOLDS:
            raise ConfigError(f"{path}: fold is 1 to {FOLDS}, or 0 to learn from all, not {config.fold}")
        return config

    @property
    def view(self) -> View:
        """How scenes are seen in training."""
        return View(self.height, self.width, self.zoom, self.turn, self.colour, self.mix)

    def material(self, base: Path) -> SceneSet:
        """Return the scenes to learn from; base: the folder that a folder of one's own is relative to."""
        if self.scenes not in PUBLIC:
            return own(base / self.scenes)
        root = Path(self.data) if self.data else data_root()
        if self.scenes == "stanford-background":
            return stanford_background(root, [fold for fold in range(1, FOLDS + 1) if fold != self.fold])
        if self.scenes == "camvid":
            learned = camvid(root, "train")
            return replace(learned, scenes=learned.scenes + camvid(root, "val").scenes * self.everything)
        return ycor(root, kept_aside=False)


def train(
    config_path: str | Path,
    *,
    resume: bool = False,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Train a parser by a configuration; return the net file, ``<out>/<name>.onnx``.

    out: the run folder, by default ``runs/<name>``; it keeps the checkpoint, ``log.jsonl`` and
    ``curves.png`` too. With ``resume`` everything already done there is kept. Raises ConfigError, DataError
    or MissingExtraError before anything is trained.
    """
    config_path = Path(config_path)
    config = Config.load(config_path)
    folder = run_folder(out, config.name, resume=resume)
    torch.set_num_threads(config.threads)
    cv2.setNumThreads(1)
    material = config.material(config_path.parent)
    scenes, kept = split(read_all(material), config.patience, config.seed)
    weights = class_weights(scenes, len(material.names), config.balance)
    path = folder / f"{config.name}.onnx"
    with team() as us:
        run = partial(run_stage, folder=folder, resume=resume, progress=progress, team=us)
        nets = []
        for number in range(config.ensemble):
            one = replace(config, seed=config.seed + number)
            stage = "scenes" if number == 0 else f"scenes-{number + 1}"
            nets.append(_train_one(one, stage, scenes, kept, weights, run))
        if us.leads:
            write_net(nets, material.names, config, path)
            if kept:
                write_scores(path, kept, config.threads)
        us.wait()
    return path


def _train_one(
    config: Config,
    stage: str,
    scenes: Sequence[tuple[Picture, Labels]],
    kept: Sequence[tuple[Picture, Labels]],
    weights: Tensor,
    run: Callable[..., None],
) -> ParserNet:
    """Return a net trained on scenes from the configuration's seed; run: `run_stage`, told where and how."""
    torch.manual_seed(config.seed)
    net = make_net(config, len(weights))
    window = net.window

    def one_pass(some: Sequence[tuple[Picture, Labels]], number: int, view: View) -> Iterator[Batch]:
        return batches(
            some,
            size=config.batch,
            view=view,
            pyramid=config.pyramid,
            levels=config.levels,
            window=window,
            seed=(config.seed, number),
        )

    run(
        net,
        Schedule(stage, config.steps, config.rate, decay=config.decay, patience=config.patience),
        lambda number: ahead(one_pass(scenes, number, config.view)),
        partial(loss, net, Geometry.of(config, window), weights, config.auxiliary),
        aside=list(one_pass(kept, PASS, replace(config.view, mix=0.0))) if kept else [],
    )
    return net


def make_net(config: Config, classes: int) -> ParserNet:
    """Return an untrained net."""
    others = [config.wider * maps for maps in config.maps] if config.wider else config.maps
    kinds = [config.maps, *[others] * (config.levels - 1)]
    if config.shared:
        kinds = kinds[: 2 if config.wider else 1]
    trunks = [
        residual_trunk(maps, config.halvings, separable=config.separable, light=config.light)
        if maps
        else faithful_trunk()
        for maps in kinds
    ]
    net = ParserNet(
        trunks,
        config.levels,
        classes,
        config.hidden,
        config.finer,
        drop=config.drop,
        blind=config.blind,
        auxiliary=config.auxiliary > 0,
    )
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True, slots=True)
class Geometry:
    """The matrices that interpolate maps, and where cells look, for views of one size.

    ways: from each further level's cells to those of the first. back: from the parts of these to the pixels
    of the loss. middles: the rows and columns of the pixels in the middle of the first level's cells.
    """

    ways: list[tuple[Tensor, Tensor]]
    back: tuple[Tensor, Tensor]
    middles: tuple[Tensor, Tensor]

    @classmethod
    def of(cls, config: Config, window: Window) -> Geometry:
        """Return all this for a configuration's views."""
        blank = np.zeros((config.height, config.width, 3), np.uint8)
        levels = levels_of(blank, config.pyramid, config.levels, window)
        (y, x), *others = (places(level, window) for level in levels)
        parts_y, parts_x = places(levels[0], window, config.finer)
        fine_y, fine_x = (np.arange(0.5, size, FINER) for size in (config.height, config.width))
        return cls(
            [(_matrix(y, rows), _matrix(x, cols)) for rows, cols in others],
            (_matrix(fine_y, parts_y), _matrix(fine_x, parts_x)),
            (_pixels(y, config.height), _pixels(x, config.width)),
        )


def _matrix(wanted: Places, given: Places) -> Tensor:
    """Return the matrix (wanted, given) that interpolates linearly between given places."""
    at = torch.from_numpy(cells(wanted, given))[:, None]
    return (1 - (at - torch.arange(len(given))).abs()).clamp(min=0)


def _pixels(wanted: Places, size: int) -> Tensor:
    """Return the pixels, of so many, that places lie in."""
    return torch.from_numpy(np.clip(wanted, 0, size - 1).astype(np.int64))


def class_weights(scenes: Sequence[tuple[Picture, Labels]], classes: int, balance: float) -> Tensor:
    """Return what a pixel of each class counts in the loss: 1 on average over all pixels."""
    counts = np.zeros(UNKNOWN + 1)
    for _, labels in scenes:
        counts += np.bincount(labels.ravel(), minlength=UNKNOWN + 1)
    shares = np.maximum(counts[:classes], 1) / counts[:classes].sum()
    weights = shares**-balance
    return torch.tensor(weights / (weights * shares).sum(), dtype=torch.float32)


def loss(net: ParserNet, geometry: Geometry, weights: Tensor, auxiliary: float, batch: Batch) -> Tensor:
    """Return the loss of a batch: minus the logarithm of the probability that every known pixel's class has,
    and ``auxiliary`` times as much of it for what each level says alone, of the pixel in a cell's middle.

    Source of the latter: Zhao, Shi, Qi, Wang & Jia 2017, "Pyramid scene parsing network", section 3.2.
    """
    device = next(net.parameters()).device
    levels = [level.to(device, memory_format=torch.channels_last) for level in batch.levels]
    with half_precision(device):
        logits, alone = net.with_auxiliary(levels, geometry.ways)
    labels, weights = batch.labels.to(device), weights.to(device)
    total = _surprise(resampled(logits.softmax(1), *geometry.back), labels[:, ::FINER, ::FINER], weights)
    rows, cols = geometry.middles
    few = labels[:, rows[:, None], cols]
    return total + auxiliary * sum(_surprise(one.softmax(1), few, weights) for one in alone)


def _surprise(chances: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    known = labels < len(weights)
    of_label = chances.gather(1, labels.clamp(max=len(weights) - 1)[:, None])[:, 0]
    surprise = -(of_label + SMALLEST).log()
    counted = weights[labels.clamp(max=len(weights) - 1)] * known
    return (surprise * counted).sum() / counted.sum().clamp(min=1)
