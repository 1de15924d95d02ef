"""From a trained backbone to a net file (export), with the last layer of the five labels in its settings."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import torch
from torch import Tensor

from windowpane.core.last_layer import LastLayer, last_layer_settings
from windowpane.core.netfile import Manifest, NetFile, Output
from windowpane.drive.perception.labels import NAMES
from windowpane.train.drive.config import Config
from windowpane.train.drive.net import PARTS, WINDOW, BackboneNet
from windowpane.train.drive.targets import COLOUR_STD, labels_of, scaled, shares
from windowpane.train.drive.terrain import COMMON, Strips
from windowpane.train.loop.export import export
from windowpane.train.loop.run import card_of
from windowpane.train.loop.weights import count_parameters


def write_net(net: BackboneNet, config: Config, path: Path, validation: Sequence[Strips] = ()) -> NetFile:
    """Write a trained backbone as a net file, with the last layer of the five labels in its settings.

    Parameters
    ----------
    validation
        The validation set; the share of right labels on it goes to the card.
    """
    net = deepcopy(net).eval()
    weights, bias = net.last_layer()
    what = (
        f"describes windows of outdoor scenes by {net.count} features, for a last layer that learns while a"
        " robot drives"
    )
    card = card_of(config, what, count_parameters(net.backbone))
    if validation:
        card["kept_aside"] = {"labels": round(labels_right(net, validation), 4)}
    settings = last_layer_settings(NAMES, LastLayer(weights.numpy(), bias.numpy()))
    output = Output("features", tuple(f"feature {number}" for number in range(net.count)), WINDOW)
    std = (1.0, COLOUR_STD, COLOUR_STD)
    manifest = Manifest(config.name, "drive", 3, "yuv", (0.0,) * 3, std, (output,), None, settings, card)
    example = torch.randn(2, 3, WINDOW.height + 24, WINDOW.width + 40)
    return export(_Features(net), manifest, path, example, half=True)


@torch.no_grad()
def labels_right(net: BackboneNet, validation: Sequence[Strips]) -> float:
    """Return the share of windows that the net gives the label that they have, of those that have one."""
    right = count = 0
    for batch in validation:
        logits = net(scaled(batch.bands))[:, PARTS * len(COMMON) :]
        wanted = labels_of(shares(batch.labels, len(COMMON)))
        known = wanted.sum(1) > 0
        right += int((logits.argmax(1) == wanted.argmax(1))[known].sum())
        count += int(known.sum())
    return right / max(1, count)


class _Features(torch.nn.Module):
    """What the file's net gives: the features alone."""

    def __init__(self, net: BackboneNet) -> None:
        super().__init__()
        self.backbone = net.backbone

    def forward(self, bands: Tensor) -> Tensor:
        """Return the features of bands (N, 3, H, W)."""
        return self.backbone(bands)  # type: ignore[no-any-return]
