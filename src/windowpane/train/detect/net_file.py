"""From a detector's trained nets to one net file (export), not yet calibrated."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import torch

from windowpane.core.netfile import Manifest, NetFile, Output, save
from windowpane.detect.detections import plural
from windowpane.train.detect.cascade import StageTraining
from windowpane.train.detect.config import Config
from windowpane.train.detect.net import MEAN, STD
from windowpane.train.loop.export import export
from windowpane.train.loop.run import card_of
from windowpane.train.loop.weights import count_parameters

SECOND_ZOOMS = (0.85, 1.18)  # of the second net's boxes, from nearer and from farther, for what is in doubt
SECOND_SURE = 5.0  # a logit that hardly any false positive reaches: from there on nothing is in doubt
SECOND_PRIOR = 0.5  # of the first net's log-odds, that the second one's are raised by


def write_net(stage: StageTraining, config: Config, path: Path) -> NetFile:
    """Write a net as a net file of its own, not yet calibrated.

    A second net, the larger one, is kept in 16 bits. The first of two has learned landmarks too, for what
    they teach it, but the second one gives them.
    """
    dataset, net = stage.dataset, deepcopy(stage.net)
    if config.second_maps and not stage.prefix and dataset.points:
        net = net.without_landmarks()
    channels = 1 if dataset.colour == "grey" else 3
    outputs = [Output("score", dataset.names, net.window)]
    outputs.append(Output("box", ("x", "y", "width", "height"), net.window))
    if len(net.channels) > 2:
        axes = tuple(f"{axis}{number}" for number in range(dataset.points) for axis in "xy")
        outputs.append(Output("landmarks", axes, net.window))
    what = f"finds {', '.join(map(plural, dataset.names))}: one window net on a pyramid"
    card = card_of(config, what, count_parameters(net))
    if dataset.materials:
        card["materials"] = [material.to_dict() for material in dataset.materials]
    settings: dict[str, object] = {"object_size": stage.size, "aspect": dataset.aspect, "overlap": 0.3}
    if stage.prefix:
        settings |= {"mirrored": dataset.variety.mirror, "zooms": list(SECOND_ZOOMS), "sure": SECOND_SURE}
        settings["prior"] = SECOND_PRIOR
    mean, std = (MEAN,) * channels, (STD,) * channels
    manifest = Manifest(
        config.name, "detect", channels, dataset.colour, mean, std, tuple(outputs), None, settings, card
    )
    example = torch.rand(2, channels, net.window.height + 24, net.window.width + 16)
    return export(net, manifest, path, example, half=bool(stage.prefix))


def with_second_stage(first: NetFile, second: StageTraining, config: Config, path: Path) -> NetFile:
    """Write the file of the first net again, with the second one in it."""
    carried = write_net(second, config, path)
    card = first.manifest.card | {
        "what": f"{first.manifest.card['what']}, and a second net that looks again at what it found",
        "parameters": first.manifest.card["parameters"] + count_parameters(second.net),
    }
    carried = replace(carried, manifest=replace(carried.manifest, card={}))
    return save(path, first.data, replace(first.manifest, card=card), carried)
