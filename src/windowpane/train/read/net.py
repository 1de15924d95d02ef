"""The nets that are trained here, in plain PyTorch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from windowpane.core.netfile import NetFile, load
from windowpane.core.windows import Window
from windowpane.errors import NetFileError

LABELS = (*"0123456789", "none")
NONE = 10
HEADS = (5, 4, 3, 2)  # columns that the last kernel of each head spans (lecture, Figure 1)


class ReaderNet(nn.Module):
    """One trunk, four heads: reads one line of digits through windows of four widths at once.

    Input (N, 1, H, W) float in 0..1, 1 = ink, H >= 32. Output: for every head log-probabilities
    (N, 11, rows, columns) of the ten digits and "no whole digit here"; a column every 4 pixels. There is no
    padding, so the net over a line equals the net over each window of it.
    """

    def __init__(self, maps: Sequence[int] = (16, 48, 80, 128, 168), *, norms: bool = True) -> None:
        super().__init__()
        a, b, c, d, e = maps
        self.trunk = nn.Sequential(
            *_block(1, a, 6, norms, stride=2),
            *_block(a, b, 3, norms),
            nn.MaxPool2d(2),
            *_block(b, c, 3, norms),
            *_block(c, d, 3, norms),
            *_block(d, e, 2, norms),
        )
        self.dropout = nn.Dropout(0.1)
        self.heads = nn.ModuleList(nn.Conv2d(e, len(LABELS), (1, width)) for width in HEADS)

    def forward(self, ink: Tensor) -> tuple[Tensor, ...]:
        """Return the score maps of the heads, widest window first."""
        features = self.dropout(self.trunk(ink))
        return tuple(head(features).float().log_softmax(1) for head in self.heads)

    @staticmethod
    def windows() -> tuple[Window, ...]:
        """Return what one cell of each head's map sees: 32 rows and 48, 44, 40, 36 columns."""
        trunk = Window.of_layers([(6, 2, 0), (3, 1, 0), (2, 2, 0), (3, 1, 0), (3, 1, 0), (2, 1, 0)])
        return tuple(trunk.then((1, width)) for width in HEADS)


def _block(inputs: int, outputs: int, kernel: int, norm: bool, stride: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=not norm)
    return [conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)] if norm else [conv, nn.ReLU(inplace=True)]


class DetectorNet(nn.Module):
    """A small window net that finds objects of one size: on a pyramid, of every size.

    Input (N, C, H, W) float in 0..1. Output: score (N, classes, rows, columns), logits; box (N, 4, rows,
    columns), shift of the object's middle in nominal sizes and logarithms of its width and height; with
    ``points`` landmarks (N, 2 * points, rows, columns), x and y of each from the window's middle in nominal
    sizes. No padding. After the first layer channels are filtered one by one and then mixed (depthwise
    separable convolutions, Howard et al. 2017), which costs a fifth. strides: of these layers, first 2, then
    1 where they are not given: a cell every 4 pixels.
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
        strides = strides or [2] + [1] * (len(maps) - 2)
        for (inputs, outputs), stride in zip(pairwise(maps), strides, strict=True):
            layers += _separable(inputs, outputs, norms, stride)
        self.trunk = nn.Sequential(*layers)
        # One layer for all maps: runtimes work on blocks of 16 channels, and three layers would take three.
        self.channels = [classes, 4, *([2 * points] if points else [])]
        self.heads = nn.Conv2d(others[-1], sum(self.channels), 1)
        self.window = Window.of_layers([(5, 2, 0), *((3, stride, 0) for stride in strides)])

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Return the score map, the box map and, where there are landmarks, theirs."""
        return self.heads(self.trunk(image)).float().split(self.channels, dim=1)  # type: ignore[no-any-return]

    def without_landmarks(self) -> DetectorNet:
        """Return a copy that gives scores and boxes alone."""
        net = deepcopy(self)
        net.channels = self.channels[:2]
        kept = sum(net.channels)
        net.heads = nn.Conv2d(self.heads.in_channels, kept, 1)
        net.heads.load_state_dict({name: value[:kept] for name, value in self.heads.state_dict().items()})
        return net


def _separable(inputs: int, outputs: int, norm: bool, stride: int) -> list[nn.Module]:
    alone = nn.Conv2d(inputs, inputs, 3, stride, groups=inputs, bias=not norm)
    return [alone, *([nn.BatchNorm2d(inputs)] if norm else []), *_block(inputs, outputs, 1, norm)]


def start_from(source: str) -> ReaderNet:
    """Return a net with the weights of a reader's net file, to be trained further.

    In the file the norms are folded into the convolutions, so this net has none. Raises NetFileError for a
    file that is no reader of this make.
    """
    weights = _weights(load(source).data)
    maps = [weight.shape[0] for weight, _ in weights[: -len(HEADS)]]
    net = ReaderNet(maps, norms=False) if len(maps) == 5 else ReaderNet(norms=False)
    _pour(weights, net, f"{source} is no net of the reader's make: start from one that `train read` wrote")
    return net


def detector_from(file: NetFile, strides: Sequence[int] = ()) -> DetectorNet:
    """Return a net with the weights of a detector's net file, to be trained further; it has no norms.

    strides: as of `DetectorNet`. Raises NetFileError for a file that is no detector of this make.
    """
    weights, outputs = _weights(file.data), {one.name: one.names for one in file.manifest.outputs}
    maps = [len(weight) for weight, _ in weights[:-1:2]]  # every second layer filters one by one
    net = DetectorNet(
        file.manifest.channels,
        len(outputs.get("score", ())),
        len(outputs.get("landmarks", ())) // 2,
        maps,
        strides,
        norms=False,
    )
    name = file.manifest.name
    _pour(
        weights, net, f"{name!r} is no net of this detector's make: start from one that `train detect` wrote"
    )
    return net


def _weights(model: bytes) -> list[list[NDArray[np.float32]]]:
    """Return the weights and biases of a model's convolutions, the first first."""
    import onnx

    graph = onnx.load_model_from_string(model).graph
    numbers = {entry.name: onnx.numpy_helper.to_array(entry) for entry in graph.initializer}
    return [[numbers[name] for name in node.input[1:]] for node in graph.node if node.op_type == "Conv"]


def _pour(weights: list[list[NDArray[np.float32]]], net: nn.Module, otherwise: str) -> None:
    """Give a net's convolutions, which are the same in number and shapes, the weights of a model."""
    own = [(m.weight, m.bias) for m in net.modules() if isinstance(m, nn.Conv2d)]
    if [tuple(w.shape) for w, _ in own] != [one[0].shape for one in weights]:
        raise NetFileError(otherwise)
    with torch.no_grad():
        for (weight, shift), (new_weight, new_shift) in zip(own, weights, strict=True):
            weight.copy_(torch.from_numpy(new_weight.copy()))
            shift.copy_(torch.from_numpy(new_shift.copy()))  # type: ignore[union-attr]


def count_parameters(net: nn.Module) -> int:
    """Return the number of learned numbers, as they stand in the exported file (norms folded in)."""
    scales = {id(module.weight) for module in net.modules() if isinstance(module, nn.BatchNorm2d)}
    return sum(p.numel() for p in net.parameters() if id(p) not in scales)


def align(maps: tuple[Tensor, ...], windows: tuple[Window, ...]) -> Tensor:
    """Put the heads' maps (N, 11, T_h), widest first, on the columns of the widest: (heads, N, 11, T)."""
    wide, columns = windows[0], maps[0].shape[-1]
    aligned = []
    for scores, window in zip(maps, windows, strict=True):
        shift = int((wide.centre(0, 0)[0] - window.centre(0, 0)[0]) // wide.stride[1])
        aligned.append(scores[..., shift : shift + columns])
    return torch.stack(aligned)


def vote(aligned: Tensor) -> Tensor:
    """Join aligned maps (heads, N, 11, T) by majority, as `windowpane.read.votes` does, differentiably."""
    return torch.logsumexp(aligned, 0) - math.log(len(aligned))
