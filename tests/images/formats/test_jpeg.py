"""JPEG files whose last marker is missing: read if every pixel is there."""

import numpy as np
import pytest
from PIL import Image

from windowpane.errors import ImageError
from windowpane.images import load

KINDS = [{}, {"progressive": True}, {"subsampling": 0, "quality": 98}, {"restart_marker_rows": 1}]


@pytest.mark.parametrize("options", KINDS)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("end", [b"", b"\xff", b"\0" * 40])
def test_without_its_end_marker_alone_it_is_read(scene, saved, options, mode, end, capfd):
    whole = saved(Image.fromarray(scene).convert(mode), "JPEG", **options)
    assert np.array_equal(load(whole[:-2] + end), load(whole))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("options", KINDS)
@pytest.mark.parametrize("missing", [6, 12, 100, 800])
@pytest.mark.parametrize("end", [b"", b"\0" * 400])
def test_where_pixels_are_missing_it_is_refused(saved, options, missing, end, capfd):
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    with pytest.raises(ImageError, match="truncated JPEG"):
        load(saved(noise, "JPEG", **options)[:-missing] + end)
    assert capfd.readouterr() == ("", "")


def test_a_progressive_one_of_which_whole_scans_are_missing_is_refused(scene, saved):
    whole = saved(scene, "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    with pytest.raises(ImageError, match="truncated JPEG"):
        load(whole[:last])


def test_a_line_break_before_it_is_passed_over(scene, saved):
    whole = saved(scene, "JPEG")
    assert np.array_equal(load(b"\r\n" + whole), load(whole))
