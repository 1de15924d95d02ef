"""HEIC and AVIF (HEIF, ISO 23008-12), what phones write: Pillow and pillow-heif read them, in an extra."""

from __future__ import annotations

import io
import warnings
from typing import Any

from windowpane.errors import install
from windowpane.images.formats.header import UnusableError

BRANDS = {b"avif": "AVIF", b"avis": "AVIF"} | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2"), "HEIC"
)


def kind_of(data: bytes) -> str | None:
    """Return whether a file is HEIC or AVIF, or None."""
    if data[4:8] != b"ftyp":
        return None
    size = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, size, 4))]
    found = [BRANDS[brand] for brand in brands if brand in BRANDS]
    return "AVIF" if "AVIF" in found else next(iter(found), None)


def opened(data: bytes, kind: str) -> Any:
    """Return a PIL image of a file, not yet decoded; raises UnusableError where nothing here can read it."""
    try:
        from PIL import Image, features
    except ImportError:
        raise _missing(kind) from None
    if kind == "AVIF" and features.check("avif"):
        return Image.open(io.BytesIO(data), formats=["AVIF"])
    try:
        import pillow_heif
    except ImportError:
        raise _missing(kind) from None
    if kind == "AVIF":
        raise UnusableError("is AVIF, which this Pillow does not read: run pip install -U 'pillow>=11.3'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pillow_heif.register_heif_opener()
        return Image.open(io.BytesIO(data), formats=["HEIF"])


def _missing(kind: str) -> UnusableError:
    return UnusableError(f"is {kind}, which needs one more package: run {install('heif')}")
