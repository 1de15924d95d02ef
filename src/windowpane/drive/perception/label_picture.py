"""What a robot sees, labels drawn over its picture (segmentation overlay) as in the lecture's Figure 4."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.perception.labels import COLOURS, UNLABELLED, Label

Image = NDArray[np.uint8]

LEGEND = (
    (COLOURS[Label.SUPER_GROUND].tolist(), "ground"),
    (COLOURS[Label.FOOTLINE].tolist(), "foot-line"),
    (COLOURS[Label.SUPER_OBSTACLE].tolist(), "obstacle"),
)
"""What the colours mean, for a legend."""


def labelled(picture: Image, labels: NDArray[np.int8], sure: NDArray[np.float32] | None = None) -> Image:
    """Draw labels (H, W) in their colours over a grey copy of a picture, the less sure the paler."""
    drawn = greyed(picture)
    there = labels > UNLABELLED
    weight = 0.6 if sure is None else (0.3 + 0.35 * sure[there])[:, None]
    drawn[there] = (drawn[there] * (1 - weight) + COLOURS[labels[there]] * weight).astype(np.uint8)
    return drawn


def greyed(picture: Image) -> Image:
    """Return a picture (H, W, 3) without its colours."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.repeat(np.asarray(grey, np.uint8)[..., None], 3, axis=2)
