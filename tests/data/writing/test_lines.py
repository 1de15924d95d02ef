"""Composed pictures of numbers: they show what they say, where they say."""

import numpy as np
import pytest

from windowpane.data.writing.hands import Hand
from windowpane.data.writing.lines import (
    BODY,
    PLAIN,
    TOUCHING,
    TRAINING,
    Style,
    compose,
    photograph,
    splice,
    vary,
)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def bars():
    """A hand whose digits are bars of one height and of a width of their own, so that they can be told."""
    images = np.zeros((10, 72, 72), np.uint8)
    for digit, image in enumerate(images):
        half = 4 * (digit + 1) // 2
        image[16:56, 36 - half : 36 + half] = 255
    return Hand("bars", "bars", images, np.array(list("0123456789")), 40)


def runs(ink):
    """The first and last column, and their difference, of every stretch of inked columns."""
    inked = np.concatenate([[0], (ink.max(axis=0) > 100).astype(int), [0]])
    return np.stack([np.flatnonzero(np.diff(inked) == 1), np.flatnonzero(np.diff(inked) == -1)], axis=1)


# -- Ink ---------------------------------------------------------------------------------------------------


def test_the_digits_are_set_in_their_order_at_their_centres(bars):
    ink = compose(rng(1), bars, "3079", PLAIN)
    stretches = runs(ink.coverage)
    widths = stretches[:, 1] - stretches[:, 0]
    assert np.argsort(widths).tolist() == [1, 0, 2, 3]  # the widths of 3, 0, 7 and 9
    assert stretches.mean(axis=1) == pytest.approx(ink.centres, abs=1.5)
    assert ink.text == "3079"
    assert ink.coverage.max() > 240


@pytest.mark.parametrize(("gap", "least", "most"), [(0.05, 0, 5), (0.4, 12, 20)])
def test_the_gap_is_in_digit_heights(bars, gap, least, most):
    style = Style(gap=(gap, gap), sway=0, slant=0, wobble=0, size=0, lift=0, weight=(0, 0), signs=0)
    stretches = runs(compose(rng(), bars, "1212", style).coverage)
    gaps = stretches[1:, 0] - stretches[:-1, 1]
    assert least <= gaps.min() <= gaps.max() <= most
    assert gaps.mean() == pytest.approx(gap * BODY, abs=2)


def test_touching_digits_overlap_by_at_most_a_fifth_of_their_width(bars):
    generator = rng(2)
    overlapped = 0
    for _ in range(20):
        ink = compose(generator, bars, "8888", TOUCHING)
        pitch = np.diff(ink.centres)
        width = 36  # of an 8, pixels
        assert (pitch > 0.7 * width).all()  # a fifth, and the sizes vary
        overlapped += (pitch < width - 1).sum()
    assert overlapped > 20


def test_the_same_seed_gives_the_same_ink_and_another_another(hand):
    first, again, other = (compose(rng(seed), hand, "94720") for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.coverage, again.coverage)
    np.testing.assert_array_equal(first.centres, again.centres)
    assert first.coverage.shape != other.coverage.shape or (first.coverage != other.coverage).any()


def test_strokes_are_made_thinner_and_bolder_but_never_vanish(hand):
    amount = {}
    for weight in (-0.7, 0.0, 1.0):
        style = Style(weight=(weight, weight), wobble=0, slant=0, size=0, lift=0, sway=0, signs=0)
        ink = compose(rng(3), hand, "2456", style).coverage
        amount[weight] = (ink > 128).sum()
        assert len(runs(ink)) >= 1
        assert ink.max() > 80
    assert amount[-0.7] < amount[0.0] < amount[1.0]


def test_signs_beside_printed_digits_are_drawn_and_not_counted(bars):
    signs = "-.,/:$#*+=()%&ADEFGHKMNPRTUVWXYabdefghkmnprtuvwy"
    images = np.concatenate([bars.images, np.repeat(bars.images[:1], len(signs), axis=0)])
    characters = np.array(list("0123456789" + signs))
    printed = Hand("print", "print", images, characters, 40, np.full(len(images), 44, np.float32))
    more = 0
    for seed in range(20):
        ink = compose(rng(seed), printed, "77", Style(weight=(0, 0), signs=1.0, wobble=0, slant=0))
        assert len(ink.centres) == len(ink.text) == 2
        more += len(runs(ink.coverage)) - 2
    assert more >= 20


# -- Look --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", ["clean", "photo", "any"])
def test_pictures_are_rgb_of_bounded_size_with_digits_at_their_centres(hand, look):
    generator = rng(4)
    for _ in range(12):
        ink = compose(generator, hand, "60718", TRAINING)
        picture = photograph(generator, ink, look)
        height, width, channels = picture.pixels.shape
        assert (channels, picture.pixels.dtype, picture.text) == (3, np.uint8, "60718")
        assert 12 <= height <= 240
        assert (np.diff(picture.centres) > 0).all()
        assert 0 < picture.centres[0] < picture.centres[-1] < width


def test_clean_pictures_show_dark_ink_on_light_paper_at_the_centres(bars):
    generator = rng(5)
    for _ in range(10):
        picture = photograph(generator, compose(generator, bars, "8787", PLAIN), "clean")
        grey = picture.pixels.mean(axis=2)
        middle = grey[grey.shape[0] // 3 : -grey.shape[0] // 3]
        for centre in picture.centres:
            assert middle[:, int(centre)].min() < 130
        assert np.median(grey[:, 0]) > 200 or grey[0, 0] > 200


def test_the_margin_can_be_given(bars):
    sizes = {}
    for tight in (0.0, 1.0):
        picture = photograph(rng(6), compose(rng(6), bars, "88", PLAIN), "clean", tight=tight)
        dark = picture.pixels.mean(axis=2) < 130
        sizes[tight] = np.flatnonzero(dark.any(axis=1))[0] / picture.pixels.shape[0]
    assert sizes[0.0] < 0.1
    assert sizes[1.0] > 0.2


def test_photographs_have_both_polarities_and_colours(hand):
    generator = rng(7)
    light_on_dark = coloured = 0
    for _ in range(40):
        pixels = photograph(generator, compose(generator, hand, "888", PLAIN), "photo").pixels.astype(float)
        rim = np.median(np.concatenate([pixels[0], pixels[-1]]))
        light_on_dark += np.median(pixels) < pixels.mean() and rim < 128
        coloured += np.abs(pixels[..., 0] - pixels[..., 2]).mean() > 15
    assert 3 <= light_on_dark <= 37
    assert 3 <= coloured <= 37


# -- Real pictures, varied ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real():
    """A picture of four digits as bars of a width of their own, and their boxes."""
    pixels = np.full((60, 240, 3), 220, np.uint8)
    boxes = []
    for place, width in enumerate((8, 14, 20, 26)):
        x = 24 + 54 * place
        pixels[15:45, x : x + width] = 40
        boxes.append([x, 15, x + width, 45])
    return pixels, np.array(boxes, np.float32)


def test_variations_show_neighbouring_digits_at_their_centres(real):
    pixels, boxes = real
    before = pixels.copy()
    texts = set()
    generator = rng(8)
    for _ in range(60):
        picture = vary(generator, pixels, "1234", boxes)
        texts.add(picture.text)
        assert picture.text in "1234"
        assert picture.text
        assert len(picture.centres) == len(picture.text)
        grey = picture.pixels.mean(axis=2)
        row = grey[grey.shape[0] // 2]
        paper = np.median(grey[0])
        for centre in picture.centres:
            near = row[max(0, int(centre) - 2) : int(centre) + 3]
            assert np.abs(near - paper).max() > 25  # ink, dark or light
    assert "1234" in texts
    assert len(texts) > 3
    np.testing.assert_array_equal(pixels, before)


def test_spliced_pieces_say_both_and_keep_their_places(real):
    pixels, boxes = real
    generator = rng(9)
    for _ in range(10):
        parts = [vary(generator, pixels, "1234", boxes) for _ in range(2)]
        whole = splice(parts)
        assert whole.text == parts[0].text + parts[1].text
        assert (np.diff(whole.centres) > 0).all()
        assert len(whole.centres) == len(whole.text)
        assert whole.centres[-1] < whole.pixels.shape[1]
        height = whole.pixels.shape[0]
        assert min(p.pixels.shape[0] for p in parts) <= height <= max(p.pixels.shape[0] for p in parts)
