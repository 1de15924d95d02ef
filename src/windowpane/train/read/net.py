"""The reader's net (fully convolutional ConvNet), in plain PyTorch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from windowpane.core.netfile import load_net
from windowpane.core.windows import Window
from windowpane.read.alphabet.labels import MARKS, NAMES
from windowpane.read.alphabet.labels import NONE as NOTHING
from windowpane.train.loop.weights import convolutions, load_convolutions

NONE = len(NAMES) - 1
UNHEARD = 7.0  # logits by which each mark that a net to start from does not know is rarer than nothing
RESTRAINT = 2.0  # logits by which marks that were learned alone are held back: in doubt it is a digit
MAPS = (16, 48, 80, 128, 168)  # channels of the backbone's layers
HEADS = (5, 4, 3, 2)  # columns that the last kernel of each head spans (lecture, Figure 1)


class ReaderNet(nn.Module):
    """One backbone, four heads: reads one line of digits through windows of four widths at once.

    Input (N, 1, H, W) float in 0..1, 1 = ink, H >= 32. Output: for every head log-probabilities
    (N, 17, rows, columns) of the ten digits, separators, "another mark" and "no whole digit here"; a column
    every 4 pixels. There is no padding, so the net over a line equals the net over each window of it.
    """

    def __init__(self, maps: Sequence[int] = MAPS, *, norms: bool = True) -> None:
        super().__init__()
        a, b, c, d, e = maps
        self.backbone = nn.Sequential(
            *_block(1, a, 6, norms, stride=2),
            *_block(a, b, 3, norms),
            nn.MaxPool2d(2),
            *_block(b, c, 3, norms),
            *_block(c, d, 3, norms),
            *_block(d, e, 2, norms),
        )
        self.dropout = nn.Dropout(0.1)
        self.heads = nn.ModuleList(nn.Conv2d(e, len(NAMES), (1, width)) for width in HEADS)

    def forward(self, ink: Tensor) -> tuple[Tensor, ...]:
        """Return the score maps of the heads, widest window first."""
        features = self.dropout(self.backbone(ink))
        return tuple(head(features).float().log_softmax(1) for head in self.heads)

    @staticmethod
    def windows() -> tuple[Window, ...]:
        """Return what one cell of each head's map sees: 32 rows and 48, 44, 40, 36 columns."""
        backbone = Window.of_layers([(6, 2, 0), (3, 1, 0), (2, 2, 0), (3, 1, 0), (3, 1, 0), (2, 1, 0)])
        return tuple(backbone.then((1, width)) for width in HEADS)


def _block(inputs: int, outputs: int, kernel: int, norm: bool, stride: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=not norm)
    return [conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)] if norm else [conv, nn.ReLU(inplace=True)]


def start_from(source: str) -> ReaderNet:
    """Return a net with the weights of a reader's net file, to be trained further.

    In the file the norms are folded into the convolutions, so this net has none. Marks that the file's net
    does not know begin as rarer kinds of nothing.

    Raises
    ------
    NetFileError
        For a file that is no reader of this make.
    """
    file = load_net(source)
    weights = convolutions(file.data)
    weights[-len(HEADS) :] = [
        _with_marks(head, file.manifest.outputs[0].names) for head in weights[-len(HEADS) :]
    ]
    known = [weight.shape[0] for weight, _ in weights[: -len(HEADS)]]
    net = ReaderNet(known, norms=False) if len(known) == len(MAPS) else ReaderNet(norms=False)
    load_convolutions(
        weights, net, f"{source} is no net of the reader's make: start from one that `train read` wrote"
    )
    return net


def blended(before: ReaderNet, after: ReaderNet, share: float) -> ReaderNet:
    """Return a net between one and what training made of it, a share of the latter (weight interpolation).

    It keeps more of what the first one knew than the second, and knows most of what was learned. The marks
    are as they were learned. Wortsman et al. 2022, "Robust fine-tuning of zero-shot models".

    Parameters
    ----------
    before
        The net that training began with.
    after
        The trained net. It is changed in place.
    """
    old = before.state_dict()
    with torch.no_grad():
        for name, part in after.state_dict().items():
            learned = part.clone()
            part.copy_(share * part + (1 - share) * old[name])
            if name.startswith("heads"):
                part[_MARKS] = learned[_MARKS]
    return after


class MarksOnly(nn.Module):
    """A net that learns marks and nothing else (frozen backbone): what it says of digits stays as it is.

    Parameters
    ----------
    net
        The reader's net. `finished` puts the kernels of the marks into it.
    """

    def __init__(self, net: ReaderNet) -> None:
        super().__init__()
        self.net = net.requires_grad_(False)
        self.marks = nn.ModuleList(
            nn.Conv2d(head.in_channels, len(MARKS), (1, head.kernel_size[1])) for head in _heads(net)
        )
        for mark, head in zip(self.marks, _heads(net), strict=True):
            mark.load_state_dict({name: part[_MARKS] for name, part in head.state_dict().items()})

    def forward(self, ink: Tensor) -> tuple[Tensor, ...]:
        """Return the score maps of the heads, as the net does."""
        features = self.net.backbone(ink)
        maps = []
        for head, marks in zip(self.net.heads, self.marks, strict=True):
            known, learned = head(features), marks(features)
            scores = torch.cat([known[:, : _MARKS.start], learned, known[:, _MARKS.stop :]], dim=1)
            maps.append(scores.float().log_softmax(1))
        return tuple(maps)

    def windows(self) -> tuple[Window, ...]:
        """Return those of the net."""
        return self.net.windows()

    def finished(self) -> ReaderNet:
        """Return the net, which knows the marks now."""
        with torch.no_grad():
            for head, marks in zip(_heads(self.net), self.marks, strict=True):
                for name, part in marks.state_dict().items():
                    head.state_dict()[name][_MARKS] = part
                head.state_dict()["bias"][_MARKS] -= RESTRAINT
        return self.net.requires_grad_(True)


_MARKS = slice(NAMES.index(MARKS[0]), NAMES.index(MARKS[-1]) + 1)


def _heads(net: ReaderNet) -> list[nn.Conv2d]:
    return [head for head in net.heads if isinstance(head, nn.Conv2d)]


def _with_marks(head: list[NDArray[np.float32]], names: Sequence[str]) -> list[NDArray[np.float32]]:
    """Return the kernel and the bias of a head for all labels, given those of a net that may know fewer."""
    if NOTHING not in names or len(head[0]) != len(names):
        return head
    places = [names.index(name if name in names else NOTHING) for name in NAMES]
    unheard = [UNHEARD if name in MARKS and name not in names else 0.0 for name in NAMES]
    kernel, bias = (part[places] for part in head)
    return [kernel, bias - np.array(unheard, np.float32)]


def align(maps: tuple[Tensor, ...], windows: tuple[Window, ...]) -> Tensor:
    """Put the heads' maps (N, 17, T_h), widest first, on the columns of the widest: (heads, N, 17, T)."""
    wide, columns = windows[0], maps[0].shape[-1]
    aligned = []
    for scores, window in zip(maps, windows, strict=True):
        shift = int((wide.centre(0, 0)[0] - window.centre(0, 0)[0]) // wide.stride[1])
        aligned.append(scores[..., shift : shift + columns])
    return torch.stack(aligned)


def vote(aligned: Tensor) -> Tensor:
    """Join aligned maps (heads, N, 17, T) by majority, as `windowpane.read.votes` does, differentiably."""
    return torch.logsumexp(aligned, 0) - math.log(len(aligned))
