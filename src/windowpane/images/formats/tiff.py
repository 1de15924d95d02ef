"""TIFF files (TIFF 6.0, BigTIFF): their directories, a page each, and which of them OpenCV reads rightly."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from windowpane.images.formats.header import Header, UnusableError

MOST_PAGES = 10_000
ORIENTATION = 0x0112
"""The tag, in EXIF as in TIFF."""

Tags = dict[int, tuple[int, ...]]

_READ = {1: "B", 2: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_USED = {254, *range(256, 264), 266, *range(273, 285), 317, *range(322, 326), 330, 338, 339, 50706}
_USED |= {42112, 42113}  # what GDAL says of the bands, and of pixels that hold nothing


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's numbers are written: the order of bytes, and whether there is room for huge files."""

    order: str
    big: bool

    @classmethod
    def of(cls, data: bytes) -> Layout:
        """Return the layout of a file."""
        order = {b"II": "<", b"MM": ">"}[bytes(data[:2])]
        return cls(order, data[2:4] in (b"+\0", b"\0+"))

    @property
    def first(self) -> int:
        """Where the offset of the first directory stands."""
        return 8 if self.big else 4

    @property
    def offset(self) -> str:
        """How an offset is written."""
        return self.order + ("Q" if self.big else "I")

    @property
    def count(self) -> str:
        """How the number of a directory's entries is written."""
        return self.order + ("Q" if self.big else "H")

    @property
    def entry(self) -> str:
        """How an entry's tag, type and length are written; behind them is room for its value or offset."""
        return self.order + ("HHQ" if self.big else "HHI")

    @property
    def size(self) -> int:
        """Bytes of an entry."""
        return 20 if self.big else 12

    def tags(self, data: bytes, start: int) -> Tags:
        """Return the whole numbers and texts of a directory, as far as they are used."""
        (count,) = struct.unpack_from(self.count, data, start)
        if count > 4096:
            raise ValueError
        tags: Tags = {}
        begin = start + struct.calcsize(self.count)
        for entry in range(begin, begin + self.size * count, self.size):
            tag, kind, length = struct.unpack_from(self.entry, data, entry)
            if tag in _USED and kind in _READ:
                layout, at = f"{self.order}{length}{_READ[kind]}", entry + struct.calcsize(self.entry)
                if struct.calcsize(layout) > struct.calcsize(self.offset):
                    (at,) = struct.unpack_from(self.offset, data, at)
                tags[tag] = struct.unpack_from(layout, data, at)
        return tags

    def link(self, data: bytes, start: int) -> int:
        """Return where the offset of the directory after one stands."""
        (count,) = struct.unpack_from(self.count, data, start)
        return int(start + struct.calcsize(self.count) + self.size * count)

    def written(self, tags: Tags, at: int) -> bytes:
        """Return a directory that is to stand at a place, and behind it what it has no room for."""
        kind, letter = (16, "Q") if self.big else (4, "I")
        room = struct.calcsize(self.offset)
        behind = at + struct.calcsize(self.count) + self.size * len(tags) + room
        entries, more = b"", b""
        for tag, numbers in sorted(tags.items()):
            body = struct.pack(f"{self.order}{len(numbers)}{letter}", *numbers)
            entries += struct.pack(self.entry, tag, kind, len(numbers))
            if len(body) > room:
                entries += struct.pack(self.offset, behind + len(more))
                more += body
            else:
                entries += body
        return struct.pack(self.count, len(tags)) + entries + struct.pack(self.offset, 0) + more


def exif_orientation(exif: bytes) -> int:
    """Return the orientation in an EXIF block, which is built like a TIFF file; 0 where it does not say."""
    try:
        data = exif.removeprefix(b"Exif\0\0")
        (start,) = struct.unpack_from(Layout.of(data).offset, data, 4)
        return Layout.of(data).tags(data, start).get(ORIENTATION, (0,))[0]
    except (struct.error, KeyError, IndexError, ValueError, OverflowError):
        return 1  # a broken EXIF block is no reason to refuse the picture


def is_tiff(data: bytes) -> bool:
    """Say whether a file is a TIFF."""
    return data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def directories(data: bytes) -> Iterator[int]:
    """Yield where the directories of a file's pages are; smaller copies and masks of pages are none."""
    layout, seen = Layout.of(data), set[int]()
    at = layout.first
    while len(seen) < MOST_PAGES:
        (start,) = struct.unpack_from(layout.offset, data, at)
        if not start or start in seen:
            return
        seen.add(start)
        if not layout.tags(data, start).get(254, (0,))[0] & 0b101:
            yield start
        at = layout.link(data, start)


def single_page(data: bytes, start: int) -> bytes:
    """Return a file of which only the page with a directory is left."""
    layout, page = Layout.of(data), bytearray(data)
    struct.pack_into(layout.offset, page, layout.first, start)
    struct.pack_into(layout.offset, page, layout.link(data, start), 0)
    return bytes(page)


def page_starts(data: bytes) -> list[int]:
    """Return where the directories of a file's pages are, as far as they can be found."""
    starts: list[int] = []
    with suppress(struct.error, KeyError, ValueError, OverflowError):  # which is said where it is read
        starts.extend(directories(data))
    return starts


def first_tags(data: bytes, header: Header) -> Tags:
    """Return the tags of the first page, with its size claimed and its pixels known to be there."""
    layout = Layout.of(data)
    (start,) = struct.unpack_from(layout.offset, data, layout.first)
    tags = layout.tags(data, start)
    if 50706 in tags or data[8:10] == b"CR" or (330 in tags and tags.get(254, (0,))[0] & 1):
        raise UnusableError("is a raw photograph, with only a preview to be seen at once; save it as JPEG")
    header.claim(tags[256][0], tags[257][0])
    for offsets, sizes in ((273, 279), (324, 325)):  # strips, tiles
        ends = (at + size for at, size in zip(tags.get(offsets, ()), tags.get(sizes, ()), strict=False))
        if max(ends, default=0) > len(data):
            raise struct.error
    header.first_of(len(page_starts(data)), "pages")
    return tags
