"""The directories of TIFF files: pages, and files of more than four gigabytes' kind."""

import numpy as np
import pytest
from PIL import Image

from windowpane.errors import ImageError
from windowpane.images import load
from windowpane.images.formats.tiff import Layout, exif_orientation, page_starts, single_page
from windowpane.images.loader import load_told

tifffile = pytest.importorskip("tifffile")


@pytest.fixture
def written(tmp_path):
    """Return arrays as the bytes of a TIFF file, a page each."""

    def write(*pages, options=({},), **whole):
        path = tmp_path / "a.tif"
        with tifffile.TiffWriter(path, **whole) as file:
            for number, page in enumerate(pages):
                file.write(page, **options[number % len(options)])
        return path.read_bytes()

    return write


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_page_is_a_file_of_its_own(scene, written, big, order):
    pages = [scene, scene[::-1], scene[:20, :30]]
    data = written(*pages, options=({"photometric": "rgb"},), bigtiff=big, byteorder=order)
    starts = page_starts(data)
    assert len(starts) == 3
    for page, start in zip(pages, starts, strict=True):
        picture, notes = load_told(single_page(data, start))
        assert np.array_equal(picture, page)
        assert notes == ()
    assert load_told(data).notes == ("has 3 pages, of which the first was read",)


def test_smaller_copies_and_masks_of_a_page_are_none(scene, written):
    options = ({"photometric": "rgb"}, {"photometric": "rgb", "subfiletype": 1}, {"subfiletype": 4})
    data = written(scene, scene[::2, ::2], scene[..., 0] > 99, options=options)
    assert len(page_starts(data)) == 1
    assert load_told(data).notes == ()


def test_a_chain_that_bites_its_tail_ends(scene, saved):
    data = bytearray(saved(scene, "TIFF"))
    layout = Layout.of(bytes(data))
    (start,) = page_starts(bytes(data))
    link = layout.link(bytes(data), start)
    data[link : link + 4] = start.to_bytes(4, "little")
    assert page_starts(bytes(data)) == [start]
    assert np.array_equal(load(bytes(data)), scene)


def test_a_directory_that_was_written_is_read_again():
    for order in "<>":
        for big in (False, True):
            layout = Layout(order, big)
            tags = {256: (60,), 273: tuple(range(100, 140)), 279: (1, 2)}
            assert layout.tags(bytes(16) + layout.written(tags, 16), 16) == tags


def test_a_raw_photograph_is_no_picture_yet(scene, written):
    raw = written(scene, options=({"photometric": "rgb", "extratags": [(50706, 1, 4, (1, 4, 0, 0), True)]},))
    with pytest.raises(ImageError, match="is a raw photograph"):
        load(raw)


@pytest.mark.parametrize("block", [b"", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"])
def test_a_broken_exif_block_means_upright(block):
    assert exif_orientation(b"Exif\0\0" + block) == exif_orientation(block) == 1


def test_an_exif_block_says_how_a_picture_is_turned():
    exif = Image.Exif()
    exif[0x0112] = 8
    assert exif_orientation(exif.tobytes()) == 8
