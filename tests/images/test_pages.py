"""The pages of a file."""

import io

import numpy as np
import pytest
from PIL import Image

from windowpane.errors import ImageError
from windowpane.images import load
from windowpane.images.pages import pages


@pytest.fixture
def fax(tmp_path):
    """Write three pages of other sizes, black and white; gives the path."""
    sheets = [Image.new("1", (60 + number, 40)) for number in range(3)]
    sheets[0].save(tmp_path / "fax.tif", save_all=True, append_images=sheets[1:], compression="group4")
    return tmp_path / "fax.tif"


def test_every_page_of_a_tiff_comes_with_its_number(fax):
    found = list(pages(fax))
    assert [page.number for page in found] == [1, 2, 3]
    assert [load(page.source).shape for page in found] == [(40, 60, 3), (40, 61, 3), (40, 62, 3)]


def test_a_broken_page_is_named_and_the_others_are_read(fax):
    data = bytearray(fax.read_bytes())
    second = data.index(b"\x3d\0\0\0") if b"\x3d\0\0\0" in data else data.index(b"\x3d\0")
    data[second : second + 2] = b"\0\0"
    fax.write_bytes(data)
    first, broken, third = pages(fax)
    assert load(first.source).shape == (40, 60, 3)
    with pytest.raises(ImageError, match=r"fax\.tif, page 2, has no pixels"):
        load(broken.source)
    assert load(third.source).shape == (40, 62, 3)


def test_a_file_of_one_page_is_itself(tmp_path):
    for name in ("a.png", "a.tif", "a.jpg"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
        assert list(pages(tmp_path / name)) == [(None, tmp_path / name)]


@pytest.mark.parametrize("name", ["missing.tif", "a\0b"])
def test_what_cannot_be_read_is_told_where_it_is_loaded(tmp_path, name):
    (page,) = pages(str(tmp_path / name))
    with pytest.raises(ImageError, match=r"does not exist|cannot be read"):
        load(page.source)


def test_standard_input_has_pages_too(fax, monkeypatch):
    class Stdin:
        buffer = io.BytesIO(fax.read_bytes())

    monkeypatch.setattr("sys.stdin", Stdin)
    assert [load(page.source).shape[1] for page in pages("-")] == [60, 61, 62]
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    Stdin.buffer = io.BytesIO(buffer.getvalue())
    (page,) = pages("-")
    assert page.number is None
    assert np.array_equal(load(page.source)[0, 0], [255, 0, 0])
