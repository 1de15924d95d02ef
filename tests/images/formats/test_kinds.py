"""What a picture file says of itself before it is decoded; what then becomes of it is in `test_loader.py`."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from windowpane.images.formats.header import UnusableError
from windowpane.images.formats.kinds import read_header

MOST = 1_000_000
KINDS = {"JPEG": "JPEG", "PNG": "PNG", "TIFF": "TIFF", "WEBP": "WebP", "BMP": "BMP", "PPM": "PGM or PPM"}


def file(kind, size=(60, 40), mode="RGB", **options):
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_tells_its_kind_and_its_size(kind):
    header = read_header(file(kind), MOST)
    assert (header.kind, header.width, header.height, header.orientation) == (KINDS[kind], 60, 40, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_orientation_is_that_of_the_exif_block(kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_header(file(kind, exif=exif), MOST).orientation == 6


@pytest.mark.parametrize("kind", KINDS)
def test_a_size_above_the_limit_is_refused_and_one_at_it_is_not(kind):
    assert read_header(file(kind), 60 * 40).width == 60
    with pytest.raises(UnusableError, match=r"claims 60 x 40 pixels, more than max_pixels = 2,399"):
        read_header(file(kind), 60 * 40 - 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_its_end_is_refused(kind):
    with pytest.raises(UnusableError, match=f"truncated {KINDS[kind]} file"):
        read_header(file(kind)[:20], MOST)


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "is empty"), (b"GIF90a", "is no JPEG"), (b"P5 0 2 255 ", "has no pixels")]
)
def test_what_is_no_picture_is_told_why(data, reason):
    with pytest.raises(UnusableError, match=reason):
        read_header(data, MOST)


def test_the_transparent_level_of_a_grey_png_is_known():
    assert read_header(file("PNG", mode="L", transparency=77), MOST).transparent == 77
    assert read_header(file("PNG", mode="L"), MOST).transparent is None


def test_a_tiff_says_what_its_fourth_channel_is():
    data = bytearray(file("TIFF", mode="RGBA"))
    entry = data.index(struct.pack("<HHI", 338, 3, 1))
    told = []
    for extra in (0, 1, 2):
        data[entry + 8 : entry + 10] = struct.pack("<H", extra)
        told.append(read_header(bytes(data), MOST).alpha)
    assert told == ["none", "premultiplied", "premultiplied"]


def test_plain_pixels_come_with_their_header():
    assert read_header(b"P5 3 1 255 \x01\x02\x03", MOST).pixels.tolist() == [[[1], [2], [3]]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\0\0\0\x0cJXL \r\n\x87\n", "is a JPEG XL picture, which is not read; save it as PNG"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "is a JPEG 2000 picture"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\0\0\1\0\1\0", "icon"),
        (b"\0\0\2" + bytes(9) + b"\xa0\0\x3c\0\x18\x20", "Targa"),
        (b"\x01\xda\1\1\0\3", "SGI"),
        (b"\x0a\5\1\x08", "PCX"),
        (b"DDS \x7c\0\0\0", "DDS"),
        (b"\0\0\0\x18ftypcrx ", "raw photograph"),
        (b"\0\0\0\x18ftypisom", r"is a film; name it so, as in a\.mp4"),
        (b"PK\3\4", "archive; unpack it"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        (b"\n<!DOCTYPE html><html>", "is a web page"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b'{"version": "5.0"}', "is JSON"),
        (b"\x93NUMPY\1\0", r"numpy\.load"),
        (b"PAR1\x15\x04", r"is a Parquet file; name it so"),
        (bytes(128) + b"DICM", "DICOM"),
        (b"P7\nWIDTH 1", "PAM"),
    ],
)
def test_what_people_take_for_a_picture_is_told_what_it_is(data, reason):
    with pytest.raises(UnusableError, match=reason):
        read_header(data, MOST)
