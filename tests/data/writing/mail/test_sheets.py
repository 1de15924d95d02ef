"""Paper that words are written on."""

import numpy as np
import pytest

from windowpane.data.writing.mail import sheets
from windowpane.data.writing.mail.sheets import Pen, Sheet, Written, faces, looks_handwritten
from windowpane.errors import DataError

RNG = np.random.default_rng


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    """A folder with one typeface, the one that Pillow brings along."""
    font = pytest.importorskip("PIL.ImageFont").load_default(20)
    if not hasattr(font, "path"):
        pytest.skip("Pillow was built without FreeType")
    folder = tmp_path_factory.mktemp("fonts")
    (folder / "face.ttf").write_bytes(font.path.getvalue())
    (folder / "broken.ttf").write_bytes(b"no font")
    return folder


@pytest.fixture
def sheet():
    return Sheet(np.full((200, 600, 3), 240, np.float32))


def test_digits_are_noted_by_themselves_where_their_ink_is(fonts, sheet):
    pen = Pen(fonts / "face.ttf", 24, (20, 20, 20))
    boxes = pen.write(RNG(0), sheet, ("F-33000", "Valmire"), 50, 100)
    assert [one.text for one in sheet.written] == ["F-", "33000", "Valmire"]
    assert len(boxes) == 2
    x0, y0, x1, y1 = sheet.written[1].box
    assert y1 - y0 == 24
    inked = sheet.pixels[..., 0] < 120
    rows, columns = np.nonzero(inked[:, round(x0) - 1 : round(x1) + 1])
    assert abs(rows.min() - y0) <= 2
    assert abs(rows.max() + 1 - y1) <= 2
    assert columns.size > 300
    assert abs(boxes[-1][2] - 50 - pen.width(("F-33000", "Valmire"))) < 12


def test_a_hand_writes_the_digits_and_a_typeface_the_letters(fonts, sheet, hand):
    Pen(fonts / "face.ttf", 24, (20, 20, 90), hand).write(RNG(1), sheet, ("4028", "Pest"), 50, 100)
    assert [one.text for one in sheet.written] == ["4028", "Pest"]
    assert (sheet.pixels.min(axis=2) < 120).sum() > 200


def test_what_is_beyond_the_sheet_is_lost(sheet):
    sheet.ink(np.full((50, 50), 255, np.uint8), 580, -20, (0, 0, 0))
    assert (sheet.pixels[:30, 580:] == 0).all()
    sheet.ink(np.full((50, 50), 255, np.uint8), 900, 900, (0, 0, 0))
    assert (sheet.pixels == 0).all(axis=2).sum() == 30 * 20


def test_half_the_strength_is_half_the_ink(sheet):
    sheet.ink(np.full((10, 10), 255, np.uint8), 0, 0, (40, 40, 40), 0.5)
    assert sheet.pixels[5, 5].tolist() == [140, 140, 140]


def test_faces_are_those_with_letters_and_digits(fonts, tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "ACCENTS", "")  # Pillow's own has few
    found = faces(fonts, held_out=False)
    assert [path.name for path in found] == ["face.ttf"]
    assert not looks_handwritten(found[0])
    with pytest.raises(DataError, match="no typeface"):
        faces(fonts, held_out=True)
    with pytest.raises(DataError, match="install some fonts"):
        faces(tmp_path, held_out=False)


def test_what_is_written_is_a_record():
    assert Written("12", (0, 0, 1, 1)) == Written("12", (0, 0, 1, 1))
