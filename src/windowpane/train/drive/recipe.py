"""The robot's recipe: a trunk from labelled scenes, or a last layer from patches that a person marked.

    windowpane train drive CONFIG.toml

1. Without ``patches``: strips of labelled scenes teach the trunk what there is outdoors (soft targets: the
   share of each class in a window's middle, upper and lower half) and the five labels as they are there.
   What is kept is the trunk, and the last layer as the "lab" left it.
2. With ``patches``, a CSV of boxes in pictures (file, x0, y0, x1, y1, label): the trunk of a net file stays
   as it is, and its last layer learns what the boxes are called.

Sources: lecture 6.1; Hadsell et al., IROS 2008: a trunk trained once in the lab and then fixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from windowpane.core.last_layer import LastLayer, last_layer_settings
from windowpane.core.netfile import Manifest, NetFile, Output, save
from windowpane.data.patches import read_patches
from windowpane.data.root import data_root
from windowpane.data.scenes import Labels
from windowpane.drive.perception.labels import NAMES, Label, Shares, five_labels
from windowpane.errors import ConfigError, DataError
from windowpane.teach.patches import PatchLearner
from windowpane.train.drive.net import VIEWS, WINDOW, TrunkNet, shares, surprise
from windowpane.train.drive.terrain import COMMON, GROUND, Strips, read_terrain, strips
from windowpane.train.loop.config import read_config, run_folder
from windowpane.train.loop.distributed import half_precision, team
from windowpane.train.loop.export import export
from windowpane.train.loop.loop import Progress, Schedule, run_stage
from windowpane.train.loop.validation import PASS, split
from windowpane.train.parse.scenes import Picture, ahead
from windowpane.train.read.net import count_parameters

HALF_PURE = 0.6  # an obstacle's foot: above it so much obstacle, below so much ground
COLOUR_STD = 0.1
"""Deviation of U and V that the net's input is scaled by; Y is normalized already."""


@dataclass(frozen=True, slots=True)
class Config:
    """A training for the robot, as written in TOML.

    name: of the net. scenes: of "ycor", "camvid", "stanford-background". data: root of the public sets, "" =
    where `data_root` finds them. maps: channels of the trunk's three layers. height, width: of a strip,
    pixels. grey: the share of strips without colour. steps, batch, rate, seed, threads: of the training.
    patience: hundreds of steps, without getting better on one scene in ten that is kept aside, after which it
    ends; 0 = nothing is kept aside.
    patches: "" or a CSV of patches, relative to the configuration; then net is the net file whose trunk is
    kept, and all else but the name does not matter. sets, terms: of the data, for the card.
    """

    name: str = "ground"
    scenes: tuple[str, ...] = ("ycor", "camvid", "stanford-background")
    data: str = ""
    maps: tuple[int, ...] = (24, 64, 100)
    height: int = 60
    width: int = 160
    grey: float = 0.35
    steps: int = 4_000
    batch: int = 16
    rate: float = 6e-3
    patience: int = 0
    seed: int = 1
    threads: int = 1
    patches: str = ""
    net: str = "ground"
    sets: str = ""
    terms: str = ""

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a configuration; raises ConfigError for what is wrong with it."""
        config = read_config(cls, path)
        if len(config.maps) != 3 or not all(isinstance(count, int) and count > 0 for count in config.maps):
            raise ConfigError(f"{path}: maps are three numbers of channels, not {list(config.maps)}")
        if config.height < WINDOW.height or config.width < WINDOW.width:
            raise ConfigError(
                f"{path}: a strip is as large as the net's window at least, height = {WINDOW.height} and"
                f" width = {WINDOW.width}, not {config.height} and {config.width}"
            )
        return config


def train(
    config_path: str | Path,
    *,
    resume: bool = False,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Train by a configuration; return the net file, ``<out>/<name>.onnx``.

    out: the run folder, by default ``runs/<name>``. With ``resume`` everything already done there is kept.
    Raises ConfigError, DataError, NetFileError or MissingExtraError before anything is trained.
    """
    config_path = Path(config_path)
    config = Config.load(config_path)
    folder = run_folder(out, config.name, resume=resume)
    path = folder / f"{config.name}.onnx"
    if config.patches:
        return learn_patches(config, config_path.parent, path)
    torch.set_num_threads(config.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(config.seed)
    everything = read_terrain(config.scenes, Path(config.data) if config.data else data_root())
    scenes, kept = split(everything, config.patience, config.seed)
    net = make_net(config)

    def one_pass(some: Sequence[tuple[Picture, Labels]], number: int) -> Iterator[Strips]:
        size, seed = (config.height, config.width), (config.seed, number)
        return strips(some, size=config.batch, height=size[0], width=size[1], grey=config.grey, seed=seed)

    aside = list(one_pass(kept, PASS)) if kept else []
    with team() as us:
        run_stage(
            net,
            Schedule("trunk", config.steps, config.rate, decay=1e-3, patience=config.patience),
            lambda number: ahead(one_pass(scenes, number)),
            partial(loss, net),
            folder=folder,
            resume=resume,
            progress=progress,
            team=us,
            aside=aside,
        )
        if us.leads:
            write_net(net, config, path, aside)
        us.wait()
    return path


def make_net(config: Config) -> TrunkNet:
    """Return an untrained net."""
    return TrunkNet(len(COMMON), len(Label), config.maps).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def loss(net: TrunkNet, batch: Strips) -> Tensor:
    """Return the loss of a batch: how far the answers about classes and labels are from what is there."""
    device = next(net.parameters()).device
    bands = scaled(batch.bands).to(device, memory_format=torch.channels_last)
    with half_precision(device):
        logits = net(bands)
    wanted = shares(batch.labels, len(COMMON))
    of_classes = logits[:, : VIEWS * len(COMMON)].unflatten(1, (VIEWS, len(COMMON)))
    of_labels = logits[:, VIEWS * len(COMMON) :]
    return surprise(of_classes, wanted.to(device)) + 0.5 * surprise(of_labels, labels_of(wanted).to(device))


def scaled(bands: Tensor) -> Tensor:
    """Return bands as the net's input: their colours are small numbers."""
    return bands / torch.tensor([1.0, COLOUR_STD, COLOUR_STD])[:, None, None]


def labels_of(wanted: Tensor) -> Tensor:
    """Return which of the five labels each window has: (N, labels, rows, columns), 0 or 1; none = all 0."""
    ground = wanted[:, :, : len(GROUND)].sum(2)
    obstacle = wanted[:, :, len(GROUND) :].sum(2)
    foot = (ground[:, 2] > HALF_PURE) & (obstacle[:, 1] > HALF_PURE)
    whole, middle = (
        (ground[:, part].mean(1).numpy(), obstacle[:, part].mean(1).numpy()) for part in ([1, 2], [0])
    )
    labels, _ = five_labels(Shares(whole[0], whole[1], middle[0], middle[1], foot.numpy()))
    one_hot = np.stack([labels == label for label in Label], axis=1)
    return torch.from_numpy(one_hot.astype(np.float32))


def learn_patches(config: Config, base: Path, path: Path) -> Path:
    """Write a net file with the trunk of another and a last layer for patches; return its path."""
    learner = PatchLearner(config.net, seed=config.seed)
    count = 0
    for patches in read_patches(base / config.patches):
        learner.learn(patches.picture, patches.boxes, patches.labels)
        count += len(patches.labels)
    if len(learner.names) < 2:
        raise DataError(f"{base / config.patches}: all patches are {learner.names[0]!r}: mark another class")
    file = learner.backbone.file
    settings = last_layer_settings(learner.names, learner.layer) | {"source": "patches"}
    card = file.manifest.card | {
        "what": f"labels pictures as {', '.join(learner.names)}, learned from {count} patches",
        "trunk": file.manifest.name,
        "seed": config.seed,
    }
    for key, added in (("data", config.sets), ("terms", config.terms)):
        if added:  # what the trunk was made from still counts
            card[key] = f"{added}; the trunk: {card.get(key, 'unknown')}"
    save(path, file.data, replace(file.manifest, name=config.name, settings=settings, card=card))
    return path


class _Features(torch.nn.Module):
    """What the file's net gives: the features alone."""

    def __init__(self, net: TrunkNet) -> None:
        super().__init__()
        self.trunk = net.trunk

    def forward(self, bands: Tensor) -> Tensor:
        """Return the features of bands (N, 3, H, W)."""
        return self.trunk(bands)  # type: ignore[no-any-return]


@torch.no_grad()
def labels_right(net: TrunkNet, aside: Sequence[Strips]) -> float:
    """Return the share of windows that the net gives the label that they have, of those that have one."""
    right = count = 0
    for batch in aside:
        logits = net(scaled(batch.bands))[:, VIEWS * len(COMMON) :]
        wanted = labels_of(shares(batch.labels, len(COMMON)))
        known = wanted.sum(1) > 0
        right += int((logits.argmax(1) == wanted.argmax(1))[known].sum())
        count += int(known.sum())
    return right / max(1, count)


def write_net(net: TrunkNet, config: Config, path: Path, aside: Sequence[Strips] = ()) -> NetFile:
    """Write a trained trunk as a net file, with the last layer of the five labels in its settings.

    aside: strips that were kept aside; the share of right labels on them goes to the card.
    """
    net = deepcopy(net).eval()
    weights, bias = net.last_layer()
    recipe = {k: v for k, v in asdict(config).items() if k not in {"data", "sets", "terms", "patches", "net"}}
    card = {
        "what": f"describes windows of outdoor scenes by {net.count} features, for a last layer that learns"
        " while a robot drives",
        "parameters": count_parameters(net.trunk),
        "data": config.sets,
        "terms": config.terms,
        "licence": "Apache-2.0 for the code; see terms for the weights",
        "recipe": recipe,
        "seed": config.seed,
    }
    if aside:
        card["kept_aside"] = {"labels": round(labels_right(net, aside), 4)}
    settings = last_layer_settings(NAMES, LastLayer(weights.numpy(), bias.numpy()))
    output = Output("features", tuple(f"feature {number}" for number in range(net.count)), WINDOW)
    std = (1.0, COLOUR_STD, COLOUR_STD)
    manifest = Manifest(config.name, "drive", 3, "yuv", (0.0,) * 3, std, (output,), None, settings, card)
    example = torch.randn(2, 3, WINDOW.height + 24, WINDOW.width + 40)
    return export(_Features(net), manifest, path, example, half=True)
