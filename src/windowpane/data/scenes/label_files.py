"""Label pictures (segmentation masks): files that have a number, or the colour of a class, for each pixel.

Numbers are read as they are stored, also as the places of a palette, packed to 1, 2 or 4 bits, or in 16 bits:
OpenCV turns a palette into its colours and stretches few bits to eight, so a PNG of these is shown to it as
one of plain grey.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.class_list import UNKNOWN, ClassList, Colour
from windowpane.data.scenes.colours import known_colours
from windowpane.errors import DataError
from windowpane.images import most_pixels
from windowpane.images.formats.header import UnusableError
from windowpane.images.formats.kinds import read_header

Labels = NDArray[np.uint8]
SUFFIXES = (".png", ".tif", ".tiff", ".bmp")
"""Of label pictures: formats that keep numbers as they are."""

_GREY, _RGB, _PALETTE, _RGBA = 0, 2, 3, 6  # colour types of PNG
_EXPECTED = "expected a PNG of one 8-bit channel, a number for each pixel"


@dataclass(frozen=True, slots=True)
class NamedLabels:
    """The labels (H, W) of a file: classes, or `UNKNOWN`; and how many pixels have what no line names."""

    labels: Labels
    nameless: dict[str, int] = field(default_factory=dict)


def read_numbers(path: Path) -> Labels:
    """Read a label picture of numbers, (H, W) uint8; raises DataError for anything else."""
    samples = read_samples(path)
    if samples.ndim != 2:
        raise DataError(f"{path}: {_EXPECTED}, and this has colours: {_most(samples)}")
    if samples.size and samples.max() > UNKNOWN:
        raise DataError(f"{path}: {_EXPECTED}, and this has numbers up to {samples.max()}")
    return np.asarray(samples, np.uint8)


def named_labels(path: Path, classes: ClassList) -> NamedLabels:
    """Read a label picture of numbers, or of colours where the list or a well-known set names these.

    Raises
    ------
    DataError
        For a file that cannot be read, and for colours where no colour is known.
    """
    samples = read_samples(path)
    colours = classes.colours
    if samples.ndim == 2:
        if colours and all(red == green == blue for red, green, blue in colours):  # a grey one is painted too
            return _looked_up(
                samples, {red: class_id for (red, _, _), class_id in colours.items()}, "the grey"
            )
        numbers = dict(enumerate(classes.class_ids)) | {UNKNOWN: UNKNOWN}
        return _looked_up(samples, numbers, "the number")
    tables = [colours] if colours else known_colours(classes)
    if not tables:
        raise DataError(
            f"{path}: {_EXPECTED}, and this has colours: {_most(samples)}; write behind each name in"
            f" {classes.file.name} its colour, as in 'grass 0 102 0', or save numbers"
        )
    packed = _packed(samples)
    found = [
        _looked_up(packed, {_pack(*colour): table[colour] for colour in table}, "the colour")
        for table in tables
    ]
    return min(found, key=lambda one: sum(one.nameless.values()))  # a list may be of either set


def read_samples(path: Path) -> NDArray[np.integer]:
    """Return what is stored: numbers (H, W), or colours (H, W, 3) red, green, blue; raises DataError."""
    try:
        data = path.read_bytes()
        header = read_header(data, most_pixels())
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnusableError as reason:
        raise DataError(f"{path}: {reason}") from None
    if header.kind in ("JPEG", "WebP"):
        raise DataError(f"{path}: {_EXPECTED}, and this is a {header.kind}, which blurs numbers: export PNGs")
    depth, colour = (data[24], data[25]) if header.kind == "PNG" else (8, _GREY)
    try:
        shown = _as_grey(data) if header.kind == "PNG" and colour in (_GREY, _PALETTE) else data
        samples: NDArray[Any] | None = cv2.imdecode(np.frombuffer(shown, np.uint8), cv2.IMREAD_UNCHANGED)
    except (cv2.error, struct.error):
        samples = None
    if samples is None or samples.dtype not in (np.uint8, np.uint16):
        raise DataError(f"{path}: {_EXPECTED}, and this cannot be decoded as one")
    if samples.ndim == 3 and samples.shape[2] in (1, 2):
        samples = samples[..., 0]
    if samples.ndim == 3:
        if header.kind == "PNG" and colour not in (_RGB, _RGBA):  # grey with transparency
            return np.ascontiguousarray(samples[..., 0])
        colours = np.ascontiguousarray(samples[..., 2::-1])
        return colours // 257 if colours.dtype == np.uint16 else colours  # eight bits, written as sixteen
    return np.asarray(samples // (255 // (2**depth - 1)) if depth < 8 else samples, samples.dtype)


def _as_grey(data: bytes) -> bytes:
    """Return a PNG whose samples are said to be grey: its header, and its pixels as they are."""
    chunks, at = [data[:8]], 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        if name == b"IHDR":
            body = body[:9] + bytes([_GREY]) + body[10:]
        if name in (b"IHDR", b"IDAT", b"IEND"):
            chunks.append(
                struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            )
        at += 12 + length
    return b"".join(chunks)


def _looked_up(samples: NDArray[np.integer], known: dict[int, int], what: str) -> NamedLabels:
    keys = np.array(sorted(known), np.int64)
    values = np.array([known[key] for key in keys.tolist()], np.uint8)
    places = np.minimum(np.searchsorted(keys, samples), len(keys) - 1)
    missing = keys[places] != samples
    labels = np.where(missing, np.uint8(UNKNOWN), values[places])
    nameless: dict[str, int] = {}
    if missing.any():
        found, counts = np.unique(samples[missing], return_counts=True)
        for value, count in zip(found.tolist(), counts.tolist(), strict=True):
            said = value if what != "the colour" else "{}, {}, {}".format(*_colour(value))
            nameless[f"{what} {said}"] = count
    return NamedLabels(np.asarray(labels, np.uint8), nameless)


def _packed(colours: NDArray[np.integer]) -> NDArray[np.int64]:
    red, green, blue = np.moveaxis(colours.astype(np.int64), 2, 0)
    return np.asarray(_pack(red, green, blue))


def _pack(red: Any, green: Any, blue: Any) -> Any:
    return (red << 16) + (green << 8) + blue


def _colour(value: int) -> Colour:
    return value >> 16, value >> 8 & 255, value & 255


def _most(colours: NDArray[np.integer]) -> str:
    """Say which colours are there, the commonest first."""
    found, counts = np.unique(_packed(colours), return_counts=True)
    order = np.argsort(-counts, kind="stable")[:4]
    some = "; ".join(
        "{}, {}, {} ({:.0%})".format(*_colour(int(found[place])), counts[place] / counts.sum())
        for place in order
    )
    return f"{some}{'; ...' if len(found) > 4 else ''} ({len(found)} in all)"
