"""Pictures in (image decoding): a file, bytes, an array or a PIL image becomes one kind of array.

    load(source)    ->  (H, W, 3) uint8, RGB, upright
    expand(paths)   ->  the files behind names, folders and patterns

A file goes  bytes -> header -> decode -> 8 bits -> on white -> upright;  the header is read by
`windowpane.images.headers`, all else is OpenCV's work.
"""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ImageError
from windowpane.images.headers import ORIENTATION, Header, UnusableError, read_header

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

    Returns ``(H, W, 3)`` uint8, RGB, C-contiguous; a uint8 RGB array given is returned as it is, not copied.
    16 bits and floats are scaled to 0..255 and rounded. Transparency is composited on white. The EXIF
    orientation of files and PIL images is applied; arrays have none.

    Raises `ImageError`, one sentence that names the source and the reason.

    Parameters
    ----------
    source
        A path (``"-"`` is standard input), the bytes of a file, a file opened in binary mode, a NumPy array
        or a PIL image. Files: JPEG, PNG, TIFF (first page), WebP, BMP, PGM, PPM. Arrays: ``(H, W)``,
        ``(H, W, 1)``, ``(H, W, 3)`` RGB or ``(H, W, 4)`` RGBA of uint8, uint16, bool or float in 0..1.
    max_pixels
        A file or PIL image of more pixels is refused before it is decoded.
    """
    try:
        if isinstance(source, np.ndarray):
            return _from_array(source)
        if hasattr(source, "getexif"):
            return _from_pil(source, max_pixels)
        return _from_file(_read(source), max_pixels)
    except UnusableError as reason:
        raise ImageError(f"{_name(source)} {reason}.") from None


def stored(path: Path, *, max_pixels: int = MAX_PIXELS) -> tuple[Header, NDArray[Any]]:
    """Return a picture file's header, and its pixels upright but else as they are in the file.

    ``(H, W)``, or ``(H, W, 3)`` RGB, or ``(H, W, 4)`` RGBA, of any depth: for those who write it again.

    Raises `ImageError`, as `load`.
    """
    try:
        data = _read(path)
        header = read_header(data, max_pixels)
        pixels = header.pixels if header.pixels is not None else _decode(data, header)
    except UnusableError as reason:
        raise ImageError(f"{_name(path)} {reason}.") from None
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    return header, np.ascontiguousarray(_upright(pixels, header.orientation))


def is_picture(value: Any) -> bool:
    """Say whether a value is one picture, as `load` takes it, and not several."""
    single = isinstance(value, str | bytes | bytearray | memoryview | os.PathLike | np.ndarray)
    return single or hasattr(value, "read") or hasattr(value, "getexif")


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
        yield from sorted(found, key=natural) or [name]


def _images_in(folder: str) -> list[str]:
    names = (name for name in os.listdir(folder) if name.lower().endswith(SUFFIXES) and name[0] != ".")
    return [path for path in (os.path.join(folder, name) for name in names) if os.path.isfile(path)]


def natural(name: str) -> list[Any]:
    """Return what names are sorted by so that ``p2`` comes before ``p10``."""
    # Odd places of the split are the numbers, so text is only ever compared with text.
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", name)]


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
        if _images_in(path):
            raise UnusableError("is a folder; give one of its images")
        raise UnusableError(f"is a folder without images ({', '.join(SUFFIXES)})")
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        pattern = any(sign in path for sign in "*?[")
        raise UnusableError("matches no file" if pattern else "does not exist") from None


# --- From bytes to pixels ----------------------------------------------------------------------------------


def _from_file(data: bytes, max_pixels: int) -> NDArray[np.uint8]:
    header = read_header(data, max_pixels)
    pixels = header.pixels if header.pixels is not None else _decode(data, header)
    return _from_array(pixels, alpha=header.alpha, orientation=header.orientation)


def _decode(data: bytes, header: Header) -> NDArray[Any]:
    """Return what OpenCV makes of the file: ``(H, W)``, RGB or RGBA, of any dtype, as stored."""
    with _quiet_opencv():
        try:
            pixels: NDArray[Any] | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        except cv2.error:
            pixels = None
    if pixels is None:
        raise UnusableError(f"cannot be decoded: the {header.kind} file is damaged or unknown to OpenCV")
    if sorted(pixels.shape[:2]) != sorted((header.height, header.width)):
        raise UnusableError(
            f"is a damaged {header.kind} file: its header claims another size than its pixels have"
        )
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
    header = Header("PIL image", max_pixels)
    header.claim(*image.size)
    try:
        image.load()  # may read the file; a TIFF turns itself upright here and drops its tag
        header.orientation = image.getexif().get(ORIENTATION, 1)
        if image.mode in ("LA", "La", "PA", "RGBa") or "transparency" in image.info:
            image = image.convert("RGBA")
        elif image.mode not in ("1", "L", "RGB", "RGBA", "F", "I") and not image.mode.startswith("I;16"):
            image = image.convert("RGB")
        pixels = np.asarray(image)
    except (OSError, SyntaxError, ValueError) as error:
        raise UnusableError(f"cannot be decoded: {error}") from None
    if image.mode == "I" and pixels.min() >= 0 and pixels.max() <= 65535:
        pixels = pixels.astype(np.uint16)  # PIL's widest integers come from 16-bit files
    return _from_array(pixels, orientation=header.orientation)


# --- From pixels to upright RGB uint8 ----------------------------------------------------------------------


def _from_array(array: NDArray[Any], *, alpha: str = "straight", orientation: int = 1) -> NDArray[np.uint8]:
    if array.size == 0:
        raise UnusableError(f"has no pixels: its shape is {array.shape}")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise UnusableError(f"has the shape {array.shape}; expected (H, W) or (H, W, 1, 3 or 4)")
    pixels = _eight_bit(array)
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8)
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
            raise UnusableError(f"holds floats from {low:g} to {high:g}; expected 0..1")
        scaled = cv2.convertScaleAbs(np.clip(array, 0, 1).astype(np.float32), alpha=255)
    else:
        raise UnusableError(f"holds {array.dtype} values; expected uint8, uint16, bool or float in 0..1")
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


def _upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Undo an EXIF orientation 1..8 (Exif 2.3, tag 0x0112); any other value is a careless writer's 1."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels
