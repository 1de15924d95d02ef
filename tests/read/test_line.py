"""The same line comes out, whatever the pen, the paper, the light and the size of the picture."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windowpane.data.writing.lines import PLAIN, compose
from windowpane.read.line import DIGIT_HEIGHT, HEIGHT, MARGIN, Line, LineView, find_band, ink_map, normalize

WHITE, BLACK = (250, 250, 250), (20, 20, 20)


@pytest.fixture(scope="module")
def written(hand):
    """The digits 94720 with margins of half their height; ink (H, W) in 0..1, and the digits' centres."""
    ink = compose(np.random.default_rng(3), hand, "94720", PLAIN)
    return cv2.copyMakeBorder(ink.coverage, 20, 20, 20, 20, cv2.BORDER_CONSTANT) / 255, ink.centres + 20


def show(cover, *, paper=WHITE, ink=BLACK, height=80, light=1.0):
    """A picture of the digits in any colours, size and light."""
    pixels = (np.array(paper) * (1 - cover[..., None]) + np.array(ink) * cover[..., None]) * light
    width = round(cover.shape[1] * height / cover.shape[0])
    how = cv2.INTER_AREA if height < cover.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(np.clip(pixels, 0, 255).astype(np.uint8), (width, height), interpolation=how)


def likeness(one, other):
    """Correlation of two lines' ink, of one width to a few percent: 1 for equal ones."""
    assert one.shape[1] == pytest.approx(other.shape[1], rel=0.05)
    width = min(one.shape[1], other.shape[1])
    scaled = [cv2.resize(ink, (width, HEIGHT), interpolation=cv2.INTER_AREA).ravel() for ink in (one, other)]
    return np.corrcoef(*scaled)[0, 1]


@pytest.mark.parametrize(
    "look",
    [
        {"paper": BLACK, "ink": WHITE},
        {"paper": (240, 220, 120), "ink": (30, 40, 160)},
        {"paper": (200, 60, 60), "ink": (60, 200, 60)},  # red and green of almost one brightness
        {"paper": (120, 125, 122), "ink": (90, 92, 94)},  # faint pencil on grey
        {"paper": (60, 110, 70), "ink": (225, 230, 220)},  # chalk
        {"height": 28},
        {"height": 150},
        {"height": 400},
    ],
    ids=lambda look: ", ".join(f"{key} {value}" for key, value in look.items()),
)
def test_colours_polarity_and_size_make_no_difference(written, look):
    cover, _ = written
    reference = normalize(show(cover)).ink
    assert likeness(normalize(show(cover, **look)).ink, reference) > 0.95


def test_a_picture_of_14_pixels_gives_the_line_but_for_sharpness(written):
    cover, _ = written
    tight = cover[18:-18, 18:-18]
    assert likeness(normalize(show(tight, height=14)).ink, normalize(show(tight)).ink) > 0.9


def test_a_shadow_over_half_the_picture_makes_no_difference(written):
    cover, _ = written
    light = np.ones(cover.shape)
    light[:, cover.shape[1] // 2 :] = 0.45
    light = cv2.GaussianBlur(light, (0, 0), 6)[..., None]
    assert likeness(normalize(show(cover, light=light)).ink, normalize(show(cover)).ink) > 0.95


@pytest.mark.parametrize("margin", [-18, 0, 15, 40], ids="margin {}".format)
def test_tight_and_wide_crops_give_the_same_line(written, margin):
    cover, _ = written
    crop = cover[-margin:margin, -margin:margin] if margin < 0 else np.pad(cover, margin)
    picture = show(crop, height=crop.shape[0])
    assert likeness(normalize(picture).ink, normalize(show(cover, height=cover.shape[0])).ink) > 0.95


def test_inverted_there_is_ink_beside_the_strokes_and_none_on_them(written):
    cover, _ = written
    strokes = show(cover)[..., 0] < 60
    assert ink_map(show(cover))[strokes].mean() > 200
    inverted = ink_map(show(cover), inverted=True)
    assert inverted[strokes].mean() < 20
    assert inverted.max() > 200


def test_a_tilted_line_maps_to_the_picture_and_back():
    line = Line(np.zeros((HEIGHT, 90), np.uint8), (2.0, 1.5), 10.0, 20.0, 0.1)
    assert line.to_picture(0, 0) == (10, 20)
    assert line.to_picture(40, 15) == pytest.approx((30, 32))
    assert line.to_line(*line.to_picture(7, 9)) == pytest.approx((7, 9))


def test_grey_pictures_do_as_well_as_colour(written):
    cover, _ = written
    picture = show(cover)
    assert likeness(normalize(picture[..., 0]).ink, normalize(picture).ink) > 0.999


def test_digits_have_their_height_in_the_middle_of_the_line_and_margins_at_its_ends(written):
    cover, _ = written
    ink = normalize(show(cover, height=200)).ink
    assert (ink.shape[0], ink.dtype) == (HEIGHT, np.uint8)
    rows = np.flatnonzero((ink > 100).any(axis=1))
    assert abs(len(rows) - DIGIT_HEIGHT) <= 3
    assert abs(rows.mean() - (HEIGHT - 1) / 2) <= 2
    columns = np.flatnonzero((ink > 100).any(axis=0))
    assert columns[0] == pytest.approx(MARGIN, abs=2)
    assert ink.shape[1] - 1 - columns[-1] == pytest.approx(MARGIN, abs=2)
    assert ink.max() > 200  # full ink, and
    assert np.median(ink) == 0  # clean paper


def test_long_ruled_lines_are_no_digits(written):
    cover, _ = written
    ruled = cover.copy()
    ruled[[4, 5, -6, -5]] = 1.0
    plain, with_rules = normalize(show(cover, height=120)), normalize(show(ruled, height=120))
    assert with_rules.scale == pytest.approx(plain.scale, rel=0.08)
    assert with_rules.top == pytest.approx(plain.top, abs=4)


def test_a_view_is_zoomed_moved_and_stretched(written):
    cover, _ = written

    def place(**options):
        inked = normalize(show(cover), LineView(**options)).ink > 100
        rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
        return np.array([rows[0], rows[-1] + 1, columns[0], columns[-1] + 1])

    top, bottom, left, right = place()
    larger = place(zoom=1.25)
    assert larger[1] - larger[0] == pytest.approx(1.25 * (bottom - top), abs=2)
    assert larger[3] - larger[2] == pytest.approx(1.25 * (right - left), abs=3)
    assert place(shift=3.0).tolist() == [top + 3, bottom + 3, left, right]
    assert place(slide=2.0).tolist() == [top, bottom, left + 2, right + 2]
    wider = place(stretch=1.4)
    assert wider[:3].tolist() == pytest.approx([top, bottom, left], abs=1)
    assert wider[3] - wider[2] == pytest.approx(1.4 * (right - left), abs=3)


@pytest.mark.parametrize("height", [30, 80, 300])
@pytest.mark.parametrize("stretch", [1.0, 1.4])
def test_places_on_the_line_are_places_in_the_picture(written, height, stretch):
    cover, centres = written
    line = normalize(show(cover, height=height), LineView(stretch=stretch))
    zoom = height / cover.shape[0]
    ink = line.ink.astype(float)
    for centre in centres * zoom:
        x, _ = line.to_line(centre, 0)
        assert ink[:, round(x) - 8 : round(x) + 8].max() > 150  # there is the digit's ink
    rows, columns = np.nonzero(show(cover, height=height)[..., 0] < 128)
    left, top = line.to_line(columns.min(), rows.min())
    right, bottom = line.to_line(columns.max() + 1, rows.max() + 1)
    found_rows, found_columns = np.nonzero(line.ink > 100)
    assert [left, right] == pytest.approx([found_columns.min(), found_columns.max() + 1], abs=2)
    assert [top, bottom] == pytest.approx([found_rows.min(), found_rows.max() + 1], abs=2)


scales, places = st.floats(0.05, 5), st.floats(-500, 500)


@given(scales, scales, places, places, places, places)
def test_to_the_line_and_back(across, down, left, top, x, y):
    line = Line(np.zeros((HEIGHT, 48), np.uint8), (across, down), left, top)
    assert line.to_picture(*line.to_line(x, y)) == pytest.approx((x, y), abs=1e-6)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_blank_picture_is_a_line_without_ink(grey):
    noise = np.random.default_rng(0).integers(-1, 2, (40, 200, 1))
    picture = np.clip(np.full((40, 200, 3), grey) + noise, 0, 255).astype(np.uint8)
    line = normalize(picture)
    assert line.ink.shape[0] == HEIGHT
    assert line.ink.max() == 0
    assert find_band(ink_map(picture)) == (0, 0, 200, 40)


@given(st.integers(1, 130), st.integers(1, 400), st.booleans(), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_every_picture_of_whatever_size_gives_a_line(height, width, grey, seed):
    shape = (height, width) if grey else (height, width, 3)
    picture = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    before = picture.copy()
    ink = normalize(picture).ink
    assert (ink.shape[0], ink.dtype) == (HEIGHT, np.uint8)
    assert 2 * MARGIN < ink.shape[1] <= 4096
    np.testing.assert_array_equal(picture, before)


def test_a_strip_of_any_length_gives_a_line_of_bounded_width():
    strip = np.full((20, 20_000, 3), 255, np.uint8)
    strip[4:16, ::7] = 0
    assert normalize(strip).ink.shape[1] <= 4096
