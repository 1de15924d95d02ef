"""From the bytes of a file to pixels as they are stored (decoding), and what is known of them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.images.formats import heif, pdf
from windowpane.images.formats.header import Header, UnusableError, undecodable
from windowpane.images.formats.kinds import read_header, truncated
from windowpane.images.formats.tiff import ORIENTATION


def from_file(data: bytes, max_pixels: int) -> tuple[Header, NDArray[Any]]:
    """Return the pixels of a file as they are stored, (H, W), RGB or RGBA, with what is known of them.

    Raises UnusableError for one that cannot be used; decoders may throw more.
    """
    if data.startswith(b"\r\n\xff\xd8"):  # cut out of a stream with its line break
        data = data[2:]
    if kind := heif.kind_of(data):
        return _from_heif(data, kind, max_pixels)
    if data.startswith(b"%PDF"):
        return _from_pdf(data, max_pixels)
    header = read_header(data, max_pixels)
    return header, header.pixels if header.pixels is not None else _decode(data, header)


def _decode(data: bytes, header: Header) -> NDArray[Any]:
    """Return the pixels of a file: ``(H, W)``, RGB or RGBA, of any dtype, as stored."""
    pixels: NDArray[Any] | None
    with quiet_opencv():
        try:
            if header.decode is not None and header.kind == "TIFF":
                return header.decode(data)
            if header.decode is not None:
                pixels = header.decode(data)
            else:
                pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        except struct.error:
            raise truncated(header.kind) from None
        except cv2.error:
            pixels = None
    if pixels is None:
        raise UnusableError(f"cannot be decoded: the {header.kind} file is damaged or unknown to OpenCV")
    if sorted(pixels.shape[:2]) != sorted((header.height, header.width)):
        raise UnusableError(
            f"is a damaged {header.kind} file: its header claims another size than its pixels have"
        )
    if pixels.ndim == 3 and pixels.shape[2] in (3, 4):
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)
    if header.transparent is not None:  # OpenCV reads the transparent level of grey PNGs as opaque
        pixels[pixels == header.transparent] = np.iinfo(pixels.dtype).max
    return pixels


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Keep OpenCV from printing what `load` raises as an error."""
    logging = getattr(cv2.utils, "logging", cv2)  # where OpenCV 5 and 4 have it
    before, silent = logging.getLogLevel(), 0
    logging.setLogLevel(silent)
    try:
        yield
    finally:
        if before != silent:  # else another thread is decoding, and restores the level itself
            logging.setLogLevel(before)


def from_pil(image: Any, max_pixels: int) -> tuple[Header, NDArray[Any]]:
    """Return the pixels of a PIL image, else as `from_file`."""
    header = Header("PIL image", max_pixels)
    header.claim(*image.size)
    try:
        image.load()  # may read the file; a TIFF turns itself upright here and drops its tag
        header.orientation = image.getexif().get(ORIENTATION, 1)
        if image.mode in ("LA", "La", "PA", "RGBa") or "transparency" in image.info:
            image = image.convert("RGBA")
        elif image.mode not in ("1", "L", "RGB", "RGBA", "F", "I") and not image.mode.startswith("I;16"):
            image = image.convert("RGB")
        pixels = np.asarray(image)
    except Exception as error:  # of Pillow or one of its plugins
        raise undecodable(error) from None
    if image.mode == "I" and pixels.min() >= 0 and pixels.max() <= 65535:
        pixels = pixels.astype(np.uint16)  # PIL's widest integers come from 16-bit files
    return header, pixels


def _from_heif(data: bytes, kind: str, max_pixels: int) -> tuple[Header, NDArray[Any]]:
    try:
        image = heif.opened(data, kind)
    except (OSError, SyntaxError, ValueError):
        raise UnusableError(f"is a damaged {kind} file, or one of a rare kind") from None
    header, pixels = from_pil(image, max_pixels)
    header.kind = kind
    header.first_of(getattr(image, "n_frames", 1), "pictures")
    return header, pixels


def _from_pdf(data: bytes, max_pixels: int) -> tuple[Header, NDArray[Any]]:
    document, header = pdf.opened(data), Header("PDF", max_pixels)
    header.first_of(len(document), "pages")
    return header, pdf.drawn(document, 0, max_pixels)
