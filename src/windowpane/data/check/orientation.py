"""Pictures that are turned when they are shown (EXIF orientation), beside labels that may not be.

A picture is read upright. Whether its labels were drawn on it upright or as stored, only its edges tell,
where both have the same size: labels end where the picture changes.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.images import most_pixels
from windowpane.images.formats.header import UnusableError
from windowpane.images.formats.kinds import read_header

SIDEWAYS = (5, 6, 7, 8)
"""The orientations that swap width and height."""
_CLEARLY = 1.15  # how much stronger edges must be where the labels end, to say that these fit better so


def orientation_of(path: Path) -> int:
    """Return the EXIF orientation of a picture's file, 1 where it has none."""
    try:
        return read_header(path.read_bytes(), most_pixels()).orientation
    except (OSError, UnusableError):
        return 1


def fit_as_stored(picture: NDArray[np.uint8], labels: NDArray[np.uint8], orientation: int) -> bool:
    """Say whether labels clearly fit a picture better as it is stored than upright.

    Parameters
    ----------
    picture, labels
        (H, W, 3) upright, and (H, W).
    orientation
        Of the file, one that keeps width and height: 2 mirrored, 3 half turned, 4 upside down.
    """
    axes = {2: (1,), 3: (0, 1), 4: (0,)}.get(orientation)
    if axes is None:
        return False
    ends = cv2.morphologyEx(labels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    if not ends.any():
        return False
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 2).astype(np.float32)
    edges = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return bool(np.flip(edges, axes)[ends].mean() > _CLEARLY * edges[ends].mean())
