"""PBM, PGM, PPM and PFM, as text and as bytes."""

import numpy as np
import pytest
from PIL import Image

from windowpane.errors import ImageError
from windowpane.images import load


def test_a_bitmap_looks_as_in_pil(scene, saved):
    picture = Image.fromarray(scene).convert("1")
    expected = np.asarray(picture.convert("RGB"))
    assert np.array_equal(load(saved(picture, "PPM")), expected)
    rows = (np.asarray(picture) == 0).astype(int)
    spaced = b"P1\n# fax\n60 40\n" + "\n".join(" ".join(map(str, row)) for row in rows).encode()
    close = b"P1 60 40\n" + "\n".join("".join(map(str, row)) for row in rows).encode()
    assert np.array_equal(load(spaced), expected)
    assert np.array_equal(load(close), expected)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [b"PF", b"Pf"])
def test_floats_go_from_the_bottom_up(scene, order, kind):
    samples = (scene if kind == b"PF" else scene[..., 0])[::-1].astype(np.float32) / 255
    data = (
        kind
        + b"\n60 40\n"
        + (b"-1.0" if order == "<" else b"1.0")
        + b"\n"
        + samples.astype(order + "f4").tobytes()
    )
    expected = scene if kind == b"PF" else np.dstack([scene[..., 0]] * 3)
    assert np.abs(load(data).astype(int) - expected).max() <= 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"P4 60 40\n\0\0", "truncated PBM"),
        (b"P1 3 2 10101", "truncated PBM"),
        (b"P1 3 2 101019", "damaged PBM"),
        (b"P1 0 2 1", "no pixels"),
        (b"PF 3 2 -1.0\n\0\0", "truncated PFM"),
        (b"PF 3 2 x\n", "truncated PFM"),
        (b"P5 99999999999 1 255 \0", "truncated PGM"),
        (b"P4 999999 999999 \0", "max_pixels"),
    ],
)
def test_broken_ones_are_refused(data, reason):
    with pytest.raises(ImageError, match=reason):
        load(data)
