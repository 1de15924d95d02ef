"""What else is on an envelope."""

import numpy as np
import pytest

from windowpane.data.writing.mail import postage
from windowpane.data.writing.mail.sheets import Pen, Sheet

DRAWN = {
    "stamp": (postage.stamp, True),
    "postmark": (postage.postmark, True),
    "meter": (postage.meter, True),
    "permit": (postage.permit, True),
    "registered": (postage.registered, True),
    "bars": (postage.bars, False),
    "clerk bars": (postage.clerk_bars, False),
    "matrix": (postage.matrix, False),
}


@pytest.fixture(scope="module")
def face(tmp_path_factory):
    """The typeface that Pillow brings along."""
    font = pytest.importorskip("PIL.ImageFont").load_default(20)
    if not hasattr(font, "path"):
        pytest.skip("Pillow was built without FreeType")
    path = tmp_path_factory.mktemp("fonts") / "face.ttf"
    path.write_bytes(font.path.getvalue())
    return path


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_where_it_is_told_and_brings_numbers(name, face):
    draw, numbers = DRAWN[name]
    sheet = Sheet(np.full((400, 800, 3), 240, np.float32))
    draw(np.random.default_rng(4), sheet, Pen(face, 20, (30, 30, 30)), 300, 100, 120)
    changed = np.argwhere(np.abs(sheet.pixels - 240).max(axis=2) > 20)
    assert len(changed) > 100
    assert changed[:, 0].min() >= 60
    assert any(one.text.isdigit() for one in sheet.written) == numbers


@pytest.mark.parametrize("name", DRAWN)
def test_at_the_edge_it_does_no_harm(name, face):
    sheet = Sheet(np.full((200, 300, 3), 240, np.float32))
    DRAWN[name][0](np.random.default_rng(4), sheet, Pen(face, 20, (30, 30, 30)), 260, 150, 120)
    assert np.isfinite(sheet.pixels).all()
