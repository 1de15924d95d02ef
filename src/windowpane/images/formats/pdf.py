"""PDF files (ISO 32000): pdfium draws their pages, in an extra."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import install
from windowpane.images.formats.header import UnusableError

DPI = 200
"""Pixels an inch: writing of ten points is then 28 pixels high."""


def opened(data: bytes) -> Any:
    """Return a document; raises UnusableError where it, or the package for it, is not there."""
    try:
        import pypdfium2
    except ImportError:
        raise UnusableError(f"is a PDF, whose pages need one more package: run {install('pdf')}") from None
    try:
        document = pypdfium2.PdfDocument(data)
        if not len(document):
            raise UnusableError("has no pages")
        return document
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise UnusableError("is locked by a password" if locked else "is a damaged PDF file") from None


def drawn(document: Any, number: int, max_pixels: int) -> NDArray[np.uint8]:
    """Return the picture of a page, from 0: (H, W, 3) uint8 RGB."""
    page = document[number]
    scale = DPI / 72
    width, height = (max(1, round(scale * side)) for side in page.get_size())
    if width * height > max_pixels:
        raise UnusableError(
            f"would be drawn as {width} x {height} pixels, more than max_pixels = {max_pixels:,};"
            " raise that if you trust the document"
        )
    pixels = page.render(scale=scale, rev_byteorder=True).to_numpy()
    page.close()
    return np.ascontiguousarray(pixels[..., :3] if pixels.ndim == 3 else np.dstack([pixels] * 3))
