"""JPEG files (ITU T.81): their markers, and whether all pixels are there where the last marker is missing."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.images.formats.header import Header
from windowpane.images.formats.orientation import in_xmp
from windowpane.images.formats.tiff import exif_orientation

_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # not the stuffing and restarts within a scan
_FRAME, _SCAN, _EXIF, _END = range(0xC0, 0xD0), 0xDA, 0xE1, 0xD9
_NO_FRAMES = (0xC4, 0xC8, 0xCC)  # tables
_OTHER_ENDS = (b"\x55\xaa\x93\x6d" * 256, b"\xc7\x1e\x38\x6a" * 256)

Planes = dict[int, set[int]]


def jpeg(data: bytes, header: Header) -> None:
    """Read the markers; a file without the last one is read if no pixel is missing."""
    at, wanted, seen = 2, set[int](), Planes()
    exif = xmp = 0
    while found := _MARKER.search(data, at):
        marker, at = data[found.end() - 1], found.end()
        header.orientation = exif or xmp or 1
        if marker == _END:
            return
        (length,) = struct.unpack_from(">H", data, at)
        if marker in _FRAME and marker not in _NO_FRAMES:
            height, width, parts = struct.unpack_from(">HHB", data, at + 3)
            header.claim(width, height)
            wanted = {data[at + 8 + 3 * part] for part in range(parts)}
        elif marker == _EXIF and data.startswith(b"Exif\0\0", at + 2):
            exif = exif_orientation(data[at + 2 : at + length]) or exif
        elif marker == _EXIF and data.startswith(b"http://ns.adobe.com/xap/1.0/\0", at + 2):
            xmp = in_xmp(data[at + 2 : at + length])
        elif marker == _SCAN:
            _note_scan(data, at, seen)
        at += length
    if not wanted or any(len(seen.get(part, ())) < 64 for part in wanted):
        raise struct.error
    header.decode = _without_its_end


def _note_scan(data: bytes, at: int, seen: Planes) -> None:
    """Note which coefficients of which components are whole, to their last bit, after a scan."""
    count = data[at + 2]
    first, last, bits = struct.unpack_from("BBB", data, at + 3 + 2 * count)
    if bits & 15 == 0:
        for part in range(count):
            seen.setdefault(data[at + 3 + 2 * part], set()).update(range(first, min(last, 63) + 1))


def _without_its_end(data: bytes) -> NDArray[np.uint8]:
    """Return the pixels, BGR or grey; raises struct.error if some are missing.

    Where a scan breaks off, what comes next is taken for its rest; after a whole one it is passed over. So
    all pixels are there if they stay the same whatever is put at the end.
    """
    body = data.rstrip(b"\0")
    body = body[:-1] if body[-1:] == b"\xff" else body
    with _silent():
        first, *others = (_decoded(body + end + b"\xff\xd9") for end in (b"", *_OTHER_ENDS))
    if any(not np.array_equal(first, other) for other in others):
        raise struct.error
    return first


def _decoded(data: bytes) -> NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise struct.error
    return np.asarray(pixels, np.uint8)


_one_at_a_time = Lock()


@contextmanager
def _silent() -> Iterator[None]:
    """Keep libjpeg from telling standard error what was put at the end: it does so past Python and OpenCV."""
    with _one_at_a_time:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
