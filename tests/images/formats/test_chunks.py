"""PNG, WebP, GIF and BMP: what their chunks say, and that the first frame of several is told of."""

import numpy as np
import pytest
from PIL import Image

from windowpane.errors import ImageError
from windowpane.images import load
from windowpane.images.loader import load_told


@pytest.mark.parametrize(("kind", "options"), [("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True})])
def test_of_an_animated_picture_the_first_frame_is_read_and_that_is_said(saved, kind, options):
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "lime", "blue")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, **options)
    picture, notes = load_told(data)
    assert picture.shape == (20, 30, 3)
    assert np.abs(picture - np.array([255.0, 0, 0])).max() <= 2
    assert notes == ("has 3 frames, of which the first was read",)


def test_a_gif_looks_as_in_pil(scene, saved):
    data = saved(Image.fromarray(scene).quantize(64), "GIF")
    picture, notes = load_told(data)
    assert np.array_equal(picture, np.asarray(Image.fromarray(scene).quantize(64).convert("RGB")))
    assert notes == ()


@pytest.mark.parametrize("share", [0.3, 0.9, 0.99])
def test_a_gif_without_its_end_is_refused(scene, saved, share):
    data = saved(Image.fromarray(scene).quantize(64), "GIF")
    with pytest.raises(ImageError, match="truncated GIF"):
        load(data[: int(share * len(data))])


def test_a_gif_without_a_frame_is_refused():
    with pytest.raises(ImageError, match="without a frame"):
        load(b"GIF89a\x05\0\x05\0\0\0\0\x3b")


def test_what_is_transparent_in_a_gif_is_white(saved):
    picture = Image.new("P", (30, 20), 0)
    picture.putpalette([200, 10, 10, 10, 10, 200])
    picture.paste(1, (10, 5, 20, 15))
    found = load(saved(picture, "GIF", transparency=0))
    assert found[0, 0].tolist() == [255, 255, 255]
    assert found[10, 15].tolist() == [10, 10, 200]
