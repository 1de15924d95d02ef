"""PDF: its pages are drawn where the package is, else one sentence that names the extra."""

import re
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from windowpane.errors import ImageError, install
from windowpane.images import load
from windowpane.images.loader import load_told
from windowpane.images.pages import pages


class Document(list):
    """Stands for a document of pypdfium2: pages of 72 x 36 points, each of one level."""

    def __init__(self, data):
        if b"locked" in data:
            raise RuntimeError("Failed to load document (PDFium: Incorrect password error).")
        if b"bad" in data:
            raise RuntimeError("Failed to load document (PDFium: Data format error).")
        super().__init__(
            SimpleNamespace(get_size=lambda: (72, 36), render=render, close=print, level=level)
            for level in data[4:]
        )
        for page in self:
            page.render = lambda page=page, **options: render(page.level, **options)
            page.close = lambda: None


def render(level, scale, rev_byteorder):
    assert rev_byteorder
    array = np.full((round(36 * scale), round(72 * scale), 3), level, np.uint8)
    return SimpleNamespace(to_numpy=lambda: array)


@pytest.fixture
def stand_in(monkeypatch):
    module = ModuleType("pypdfium2")
    module.PdfDocument, module.PdfiumError = Document, RuntimeError
    monkeypatch.setitem(sys.modules, "pypdfium2", module)


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    for read in (load, lambda path: list(pages(path))):
        with pytest.raises(ImageError, match=rf"a\.pdf is a PDF.* {re.escape(install('pdf'))}\.$"):
            read(tmp_path / "a.pdf")


def test_every_page_is_drawn_with_200_dots_an_inch(stand_in, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF" + bytes([10, 20, 30]))
    found = list(pages(tmp_path / "a.pdf"))
    assert [page.number for page in found] == [1, 2, 3]
    pictures = [load(page.source) for page in found]
    assert [picture.shape for picture in pictures] == [(100, 200, 3)] * 3
    assert [picture[0, 0, 0] for picture in pictures] == [10, 20, 30]
    picture, notes = load_told(tmp_path / "a.pdf")
    assert picture[0, 0, 0] == 10
    assert notes == ("has 3 pages, of which the first was read",)


@pytest.mark.parametrize(
    ("body", "reason"), [(b"bad", "damaged PDF"), (b"locked", "password"), (b"", "no pages")]
)
def test_what_cannot_be_opened_is_told_why(stand_in, tmp_path, body, reason):
    (tmp_path / "a.pdf").write_bytes(b"%PDF" + body)
    for read in (load, lambda path: list(pages(path))):
        with pytest.raises(ImageError, match=rf"a\.pdf .*{reason}"):
            read(tmp_path / "a.pdf")


def test_a_page_that_would_be_too_large_is_refused_before_it_is_drawn(stand_in, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF" + bytes([10]))
    (page,) = pages(tmp_path / "a.pdf", max_pixels=19_999)
    with pytest.raises(
        ImageError, match=r"a\.pdf, page 1, would be drawn as 200 x 100 pixels, more than max_pixels"
    ):
        load(page.source)


def test_a_real_document(saved, tmp_path):
    pytest.importorskip("pypdfium2")
    two = [Image.new("RGB", (144, 72), colour) for colour in ("red", "blue")]
    (tmp_path / "a.pdf").write_bytes(saved(two[0], "PDF", save_all=True, append_images=two[1:]))
    first, second = (load(page.source) for page in pages(tmp_path / "a.pdf"))
    assert first.shape == (200, 400, 3)
    assert first[100, 200, 0] > 250 > 5 > first[100, 200, 2]
    assert second[100, 200, 2] > 250 > 5 > second[100, 200, 0]
