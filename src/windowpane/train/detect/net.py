"""The detector's net (depthwise separable ConvNet), in plain PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise

from torch import Tensor, nn

from windowpane.core.netfile import NetFile
from windowpane.core.windows import Window
from windowpane.errors import NetFileError
from windowpane.train.loop.weights import convolutions, load_convolutions, strides_of

MEAN, STD = 0.5, 0.25
"""Mean and deviation that the net's input is normalized by."""


class DetectorNet(nn.Module):
    """A small window net that finds objects of one size: on a pyramid, of every size.

    Input (N, C, H, W) float in 0..1. Output: score (N, classes, rows, columns), logits; box
    (N, 4, rows, columns), shift of the object's middle in nominal sizes and logarithms of its width and
    height; with ``points`` landmarks (N, 2 * points, rows, columns), x and y of each from the window's middle
    in nominal sizes. No padding. After the first layer channels are filtered one by one and then mixed
    (depthwise separable convolutions, Howard et al. 2017), which costs a fifth.

    Parameters
    ----------
    channels, classes, points
        Of the picture, of the objects, and landmarks of each.
    maps
        Channels of the layers.
    strides
        Of the layers after the first; none = first 2, then 1: a cell every 4 pixels.
    norms
        Whether there are batch norms; those of a net file are folded into its convolutions.
    """

    def __init__(
        self,
        channels: int = 1,
        classes: int = 1,
        points: int = 5,
        maps: Sequence[int] = (16, 32, 32, 32, 48),
        strides: Sequence[int] = (),
        *,
        norms: bool = True,
    ) -> None:
        super().__init__()
        first, *others = maps
        layers = _block(channels, first, 5, norms, stride=2)
        strides = strides or (2,) + (1,) * (len(maps) - 2)
        for (inputs, outputs), stride in zip(pairwise(maps), strides, strict=True):
            layers += _separable(inputs, outputs, norms, stride)
        self.backbone = nn.Sequential(*layers)
        # One layer for all maps: runtimes work on blocks of 16 channels, and three layers would take three.
        self.channels = [classes, 4, *([2 * points] if points else [])]
        self.heads = nn.Conv2d(others[-1], sum(self.channels), 1)
        self.window = window_of(strides)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Return the score map, the box map and, where there are landmarks, theirs."""
        return self.heads(self.backbone(image)).float().split(self.channels, dim=1)  # type: ignore[no-any-return]

    def without_landmarks(self) -> DetectorNet:
        """Return a copy that gives scores and boxes alone."""
        net = deepcopy(self)
        net.channels = self.channels[:2]
        kept = sum(net.channels)
        net.heads = nn.Conv2d(self.heads.in_channels, kept, 1)
        net.heads.load_state_dict({name: value[:kept] for name, value in self.heads.state_dict().items()})
        return net


def window_of(strides: Sequence[int]) -> Window:
    """Return the window of a net with such strides after the first layer."""
    return Window.of_layers([(5, 2, 0), *((3, stride, 0) for stride in strides)])


def _separable(inputs: int, outputs: int, norm: bool, stride: int) -> list[nn.Module]:
    alone = nn.Conv2d(inputs, inputs, 3, stride, groups=inputs, bias=not norm)
    return [alone, *([nn.BatchNorm2d(inputs)] if norm else []), *_block(inputs, outputs, 1, norm)]


def _block(inputs: int, outputs: int, kernel: int, norm: bool, stride: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=not norm)
    return [conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)] if norm else [conv, nn.ReLU(inplace=True)]


def detector_from(file: NetFile) -> DetectorNet:
    """Return a net with the weights of a detector's net file, to be trained further; it has no norms.

    Raises
    ------
    NetFileError
        For a file that is no detector of this make.
    """
    name = file.manifest.name
    otherwise = f"{name!r} is no net of this detector's make: start from one that `train detect` wrote"
    weights, outputs = convolutions(file.data), {one.name: one.names for one in file.manifest.outputs}
    maps = [len(weight) for weight, _ in weights[:-1:2]]  # every second layer filters one by one
    strides = strides_of(file.data)[1:-1:2]
    if len(maps) != len(strides) + 1:
        raise NetFileError(otherwise)
    net = DetectorNet(
        file.manifest.channels,
        len(outputs.get("score", ())),
        len(outputs.get("landmarks", ())) // 2,
        maps,
        strides,
        norms=False,
    )
    load_convolutions(weights, net, otherwise)
    return net
