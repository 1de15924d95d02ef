"""Text files as people save them (character encoding): UTF-8, UTF-16, or Windows' own."""

from __future__ import annotations

import codecs
from pathlib import Path

from windowpane.errors import DataError

_MARKS = (  # UTF-32's begins as that of UTF-16 does
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OLD = ("cp1252", "latin-1")
"""What a text is taken for that is neither UTF-8 nor UTF-16: western letters, as Windows has them."""


def read_text(path: Path) -> str:
    """Return the text of a file, whatever its encoding; raises DataError where it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    try:
        return data.decode(encoding_of(data))
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} cannot be read as UTF-8 text, nor as UTF-16 ({error}): save it as UTF-8"
        ) from None


def encoding_of(data: bytes) -> str:
    """Return the name of the encoding in which bytes seem to be text."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    odd, even = data[1::2].count(0), data[::2].count(0)
    if 4 * (odd + even) > len(data):  # of western letters in UTF-16 every other byte is 0
        return "utf-16-le" if odd > even else "utf-16-be"
    for name in ("utf-8", OLD[0]):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return OLD[1]
