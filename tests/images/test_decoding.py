"""Decoding: whatever a decoder throws is the picture's fault, and nothing is printed."""

import io
import random
from contextlib import suppress

import cv2
import numpy as np
import pytest
from PIL import Image

from windowpane.errors import ImageError
from windowpane.images import decoding, load
from windowpane.images.loader import load_told
from windowpane.images.pages import pages

KINDS = {
    "JPEG": {},
    "PNG": {},
    "TIFF": {"compression": "tiff_lzw"},
    "WEBP": {},
    "BMP": {},
    "GIF": {},
    "PPM": {},
}


def saved(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "error", [cv2.error("bad"), ValueError("odd"), RuntimeError(), TypeError("no"), MemoryError()]
)
def test_anything_that_is_thrown_is_an_image_error(monkeypatch, tmp_path, error):
    def broken(*_):
        raise error

    monkeypatch.setattr(decoding.cv2, "imdecode", broken)
    path = tmp_path / "odd.png"
    Image.new("RGB", (8, 8)).save(path)
    with pytest.raises(ImageError, match=r"odd\.png cannot be decoded") as caught:
        load(path)
    assert str(caught.value).count("\n") == 0


def mutated(data, chance):
    """Change a file here and there, most at its beginning."""
    bytes_ = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = min(int(chance.expovariate(1 / 60)), len(bytes_) - 1) if chance.random() < 0.7 else 0
        at = at or chance.randrange(len(bytes_))
        match chance.randrange(4):
            case 0:
                bytes_[at] = chance.randrange(256)
            case 1:
                bytes_[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))
            case 2:
                del bytes_[at : at + chance.choice((1, 4, 100))]
            case 3:
                bytes_[at:at] = chance.randbytes(4)
        if not bytes_:
            break
    return bytes(bytes_)


@pytest.mark.parametrize("kind", [*KINDS, "uint16", "float", "pages"])
def test_a_mutated_file_is_a_picture_or_an_image_error(kind, tmp_path):
    y, x = np.mgrid[0:40, 0:60]
    scene = np.stack([x * 4, 255 - y * 6, 40 + x + y], axis=-1).astype(np.uint8)
    picture = Image.fromarray(scene)
    if kind == "uint16":
        data = cv2.imencode(".tif", scene[..., 0].astype(np.uint16) * 12)[1].tobytes()
    elif kind == "float":
        data = cv2.imencode(".tif", (scene / 255).astype(np.float32))[1].tobytes()
    elif kind == "pages":
        data = saved(picture, "TIFF", save_all=True, append_images=[picture.rotate(9)])
    else:
        data = saved(picture, kind, **KINDS[kind])
    chance = random.Random(kind)
    path = tmp_path / "a.bin"
    for _ in range(60):
        path.write_bytes(mutated(data, chance))
        for page in pages(path):
            with suppress(ImageError):
                loaded = load_told(page.source, max_pixels=1_000_000).picture
                assert (loaded.dtype, loaded.ndim, loaded.shape[2]) == (np.uint8, 3, 3)
