"""Files of chunks (PNG, WebP, GIF, BMP): each is gone through, so that a truncated one is known."""

from __future__ import annotations

import struct
import zlib

from windowpane.images.formats.header import Header, UnusableError
from windowpane.images.formats.orientation import in_text, in_xmp
from windowpane.images.formats.tiff import exif_orientation


def png(data: bytes, header: Header) -> None:
    """Read size, orientation, transparency and checksums; of an animated one the first frame is taken."""
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    header.claim(width, height)
    at, name = 8, b""
    exif = elsewhere = 0
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", data, at)
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        body = memoryview(data)[at + 8 : at + 8 + length]
        if zlib.crc32(body, zlib.crc32(name)) != checksum:
            raise UnusableError("is a damaged PNG file: a checksum is wrong")
        if name == b"eXIf":
            exif = exif_orientation(bytes(body))
        elif name in (b"tEXt", b"zTXt", b"iTXt"):
            elsewhere = elsewhere or in_text(name, bytes(body))
        elif name == b"acTL":
            header.first_of(struct.unpack_from(">I", body)[0], "frames")
        elif name == b"tRNS" and colour == 0:
            (level,) = struct.unpack(">H", body)
            header.transparent = level * 255 // (2**depth - 1) if depth < 8 else level
        at += 12 + length
    header.orientation = exif or elsewhere or 1


def webp(data: bytes, header: Header) -> None:
    """Read size and orientation; of an animated one the first frame is taken."""
    (size,) = struct.unpack_from("<I", data, 4)
    at, frames = 12, 0
    exif = xmp = 0
    while at < size + 8:
        name, length = struct.unpack_from("<4sI", data, at)
        at += 8
        if name == b"VP8X":
            width, high, height, top = struct.unpack_from("<HBHB", data, at + 4)  # 24 bits each
            header.claim(width + (high << 16) + 1, height + (top << 16) + 1)
        elif name == b"VP8L":
            (bits,) = struct.unpack_from("<I", data, at + 1)
            header.claim((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        elif name == b"VP8 ":
            width, height = struct.unpack_from("<HH", data, at + 6)
            header.claim(width & 0x3FFF, height & 0x3FFF)
        elif name == b"ANMF":
            frames += 1
        elif name == b"EXIF":
            exif = exif_orientation(data[at : at + length])
        elif name == b"XMP ":
            xmp = in_xmp(data[at : at + length])
        at += length + (length & 1)
    header.orientation = exif or xmp or 1
    if at > len(data) + 1:  # the last padding byte may be missing
        raise struct.error
    header.first_of(frames, "frames")


def bmp(data: bytes, header: Header) -> None:
    """Read the size."""
    (size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", data, 18)
    header.claim(width, abs(height))  # a negative height: rows from the top


def gif(data: bytes, header: Header) -> None:
    """Read the size, and count the frames: the first is taken."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    header.claim(width, height)
    at, frames = 13 + _table(flags), 0
    while (mark := data[at]) != 0x3B:  # the end
        if mark == 0x2C:
            frames += 1
            at = _blocks(data, at + 11 + _table(data[at + 9]))
        elif mark == 0x21:
            at = _blocks(data, at + 2)
        else:
            raise ValueError
    if not frames:
        raise UnusableError("has no pixels: it is a GIF without a frame")
    header.first_of(frames, "frames")


def _table(flags: int) -> int:
    """Return how many bytes the table of colours has."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks(data: bytes, at: int) -> int:
    """Return where a chain of blocks ends."""
    while size := data[at]:
        at += size + 1
    return at + 1
