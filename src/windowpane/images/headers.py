"""What a picture file says of itself before it is decoded (metadata): size, orientation, whether it is whole.

    header = read_header(data, max_pixels=...)

OpenCV decodes what it can and tells no one what was missing: a file of 100 bytes may claim a gigapixel, the
end of a truncated JPEG comes out grey, transparent levels and Lab colours come out wrong. So the header is
read first, and a file that OpenCV would read wrongly is refused with the reason.

Sources: ITU T.81 (JPEG), PNG 1.2, TIFF 6.0, RFC 9649 (WebP), Exif 2.3, the Netpbm formats.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


class UnusableError(Exception):
    """Why a source cannot be used: the end of a sentence that begins with its name."""


@dataclass(slots=True)
class Header:
    """What a file says of itself; the reader of its format fills it, or raises struct.error if it ends early.

    Attributes
    ----------
    kind
        The format's name.
    alpha
        "straight", "premultiplied" or "none".
    transparent
        The one transparent level of a grey PNG.
    pixels
        Those of a PNM file, which are as plain as its header.
    """

    kind: str
    max_pixels: int
    width: int = 0
    height: int = 0
    orientation: int = 1
    alpha: str = "straight"
    transparent: int | None = None
    pixels: NDArray[Any] | None = None

    def claim(self, width: int, height: int) -> None:
        """Take over a size; raises UnusableError for none, and for one that is too large."""
        if width <= 0 or height <= 0:
            raise UnusableError(f"has no pixels: its size is {width} x {height}")
        if width * height > self.max_pixels:
            raise UnusableError(
                f"claims {width} x {height} pixels, more than max_pixels = {self.max_pixels:,}; "
                "raise that if you trust the image"
            )
        self.width, self.height = width, height


def read_header(data: bytes, max_pixels: int) -> Header:
    """Return the header of a picture file; raises UnusableError for a file that cannot be used."""
    if not data:
        raise UnusableError("is empty: it has 0 bytes")
    found = ((kind, read) for kind, magic, read in _FORMATS if magic.match(data))
    kind, read = next(found, ("", None))
    if read is None:
        raise UnusableError("is no JPEG, PNG, TIFF, WebP, BMP, PGM or PPM image; convert it to one of them")
    header = Header(kind, max_pixels)
    try:
        read(data, header)
    except (struct.error, IndexError):
        raise UnusableError(f"is a truncated {kind} file: its end is missing") from None
    except (KeyError, ValueError):
        raise UnusableError(f"is a damaged {kind} file: its header makes no sense") from None
    header.claim(header.width, header.height)  # a header without any size is one of size zero
    return header


MOST_IN_TEXT = 4_000_000  # numbers of a PNM file in plain text
ORIENTATION = 0x0112  # the tag, in EXIF as in TIFF


def _tags(tiff: bytes) -> dict[int, tuple[int, ...]]:
    """Return the integer tags of the first directory of a TIFF file (TIFF 6.0, section 2) or EXIF block."""
    order = {b"II": "<", b"MM": ">"}[tiff[:2]]
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, start)
    tags = {}
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, length = struct.unpack_from(order + "HHI", tiff, entry)
        layout = f"{order}{length}{ {1: 'B', 3: 'H', 4: 'I'}.get(kind, 's') }"
        inline = struct.calcsize(layout) <= 4
        at = entry + 8 if inline else struct.unpack_from(order + "I", tiff, entry + 8)[0]
        if not layout.endswith("s"):
            tags[tag] = struct.unpack_from(layout, tiff, at)
    return tags


def _exif_orientation(exif: bytes) -> int:
    try:
        return _tags(exif.removeprefix(b"Exif\0\0")).get(ORIENTATION, (1,))[0]
    except (struct.error, KeyError, IndexError):
        return 1  # a broken EXIF block is no reason to refuse the picture


def _tiff(data: bytes, header: Header) -> None:
    tags = _tags(data)
    header.claim(tags[256][0], tags[257][0])
    for offsets, sizes in ((273, 279), (324, 325)):  # strips, tiles
        ends = (at + size for at, size in zip(tags.get(offsets, ()), tags.get(sizes, ()), strict=False))
        if max(ends, default=0) > len(data):
            raise struct.error
    photometric, samples, planes = (tags.get(tag, (1,))[0] for tag in (262, 277, 284))
    bits = max(tags.get(258, (1,)))
    for wrong, what in (  # what OpenCV 4 and 5 read wrongly without a word
        (photometric in (0, 1, 3) and samples > 1, "a grey TIFF with transparency"),
        (photometric in (8, 9, 10), "a TIFF in Lab colours"),
        (bits > 8 and photometric not in (1, 2), "a TIFF of more than 8 bits that is neither grey nor RGB"),
        (bits > 8 and samples > 1 and planes == 2, "a TIFF of more than 8 bits in separate planes"),
    ):
        if wrong:
            raise UnusableError(f"is {what}, which OpenCV reads wrongly; save it as PNG")
    extra = tags.get(338, (None,))[0]
    if extra == 0:  # some fourth channel, not transparency
        header.alpha = "none"
    elif extra == 1 or (extra == 2 and bits <= 8):  # libtiff itself multiplies 8 bits
        header.alpha = "premultiplied"
    # The orientation stays 1: OpenCV turns TIFFs upright by itself, whatever it is told.


_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # not the stuffing and restarts within a scan


def _jpeg(data: bytes, header: Header) -> None:
    at = 2
    while found := _JPEG_MARKER.search(data, at):
        marker, at = data[found.end() - 1], found.end()
        if marker == 0xD9:  # the end of the image
            return
        (length,) = struct.unpack_from(">H", data, at)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # frames, not their tables
            height, width = struct.unpack_from(">HH", data, at + 3)
            header.claim(width, height)
        elif marker == 0xE1 and data.startswith(b"Exif\0\0", at + 2):
            header.orientation = _exif_orientation(data[at + 2 : at + length])
        at += length
    raise struct.error


def _png(data: bytes, header: Header) -> None:
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    header.claim(width, height)
    at, name = 8, b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", data, at)
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        body = memoryview(data)[at + 8 : at + 8 + length]
        if zlib.crc32(body, zlib.crc32(name)) != checksum:
            raise UnusableError("is a damaged PNG file: a checksum is wrong")
        if name == b"eXIf":
            header.orientation = _exif_orientation(bytes(body))
        elif name == b"tRNS" and colour == 0:
            (level,) = struct.unpack(">H", body)
            header.transparent = level * 255 // (2**depth - 1) if depth < 8 else level
        at += 12 + length


def _webp(data: bytes, header: Header) -> None:
    (size,) = struct.unpack_from("<I", data, 4)
    at = 12
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
        elif name == b"EXIF":
            header.orientation = _exif_orientation(data[at : at + length])
        at += length + (length & 1)
    if at > len(data) + 1:  # the last padding byte may be missing
        raise struct.error


def _bmp(data: bytes, header: Header) -> None:
    (size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", data, 18)
    header.claim(width, abs(height))  # a negative height: rows from the top


def _pnm(data: bytes, header: Header) -> None:
    """Read the pixels too: OpenCV swaps the bytes of 16-bit colour, and scales by no maximum but 255."""
    fields = re.match(rb"P(\d)" + rb"(?:\s|#[^\n]*\n)+(\d+)" * 3 + rb"\s", data)
    if fields is None:
        raise struct.error
    kind, width, height, peak = (int(field) for field in fields.groups())
    header.claim(width, height)
    count = width * height * (3 if kind in (3, 6) else 1)
    if kind in (2, 3):
        if count > MOST_IN_TEXT:  # each takes forty times its room in the file while it is read
            raise UnusableError(
                f"has {count:,} numbers as text, more than {MOST_IN_TEXT:,}; save it as P5 or P6"
            )
        samples = np.array(data[fields.end() :].split(None, count)[:count], np.int64)
    else:
        depth = np.dtype(">u2" if peak > 255 else "u1")
        have = (len(data) - fields.end()) // depth.itemsize
        samples = np.frombuffer(data, depth, min(count, have), fields.end())
    if samples.size < count:
        raise struct.error
    if not samples.max() <= peak <= 65535:
        raise ValueError
    samples = samples.reshape((height, width, -1))
    header.pixels = samples.astype(np.uint8) if peak == 255 else samples.astype(np.float32) / peak


_FORMATS: tuple[tuple[str, re.Pattern[bytes], Callable[[bytes, Header], None]], ...] = (
    ("JPEG", re.compile(rb"\xff\xd8\xff"), _jpeg),
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    ("TIFF", re.compile(rb"II\*\0|MM\0\*"), _tiff),
    ("WebP", re.compile(rb"RIFF....WEBP", re.DOTALL), _webp),
    ("BMP", re.compile(rb"BM"), _bmp),
    ("PGM or PPM", re.compile(rb"P[2356]\s"), _pnm),
)
