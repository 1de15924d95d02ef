"""From trained parser's nets to one net file (export).

A file has a net for each backbone, the one of the first level first, and where the classifier has two layers
another one for the second of them; each of these nets is carried by the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from windowpane.core.netfile import Manifest, Output, load_net, save
from windowpane.core.windows import Window
from windowpane.data.scenes import Labels, Picture
from windowpane.evaluate.parse import Scores, confusion
from windowpane.parse.parser import Parser
from windowpane.train.loop.export import export
from windowpane.train.loop.run import card_of
from windowpane.train.loop.weights import count_parameters
from windowpane.train.parse.batches import MOMENTS
from windowpane.train.parse.config import Config
from windowpane.train.parse.net import ParserNet


def write_net(nets: Sequence[ParserNet], names: tuple[str, ...], config: Config, path: Path) -> Path:
    """Write a trained net, or several as an ensemble, as a net file; return its path."""
    nets = [deepcopy(net).eval() for net in nets]
    for net in nets:
        net.auxiliary = nn.ModuleList()
    classes = tuple(name for name in names for _ in range(config.finer**2))
    features = tuple(f"feature {number}" for number in range(len(nets) * config.hidden))
    card = card_of(config, f"parses scenes into {', '.join(names)}", sum(map(count_parameters, nets)))
    settings = {"pyramid": config.pyramid, "levels": config.levels, "finer": config.finer}
    carried = None
    if count := len(features):
        given = (Output("classes", classes, Window(1, 1)),)
        plain = Manifest(
            config.name, "parse", count, "features", (0.0,) * count, (1.0,) * count, given, None, {}, {}
        )
        carried = export(Judging(nets), plain, path, torch.rand(2, count, 5, 6), half=True)
    mean, std = ((value,) * 3 for value in MOMENTS[config.pyramid])
    window = nets[0].window
    example = torch.rand(2, 3, window.height + 24, window.width + 16)
    for number in reversed(range(len(nets[0].backbones))):
        backbone = Seeing(nets, number)
        outputs = tuple(Output(f"level_{level}", features or classes, window) for level in backbone.levels)
        said = {} if number else card  # by the first net for all
        manifest = Manifest(config.name, "parse", 3, "rgb", mean, std, outputs, None, settings, said)
        carried = export(backbone, manifest, path, example, carried, half=True)
    Parser(path)
    return path


def write_scores(path: Path, validation: Sequence[tuple[Picture, Labels]], threads: int) -> None:
    """Write the scores of a net file on the scenes of the validation set on its card."""
    file, parser = load_net(path), Parser(path, threads=threads)
    tables = [
        confusion(parser.parse(picture).class_ids, labels, len(parser.names))
        for picture, labels in validation
    ]
    scores = Scores.of(np.sum(tables, axis=0))
    shares = {"pixels": scores.pixels, "classes": scores.classes, "mean_iou": scores.union}
    kept_aside = {"scenes": len(validation)} | {name: round(share, 4) for name, share in shares.items()}
    card = file.manifest.card | {"kept_aside": kept_aside}
    save(path, file.data, replace(file.manifest, card=card), file.second)


class Seeing(nn.Module):
    """What one of a file's nets gives: maps that are to be added up, for each level that a backbone is for.

    A linear function of what was interpolated is what was interpolated of a linear function: so the
    classifier's first layer is here, before the interpolation, which then has fewer maps to do. Of several
    nets it is the mean of their maps, or where their classifiers have a second layer all maps.

    Parameters
    ----------
    nets
        Trained alike.
    number
        Of the backbone.
    """

    def __init__(self, nets: Sequence[ParserNet], number: int) -> None:
        super().__init__()
        self.backbones = nn.ModuleList(net.backbones[number] for net in nets)
        self.levels = [level for level, other in enumerate(nets[0].numbers) if other == number]
        heads = [net.classifier.heads() for net in nets]
        self.heads = nn.ModuleList(nn.ModuleList(each[level] for level in self.levels) for each in heads)
        self.hidden = nets[0].classifier.hidden

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Return the maps of a padded level (N, C, H, W), as those of each level that the backbone is for."""
        features = [backbone(image) for backbone in self.backbones]
        levels = zip(*self.heads, strict=True)
        each = ([head(one) for head, one in zip(heads, features, strict=True)] for heads in levels)
        return tuple(torch.cat(maps, 1) if self.hidden and len(maps) > 1 else mean(maps) for maps in each)


class Judging(nn.Module):
    """What a file's last net makes of all maps of several nets, added up: the mean of their scores."""

    def __init__(self, nets: Sequence[ParserNet]) -> None:
        super().__init__()
        self.ways = nn.ModuleList(net.classifier.rest() for net in nets)

    def forward(self, maps: Tensor) -> Tensor:
        """Return the classes' scores (N, K, rows, columns)."""
        parts = maps.chunk(len(self.ways), dim=1)
        return mean([way(part) for way, part in zip(self.ways, parts, strict=True)])


def mean(maps: Sequence[Tensor]) -> Tensor:
    """Return the mean of maps; of one these, with no node of the graph for it."""
    return torch.stack(list(maps)).mean(0) if len(maps) > 1 else maps[0]
