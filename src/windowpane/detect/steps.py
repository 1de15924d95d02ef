"""Every step from a picture to what is found in it (intermediate results), for drawing them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from windowpane.core.engine import ScoreMap
from windowpane.core.pyramids import Level
from windowpane.detect.detections import Detections
from windowpane.errors import renamed


@dataclass(frozen=True, slots=True, eq=False)
class DetectSteps:
    """What `Detector.explain` tells of a picture.

    Attributes
    ----------
    picture
        (H, W, 3) uint8.
    levels
        Of the pyramid, as the net sees them, finest first.
    maps
        The score map of each level, (C, rows, cols) logits.
    logit_threshold
        The logit above which a cell gave a box.
    candidates
        What non-maximum suppression left of these boxes for the second stage of the cascade; they may reach
        beyond the picture.
    detections
        The answer. Without a second stage these are the candidates.
    ms
        Milliseconds of each step.
    """

    picture: NDArray[np.uint8]
    levels: tuple[Level, ...]
    maps: tuple[ScoreMap, ...]
    logit_threshold: float
    candidates: Detections
    detections: Detections
    ms: dict[str, float]

    limit = renamed("limit", "logit_threshold")
    first = renamed("first", "candidates")

    def __repr__(self) -> str:
        (height, width), ms = self.picture.shape[:2], sum(self.ms.values())
        return (
            f"DetectSteps({width} x {height} pixels, {len(self.levels)} levels,"
            f" {len(self.candidates)} candidates, {len(self.detections)} found, {ms:.1f} ms)"
        )
