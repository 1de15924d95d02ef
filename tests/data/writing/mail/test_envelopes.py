"""Composed envelopes."""

import numpy as np
import pytest

from windowpane.data.writing.mail.envelopes import Stationery, compose_envelope
from windowpane.read.mail.countries import country


@pytest.fixture(scope="module")
def desk(tmp_path_factory, hand):
    """The typeface that Pillow brings along, and a hand."""
    font = pytest.importorskip("PIL.ImageFont").load_default(20)
    if not hasattr(font, "path"):
        pytest.skip("Pillow was built without FreeType")
    path = tmp_path_factory.mktemp("fonts") / "face.ttf"
    path.write_bytes(font.path.getvalue())
    return Stationery([path], [], [hand])


def some(desk, name, count=12):
    rng = np.random.default_rng(8)
    return [compose_envelope(rng, desk, country(name)) for _ in range(count)]


@pytest.mark.parametrize("name", ["US", "FR", "HU", "SE"])
def test_the_code_is_written_in_its_box(desk, name):
    for one in some(desk, name):
        height, width = one.pixels.shape[:2]
        x0, y0, x1, y1 = one.box
        assert 0 <= x0 < x1 <= width
        assert 0 <= y0 < y1 <= height
        inside = [w for w in one.written if w.text.isdigit() and x0 - 1 <= w.box[0] and w.box[2] <= x1 + 1]
        inside = [w for w in inside if y0 - 1 <= w.box[1] and w.box[3] <= y1 + 1]
        assert "".join(w.text for w in inside).startswith(one.code)
        patch = one.pixels[round(y0) : round(y1), round(x0) : round(x1)].astype(int)
        assert patch.max() - patch.min() > 50, "there is ink on paper"


def test_it_holds_other_numbers_too_and_lies_where_addresses_are(desk):
    found = some(desk, "DE", 20)
    assert np.mean([sum(w.text.isdigit() for w in one.written) for one in found]) > 4
    y = [(one.box[1] + one.box[3]) / 2 / one.pixels.shape[0] for one in found]
    assert 0.5 < np.mean(y) < 0.85


def test_the_same_seed_gives_the_same_envelope(desk):
    (one,), (other,) = some(desk, "IT", 1), some(desk, "IT", 1)
    assert one.code == other.code
    assert np.array_equal(one.pixels, other.pixels)


def test_by_hand_all_scripts_and_hands_are_taken(desk, hand):
    rng = np.random.default_rng(0)
    assert desk.pen(rng, 20, by_hand=True).hand is hand
    assert desk.pen(rng, 20, by_hand=False).hand is None
