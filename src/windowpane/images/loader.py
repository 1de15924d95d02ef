"""Pictures in (image decoding): a file, bytes, an array or a PIL image becomes one kind of array.

    load(source)       ->  (H, W, 3) uint8, RGB, upright
    load_told(source)  ->  the same, and what is not as one would expect: stretched, the first of several ...

A file goes  bytes -> header -> decode -> 8 bits -> on white -> upright;  headers, and what OpenCV decodes
wrongly, are read by `windowpane.images.formats`, all else is OpenCV's work.
"""

from __future__ import annotations

import os
import sys
from typing import Any, BinaryIO, NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ArgumentError, ImageError
from windowpane.images import depth
from windowpane.images.decoding import from_file, from_pil
from windowpane.images.depth import Levels
from windowpane.images.folders import SUFFIXES, Path, images_in
from windowpane.images.formats.header import Header, UnusableError, undecodable, values

MAX_PIXELS = 200_000_000
"""Of a picture, where the caller and the variable `LIMIT` of the environment say nothing."""
LIMIT = "WINDOWPANE_MAX_PIXELS"


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


ImageSource = Path | bytes | bytearray | memoryview | BinaryIO | NDArray[Any] | PilImage


class Told(NamedTuple):
    """A picture, and what is to be said of how it was read.

    Attributes
    ----------
    picture
        (H, W, 3) uint8 RGB.
    notes
        The ends of sentences that begin with its name.
    """

    picture: NDArray[np.uint8]
    notes: tuple[str, ...]


def most_pixels() -> int:
    """Return how many pixels a picture may have, where the caller does not say it."""
    given = os.environ.get(LIMIT, "")
    if given and not (given.isascii() and given.isdecimal() and 0 < int(given[:18]) == int(given)):
        raise ArgumentError(f"{LIMIT}={given!r:.40}: give the number of pixels that a picture may have")
    return int(given or MAX_PIXELS)


def load(
    source: ImageSource, *, max_pixels: int | None = None, levels: Levels | None = None
) -> NDArray[np.uint8]:
    """Return any picture as an upright RGB array.

    Returns ``(H, W, 3)`` uint8, RGB, C-contiguous; a uint8 RGB array given is returned as it is, not copied.
    More bits than eight are scaled to 0..255 and rounded; those that use a small part of their range are
    stretched by what they use, see `windowpane.images.depth`. Transparency is composited on white. The EXIF
    orientation of files and PIL images is applied; arrays have none.

    Raises `ImageError`, one sentence that names the source and the reason.

    Parameters
    ----------
    source
        A path (``"-"`` is standard input), the bytes of a file, a file opened in binary mode, a NumPy array
        or a PIL image. Files: JPEG, PNG, TIFF and BigTIFF, WebP, BMP, GIF, PBM, PGM, PPM, PFM; HEIC, AVIF and
        PDF with an extra package. Of several pages or frames the first. Arrays: ``(H, W)``, ``(H, W, 1)``,
        ``(H, W, 3)`` RGB or ``(H, W, 4)`` RGBA of uint8, uint16, bool or float in 0..1.
    max_pixels
        A file or PIL image of more pixels is refused before it is decoded; None = 200 million, or what the
        variable ``WINDOWPANE_MAX_PIXELS`` of the environment says.
    levels
        Stretches all pictures of a folder alike; None = each for itself.
    """
    return load_told(source, max_pixels=max_pixels, levels=levels).picture


def load_told(source: ImageSource, *, max_pixels: int | None = None, levels: Levels | None = None) -> Told:
    """Return a picture with what is to be said of it; else as `load`."""
    most = most_pixels() if max_pixels is None else max_pixels
    try:
        header, pixels = _raw(source, most)
        picture = _finished(source, header, pixels, levels)
    except Exception as error:  # decoders throw what they like
        raise ImageError(f"{_name(source)} {undecodable(error)}.") from None
    return Told(picture, tuple(header.notes))


def stored(path: Path, *, max_pixels: int = MAX_PIXELS) -> tuple[Header, NDArray[Any]]:
    """Return a picture file's header, and its pixels upright but else as they are in the file.

    ``(H, W)``, or ``(H, W, 3)`` RGB, or ``(H, W, 4)`` RGBA, of any depth: for those who write it again.

    Raises `ImageError`, as `load`.
    """
    try:
        header, pixels = from_file(_read(path), max_pixels)
        if header.decode is not None and header.kind == "TIFF":
            raise UnusableError("is a TIFF of a kind that is only read, not written; save it as PNG")
    except Exception as error:
        raise ImageError(f"{_name(path)} {undecodable(error)}.") from None
    return header, np.ascontiguousarray(_upright(values(pixels), header.orientation))


def data_of(source: ImageSource) -> bytes:
    """Return the bytes of a file; raises `ImageError` where it cannot be read."""
    try:
        return _read(source)
    except UnusableError as reason:
        raise ImageError(f"{_name(source)} {reason}.") from None


def is_picture(value: Any) -> bool:
    """Say whether a value is one picture, as `load` takes it, and not several."""
    single = isinstance(value, str | bytes | bytearray | memoryview | os.PathLike | np.ndarray)
    return single or hasattr(value, "read") or hasattr(value, "getexif")


# --- From the caller to bytes ------------------------------------------------------------------------------


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
            raise UnusableError('gives text, not bytes; open it in binary mode, "rb"')
    except (OSError, ValueError) as error:
        raise UnusableError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    raise UnusableError("is no image; give a path, bytes, a binary file, a NumPy array or a PIL image")


def _read_path(path: str) -> bytes:
    if os.path.isdir(path):
        if images_in(path):
            raise UnusableError("is a folder; give one of its images")
        raise UnusableError(f"is a folder without images ({', '.join(SUFFIXES)})")
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        pattern = any(sign in path for sign in "*?[")
        raise UnusableError("matches no file" if pattern else "does not exist") from None


def _raw(source: Any, max_pixels: int) -> tuple[Header, NDArray[Any]]:
    """Return pixels as they are stored, (H, W), RGB or RGBA, with what is known of them."""
    if isinstance(source, np.ndarray):
        return Header("array", max_pixels), source
    if hasattr(source, "getexif"):
        return from_pil(source, max_pixels)
    return from_file(_read(source), max_pixels)


# --- From pixels to upright RGB uint8 ----------------------------------------------------------------------


def _finished(source: Any, header: Header, array: NDArray[Any], levels: Levels | None) -> NDArray[np.uint8]:
    """Return stored pixels as RGB of eight bits, on white and upright."""
    if array.size == 0:
        raise UnusableError(f"has no pixels: its shape is {array.shape}")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise UnusableError(f"has the shape {array.shape}; expected (H, W) or (H, W, 1, 3 or 4)")
    pixels = array if array.dtype == np.uint8 else _eight_bit(source, header, array, levels)
    if header.inverted:
        pixels = (
            np.bitwise_not(pixels) if pixels.ndim == 2 else np.dstack([~pixels[..., :3], pixels[..., 3:]])
        )
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8)
    elif pixels.shape[2] == 4:
        pixels = _on_white(pixels, header.alpha)
    return np.ascontiguousarray(_upright(pixels, header.orientation))


def _eight_bit(source: Any, header: Header, array: NDArray[Any], levels: Levels | None) -> NDArray[np.uint8]:
    """Return numbers of any kind as levels 0 to 255; colours may be stretched, opacity never is."""
    if array.dtype == np.bool_ or (header.kind == "array" and array.dtype != np.uint16):
        return depth.of_array(array)
    colours = array[..., :3] if array.ndim == 3 and array.shape[2] == 4 else array
    sample, channels = depth.sampled(colours, header.nodata), colours[:1, :1].size
    span = (levels or Levels()).span(
        source, sample, channels, lambda name: _sample_of(name, header.max_pixels)
    )
    if span.note:
        header.notes.append(span.note)
    pixels = depth.eight_bits(colours, span)
    if colours is array:
        return pixels
    whole = np.iinfo(array.dtype).max if array.dtype.kind in "ui" else 1.0
    return np.dstack([pixels, depth.eight_bits(array[..., 3], depth.Span(0, float(whole)))])


def _sample_of(name: str, max_pixels: int) -> NDArray[Any] | None:
    """Return some numbers of a file of more than eight bits, or None for any other."""
    try:
        header, pixels = from_file(_read(name), max_pixels)
    except Exception:
        return None  # that is said where it is loaded
    return None if pixels.dtype == np.uint8 else depth.sampled(pixels, header.nodata)


def _on_white(rgba: NDArray[np.uint8], alpha: str) -> NDArray[np.uint8]:
    """Return RGB: colour * opacity + white * (1 - opacity), rounded; in bytes, so in little memory."""
    rgb: Any = np.ascontiguousarray(rgba[..., :3])
    if alpha == "none":
        return np.asarray(rgb, np.uint8)
    opacity = cv2.cvtColor(np.ascontiguousarray(rgba[..., 3]), cv2.COLOR_GRAY2RGB)
    if alpha == "straight":  # "premultiplied" colours have their opacity in them
        rgb = cv2.multiply(rgb, opacity, scale=1 / 255)
    return np.asarray(cv2.add(rgb, 255 - opacity), np.uint8)


def _upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Undo an EXIF orientation 1..8 (Exif 2.3, tag 0x0112); any other value is a careless writer's 1."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels
