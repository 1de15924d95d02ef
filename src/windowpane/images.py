"""Pictures in: a file, bytes, an array or a PIL image becomes one kind of array.

    load(source)    ->  (H, W, 3) uint8, RGB, upright
    expand(paths)   ->  the files behind names, folders and patterns

A file goes  bytes -> header -> decode -> 8 bits -> on white -> upright.  The header is read here, before
OpenCV decodes anything: it tells the size (a file of 100 bytes may claim a gigapixel), whether the file is
all there (OpenCV 4 fills what is missing of a truncated JPEG), and how to hold the picture.
"""

from __future__ import annotations

import glob
import os
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ImageError

MAX_PIXELS = 200_000_000
SUFFIXES = (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp")


class PilImage(Protocol):
    """What `load` needs of a PIL image; PIL itself is not needed to run."""

    mode: str
    size: tuple[int, int]
    info: Any

    def load(self) -> Any:
        """Decode the pixels."""

    def getexif(self) -> Any:
        """Return a mapping of EXIF tags."""

    def convert(self, mode: str, /) -> Any:
        """Return the image in another mode."""


Path = str | os.PathLike[str]
ImageSource = Path | bytes | bytearray | memoryview | BinaryIO | NDArray[Any] | PilImage


def load(source: ImageSource, *, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """Return any picture as an upright RGB array.

    source: a path (``"-"`` is standard input), the bytes of a file, a file opened in binary mode, a NumPy
    array or a PIL image. Files: JPEG, PNG, TIFF (first page), WebP, BMP, PGM, PPM. Arrays: ``(H, W)``,
    ``(H, W, 1)``, ``(H, W, 3)`` RGB or ``(H, W, 4)`` RGBA of uint8, uint16, bool or float in 0..1.
    max_pixels: a file or PIL image of more pixels is refused before it is decoded.

    Returns ``(H, W, 3)`` uint8, RGB, C-contiguous; a uint8 RGB array given is returned as it is, not copied.
    16 bits and floats are scaled to 0..255 and rounded. Transparency is composited on white. The EXIF
    orientation of files and PIL images is applied; arrays have none.

    Raises `ImageError`, one sentence that names the source and the reason.
    """
    try:
        if isinstance(source, np.ndarray):
            return _from_array(source)
        if hasattr(source, "getexif"):
            return _from_pil(source, max_pixels)
        return _from_file(_read(source), max_pixels)
    except _UnusableError as reason:
        raise ImageError(f"{_name(source)} {reason}.") from None


def expand(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the file names behind paths, folders and patterns, in the given order.

    A folder gives its images (by suffix, not its sub-folders), a pattern such as ``scans/*.png`` or
    ``**/*.jpg`` its files; both in natural order (``p2`` before ``p10``), hidden files left out. ``"-"``,
    standard input, stays as it is. So does a name with nothing behind it (missing, an empty folder, a pattern
    without a match): `load` then raises the `ImageError` that says so, and the other inputs still come.
    """
    for path in paths:
        name = os.fspath(path)
        if name == "-" or os.path.isfile(name):
            found = [name]
        elif os.path.isdir(name):
            found = _images_in(name)
        else:
            found = [file for file in glob.glob(name, recursive=True) if os.path.isfile(file)]
        yield from sorted(found, key=_natural) or [name]


def _images_in(folder: str) -> list[str]:
    names = (name for name in os.listdir(folder) if name.lower().endswith(SUFFIXES) and name[0] != ".")
    return [path for path in (os.path.join(folder, name) for name in names) if os.path.isfile(path)]


def _natural(name: str) -> list[Any]:
    # Odd places of the split are the numbers, so text is only ever compared with text.
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", name)]


# --- From the caller to bytes ------------------------------------------------------------------------------


class _UnusableError(Exception):
    """Why a source cannot be used: the end of a sentence that begins with its name."""


def _name(source: Any) -> str:
    if isinstance(source, str | os.PathLike):
        return "standard input" if source == "-" else os.fspath(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return "The image data"
    name = getattr(source, "name", None) or getattr(source, "filename", None)
    if isinstance(name, str | os.PathLike):
        return "standard input" if name == "<stdin>" else os.fspath(name)
    return f"The {type(source).__name__}"


def _read(source: Any) -> bytes:
    try:
        if isinstance(source, bytes | bytearray | memoryview):
            return bytes(source)
        if isinstance(source, str | os.PathLike):
            if source == "-":
                return sys.stdin.buffer.read()
            return _read_path(os.fspath(source))
        if hasattr(source, "read"):
            data = source.read()
            if isinstance(data, bytes):
                return data
            raise _UnusableError('gives text, not bytes; open it in binary mode, "rb"')
    except (OSError, ValueError) as error:
        raise _UnusableError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    raise _UnusableError("is no image; give a path, bytes, a binary file, a NumPy array or a PIL image")


def _read_path(path: str) -> bytes:
    if os.path.isdir(path):
        if _images_in(path):
            raise _UnusableError("is a folder; give one of its images")
        raise _UnusableError(f"is a folder without images ({', '.join(SUFFIXES)})")
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        pattern = any(sign in path for sign in "*?[")
        raise _UnusableError("matches no file" if pattern else "does not exist") from None


# --- From bytes to pixels ----------------------------------------------------------------------------------


def _from_file(data: bytes, max_pixels: int) -> NDArray[np.uint8]:
    if not data:
        raise _UnusableError("is empty: it has 0 bytes")
    kind, read_header = next(
        ((kind, read) for kind, magic, read in _FORMATS if magic.match(data)), ("", None)
    )
    if read_header is None:
        raise _UnusableError("is no JPEG, PNG, TIFF, WebP, BMP, PGM or PPM image; convert it to one of them")
    header = _Header(max_pixels)
    try:
        read_header(data, header)
    except (struct.error, IndexError):
        raise _UnusableError(f"is a truncated {kind} file: its end is missing") from None
    except (KeyError, ValueError):
        raise _UnusableError(f"is a damaged {kind} file: its header makes no sense") from None
    header.claim(header.width, header.height)  # a header without any size is one of size zero
    pixels = header.pixels if header.pixels is not None else _decode(data, header, kind)
    return _from_array(pixels, alpha=header.alpha, orientation=header.orientation)


def _decode(data: bytes, header: _Header, kind: str) -> NDArray[Any]:
    """Return what OpenCV makes of the file: ``(H, W)``, RGB or RGBA, of any dtype, as stored."""
    with _quiet_opencv():
        try:
            pixels: NDArray[Any] | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        except cv2.error:
            pixels = None
    if pixels is None:
        raise _UnusableError(f"cannot be decoded: the {kind} file is damaged or unknown to OpenCV")
    if sorted(pixels.shape[:2]) != sorted((header.height, header.width)):
        raise _UnusableError(f"is a damaged {kind} file: its header claims another size than its pixels have")
    if pixels.ndim == 3 and pixels.shape[2] in (3, 4):
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)
    if header.transparent is not None:  # OpenCV reads the transparent level of grey PNGs as opaque
        pixels[pixels == header.transparent] = np.iinfo(pixels.dtype).max
    return pixels


@contextmanager
def _quiet_opencv() -> Iterator[None]:
    """Keep OpenCV from printing what `load` raises as an error."""
    logging = getattr(cv2.utils, "logging", cv2)  # where OpenCV 5 and 4 have it
    before, silent = logging.getLogLevel(), 0
    logging.setLogLevel(silent)
    try:
        yield
    finally:
        if before != silent:  # else another thread is decoding, and restores the level itself
            logging.setLogLevel(before)


def _from_pil(image: Any, max_pixels: int) -> NDArray[np.uint8]:
    header = _Header(max_pixels)
    header.claim(*image.size)
    try:
        image.load()  # may read the file; a TIFF turns itself upright here and drops its tag
        header.orientation = image.getexif().get(_ORIENTATION, 1)
        if image.mode in ("LA", "La", "PA", "RGBa") or "transparency" in image.info:
            image = image.convert("RGBA")
        elif image.mode not in ("1", "L", "RGB", "RGBA", "F", "I") and not image.mode.startswith("I;16"):
            image = image.convert("RGB")
        pixels = np.asarray(image)
    except (OSError, SyntaxError, ValueError) as error:
        raise _UnusableError(f"cannot be decoded: {error}") from None
    if image.mode == "I" and pixels.min() >= 0 and pixels.max() <= 65535:
        pixels = pixels.astype(np.uint16)  # PIL's widest integers come from 16-bit files
    return _from_array(pixels, orientation=header.orientation)


# --- From pixels to upright RGB uint8 ----------------------------------------------------------------------


def _from_array(array: NDArray[Any], *, alpha: str = "straight", orientation: int = 1) -> NDArray[np.uint8]:
    if array.size == 0:
        raise _UnusableError(f"has no pixels: its shape is {array.shape}")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise _UnusableError(f"has the shape {array.shape}; expected (H, W) or (H, W, 1, 3 or 4)")
    pixels = _eight_bit(array)
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        pixels = np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    elif pixels.shape[2] == 4:
        pixels = _on_white(pixels, alpha)
    return np.ascontiguousarray(_upright(pixels, orientation))


def _eight_bit(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        scaled = cv2.convertScaleAbs(np.ascontiguousarray(array, np.uint16), alpha=255 / 65535)
    elif array.dtype.kind == "f":
        low, high = float(array.min()), float(array.max())
        if not (low >= -1e-3 and high <= 1.001):  # written so as to refuse NaN; resizing may overshoot
            raise _UnusableError(f"holds floats from {low:g} to {high:g}; expected 0..1")
        scaled = cv2.convertScaleAbs(np.clip(array, 0, 1).astype(np.float32), alpha=255)
    else:
        raise _UnusableError(f"holds {array.dtype} values; expected uint8, uint16, bool or float in 0..1")
    return np.asarray(scaled, np.uint8).reshape(array.shape)


def _on_white(rgba: NDArray[np.uint8], alpha: str) -> NDArray[np.uint8]:
    """Return RGB: colour * opacity + white * (1 - opacity), rounded; in bytes, so in little memory."""
    rgb: Any = np.ascontiguousarray(rgba[..., :3])
    if alpha == "none":
        return np.asarray(rgb, np.uint8)
    opacity = cv2.cvtColor(np.ascontiguousarray(rgba[..., 3]), cv2.COLOR_GRAY2RGB)
    if alpha == "straight":  # "premultiplied" colours have their opacity in them
        rgb = cv2.multiply(rgb, opacity, scale=1 / 255)
    return np.asarray(cv2.add(rgb, 255 - opacity), np.uint8)


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Undo an EXIF orientation 1..8 (Exif 2.3, tag 0x0112); any other value is a careless writer's 1."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


# --- Headers: size, orientation, is it all there -----------------------------------------------------------

_ORIENTATION = 0x0112


@dataclass(slots=True)
class _Header:
    """What a file says of itself; its reader fills it, or raises struct.error if the file ends too early.

    alpha: "straight", "premultiplied" or "none". transparent: the one transparent level of a grey PNG.
    pixels: those of a PNM file, which are as plain as its header.
    """

    max_pixels: int
    width: int = 0
    height: int = 0
    orientation: int = 1
    alpha: str = "straight"
    transparent: int | None = None
    pixels: NDArray[Any] | None = None

    def claim(self, width: int, height: int) -> None:
        if width <= 0 or height <= 0:
            raise _UnusableError(f"has no pixels: its size is {width} x {height}")
        if width * height > self.max_pixels:
            raise _UnusableError(
                f"claims {width} x {height} pixels, more than max_pixels = {self.max_pixels:,}; "
                "raise that if you trust the image"
            )
        self.width, self.height = width, height


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
        return _tags(exif.removeprefix(b"Exif\0\0")).get(_ORIENTATION, (1,))[0]
    except (struct.error, KeyError, IndexError):
        return 1  # a broken EXIF block is no reason to refuse the picture


def _tiff(data: bytes, header: _Header) -> None:
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
            raise _UnusableError(f"is {what}, which OpenCV reads wrongly; save it as PNG")
    extra = tags.get(338, (None,))[0]
    if extra == 0:  # some fourth channel, not transparency
        header.alpha = "none"
    elif extra == 1 or (extra == 2 and bits <= 8):  # libtiff itself multiplies 8 bits
        header.alpha = "premultiplied"
    # The orientation stays 1: OpenCV turns TIFFs upright by itself, whatever it is told.


_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # not the stuffing and restarts within a scan


def _jpeg(data: bytes, header: _Header) -> None:
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


def _png(data: bytes, header: _Header) -> None:
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    header.claim(width, height)
    at, name = 8, b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", data, at)
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        body = memoryview(data)[at + 8 : at + 8 + length]
        if zlib.crc32(body, zlib.crc32(name)) != checksum:
            raise _UnusableError("is a damaged PNG file: a checksum is wrong")
        if name == b"eXIf":
            header.orientation = _exif_orientation(bytes(body))
        elif name == b"tRNS" and colour == 0:
            (level,) = struct.unpack(">H", body)
            header.transparent = level * 255 // (2**depth - 1) if depth < 8 else level
        at += 12 + length


def _webp(data: bytes, header: _Header) -> None:
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


def _bmp(data: bytes, header: _Header) -> None:
    (size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", data, 18)
    header.claim(width, abs(height))  # a negative height: rows from the top


def _pnm(data: bytes, header: _Header) -> None:
    """Read the pixels too: OpenCV swaps the bytes of 16-bit colour, and scales by no maximum but 255."""
    fields = re.match(rb"P(\d)" + rb"(?:\s|#[^\n]*\n)+(\d+)" * 3 + rb"\s", data)
    if fields is None:
        raise struct.error
    kind, width, height, peak = (int(field) for field in fields.groups())
    header.claim(width, height)
    count = width * height * (3 if kind in (3, 6) else 1)
    if kind in (2, 3):
        samples = np.array(data[fields.end() :].split()[:count], np.int64)
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


_FORMATS: tuple[tuple[str, re.Pattern[bytes], Callable[[bytes, _Header], None]], ...] = (
    ("JPEG", re.compile(rb"\xff\xd8\xff"), _jpeg),
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    ("TIFF", re.compile(rb"II\*\0|MM\0\*"), _tiff),
    ("WebP", re.compile(rb"RIFF....WEBP", re.DOTALL), _webp),
    ("BMP", re.compile(rb"BM"), _bmp),
    ("PGM or PPM", re.compile(rb"P[2356]\s"), _pnm),
)
