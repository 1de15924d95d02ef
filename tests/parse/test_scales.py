"""What a parser's net sees of a picture, and how maps become pixels again."""

import numpy as np

from windowpane.core.windows import Window
from windowpane.parse.scales import cells, in_parts, interpolated, levels_of, likeliest


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


def test_places_among_cells_are_counted_from_the_first_and_kept_between_the_ends():
    np.testing.assert_allclose(
        cells(np.array([0, 10, 15, 20, 99.0]), np.array([10.0, 20, 30])), [0, 0, 0.5, 1, 2]
    )
    np.testing.assert_array_equal(cells(np.array([5.0, 6]), np.array([3.0])), [0, 0])


def test_maps_are_interpolated_linearly_between_four_cells():
    rows, cols = np.mgrid[:5, :7].astype(np.float32)
    maps = np.stack([2 * rows + 3 * cols, -rows])
    y, x = np.linspace(0, 4, 90, dtype=np.float32), np.linspace(0, 6, 130, dtype=np.float32)
    found = interpolated(maps, y, x)
    np.testing.assert_allclose(found[0], 2 * y[:, None] + 3 * x, atol=1e-5)
    np.testing.assert_allclose(found[1], -y[:, None] + 0 * x, atol=1e-5)


def test_the_parts_of_a_cell_lie_side_by_side():
    parts = np.arange(8, dtype=np.float32).reshape(8, 1, 1)  # two classes of four parts
    np.testing.assert_array_equal(in_parts(parts, 2), [[[0, 1], [2, 3]], [[4, 5], [6, 7]]])


def test_each_pixel_takes_its_likeliest_class_and_of_equals_the_first():
    given = np.random.default_rng(0).dirichlet(np.ones(200), (9, 11)).transpose(2, 0, 1).astype(np.float32)
    class_ids, best = likeliest(given)
    np.testing.assert_array_equal(class_ids, given.argmax(axis=0))
    np.testing.assert_array_equal(best, given.max(axis=0))
    assert not likeliest(np.full((3, 2, 2), 1 / 3, np.float32))[0].any()
