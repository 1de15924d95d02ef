"""Which format a picture file is of (magic numbers), and what its header says before it is decoded.

    header = read_header(data, max_pixels=...)

OpenCV decodes what it can and tells no one what was missing: a file of 100 bytes may claim a gigapixel, the
end of a truncated JPEG comes out grey, transparent levels and Lab colours come out wrong. So the header is
read first, and a file that OpenCV would read wrongly is read in another way, or refused with the reason.

Sources: ITU T.81 (JPEG), PNG 1.2, TIFF 6.0, RFC 9649 (WebP), GIF89a, Exif 2.3, the Netpbm formats.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from windowpane.images.formats.bands import tiff
from windowpane.images.formats.chunks import bmp, gif, png, webp
from windowpane.images.formats.header import Header, UnusableError
from windowpane.images.formats.jpeg import jpeg
from windowpane.images.formats.netpbm import pbm, pfm, pnm

_FORMATS: tuple[tuple[str, re.Pattern[bytes], Callable[[bytes, Header], None]], ...] = (
    ("JPEG", re.compile(rb"\xff\xd8\xff"), jpeg),
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n"), png),
    ("TIFF", re.compile(rb"II[*+]\0|MM\0[*+]"), tiff),
    ("WebP", re.compile(rb"RIFF....WEBP", re.DOTALL), webp),
    ("BMP", re.compile(rb"BM"), bmp),
    ("GIF", re.compile(rb"GIF8[79]a"), gif),
    ("PGM or PPM", re.compile(rb"P[2356]\s"), pnm),
    ("PBM", re.compile(rb"P[14]\s"), pbm),
    ("PFM", re.compile(rb"P[fF]\s"), pfm),
)

_OTHERS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\0\0\0\x0cJXL |\xff\x0a"), "is a JPEG XL picture"),
    (re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"), "is a JPEG 2000 picture"),
    (re.compile(rb"II\xbc"), "is a JPEG XR picture"),
    (re.compile(rb"\x76\x2f\x31\x01"), "is an OpenEXR picture"),
    (re.compile(rb"#\?(RADIANCE|RGBE)"), "is a Radiance HDR picture"),
    (re.compile(rb"\0\0[\x01\x02]\0(?!\0\0)"), "is an icon (ICO)"),
    (re.compile(rb"\x01\xda[\0\x01][\x01\x02]"), "is an SGI picture"),
    (re.compile(rb"\x0a[\0-\x05]\x01[\x01\x02\x04\x08]"), "is a PCX picture"),
    (re.compile(rb"DDS "), "is a texture (DDS)"),
    (re.compile(rb"8BPS"), "is a Photoshop document (PSD)"),
    (re.compile(rb"gimp xcf"), "is a GIMP document (XCF)"),
    (re.compile(rb"P7\s"), "is a PAM picture"),
    (re.compile(rb"IIRO|IIRS|IIU\0|FUJIFILM|FOVb|....ftypcrx ", re.DOTALL), "is a camera's raw photograph"),
    (re.compile(rb"SIMPLE  ="), "is a FITS file"),
    (re.compile(rb".{128}DICM", re.DOTALL), "is a DICOM file"),
    (re.compile(rb"\x89HDF|CDF[\x01\x02\x05]"), "is a file of numbers (HDF or NetCDF)"),
    (re.compile(rb"PAR1"), "is a Parquet file; name it so, as in a.parquet, and give it to a batch"),
    (re.compile(rb"\x93NUMPY"), "is a NumPy array; load it with numpy.load and give that"),
    (
        re.compile(rb"....ftyp|RIFF....AVI |\x1a\x45\xdf\xa3|\0\0\x01\xba", re.DOTALL),
        "is a film; name it so, as in a.mp4",
    ),
    (re.compile(rb"PK\x03\x04|\x1f\x8b|7z\xbc\xaf|Rar!"), "is an archive; unpack it"),
    (re.compile(rb"version https://git-lfs"), "is a pointer of Git LFS, not the picture; run git lfs pull"),
    (
        re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE),
        "is a web page, not a picture; download it again",
    ),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|svg)", re.IGNORECASE), "is an SVG drawing or other XML"),
    (re.compile(rb"\s*[{\[][\s\"{\[\]}\d]"), "is JSON; give the picture"),
    (  # which has no magic number: its kind, and at the end the bits of a pixel
        re.compile(rb".[\0\x01][\x01-\x03\x09-\x0b].{13}[\x08\x0f\x10\x18\x20]", re.DOTALL),
        "may be a Targa picture (TGA)",
    ),
)
"""Files that people take for pictures, or that are pictures which are not read."""

KNOWN = "JPEG, PNG, TIFF, WebP, BMP, GIF, HEIC, AVIF, PBM, PGM, PPM, PFM or PDF"


def read_header(data: bytes, max_pixels: int) -> Header:
    """Return the header of a picture file; raises UnusableError for a file that cannot be used."""
    if not data:
        raise UnusableError("is empty: it has 0 bytes")
    found = ((kind, read) for kind, magic, read in _FORMATS if magic.match(data))
    kind, read = next(found, ("", None))
    if read is None:
        raise UnusableError(_what(data))
    header = Header(kind, max_pixels)
    try:
        read(data, header)
    except (struct.error, IndexError):
        raise truncated(kind) from None
    except (KeyError, ValueError, OverflowError):
        raise UnusableError(f"is a damaged {kind} file: its header makes no sense") from None
    header.claim(header.width, header.height)  # a header without any size is one of size zero
    return header


def truncated(kind: str) -> UnusableError:
    """Return the error that says that a file breaks off."""
    return UnusableError(f"is a truncated {kind} file: its end is missing")


def _what(data: bytes) -> str:
    """Return what a file is instead."""
    known = next((what for magic, what in _OTHERS if magic.match(data)), None)
    if known is None:
        return f"is no {KNOWN} file; convert it to one of them"
    return known if ";" in known else f"{known}, which is not read; save it as PNG"
