"""A detector's nets in training (cascade): the first looks everywhere, the second judges what it found."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from windowpane.core.netfile import Manifest, NetFile, load_net
from windowpane.errors import ConfigError
from windowpane.train.detect.config import Config
from windowpane.train.detect.dataset import Dataset
from windowpane.train.detect.net import DetectorNet, detector_from

WITHIN_STRIDE = 0.55  # strides, of how far an object is from the middle of the window nearest to it
SECOND_SHIFT, SECOND_ZOOM = 0.14, 1.3  # what is left once the first net has placed a box
SECOND_STRETCH = 1.12  # of an object's width over its height, at most: faces are longer and shorter
SECOND_COARSEST = 0.4  # of its windows: as sharp as at this share of their size
SECOND_PLACE = 4.0  # what boxes and landmarks count in the second net's loss


@dataclass(frozen=True, slots=True)
class StageTraining:
    """One of a detector's nets in training.

    Attributes
    ----------
    prefix
        What the names of its rounds begin with; "" of the first net.
    dataset, validation
        What it learns from, and the validation set.
    size
        Of an object in its window, pixels.
    place
        What boxes and landmarks count in the loss.
    steps
        Batches of each round, from round 0.
    """

    prefix: str
    net: DetectorNet
    dataset: Dataset
    validation: Dataset
    size: float
    place: float
    steps: tuple[int, ...]


def first_stage(config: Config, dataset: Dataset, validation: Dataset) -> StageTraining:
    """Return the net that looks everywhere, untrained or as it starts from."""
    net = _net(
        dataset,
        config.maps,
        config.strides_of(second=False),
        load_net(config.start) if config.start else None,
    )
    shift = max(dataset.variety.shift, WITHIN_STRIDE * net.window.stride[0] / config.size)
    variety = replace(dataset.variety, shift=shift)
    dataset, validation = (replace(one, variety=variety) for one in (dataset, validation))
    steps = (config.first_steps, *config.rounds * [config.round_steps])
    return StageTraining("", net, dataset, validation, config.size, 1.0, steps)


def second_stage(config: Config, dataset: Dataset, validation: Dataset) -> StageTraining:
    """Return the net that judges what the first one found, untrained or as it starts from."""
    start = load_net(config.start).second if config.start else None
    net = _net(dataset, config.second_maps, config.strides_of(second=True), start)
    variety = replace(
        dataset.variety,
        shift=SECOND_SHIFT,
        zoom=SECOND_ZOOM,
        stretch=max(SECOND_STRETCH, dataset.variety.stretch),
        coarsest=SECOND_COARSEST,
    )
    dataset, validation = (replace(one, variety=variety) for one in (dataset, validation))
    steps = (1 + config.second_rounds) * (config.second_steps,)
    return StageTraining("second-", net, dataset, validation, config.second_size, SECOND_PLACE, steps)


def _net(
    dataset: Dataset, maps: tuple[int, ...], strides: tuple[int, ...], start: NetFile | None
) -> DetectorNet:
    if start:
        _check_start(start.manifest, dataset)
        net = detector_from(start)
    else:
        channels = 1 if dataset.colour == "grey" else 3
        net = DetectorNet(channels, len(dataset.names), dataset.points, maps, strides)
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _check_start(given: Manifest, dataset: Dataset) -> None:
    """Raise ConfigError where a net to start from is for other objects or colours than those to learn."""
    channels = {output.name: output.names for output in given.outputs}
    names, points = channels.get("score", ()), len(channels.get("landmarks", ())) // 2
    if names != dataset.names or given.colour != dataset.colour or points not in (0, dataset.points):
        raise ConfigError(
            f"start: the net {given.name!r} is for {', '.join(names)} in {given.colour}, and what is to be"
            f" learned is {', '.join(dataset.names)} in {dataset.colour}: start from a net for the same, or"
            " from none"
        )
