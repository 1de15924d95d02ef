"""HEIC and AVIF: read where the packages are, else one sentence that names the extra."""

import re
import sys

import numpy as np
import pytest
from PIL import Image, features

from windowpane.errors import ImageError, install
from windowpane.images import load
from windowpane.images.formats.heif import kind_of

HEIC = b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(40)
AVIF = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(40)


def test_the_brand_says_what_it_is():
    assert [kind_of(HEIC), kind_of(AVIF)] == ["HEIC", "AVIF"]
    assert kind_of(b"\0\0\0\x18ftypisom\0\0\0\0isommp42") is None
    assert kind_of(b"") is None


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "IMG_1.HEIC").write_bytes(HEIC)
    with pytest.raises(ImageError, match=rf"IMG_1\.HEIC is HEIC.* {re.escape(install('heif'))}\.$"):
        load(tmp_path / "IMG_1.HEIC")
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImageError, match=rf"is AVIF.* {re.escape(install('heif'))}\.$"):
        load(AVIF)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_avif(scene, saved, tmp_path):
    data = saved(scene, "AVIF", quality=95)
    assert np.abs(load(data).astype(int) - scene).max() < 30
    for broken in (data[: len(data) // 2], AVIF):
        with pytest.raises(ImageError, match=r"damaged|cannot be decoded"):
            load(broken)
    with pytest.raises(ImageError, match="claims 60 x 40 pixels, more than max_pixels = 99"):
        load(data, max_pixels=99)


@pytest.mark.parametrize("turned", [1, 6])
def test_heic(scene, saved, turned):
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x0112] = turned
    stored = scene if turned == 1 else np.rot90(scene)
    data = saved(np.ascontiguousarray(stored), "HEIF", quality=95, exif=exif.tobytes())
    assert np.abs(load(data).astype(int) - scene).mean() < 5
    with pytest.raises(ImageError):
        load(data[: len(data) // 2])


def test_whatever_the_package_throws_is_the_pictures_fault(monkeypatch):
    class Broken:
        size = (60, 40)

        def getexif(self):
            return {}

        def load(self):
            raise RuntimeError("no such codec")

    monkeypatch.setattr("windowpane.images.formats.heif.opened", lambda data, kind: Broken())
    with pytest.raises(ImageError, match="cannot be decoded: RuntimeError: no such codec"):
        load(HEIC)
