"""The finder's net (depthwise separable ConvNet, dilated), in plain PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from windowpane.core.netfile import NetFile
from windowpane.core.windows import Window
from windowpane.errors import NetFileError
from windowpane.train.loop.weights import convolutions, load_convolutions

MEAN, STD = 0.5, 0.25
"""Mean and deviation that the net's input is normalized by."""

CLASSES = ("digit", "letter", "mark")
PLACE = ("x", "y", "height", "cos", "sin")
REDUCED = 2  # layers with a stride of 2, the first ones: a cell every 4 pixels
WIDE = (4, 5)  # layers that look at every second cell, so that a window has words in it


class FinderNet(nn.Module):
    """A small window net that finds characters of about one size and tells which way their row goes.

    Input (N, 1, H, W) float in 0..1. Output: score (N, 3, rows, columns), logits of digit, letter and mark;
    place (N, 5, rows, columns): x and y of the character's middle from the window's, in nominal heights, the
    logarithm of its height over the nominal one, cosine and sine of the direction of reading. No padding.

    Parameters
    ----------
    maps
        Channels of the layers; the second has the second stride.
    norms
        Whether there are batch norms; those of a net file are folded into its convolutions.
    """

    def __init__(self, maps: Sequence[int] = (16, 32, 48, 64, 64, 64, 96), *, norms: bool = True) -> None:
        super().__init__()
        first, *others = maps
        layers = _block(1, first, 5, norms, stride=2)
        for place, (inputs, outputs) in enumerate(pairwise(maps), start=1):
            layers += _separable(inputs, outputs, norms, *_step(place))
        self.backbone = nn.Sequential(*layers)
        self.channels = [len(CLASSES), len(PLACE)]
        self.heads = nn.Conv2d(others[-1], sum(self.channels), 1)
        self.window = window_of(len(maps))

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Return the score map and the map of places."""
        return self.heads(self.backbone(image)).float().split(self.channels, dim=1)  # type: ignore[no-any-return]


def window_of(layers: int) -> Window:
    """Return the window of a net with so many layers."""
    steps = [_step(place) for place in range(1, layers)]
    return Window.of_layers([(5, 2, 0), *((2 * dilation + 1, stride, 0) for stride, dilation in steps)])


def _step(place: int) -> tuple[int, int]:
    """Return the stride and the dilation of a layer after the first."""
    return (2 if place < REDUCED else 1), (2 if place in WIDE else 1)


def _separable(inputs: int, outputs: int, norm: bool, stride: int, dilation: int) -> list[nn.Module]:
    alone = nn.Conv2d(inputs, inputs, 3, stride, dilation=dilation, groups=inputs, bias=not norm)
    return [alone, *([nn.BatchNorm2d(inputs)] if norm else []), *_block(inputs, outputs, 1, norm)]


def _block(inputs: int, outputs: int, kernel: int, norm: bool, stride: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=not norm)
    return [conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)] if norm else [conv, nn.ReLU(inplace=True)]


def finder_from(file: NetFile) -> FinderNet:
    """Return a net with the weights of a finder's net file, to be trained further; it has no norms.

    Raises
    ------
    NetFileError
        For a file that is no finder.
    """
    otherwise = f"{file.manifest.name!r} is no net of this make: start from one that `train strings` wrote"
    if file.manifest.task != "strings":
        raise NetFileError(otherwise)
    weights = convolutions(file.data)
    net = FinderNet([len(weight) for weight, _ in weights[:-1:2]], norms=False)
    load_convolutions(weights, net, otherwise)
    return net
