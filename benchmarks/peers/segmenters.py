"""Three small nets that parse scenes, written from their papers: what `benchmarks/parse_peers.py` trains.

    ENet        Paszke, Chaurasia, Kim & Culurciello 2016, "ENet: a deep neural network architecture for
                real-time semantic segmentation", table 1 and figure 2
    FastScnn    Poudel, Liwicki & Cipolla 2019, "Fast-SCNN: fast semantic segmentation network", tables 1 to 3
    LrAspp      Howard et al. 2019, "Searching for MobileNetV3", table 1 (large), section 6.4 and figure 10

Each takes pictures (N, 3, H, W) and returns the logits (N, classes, h, w) of places that lie evenly over the
picture; in training a tuple, in which those of auxiliary classifiers follow. Sides are multiples of 8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

MULTIPLE = 8  # of which a picture's sides have to be multiples
AUXILIARY = 0.4  # what an auxiliary classifier counts in the loss (Poudel et al. 2019, section 4.1)

Activation = Callable[[int], nn.Module]


def relu(_: int) -> nn.Module:
    return nn.ReLU(inplace=True)


def hard_swish(_: int) -> nn.Module:
    return nn.Hardswish(inplace=True)


def conv(
    inputs: int,
    outputs: int,
    kernel: int | tuple[int, int] = 1,
    stride: int = 1,
    *,
    groups: int = 1,
    dilation: int = 1,
    act: Activation | None = relu,
) -> nn.Sequential:
    """Return a convolution that keeps the size (but for its stride), its norm and what comes after."""
    sides = (kernel, kernel) if isinstance(kernel, int) else kernel
    edge = (dilation * (sides[0] - 1) // 2, dilation * (sides[1] - 1) // 2)
    layer = nn.Conv2d(inputs, outputs, kernel, stride, edge, dilation, groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), *([act(outputs)] if act else []))


def enlarged(maps: Tensor, size: Sequence[int]) -> Tensor:
    """Return maps of another height and width, interpolated linearly."""
    return F.interpolate(maps, list(size), mode="bilinear", align_corners=False)


# -- ENet --------------------------------------------------------------------------------------------------


class ENet(nn.Module):
    """An encoder of bottlenecks down to an eighth, and a small decoder up to all pixels."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 13, 3, 2, 1, bias=False)
        self.norm = nn.Sequential(nn.BatchNorm2d(16), nn.PReLU(16))
        self.down1 = Bottleneck(16, 64, "down", dropout=0.01)
        self.stage1 = nn.Sequential(*(Bottleneck(64, 64, dropout=0.01) for _ in range(4)))
        self.down2 = Bottleneck(64, 128, "down")
        kinds: list[dict[str, Any]] = [
            {},
            {"dilation": 2},
            {"kind": "asymmetric"},
            {"dilation": 4},
            {},
            {"dilation": 8},
            {"kind": "asymmetric"},
            {"dilation": 16},
        ]
        self.stage23 = nn.Sequential(*(Bottleneck(128, 128, **kind) for kind in kinds * 2))
        self.up4 = Bottleneck(128, 64, "up")
        self.stage4 = nn.Sequential(Bottleneck(64, 64), Bottleneck(64, 64))
        self.up5 = Bottleneck(64, 16, "up")
        self.stage5 = Bottleneck(16, 16)
        self.last = nn.ConvTranspose2d(16, classes, 2, 2)

    def forward(self, picture: Tensor) -> Tensor:
        """Return the logits of all pixels."""
        maps = self.norm(torch.cat([self.first(picture), F.max_pool2d(picture, 2)], 1))
        maps, places1 = self.down1(maps)
        maps, places2 = self.down2(self.stage1(maps))
        maps = self.stage4(self.up4(self.stage23(maps), places2))
        return self.last(self.stage5(self.up5(maps, places1)))  # type: ignore[no-any-return]


class Bottleneck(nn.Module):
    """A convolution on a quarter of the maps, added to what goes in.

    kind: "regular"; "asymmetric", 5 x 1 and 1 x 5; "down", which halves the size, pools what goes in and
    returns the places of the maxima too; "up", which takes them and puts what goes in there.
    """

    def __init__(
        self, inputs: int, outputs: int, kind: str = "regular", dilation: int = 1, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.kind, self.more = kind, outputs - inputs
        inner = max(inputs, outputs) // 4 if kind == "up" else outputs // 4
        layers: list[nn.Module] = [conv(inputs, inner, act=nn.PReLU)]
        if kind == "down":
            halving = nn.Conv2d(inputs, inner, 2, 2, bias=False)
            layers = [nn.Sequential(halving, nn.BatchNorm2d(inner), nn.PReLU(inner))]
        if kind == "up":
            doubling = nn.ConvTranspose2d(inner, inner, 3, 2, 1, output_padding=1, bias=False)
            layers += [doubling, nn.BatchNorm2d(inner), nn.PReLU(inner)]
            self.beside = conv(inputs, outputs, act=None)
        elif kind == "asymmetric":
            layers += [nn.Conv2d(inner, inner, (5, 1), padding=(2, 0), bias=False)]
            layers += [conv(inner, inner, (1, 5), act=nn.PReLU)]
        else:
            layers += [conv(inner, inner, 3, dilation=dilation, act=nn.PReLU)]
        self.way = nn.Sequential(*layers, conv(inner, outputs, act=None), nn.Dropout2d(dropout))
        self.act = nn.PReLU(outputs)

    def forward(self, maps: Tensor, places: Tensor | None = None) -> Any:
        """Return maps; with "down" the places of the maxima as well."""
        way = self.way(maps)
        if self.kind == "down":
            pooled, places = _pooled(maps)
            # Maps that what goes in does not have are zeros beside it.
            return self.act(way + F.pad(pooled, (0, 0, 0, 0, 0, self.more))), places
        if places is not None:
            maps = _unpooled(self.beside(maps), places)
        return self.act(way + maps)


class OnnxPool(torch.autograd.Function):
    """Pooling with the places of the maxima, as ONNX has it: the exporter makes four nodes of torch's."""

    @staticmethod
    def symbolic(graph: Any, maps: Any) -> Any:
        return graph.op("MaxPool", maps, outputs=2, kernel_shape_i=[2, 2], strides_i=[2, 2])

    @staticmethod
    def forward(_: Any, maps: Tensor) -> tuple[Tensor, Tensor]:
        return F.max_pool2d(maps, 2, return_indices=True)


class OnnxUnpool(torch.autograd.Function):
    """The way back, which the exporter does not know."""

    @staticmethod
    def symbolic(graph: Any, maps: Any, places: Any) -> Any:
        return graph.op("MaxUnpool", maps, places, kernel_shape_i=[2, 2], strides_i=[2, 2])

    @staticmethod
    def forward(_: Any, maps: Tensor, places: Tensor) -> Tensor:
        size = [2 * int(side) for side in maps.shape[2:]]  # tensors, while the exporter looks on
        return torch.ops.aten.max_unpool2d(maps, places, size)  # type: ignore[no-any-return]


def _pooled(maps: Tensor) -> tuple[Tensor, Tensor]:
    if torch.onnx.is_in_onnx_export():
        return OnnxPool.apply(maps)  # type: ignore[no-any-return, no-untyped-call]
    return F.max_pool2d(maps, 2, return_indices=True)


def _unpooled(maps: Tensor, places: Tensor) -> Tensor:
    if torch.onnx.is_in_onnx_export():
        return OnnxUnpool.apply(maps, places)  # type: ignore[no-any-return, no-untyped-call]
    return F.max_unpool2d(maps, places, [2, 2])


# -- Fast-SCNN ---------------------------------------------------------------------------------------------


class FastScnn(nn.Module):
    """Three layers down to an eighth; from there a deep way over 1/32 and a shallow one meet again."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.down = nn.Sequential(conv(3, 32, 3, 2), separable(32, 48, 2), separable(48, 64, 2))
        sizes = [(64, 64, 2), (64, 64, 1), (64, 64, 1), (64, 96, 2), (96, 96, 1), (96, 96, 1)]
        sizes += [(96, 128, 1), (128, 128, 1), (128, 128, 1)]
        self.deep = nn.Sequential(*(Inverted(a, 6 * a, b, stride=stride) for a, b, stride in sizes))
        self.pools = nn.ModuleList(conv(128, 32) for _ in BINS)
        self.pooled = conv(256, 128)
        self.shallow = conv(64, 128, act=None)
        self.deeper = nn.Sequential(conv(128, 128, 3, groups=128, dilation=4), conv(128, 128, act=None))
        self.classifier = nn.Sequential(
            separable(128, 128), separable(128, 128), nn.Dropout(0.1), nn.Conv2d(128, classes, 1)
        )
        self.auxiliary = nn.ModuleList(
            nn.Sequential(conv(maps, 32, 3), nn.Dropout(0.1), nn.Conv2d(32, classes, 1)) for maps in (64, 128)
        )

    def forward(self, picture: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Return the logits of every eighth pixel; in training also those of both ways."""
        first = self.down(picture)
        maps = self.deep(first)
        size = maps.shape[2:]
        bins = [enlarged(pool(_means(maps, k)), size) for pool, k in zip(self.pools, BINS, strict=True)]
        maps = self.pooled(torch.cat([maps, *bins], 1))
        together = torch.relu(self.shallow(first) + self.deeper(enlarged(maps, first.shape[2:])))
        logits = self.classifier(together)
        if self.training:
            return logits, self.auxiliary[0](first), self.auxiliary[1](maps)
        return logits  # type: ignore[no-any-return]


BINS = (1, 2, 3, 6)  # rows and columns of the pyramid pooling


def separable(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Return a layer that filters map by map and then mixes, with nothing but a norm between."""
    return nn.Sequential(conv(inputs, inputs, 3, stride, groups=inputs, act=None), conv(inputs, outputs))


def _means(maps: Tensor, bins: int) -> Tensor:
    """Return the means over bins x bins parts: adaptive pooling, as products that can be exported."""
    rows, cols = (_shares(int(side), bins).to(maps) for side in maps.shape[2:])
    return torch.matmul(torch.matmul(rows, maps), cols.T)


@cache
def _shares(side: int, bins: int) -> Tensor:
    """Return the matrix (bins, side) of what each place gives to each part."""
    shares = torch.zeros(bins, side)
    for number in range(bins):
        part = slice(number * side // bins, -(-(number + 1) * side // bins))
        shares[number, part] = 1 / len(range(side)[part])
    return shares


# -- LR-ASPP on MobileNetV3 --------------------------------------------------------------------------------


class LrAspp(nn.Module):
    """MobileNetV3-Large, its last stage dilated and of half its maps, as the paper has it for scenes; what it
    sees at a sixteenth, weighed by the whole picture, is added to what it sees at an eighth."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.first = conv(3, 16, 3, 2, act=hard_swish)
        eighth, deep = (
            nn.Sequential(*(Inverted(a, inner, b, *rest) for a, inner, b, *rest in rows))
            for rows in (EIGHTH, SIXTEENTH)
        )
        self.eighth, self.deep = eighth, nn.Sequential(*deep, conv(80, 480, act=hard_swish))
        self.features, self.weights = conv(480, 128), nn.Conv2d(480, 128, 1, bias=False)
        self.low, self.high = nn.Conv2d(40, classes, 1), nn.Conv2d(128, classes, 1)

    def forward(self, picture: Tensor) -> Tensor:
        """Return the logits of every eighth pixel."""
        eighth = self.eighth(self.first(picture))
        maps = self.deep(eighth)
        weights = torch.sigmoid(self.weights(maps.mean((2, 3), keepdim=True)))
        # The last layer is linear in each place, so it may come before the enlargement.
        high = self.high(self.features(maps) * weights)
        return enlarged(high, eighth.shape[2:]) + self.low(eighth)  # type: ignore[no-any-return]


# Maps in, maps inside, maps out, kernel, stride, squeeze and excitation?, activation, dilation.
EIGHTH: Sequence[tuple[Any, ...]] = [
    (16, 16, 16, 3, 1, False, relu),
    (16, 64, 24, 3, 2, False, relu),
    (24, 72, 24, 3, 1, False, relu),
    (24, 72, 40, 5, 2, True, relu),
    (40, 120, 40, 5, 1, True, relu),
    (40, 120, 40, 5, 1, True, relu),
]
SIXTEENTH: Sequence[tuple[Any, ...]] = [
    (40, 240, 80, 3, 2, False, hard_swish),
    (80, 200, 80, 3, 1, False, hard_swish),
    (80, 184, 80, 3, 1, False, hard_swish),
    (80, 184, 80, 3, 1, False, hard_swish),
    (80, 480, 112, 3, 1, True, hard_swish),
    (112, 672, 112, 3, 1, True, hard_swish),
    (112, 672, 80, 5, 1, True, hard_swish, 2),
    (80, 480, 80, 5, 1, True, hard_swish, 2),
    (80, 480, 80, 5, 1, True, hard_swish, 2),
]


class Inverted(nn.Module):
    """More maps, filtered map by map, and fewer again; added to what goes in where that is of one size."""

    def __init__(
        self,
        inputs: int,
        inner: int,
        outputs: int,
        kernel: int = 3,
        stride: int = 1,
        excited: bool = False,
        act: Activation = relu,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        self.added = inputs == outputs and stride == 1
        self.way = nn.Sequential(
            *([conv(inputs, inner, act=act)] if inner != inputs else []),
            conv(inner, inner, kernel, stride, groups=inner, dilation=dilation, act=None),
            *([Excitation(inner)] if excited else []),
            act(inner),
            conv(inner, outputs, act=None),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps."""
        return maps + self.way(maps) if self.added else self.way(maps)  # type: ignore[no-any-return]


class Excitation(nn.Module):
    """Every map weighed by what the means of all say (squeeze and excitation)."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        inner = max(8, round(maps / 4 / 8) * 8)
        self.weights = nn.Sequential(
            nn.Conv2d(maps, inner, 1), nn.ReLU(inplace=True), nn.Conv2d(inner, maps, 1), nn.Hardsigmoid()
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Return the maps, weighed."""
        return maps * self.weights(maps.mean((2, 3), keepdim=True))  # type: ignore[no-any-return]
