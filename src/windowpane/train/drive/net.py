"""The robot's net (backbone and heads): it describes a window of 12 x 25 pixels by 100 features.

In the lab it learns to tell what is in the window's middle, in its upper and in its lower half, and which of
the five labels the window has. Only the backbone and the layer of the five labels are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from windowpane.core.windows import Window

WINDOW = Window(12, 25, stride=(2, 4))
PARTS = 3
"""What is asked about the classes: the window's middle, its upper half, its lower half."""


class BackboneNet(nn.Module):
    """Three layers without padding; from the second on each channel is filtered alone, then they are mixed.

    Input (N, 3, H, W), YUV of a band. `features` gives (N, maps[-1], rows, columns), a cell every 2 rows and
    4 columns. forward gives (N, PARTS * classes + labels, rows, columns), logits. Source of the window and of
    the number of features: Hadsell et al., IROS 2008; lecture 6.1.
    """

    def __init__(self, classes: int, labels: int, maps: Sequence[int] = (24, 64, 100)) -> None:
        super().__init__()
        first, second, last = maps
        self.classes, self.labels, self.count = classes, labels, last
        self.backbone = nn.Sequential(
            *_plain(3, first, (4, 5), (2, 2)),
            *_separable(first, second, (3, 3), (1, 2)),
            *_separable(second, last, (3, 5), (1, 1)),
        )
        self.head = nn.Conv2d(last, PARTS * classes + labels, 1)

    def features(self, bands: Tensor) -> Tensor:
        """Return the features of every window, at least 0."""
        return self.backbone(bands)  # type: ignore[no-any-return]

    def forward(self, bands: Tensor) -> Tensor:
        """Return the logits of every question about every window."""
        return self.head(self.features(bands))  # type: ignore[no-any-return]

    def last_layer(self) -> tuple[Tensor, Tensor]:
        """Return weights (labels, features) and bias (labels,) of the five labels' layer."""
        assert self.head.bias is not None
        return self.head.weight.detach()[-self.labels :, :, 0, 0], self.head.bias.detach()[-self.labels :]


def _plain(inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int]) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=False)
    return [conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


def _separable(
    inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int]
) -> list[nn.Module]:
    alone = nn.Conv2d(inputs, inputs, kernel, stride, groups=inputs, bias=False)
    return [alone, nn.BatchNorm2d(inputs), *_plain(inputs, outputs, (1, 1), (1, 1))]
