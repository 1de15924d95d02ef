"""Views pasted into each other (CutMix): a net has to see by what a thing looks like, not only by what it is
seldom without.

Source: Yun et al. 2019, "CutMix: Regularization strategy to train strong classifiers with localizable
features". How one view is made, `windowpane.train.loop.augment` says.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from windowpane.data.scenes import Labels, Picture
from windowpane.train.loop.augment import Rng


def cutmix(rng: Rng, views: Sequence[tuple[Picture, Labels]], share: float) -> list[tuple[Picture, Labels]]:
    """Return views of one size, a share of which have a rectangle of the next one pasted in, labels too."""
    return [
        _pasted(rng, view, other) if rng.random() < share else view
        for view, other in zip(views, [*views[1:], *views[:1]], strict=True)
    ]


def _pasted(rng: Rng, view: tuple[Picture, Labels], other: tuple[Picture, Labels]) -> tuple[Picture, Labels]:
    """Return a view with a rectangle of another one, of 5 to 50 % of its pixels."""
    height, width = view[1].shape
    side = float(np.sqrt(rng.uniform(0.05, 0.5)))
    rows, cols = int(side * height), int(side * width)
    y, x = rng.integers(height - rows + 1), rng.integers(width - cols + 1)
    part = np.s_[y : y + rows, x : x + cols]
    picture, labels = view[0].copy(), view[1].copy()
    picture[part], labels[part] = other[0][part], other[1][part]
    return picture, labels
