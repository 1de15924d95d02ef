"""Small pictures and maps inside JSON: PNG as data URLs, bytes as base64."""

from __future__ import annotations

import base64

import cv2
import numpy as np
from numpy.typing import NDArray


def data_url(image: NDArray[np.uint8]) -> str:
    """Return an image, (H, W) or (H, W, 3) RGB uint8, as the URL of a PNG that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png(image)).decode('ascii')}"


def png(image: NDArray[np.uint8]) -> bytes:
    """Return an image, (H, W) or (H, W, 3) RGB uint8, as a PNG file."""
    bgr = image if image.ndim == 2 else image[..., ::-1]
    return bytes(cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1])


def packed(values: NDArray[np.generic]) -> str:
    """Return whole numbers 0 to 255 of any shape as base64, a byte each."""
    return base64.b64encode(np.ascontiguousarray(values, np.uint8).tobytes()).decode("ascii")
