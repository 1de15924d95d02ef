"""From a trained finder's net to one net file (export), not yet calibrated."""

from __future__ import annotations

from pathlib import Path

import torch

from windowpane.core.netfile import Manifest, NetFile, Output
from windowpane.train.loop.export import export
from windowpane.train.loop.run import card_of
from windowpane.train.loop.weights import count_parameters
from windowpane.train.strings.config import Config
from windowpane.train.strings.net import CLASSES, MEAN, PLACE, STD, FinderNet
from windowpane.train.strings.parts import REACH


def write_net(net: FinderNet, config: Config, path: Path) -> NetFile:
    """Write a finder's net as a net file."""
    outputs = (Output("score", CLASSES, net.window), Output("place", PLACE, net.window))
    what = (
        "finds digits, letters and marks on pages, and which way their rows go: one window net on a pyramid"
    )
    card = card_of(config, what, count_parameters(net))
    settings = {"object_size": config.size, "reach": REACH}
    manifest = Manifest(config.name, "strings", 1, "grey", (MEAN,), (STD,), outputs, None, settings, card)
    return export(net, manifest, path, torch.rand(2, 1, net.window.height + 24, net.window.width + 16))
