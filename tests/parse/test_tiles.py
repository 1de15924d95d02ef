"""A large picture in tiles: none of it is left out, none done twice, and no seam is seen."""

import numpy as np
import pytest

from windowpane.parse.parser import Parser
from windowpane.parse.tiles import reduced, tiles, widened, within


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (65, 64), (130, 200)])
def test_tiles_cover_each_pixel_once(size):
    times = np.zeros(size, int)
    for part in tiles(size, 64):
        assert max(times[part].shape) <= 64
        times[part] += 1
    assert (times == 1).all()


def test_a_part_is_widened_as_far_as_the_picture_goes_and_found_again_in_it():
    picture = np.arange(100 * 80).reshape(100, 80)
    place = slice(50, 60), slice(4, 30)
    part = widened(place, (100, 80), 20)
    assert part == (slice(30, 80), slice(0, 50))
    np.testing.assert_array_equal(picture[part][within(place, part)], picture[place])


def test_only_a_picture_that_is_too_long_is_made_smaller(blobs):
    picture = blobs(300, 200)
    assert reduced(picture, None) is picture
    assert reduced(picture, 300) is picture
    assert reduced(picture, 150).shape == (100, 150, 3)
    assert reduced(np.zeros((1, 5000, 3), np.uint8), 10).shape == (1, 10, 3)


@pytest.mark.parametrize(("pyramid", "tta"), [("gaussian", 1), ("laplacian", 1), ("gaussian", 4)])
def test_a_large_picture_is_parsed_in_tiles_without_a_seam(make_net, pyramid, tta, monkeypatch, blobs):
    parser = Parser(make_net(pyramid=pyramid), tta=tta)
    picture = blobs(701, 503)
    whole = parser.parse(picture)
    monkeypatch.setattr(parser.net, "tile", 64)
    tiled = parser.parse(picture)
    np.testing.assert_allclose(tiled.confidence, whole.confidence, atol=1e-5)
    assert (tiled.class_ids == whole.class_ids).mean() > 0.9999
