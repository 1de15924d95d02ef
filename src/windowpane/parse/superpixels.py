"""Probabilities averaged over superpixels (oversegmentation): labels then end where the picture's edges are.

The net knows what is where to a few pixels; the picture knows where it ends. So each pixel takes the mean of
its own probabilities and of those that its superpixels have on average, from small ones to large ones: the
small ones have the right edges, and in the large ones more has been seen. Where the paper chooses among the
patches of all sizes that hold a pixel, here they vote. Sources: Farabet, Couprie, Najman & LeCun 2013,
sections 4.1 and 4.3; Felzenszwalb & Huttenlocher 2004, "Efficient graph-based image segmentation".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import MissingExtraError, install

SIGMA = 0.8  # smoothing before, pixels
SIZES = ((30.0, 20), (120.0, 60), (500.0, 100))  # how large superpixels become; pixels of the smallest


def averaged(probabilities: NDArray[np.float32], picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return probabilities (K, H, W), each pixel's the mean of its own and of those that its superpixels of
    each size in a picture (H, W, 3) uint8 have on average.

    Raises
    ------
    MissingExtraError
        Without scikit-image.
    """
    try:
        from skimage.segmentation import felzenszwalb
    except ImportError as error:
        raise MissingExtraError(
            f"superpixels need the scikit-image package: {install('superpixels')}"
        ) from error
    total = probabilities.copy()
    for scale, smallest in SIZES:
        patch = felzenszwalb(picture, scale=scale, sigma=SIGMA, min_size=smallest, channel_axis=2).ravel()
        size = np.bincount(patch)
        for plane, sums in zip(probabilities, total, strict=True):
            means = np.bincount(patch, weights=plane.ravel()) / size
            sums += means[patch].reshape(sums.shape).astype(np.float32)
    return total / np.float32(1 + len(SIZES))
