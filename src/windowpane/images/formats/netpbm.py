"""The Netpbm formats (PBM, PGM, PPM, PFM): pixels as plain as their headers, so both are read here."""

from __future__ import annotations

import re
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.images.formats.header import Header, UnusableError

MOST_IN_TEXT = 4_000_000
"""Numbers of a file in plain text: each takes forty times its room in the file while it is read."""

_GAP = rb"(?:\s|#[^\n]*\n)+"


def pnm(data: bytes, header: Header) -> None:
    """Read the pixels too: OpenCV swaps the bytes of 16-bit colour, and scales by no maximum but 255."""
    fields = re.match(rb"P([2356])" + (_GAP + rb"(\d{1,9})") * 3 + rb"\s", data)
    if fields is None:
        raise struct.error
    form, width, height, peak = (int(field) for field in fields.groups())
    header.claim(width, height)
    count = width * height * (3 if form in (3, 6) else 1)
    if form in (2, 3):
        samples = _text(data[fields.end() :], count)
    else:
        depth = np.dtype(">u2" if peak > 255 else "u1")
        samples = _binary(data, fields.end(), count, depth)
    if not samples.max() <= peak <= 65535:
        raise ValueError
    samples = samples.reshape((height, width, -1))
    kind: Any
    kind, top = (np.uint8, 255) if peak < 256 else (np.uint16, 65535)
    scaled = samples if peak == top else np.rint(samples.astype(np.float32) * (top / peak))
    header.pixels = scaled.astype(kind)


def pbm(data: bytes, header: Header) -> None:
    """Read a bitmap, in which 1 is black."""
    fields = re.match(rb"P([14])" + (_GAP + rb"(\d{1,9})") * 2 + rb"\s", data)
    if fields is None:
        raise struct.error
    kind, width, height = (int(field) for field in fields.groups())
    header.claim(width, height)
    if kind == 4:
        packed: Any = _binary(data, fields.end(), height * -(-width // 8), np.dtype("u1"))
        ink = np.unpackbits(packed.reshape(height, -1), axis=1, count=width)
    else:  # digits may stand without blanks between them
        body = re.sub(rb"#[^\n]*\n|\s", b"", data[fields.end() :])[: width * height]
        ink = np.frombuffer(body, np.uint8) - ord("0")
        if ink.size < width * height:
            raise struct.error
        if ink.max() > 1:
            raise ValueError
    header.pixels = (255 * (1 - ink)).astype(np.uint8).reshape(height, width)


def pfm(data: bytes, header: Header) -> None:
    """Read a picture of floats, whose rows go from the bottom up."""
    fields = re.match(rb"P([fF])\s+(\d{1,9})\s+(\d{1,9})\s+([-+.\deE]+)\s", data)
    if fields is None:
        raise struct.error
    width, height, scale = int(fields[2]), int(fields[3]), float(fields[4])
    header.claim(width, height)
    depth = np.dtype("<f4" if scale < 0 else ">f4")
    samples = _binary(data, fields.end(), width * height * (3 if fields[1] == b"F" else 1), depth)
    header.pixels = samples.astype(np.float32).reshape(height, width, -1)[::-1]


def _text(text: bytes, count: int) -> NDArray[np.generic]:
    if count > MOST_IN_TEXT:
        raise UnusableError(f"has {count:,} numbers as text, more than {MOST_IN_TEXT:,}; save it as P5 or P6")
    return _whole(np.array(text.split(None, count)[:count], np.int64), count)


def _binary(data: bytes, start: int, count: int, depth: np.dtype[np.generic]) -> NDArray[np.generic]:
    have = (len(data) - start) // depth.itemsize
    return _whole(np.frombuffer(data, depth, min(count, max(have, 0)), start), count)


def _whole(samples: NDArray[np.generic], count: int) -> NDArray[np.generic]:
    if samples.size < count:
        raise struct.error
    return samples
