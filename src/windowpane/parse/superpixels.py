"""Labels made alike within superpixels: patches of one colour, whose edges are those of the picture.

The net knows what is where to a few pixels; the picture knows where it ends. So the probabilities of all
pixels of a superpixel are averaged, and it takes one class. Sources: Farabet, Couprie, Najman & LeCun 2013,
section 4.1; Felzenszwalb & Huttenlocher 2004, "Efficient graph-based image segmentation".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import MissingExtraError

SCALE, SIGMA, SMALLEST = 60.0, 0.8, 30  # how large superpixels become; smoothing before; pixels of one


def averaged(chances: NDArray[np.float32], picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return probabilities (K, H, W), each pixel's the mean of its superpixel's in a picture (H, W, 3) uint8.

    Raises MissingExtraError without scikit-image.
    """
    try:
        from skimage.segmentation import felzenszwalb
    except ImportError as error:
        raise MissingExtraError(
            "superpixels need the scikit-image package: pip install windowpane[superpixels]"
        ) from error
    patch = felzenszwalb(picture, scale=SCALE, sigma=SIGMA, min_size=SMALLEST, channel_axis=2).ravel()
    size = np.bincount(patch)
    sums = [np.bincount(patch, weights=plane.ravel()) for plane in chances]
    means = (np.stack(sums) / size).astype(np.float32)
    return np.asarray(means[:, patch].reshape(chances.shape))
