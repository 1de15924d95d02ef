"""What pictures are drawn with (drawing primitives): colours, empty pictures, text, and PNG at the end.

The one home of these for all rooms, so it lies below them; what figures are laid out of is
`windowpane.show.canvas`. An image is RGB or grey, uint8, ``(H, W, 3)`` or ``(H, W)``.
"""

from __future__ import annotations

import base64
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

PAPER: Colour = (255, 255, 255)
TEXT: Colour = (38, 43, 51)
FAINT: Colour = (122, 130, 142)
DARK: Colour = (28, 30, 34)
"""The ground of screens and maps, where nothing is drawn."""
ACCENT: Colour = (234, 88, 12)
"""The orange of whatever is marked; the next ones are for what is set beside it."""
BLUE: Colour = (37, 99, 235)
VIOLET: Colour = (147, 51, 234)

_FACE = cv2.FONT_HERSHEY_SIMPLEX


def blank(height: int, width: int, colour: Colour = PAPER) -> Image:
    """Return an image of one colour; one without rows where the height is below zero."""
    return np.full((max(0, height), width, 3), colour, np.uint8)


def resized(image: Image, factor: float, enlarge: int = cv2.INTER_LINEAR) -> Image:
    """Return an image so many times as large: shrunk by the mean of its pixels, enlarged as told."""
    size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
    way = cv2.INTER_AREA if factor < 1 else enlarge
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)


def write(image: Image, text: str, x: int, y: int, colour: Colour, size: float, weight: int = 1) -> None:
    """Write on an image itself, which every caller has just made; (x, y) is the left of the baseline."""
    cv2.putText(image, text, (x, y), _FACE, size, colour, weight, cv2.LINE_AA)


def text_width(text: str, size: float) -> int:
    """Return how many pixels a line of text takes."""
    return int(cv2.getTextSize(text, _FACE, size, 1)[0][0])


def png(image: Image, effort: int | None = None) -> bytes:
    """Return an image as a PNG file; ``effort`` is 0 to 9, from quick to small (None: OpenCV's choice)."""
    return _encoded(".png", image, [] if effort is None else [cv2.IMWRITE_PNG_COMPRESSION, effort])


def jpeg(image: Image, quality: int) -> bytes:
    """Return an image as a JPEG file of a quality from 0 to 100."""
    return _encoded(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])


def data_url(file: bytes, kind: Literal["png", "jpeg"] = "png") -> str:
    """Return a picture file as a URL that holds it, for a page that needs nothing but itself."""
    return f"data:image/{kind};base64,{base64.b64encode(file).decode('ascii')}"


def _encoded(suffix: str, image: Image, options: list[int]) -> bytes:
    bgr = image if image.ndim == 2 else image[..., ::-1]
    return cv2.imencode(suffix, bgr, options)[1].tobytes()
