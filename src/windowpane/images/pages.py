"""The pages of a file (multi-page TIFF, PDF), each of which is a picture of its own.

for page in pages("fax.tif"):
    picture = load(page.source)
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from windowpane.errors import ImageError
from windowpane.images.folders import Path
from windowpane.images.formats import pdf
from windowpane.images.formats.header import UnusableError
from windowpane.images.formats.tiff import is_tiff, page_starts, single_page
from windowpane.images.loader import MAX_PIXELS, ImageSource, data_of


class Page(NamedTuple):
    """A page of a file.

    Attributes
    ----------
    number
        From 1 on; None where the file has one page only.
    source
        What `windowpane.images.load` takes.
    """

    number: int | None
    source: ImageSource


def pages(path: Path, *, max_pixels: int = MAX_PIXELS) -> Iterator[Page]:
    """Yield the pages of a picture file or document, one at a time; of most files that is the file itself.

    Parameters
    ----------
    path
        Of a file; ``"-"`` is standard input.
    max_pixels
        A page of a document that would be drawn with more is not drawn: loading it says so.

    Raises
    ------
    ImageError
        For a document that cannot be opened. What is wrong with pictures is said where they are loaded.
    """
    name = "standard input" if path == "-" else os.fspath(path)
    data = data_of(path) if path == "-" else b""
    begin = data or _begin(name)
    if begin.startswith(b"%PDF"):
        yield from _of_document(name, data or data_of(path), max_pixels)
        return
    if is_tiff(begin):
        data = data or data_of(path)
        starts = page_starts(data)
        if len(starts) > 1:
            for number, start in enumerate(starts, 1):
                yield Page(number, _File(f"{name}, page {number},", single_page(data, start)))
            return
    yield Page(None, _File(name, data) if path == "-" else path)


def _begin(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(8)
    except (OSError, ValueError):
        return b""  # which is said where it is loaded


class _File(io.BytesIO):
    """The bytes of a page, with the name that error messages speak of."""

    def __init__(self, name: str, data: bytes) -> None:
        super().__init__(data)
        self.name = name


def _of_document(name: str, data: bytes, max_pixels: int) -> Iterator[Page]:
    try:
        document = pdf.opened(data)
    except UnusableError as reason:
        raise ImageError(f"{name} {reason}.") from None
    for number in range(len(document)):
        file: Any = _Drawn(f"{name}, page {number + 1},", document, number, max_pixels)
        yield Page(number + 1, file)


class _Drawn:
    """A page of a document as a file, drawn when it is read."""

    def __init__(self, name: str, document: Any, number: int, max_pixels: int) -> None:
        self.name = name
        self._asked = document, number, max_pixels

    def read(self) -> bytes:
        """Return the page as the bytes of a PPM file."""
        pixels = pdf.drawn(*self._asked)
        return b"P6 %d %d 255\n" % (pixels.shape[1], pixels.shape[0]) + pixels.tobytes()
