"""The bands of a TIFF file (samples): how the kinds that OpenCV would read wrongly are read all the same.

OpenCV knows 8 and 16 bits of grey and RGB. For all else it is told that the file is plain and grey, and that
the bands of a pixel are pixels side by side: so it undoes the compression and changes nothing. What the
numbers are, how many bits each has and which bands are red, green and blue is then as the file says.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.images.formats.header import Header, UnusableError
from windowpane.images.formats.tiff import ORIENTATION, Layout, Tags, first_tags

_CODES = (1, 5, 8, 32773, 32946)
"""Compressions that work on bytes, whatever these mean: none, LZW, PackBits, Deflate."""
_COLOURS = {5: "CMYK", 8: "Lab", 9: "Lab", 10: "Lab", 32803: "unmixed", 32844: "LogL", 32845: "LogLuv"}
_NAMED = re.compile(
    rb'<Item name="[A-Z]+" sample="(\d+)" role="(?:colorinterp|description)">(\w+)<', re.IGNORECASE
)
_ROWS = 64
"""Of a picture of odd bits, are unpacked at once."""


def tiff(data: bytes, header: Header) -> None:
    """Read what a TIFF file says of its first page, and choose how it is decoded."""
    tags = first_tags(data, header)
    photometric, samples, planes = (tags.get(tag, (1,))[0] for tag in (262, 277, 284))
    bits, kinds = tags.get(258, (1,)), tags.get(339, (1,))
    if len({*bits}) > 1 or len({*kinds}) > 1:
        raise UnusableError("is a TIFF with bands of several kinds of numbers; save those to look at as PNG")
    extra: tuple[int, ...] = tags.get(338, ())
    header.alpha = "none" if extra == (0,) else "premultiplied" if extra == (1,) else "straight"
    if extra == (2,) and bits[0] <= 8:  # libtiff itself multiplies 8 bits
        header.alpha = "premultiplied"
    if not _plain(photometric, samples, planes, bits[0], kinds[0]):
        header.alpha = "premultiplied" if extra[-1:] == (1,) else "straight"
        bands = _Bands.of(data, tags, header)
        header.orientation = tags.get(ORIENTATION, (1,))[0]
        header.decode = bands.decode
    # Else the orientation stays 1: OpenCV turns TIFFs upright by itself, whatever it is told.


def _plain(photometric: int, samples: int, planes: int, bits: int, kind: int) -> bool:
    """Say whether OpenCV reads a page rightly; raises UnusableError for what no one here can read."""
    if photometric in _COLOURS and (photometric != 5 or bits > 8):
        colours = _COLOURS[photometric]
        raise UnusableError(
            f"is a TIFF in {colours} colours of {bits} bits, which is not read; save it as PNG"
        )
    if photometric not in (0, 1, 2, 3, 5, 6) or (photometric in (3, 6) and (bits > 8 or samples > 3)):
        raise UnusableError(
            f"is a TIFF of a rare kind (photometric {photometric}, {bits} bits); save it as PNG"
        )
    if kind not in (1, 4):
        return False
    return (
        photometric in (3, 5, 6)
        or (photometric == 2 and samples in (3, 4) and (bits == 8 or (bits == 16 and planes == 1)))
        or (photometric < 2 and samples == 1 and bits in ((1, 8) if photometric == 0 else (1, 8, 16)))
    )


@dataclass(frozen=True, slots=True)
class _Bands:
    """How the numbers of a page lie, and which of its bands are looked at.

    Attributes
    ----------
    width, height, samples
        Of the page, and bands.
    depth
        The type of a number; None = unsigned, of ``bits`` that are no whole bytes.
    bits
        Of a number.
    apart
        Whether each band lies for itself.
    picked
        The bands to look at, in the order grey, or red, green, blue, opacity.
    """

    tags: Tags
    width: int
    height: int
    samples: int
    depth: np.dtype[np.generic] | None
    bits: int
    apart: bool
    picked: list[int]

    @classmethod
    def of(cls, data: bytes, tags: Tags, header: Header) -> _Bands:
        """Return how a page is to be read; raises UnusableError for one whose meaning is not clear."""
        bits, kind, samples = tags.get(258, (1,))[0], tags.get(339, (1,))[0], tags.get(277, (1,))[0]
        code, predictor = tags.get(259, (1,))[0], tags.get(317, (1,))[0]
        letter = {1: "u", 2: "i", 3: "f", 4: "u"}.get(kind)
        whole = bits in ((16, 32, 64) if letter == "f" else (8, 16, 32, 64))
        if letter is None or not (whole or (letter == "u" and 1 <= bits < 16)):
            raise UnusableError(
                f"is a TIFF of numbers that are no levels ({bits} bits, sample format {kind})"
            )
        if code not in _CODES or predictor not in (1, 2, 3) or (predictor > 1 and not whole):
            raise UnusableError(
                f"is a TIFF of {samples} bands of {bits} bits compressed in way {code}, which is not read;"
                " save it with LZW or Deflate, or as PNG"
            )
        depth = np.dtype(f"{letter}{bits // 8}") if whole else None
        picked = _picked(tags, samples, header)
        header.inverted = tags.get(262, (1,))[0] == 0
        nodata = bytes(tags.get(42113, ())).strip(b" \0")
        header.nodata = float(nodata) if re.fullmatch(rb"[-+]?[\d.]+(e[-+]?\d+)?|nan", nodata) else None
        apart = tags.get(284, (1,))[0] == 2 and samples > 1
        return cls(tags, header.width, header.height, samples, depth, bits, apart, picked)

    def decode(self, data: bytes) -> NDArray[np.generic]:
        """Return the bands that are looked at, (H, W) or (H, W, 3 or 4), as the numbers that they are."""
        if self.apart:
            bands = {band: self._read(data, 1, band)[..., 0] for band in set(self.picked)}
            picked = [bands[band] for band in self.picked]
        else:
            together = self._read(data, self.samples, 0)
            picked = [together[..., band] for band in self.picked]
        return picked[0] if len(picked) == 1 else np.stack(picked, axis=2)

    def _read(self, data: bytes, samples: int, band: int) -> NDArray[np.generic]:
        """Return numbers that lie together (H, W, samples): all of a page, or those of a band."""
        numbers = self._undone(self._raw(data, samples, band), samples)
        return numbers[:, : self.width * samples].reshape(self.height, self.width, samples)

    def _raw(self, data: bytes, samples: int, band: int) -> NDArray[np.generic]:
        """Return what is in a file, uncompressed: rows of bytes, or of numbers of 16, 32 or 64 bits."""
        layout, tags = Layout.of(data), self.tags
        shuffled = tags.get(317, (1,))[0] == 3
        size = self.bits if self.depth is not None and not shuffled else 8
        across = -(-self._across * samples * self.bits // size)
        plain: Tags = {256: (across,), 257: (self.height,), 258: (size,)}
        plain |= {259: tags.get(259, (1,)), 262: (1,), 277: (1,), 284: (1,), 339: (3 if size > 16 else 1,)}
        if 324 in tags:
            plain |= {322: (tags[322][0] * samples * self.bits // size,), 323: tags[323]}
        else:
            plain |= {278: tags.get(278, (self.height,))}
        for tag in (266, 273, 279, 324, 325):
            if tag in tags:
                parts = len(tags[tag]) // self.samples if self.apart and tag != 266 else len(tags[tag])
                plain[tag] = tags[tag][band * parts : (band + 1) * parts]
        body = data + bytes(-len(data) % 8)
        directory = layout.written(plain, len(body))
        head = struct.pack(layout.offset, len(body))
        file = data[: layout.first] + head + body[layout.first + len(head) :] + directory
        pixels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is None or pixels.ndim != 2 or pixels.shape != (self.height, across):
            raise UnusableError("cannot be decoded: the TIFF file is damaged or unknown to OpenCV")
        return np.asarray(pixels)

    @property
    def _across(self) -> int:
        """Pixels of a row as it is stored: those of whole tiles."""
        return -(-self.width // self._run) * self._run

    @property
    def _run(self) -> int:
        """Pixels of a row of a tile, or of a strip, which is as wide as the page."""
        return self.tags[322][0] if 324 in self.tags else self.width

    def _undone(self, raw: NDArray[np.generic], samples: int) -> NDArray[np.generic]:
        """Return numbers of their own type, with differences between neighbours summed up again."""
        if self.depth is None:
            return _unpacked(raw.astype(np.uint8), self.bits)
        predictor = self.tags.get(317, (1,))[0]
        if predictor == 1:
            return raw.view(self.depth)
        if predictor == 2:
            numbers = raw.view(f"u{self.bits // 8}").reshape(self.height, -1, self._run, samples)
            summed = np.cumsum(numbers, axis=2, dtype=numbers.dtype)
            return summed.reshape(self.height, -1).view(self.depth)
        size = self.bits // 8  # of floats the first bytes of a row come first, then the second ones ...
        shuffled = raw.reshape(self.height, -1, self._run * size, samples)
        summed = np.cumsum(shuffled, axis=2, dtype=np.uint8).reshape(
            self.height, -1, size, self._run * samples
        )
        floats = np.ascontiguousarray(summed.swapaxes(2, 3)).view(f">f{size}")
        return floats.reshape(self.height, -1).astype(self.depth)


def _unpacked(rows: NDArray[np.uint8], bits: int) -> NDArray[np.generic]:
    """Return numbers of so many bits, scaled to all that a type of whole bytes can hold."""
    kind, top = (np.uint8, 255) if bits < 8 else (np.uint16, 65535)
    worth = 1 << np.arange(bits - 1, -1, -1)
    parts = []
    for first in range(0, len(rows), _ROWS):
        each = np.unpackbits(rows[first : first + _ROWS], axis=1)
        each = each[:, : each.shape[1] // bits * bits].reshape(len(each), -1, bits)
        parts.append(((each @ worth) * top // (2**bits - 1)).astype(kind))
    return np.concatenate(parts)


def _picked(tags: Tags, samples: int, header: Header) -> list[int]:
    """Return which bands are grey, or red, green, blue and opacity."""
    photometric, extra = tags.get(262, (1,))[0], tags.get(338, ())
    found = _NAMED.findall(bytes(tags.get(42112, ())))
    named = {name.decode().lower(): int(band) for band, name in found if int(band) < samples}
    opacity = [samples - 1] if extra and extra[-1] in (1, 2) else []
    if samples == 1:
        return [0]
    if samples == 2 and photometric < 2:
        if not opacity:
            header.notes.append("has 2 bands, of which the first was read")
        return [0, 0, 0, 1] if opacity else [0]
    if photometric == 2 and samples >= 3:
        picked = [0, 1, 2]
    elif all(colour in named for colour in ("red", "green", "blue")):
        picked = [named[colour] for colour in ("red", "green", "blue")]
    elif samples - len(opacity) == 3:
        picked = [0, 1, 2]
    else:
        raise UnusableError(
            f"has {samples} bands and does not say which are red, green and blue; save these three as PNG"
        )
    if samples > 3 + len(opacity) or picked != [0, 1, 2]:
        places = ", ".join(str(band + 1) for band in picked)
        header.notes.append(f"has {samples} bands, of which {places} were read as red, green and blue")
    return [*picked, *opacity]
