"""Which way up a picture is, where files say it elsewhere than in EXIF; as Pillow turns it."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps, PngImagePlugin

from windowpane.images import load
from windowpane.images.formats.orientation import in_text, in_xmp

XMP = b"<x:xmpmeta><rdf:Description tiff:Orientation='6'/></x:xmpmeta>"
EXIF = b"Exif\0\0II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, 8, 0, 0)


def profile(block: bytes) -> str:
    return f"\nexif\n{len(block):8d}\n{block.hex()}\n"


def picture() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (8, 12, 3), np.uint8))


def png(**texts: str) -> bytes:
    info, file = PngImagePlugin.PngInfo(), io.BytesIO()
    for key, text in texts.items():
        if key == "xmp":
            info.add_itxt("XML:com.adobe.xmp", text)
        elif key == "packed":
            info.add_itxt("XML:com.adobe.xmp", text, zip=True)
        else:
            info.add_text("Raw profile type exif", text, zip=key == "zipped")
    picture().save(file, "PNG", pnginfo=info)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "orientation"),
    [
        (png(xmp=XMP.decode()), 6),
        (png(packed=XMP.decode().replace("='6'", '="3"')), 3),
        (png(profile=profile(EXIF)), 8),
        (png(zipped=profile(EXIF)), 8),
        (png(xmp="<no:orientation/>"), 1),
    ],
)
def test_a_png_is_turned_by_its_texts(data, orientation):
    expected = picture()
    expected.getexif()[0x0112] = orientation
    assert np.array_equal(load(data), np.asarray(ImageOps.exif_transpose(expected)))


@pytest.mark.parametrize("kind", ["JPEG", "WebP"])
def test_a_jpeg_and_a_webp_are_turned_by_xmp_where_exif_says_nothing(kind):
    file, both, exif = io.BytesIO(), io.BytesIO(), Image.Exif()
    exif[0x0112] = 3
    picture().save(file, kind, xmp=XMP)
    picture().save(both, kind, xmp=XMP, exif=exif)
    assert load(file.getvalue()).shape == (12, 8, 3)
    assert load(both.getvalue()).shape == (8, 12, 3)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (b"tEXt", b"Raw profile type exif\0no digits"),
        (b"zTXt", b"Raw profile type exif\0\0no zlib"),
        (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(bytes(50_000_000))),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0no zlib"),
        (b"iTXt", b"XML:com.adobe.xmp"),
        (b"tEXt", b"Comment\0tiff:Orientation='6'"),
    ],
)
def test_texts_that_say_nothing_of_it_turn_nothing(name, body):
    assert in_text(name, body) == 0
    assert in_xmp(b"") == 0
