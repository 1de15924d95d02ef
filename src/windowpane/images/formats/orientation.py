"""Which way up a picture is (orientation), where a file has it in other places than an EXIF block of its own.

Writers put it into XMP, in JPEG, PNG and WebP; and ImageMagick puts the EXIF block of a PNG into a text, as
hexadecimal digits. EXIF goes before XMP, as in Pillow.

Sources: XMP, part 2 (``tiff:Orientation``); PNG 1.2, section 4.2.3 (texts).
"""

from __future__ import annotations

import re
import zlib

from windowpane.images.formats.tiff import exif_orientation

LARGEST = 1 << 22
"""Bytes of a text that are unpacked at most."""

_XMP = re.compile(rb"tiff:Orientation\s*(?:=\s*[\"']|>)\s*([1-8])")
_PROFILE = re.compile(rb"\s*\w+\s+\d+\s([\s0-9a-fA-F]*)")


def in_xmp(xmp: bytes) -> int:
    """Return the orientation in an XMP packet, or 0 where it has none."""
    found = _XMP.search(xmp)
    return int(found[1]) if found else 0


def in_text(name: bytes, body: bytes) -> int:
    """Return the orientation in a chunk of text of a PNG (tEXt, zTXt or iTXt), or 0 where it has none."""
    key, _, text = body.partition(b"\0")
    if key == b"XML:com.adobe.xmp":  # packed or not, method, language, keyword in that language, text
        behind = text[2:].split(b"\0", 2)[-1]
        return in_xmp(_unpacked(behind) if text[:1] == b"\1" else behind)
    if key not in (b"Raw profile type exif", b"Raw profile type APP1"):
        return 0
    profile = _PROFILE.match(_unpacked(text[1:]) if name == b"zTXt" else text)
    digits = b"".join(profile[1].split()) if profile else b""
    return exif_orientation(bytes.fromhex(digits[: len(digits) & ~1].decode())) if digits else 0


def _unpacked(text: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(text, LARGEST)
    except zlib.error:
        return b""  # a broken text is no reason to refuse the picture
