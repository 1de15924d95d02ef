"""Pictures in (image loading): any file, bytes, array, PIL image or film becomes upright RGB arrays.

And what they are drawn with: `windowpane.images.drawing`.
"""

from windowpane.images.folders import SUFFIXES, expand
from windowpane.images.loader import MAX_PIXELS, ImageSource, is_picture, load, most_pixels

load_image = load
"""As `windowpane` itself hands it on, where ``load`` alone would not say of what."""

__all__ = [
    "MAX_PIXELS",
    "SUFFIXES",
    "ImageSource",
    "expand",
    "is_picture",
    "load",
    "load_image",
    "most_pixels",
]
