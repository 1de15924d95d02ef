"""What a parser's net sees of a picture."""

import numpy as np

from windowpane.core.windows import Window
from windowpane.parse.scales import levels_of


def halves(left, right):
    picture = np.empty((60, 80, 3), np.uint8)
    picture[:, :40], picture[:, 40:] = left, right
    return picture


def bands(picture):
    return [level.image for level in levels_of(picture, "laplacian", 3, Window(46, 46, (4, 4)))]


def test_bands_tell_colours_apart_that_are_equally_light():
    for level in bands(halves((200, 60, 60), (60, 120, 109))):  # 0.299 R + 0.587 G + 0.114 B: 101.9 and 100.8
        light, *colours = np.moveaxis(np.abs(level), -1, 0)
        assert max(one.max() for one in colours) > 1
        assert light.max() < 0.5 * max(one.max() for one in colours)


def test_of_grey_pictures_bands_have_no_colour():
    for level in bands(halves(30, 220)):
        assert np.abs(level[..., 0]).max() > 1
        assert np.abs(level[..., 1:]).max() < 1e-3


def test_bands_are_the_same_in_half_the_light():
    bright, dim = bands(halves((220, 180, 40), (40, 60, 140))), bands(halves((110, 90, 20), (20, 30, 70)))
    for one, other in zip(bright, dim, strict=True):
        edge = np.abs(one) > 0.9 * np.abs(one).max()
        np.testing.assert_allclose(other[edge], one[edge], rtol=0.05)
