"""What the net's answers should be (soft targets): the share of each class in a window, and its label; and
what they cost."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from windowpane.drive.perception.labels import Label, Shares, five_labels
from windowpane.train.drive.net import PARTS, WINDOW, BackboneNet
from windowpane.train.drive.terrain import COMMON, GROUND, Strips
from windowpane.train.loop.distributed import autocast

HALF_PURE = 0.6  # an obstacle's foot: above it so much obstacle, below so much ground
COLOUR_STD = 0.1
"""Deviation of U and V that the net's input is scaled by; Y is normalized already."""


def shares(labels: Tensor, classes: int) -> Tensor:
    """Return the share that each class has in the parts of every window: (N, PARTS, classes, rows, columns).

    The parts are the middle (4 x 9 pixels), the upper half and the lower half.

    Parameters
    ----------
    labels
        (N, H, W) int64; numbers of ``classes`` and more are of no class, so shares may add up to less than 1.
    """
    one_hot = nn.functional.one_hot(labels.clamp(max=classes), classes + 1)[..., :classes]
    planes = one_hot.permute(0, 3, 1, 2).float()
    rows, cols = WINDOW.map_size(*labels.shape[1:])
    half = nn.functional.avg_pool2d(planes, (6, 25), WINDOW.stride)
    middle = nn.functional.avg_pool2d(planes[:, :, 4:, 8:], (4, 9), WINDOW.stride)
    upper, lower = half[:, :, :rows, :cols], half[:, :, 3 : 3 + rows, :cols]
    return torch.stack([middle[:, :, :rows, :cols], upper, lower], dim=1)


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


def scaled(bands: Tensor) -> Tensor:
    """Return bands as the net's input: their colours are small numbers."""
    return bands / torch.tensor([1.0, COLOUR_STD, COLOUR_STD])[:, None, None]


def loss(net: BackboneNet, batch: Strips) -> Tensor:
    """Return the loss of a batch: how far the answers about classes and labels are from what is there."""
    device = next(net.parameters()).device
    bands = scaled(batch.bands).to(device, memory_format=torch.channels_last)
    with autocast(device):
        logits = net(bands)
    wanted = shares(batch.labels, len(COMMON))
    of_classes = logits[:, : PARTS * len(COMMON)].unflatten(1, (PARTS, len(COMMON)))
    of_labels = logits[:, PARTS * len(COMMON) :]
    about_labels = cross_entropy(of_labels, labels_of(wanted).to(device))
    return cross_entropy(of_classes, wanted.to(device)) + 0.5 * about_labels


def cross_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    """Return the cross-entropy of shares (..., K, rows, columns), over what is known of them."""
    found = logits.float().log_softmax(-3)
    return -(wanted * found).sum() / wanted.sum().clamp(min=1)
