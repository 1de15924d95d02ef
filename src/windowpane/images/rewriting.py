"""A picture file with some of its pixels changed (re-encoding): of the same format, and upright.

    rewritten("group.jpg", change)  ->  bytes of a JPEG file

All pixels that were not changed stay as they are, with 16 bits and transparency, but in a JPEG: it is
decoded and encoded again, at a high quality. Of what stands in the file beside the pixels only the colour
profile goes on: thumbnails, places, dates and further pictures do not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ImageError
from windowpane.images.folders import Path
from windowpane.images.formats.header import FIRST
from windowpane.images.loader import MAX_PIXELS, stored

QUALITY = 95
"""Of a JPEG: there is hardly a difference to be seen, nor in colours, which are kept for every pixel."""
_FULL_COLOUR = getattr(cv2, "IMWRITE_JPEG_SAMPLING_FACTOR_444", 0x111111)
_LOSSLESS = 101  # of a WebP: above 100

_CODERS: dict[str, tuple[str, list[int]]] = {
    "JPEG": (
        ".jpg",
        [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _FULL_COLOUR],
    ),
    "PNG": (".png", []),
    "TIFF": (".tif", []),
    "WebP": (".webp", [cv2.IMWRITE_WEBP_QUALITY, _LOSSLESS]),
    "BMP": (".bmp", []),
    "PGM or PPM": (".pnm", []),
}


def rewritten(
    path: Path, change: Callable[[NDArray[Any]], NDArray[Any]], *, max_pixels: int = MAX_PIXELS
) -> bytes:
    """Return a picture file as it is with some of its pixels changed.

    Parameters
    ----------
    path
        Of the file.
    change
        From the pixels, upright, (H, W), (H, W, 3) RGB or (H, W, 4) RGBA of the file's depth, to new ones of
        the same shape and depth.
    max_pixels
        A file of more is refused.

    Raises
    ------
    ImageError
        For a file that cannot be read or written again, and one of several pictures.
    """
    header, pixels = stored(path, max_pixels=max_pixels)
    only_picture(path, header.notes)
    if header.kind not in _CODERS:
        raise ImageError(f"{path} is a {header.kind} file, which is only read, not written: save it as PNG")
    changed = change(pixels)
    suffix, options = _CODERS[header.kind]
    colours = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    bgr = changed if changed.ndim == 2 else cv2.cvtColor(changed, colours[changed.shape[2]])
    try:
        return _encoded(suffix, bgr, options, _profile(path, header.kind, bgr))
    except cv2.error:
        raise ImageError(f"{path} cannot be written again as a {header.kind} file: save it as PNG") from None


def only_picture(path: Path, notes: Iterable[str]) -> None:
    """Raise ImageError for a file of several pictures, of which only the first would be looked at.

    Parameters
    ----------
    path
        Of the file.
    notes
        What was said of it where it was read.
    """
    count = 1
    with suppress(cv2.error):  # what is no picture is said where it is loaded
        count = cv2.imcount(os.fspath(path))
    if count > 1:
        raise ImageError(
            f"{path} holds {count} pictures, of which only the first would be looked at: save each as a file"
        )
    if several := [note for note in notes if note.endswith(FIRST)]:
        raise ImageError(f"{path} {several[0]}, and the others would stay as they are: save each as a file")


def _encoded(suffix: str, bgr: NDArray[Any], options: list[int], profile: NDArray[np.uint8] | None) -> bytes:
    if profile is None:
        return cv2.imencode(suffix, bgr, options)[1].tobytes()
    kinds = [cv2.IMAGE_METADATA_ICCP]
    return cv2.imencodeWithMetadata(suffix, bgr, kinds, [profile], options)[1].tobytes()


def _profile(path: Path, kind: str, bgr: NDArray[Any]) -> NDArray[np.uint8] | None:
    """Return the colour profile of a file, if it has one that fits and this OpenCV can hand it on."""
    if kind not in ("JPEG", "PNG", "WebP") or not hasattr(cv2, "imencodeWithMetadata"):
        return None
    try:
        _, kinds, blocks = cv2.imreadWithMetadata(os.fspath(path), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    for number, block in zip(kinds, blocks, strict=True):
        profile = np.asarray(block, np.uint8).ravel()
        space = profile[16:20].tobytes()  # ICC.1:2022, section 7.2.6
        if number == cv2.IMAGE_METADATA_ICCP and space == (b"GRAY" if bgr.ndim == 2 else b"RGB "):
            return profile
    return None
