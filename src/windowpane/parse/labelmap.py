"""The answer of the parser: a class for every pixel of the caller's picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class LabelMap:
    """A class for every pixel, and how sure it is.

    labels: (H, W) uint8, places in ``names``, for the caller's upright picture. scores: (H, W) float32, the
    probability of the class, 0..1. names: of the net's classes.
    """

    labels: NDArray[np.uint8]
    scores: NDArray[np.float32]
    names: tuple[str, ...]

    @property
    def height(self) -> int:
        """Of the picture, in pixels."""
        return int(self.labels.shape[0])

    @property
    def width(self) -> int:
        """Of the picture, in pixels."""
        return int(self.labels.shape[1])

    @property
    def shares(self) -> dict[str, float]:
        """The share of the picture that each class has, 0..1; 1 together."""
        counts = np.bincount(self.labels.ravel(), minlength=len(self.names))
        return dict(zip(self.names, (counts / max(1, self.labels.size)).tolist(), strict=True))

    def mask(self, name: str) -> NDArray[np.bool_]:
        """Return where a class is, (H, W); raises ValueError for a name that the net does not know."""
        if name not in self.names:
            raise ValueError(f"there is no class {name!r}: choose from {', '.join(self.names)}")
        return np.asarray(self.labels == self.names.index(name))

    def resized(self, height: int, width: int) -> LabelMap:
        """Return the same for the picture in another size, in pixels."""
        labels = cv2.resize(self.labels, (width, height), interpolation=cv2.INTER_NEAREST)
        scores = cv2.resize(self.scores, (width, height), interpolation=cv2.INTER_LINEAR)
        return LabelMap(np.asarray(labels, np.uint8), np.asarray(scores, np.float32), self.names)

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON: the picture's size and the share of each class in
        it."""
        shares = {name: round(share, 4) for name, share in self.shares.items()}
        return {"width": self.width, "height": self.height, "labels": shares}
