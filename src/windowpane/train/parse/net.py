"""The parser's net (multi-scale ConvNet): one backbone with shared weights over all levels of a pyramid,
and a classifier on what they see."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from windowpane.core.windows import Window

FAITHFUL = (16, 64, 256)


class Backbone(nn.Module):
    """Layers without padding, and the window of their last map."""

    def __init__(self, layers: Sequence[nn.Module], window: Window, features: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.window, self.features = window, features

    def forward(self, level: Tensor) -> Tensor:
        """Return the features (N, features, rows, columns) of padded levels (N, C, H, W)."""
        return self.layers(level)  # type: ignore[no-any-return]


def faithful_backbone(channels: int = 3) -> Backbone:
    """Return the backbone of the paper: three layers of 7 x 7, of 16, 64 and 256 maps, a pooling between two.

    A cell sees 46 x 46 pixels of its level; there is one every 4 pixels. A map of the last layer sees 32 of
    the 64 before, as in the paper: there they are drawn by lot, here they are the first or the last 32.
    Source: Farabet et al. 2013, section 5.1. Batch norms (folded away in the file) and rectifiers stand where
    the paper has the hyperbolic tangent.
    """
    layers: list[nn.Module] = []
    sizes: list[tuple[int, int, int]] = []
    for number, (inputs, outputs) in enumerate(pairwise((channels, *FAITHFUL))):
        last = number == len(FAITHFUL) - 1
        layer = nn.Conv2d(inputs, outputs, 7, groups=2 if last else 1, bias=False)
        layers += [layer, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
        sizes.append((7, 1, 0))
        if not last:
            layers.append(nn.MaxPool2d(2))
            sizes.append((2, 2, 0))
    return Backbone(layers, Window.of_layers(sizes), FAITHFUL[-1])


class Residual(nn.Module):
    """Two layers of 3 x 3 without padding, added to the middle of what goes in.

    A separable layer filters each map by itself and then mixes them: for 128 maps that is an eighth of the
    work of a full one (Howard et al. 2017, "MobileNets"). But most of the time of training goes into norms
    and rectifiers: with half as many maps a step of full layers takes little more than half as long. In the
    same time wide nets learn more so, and narrow ones do not.
    """

    def __init__(self, inputs: int, outputs: int, *, separable: bool) -> None:
        super().__init__()
        layers = _separable if separable else _full
        self.way = nn.Sequential(*layers(inputs, outputs), nn.ReLU(inplace=True), *layers(outputs, outputs))
        self.shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps that are smaller by 2 at each edge."""
        return torch.relu(self.way(maps) + self.shortcut(_cropped(maps, 2)))


def _cropped(maps: Tensor, edge: int) -> Tensor:
    """Return maps without their edges."""
    if torch.onnx.is_in_onnx_export():
        return maps[:, :, edge:-edge, edge:-edge]
    # The gradient of a slice is not channels-last, and all that it is added to would be put in order again:
    # a seventh of a step's time.
    return nn.functional.pad(maps, (-edge,) * 4)


def _separable(inputs: int, outputs: int, stride: int = 1) -> list[nn.Module]:
    # No norm between the two: with one a step takes longer, and in the same time the net learns less.
    return [
        nn.Conv2d(inputs, inputs, 3, stride, groups=inputs, bias=False),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
    ]


def _full(inputs: int, outputs: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 3, stride, bias=False), nn.BatchNorm2d(outputs)]


def residual_backbone(
    maps: Sequence[int], halvings: int = 2, channels: int = 3, *, separable: bool = True, light: bool = False
) -> Backbone:
    """Return a backbone of layers of stride 2 and then residual blocks.

    Parameters
    ----------
    maps
        Channels of each.
    halvings
        Downsampling stages: how many layers of stride 2, so a cell every 2 ** halvings pixels.
    separable
        Whether the layers of blocks are depthwise separable.
    light
        Whether those of stride 2 are too, but the first.
    """
    layers: list[nn.Module] = []
    for number, (inputs, outputs) in enumerate(pairwise((channels, *maps[:halvings]))):
        kind = _separable if light and number else _full
        layers += [*kind(inputs, outputs, 2), nn.ReLU(inplace=True)]
    blocks = list(pairwise(maps[halvings - 1 :]))
    layers += [Residual(inputs, outputs, separable=separable) for inputs, outputs in blocks]
    window = Window.of_layers([*([(3, 2, 0)] * halvings), *([(3, 1, 0)] * (2 * len(blocks)))])
    return Backbone(layers, window, maps[-1])


class Classifier(nn.Module):
    """From the stacked features of all levels to the classes, in one layer or two.

    Parameters
    ----------
    features
        Of each level.
    hidden
        Maps of the layer between; 0 = the classes are a linear function of the features.
    drop
        Share of the features that are left out in training (dropout).
    """

    def __init__(self, features: Sequence[int], classes: int, hidden: int, drop: float = 0.1) -> None:
        super().__init__()
        self.features, self.hidden, count = list(features), hidden, sum(features)
        layers: list[nn.Module] = [nn.Dropout2d(drop)]
        if hidden:
            layers += [
                nn.Conv2d(count, hidden, 1, bias=False),
                nn.BatchNorm2d(hidden),
                nn.ReLU(inplace=True),
            ]
        self.layers = nn.Sequential(*layers, nn.Conv2d(hidden or count, classes, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Return scores (N, classes, rows, columns), logits."""
        return self.layers(features)  # type: ignore[no-any-return]

    def of_levels(self, maps: Sequence[Tensor], ways: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """Return the scores of features that are not yet stacked: each level's, and how it is interpolated.

        A linear function of what was interpolated is what was interpolated of a linear function: so the first
        layer goes before the interpolation, which then has fewer maps to do.
        """
        drop, first, *rest = self.layers
        assert isinstance(first, nn.Conv2d)
        parts = torch.split(first.weight, [one.shape[1] for one in maps], dim=1)
        nearest, *others = (
            nn.functional.conv2d(drop(one), part) for one, part in zip(maps, parts, strict=True)
        )
        total = nearest + sum(resampled(one, *way) for one, way in zip(others, ways, strict=True))
        if first.bias is not None:
            total = total + first.bias[:, None, None]
        return nn.Sequential(*rest)(total)  # type: ignore[no-any-return]

    def heads(self) -> list[nn.Conv2d]:
        """Return the first layer cut into one for each level; their maps are to be added up."""
        first = self.layers[1]
        assert isinstance(first, nn.Conv2d)
        heads = []
        for number, weight in enumerate(torch.split(first.weight.detach(), self.features, dim=1)):
            head = nn.Conv2d(weight.shape[1], len(weight), 1, bias=first.bias is not None)
            bias = {} if first.bias is None else {"bias": first.bias.detach() * (number == 0)}
            head.load_state_dict({"weight": weight, **bias})
            heads.append(head)
        return heads

    def rest(self) -> nn.Module:
        """Return what goes on from there: nothing where the first layer is the last."""
        return self.layers[2:]


class ParserNet(nn.Module):
    """Backbones and classifier together, as they are trained.

    Parameters
    ----------
    backbones
        Of the first level, the second, ...; the last one is for all further levels too.
    levels
        Of the pyramid.
    finer
        Sub-pixel factor: how many parts in each direction a cell has, with a class each.
    drop, blind
        Share of the features (dropout), and of the levels (level dropout), that are left out in training.
    auxiliary
        Whether each level also has a classifier of its own, for training alone (deep supervision).
    """

    def __init__(
        self,
        backbones: Sequence[Backbone],
        levels: int,
        classes: int,
        hidden: int,
        finer: int = 1,
        *,
        drop: float = 0.1,
        blind: float = 0.0,
        auxiliary: bool = False,
    ) -> None:
        super().__init__()
        self.backbones = nn.ModuleList(backbones)
        self.window = backbones[0].window
        self.numbers = [min(level, len(backbones) - 1) for level in range(levels)]
        self.finer, self.blind = finer, blind
        features = [backbones[number].features for number in self.numbers]
        self.classifier = Classifier(features, classes * finer * finer, hidden, drop)
        self.auxiliary = nn.ModuleList(nn.Conv2d(count, classes, 1) for count in features if auxiliary)

    def forward(self, levels: Sequence[Tensor], ways: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """Return logits (N, classes, rows, columns) at the parts of the first level's cells.

        Parameters
        ----------
        levels
            Padded, (N, C, H, W) each.
        ways
            For each further level the matrices that interpolate its maps at the first one's rows and columns.
        """
        return self.with_auxiliary(levels, ways)[0]

    def with_auxiliary(
        self, levels: Sequence[Tensor], ways: Sequence[tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the same, and in training the logits of each level alone, (N, classes, rows, columns) at the
        first one's cells; none without auxiliary classifiers."""
        maps = [self.backbones[number](level) for number, level in zip(self.numbers, levels, strict=True)]
        alone = []
        if self.training and self.auxiliary:
            nearest, *others = (head(one) for head, one in zip(self.auxiliary, maps, strict=True))
            alone = [nearest, *(resampled(one, *way) for one, way in zip(others, ways, strict=True))]
        if self.training and self.blind:
            maps = [one * self._level_dropout(one) for one in maps]
        logits = self.classifier.of_levels(maps, ways)
        return nn.functional.pixel_shuffle(logits.float(), self.finer), [one.float() for one in alone]

    def _level_dropout(self, maps: Tensor) -> Tensor:
        """Return 0 for views (N, ...) that go without a level, and for the others what makes up for these."""
        kept = torch.rand(len(maps), 1, 1, 1, device=maps.device) >= self.blind
        return kept.to(maps.dtype) / (1 - self.blind)


def resampled(maps: Tensor, rows: Tensor, cols: Tensor) -> Tensor:
    """Return maps (N, K, H, W) at the places of two matrices, (h, H) and (w, W): (N, K, h, w)."""
    return torch.matmul(torch.matmul(rows.to(maps), maps), cols.to(maps).T)
