"""Several views of a picture: what each sees of a part, and what their mean brings."""

import numpy as np
import pytest

from windowpane.errors import ArgumentError
from windowpane.parse.parser import Parser
from windowpane.parse.tta import VIEWS, View, views

GRID = 16


@pytest.mark.parametrize("view", VIEWS[4])
def test_a_view_of_a_part_knows_where_the_part_s_pixels_lie(view):
    """The picture says of each pixel where it is: so it can be asked what is seen there."""
    rows, cols = np.mgrid[:240, :240].astype(np.uint8)
    picture = np.dstack([rows, cols, rows])
    seen, y, x = view.part(picture, slice(60, 100), slice(30, 90), 20, GRID)
    found = seen[np.floor(y).astype(int)[:, None], np.floor(x).astype(int)].astype(float)
    assert np.abs(found[..., 0] - np.arange(60, 100)[:, None]).max() <= 1
    assert np.abs(found[..., 1] - np.arange(30, 90)).max() <= 1


@pytest.mark.parametrize("view", VIEWS[4])
def test_a_part_begins_where_cells_of_all_levels_begin_in_the_whole_view(view, blobs):
    picture = blobs(400, 300)
    whole, *_ = view.part(picture, slice(0, 300), slice(0, 400), 0, GRID)
    part, *_ = view.part(picture, slice(150, 200), slice(150, 200), 30, GRID)
    places = [
        (y, x)
        for y in range(0, whole.shape[0] - part.shape[0] + 1, GRID)
        for x in range(0, whole.shape[1] - part.shape[1] + 1, GRID)
    ]
    edge = 2  # a part is enlarged by itself: its own edges are those of what was cut out
    inner = part[edge:-edge, edge:-edge]
    away = [
        np.abs(whole[y + edge :, x + edge :][: inner.shape[0], : inner.shape[1]].astype(int) - inner).max()
        for y, x in places
    ]
    assert min(away) == 0


def test_there_are_1_2_or_4_views_and_the_first_is_the_picture_as_it_is():
    for count in (1, 2, 4):
        assert len(views(count)) == count
        assert views(count)[0] == View()
    with pytest.raises(ArgumentError, match="1, 2, 4 times, not 3"):
        views(3)


@pytest.mark.parametrize("tta", [2, 4])
def test_with_more_views_a_mirrored_picture_has_mirrored_labels(net, parser, tta, blobs):
    picture, several = blobs(203, 150), Parser(net, tta=tta)
    one, other = several.parse(picture), several.parse(picture[:, ::-1])
    np.testing.assert_allclose(other.confidence[:, ::-1], one.confidence, atol=1e-5)
    assert (other.class_ids[:, ::-1] == one.class_ids).mean() > 0.999
    single = parser.parse(picture)
    assert 0.9 < (single.class_ids == one.class_ids).mean() < 1, (
        "nearly the answer of one view, but not the same"
    )
    assert np.abs(single.confidence - one.confidence).mean() > 1e-3


def test_more_views_make_an_uneven_net_even(make_net, stripes):
    """A net that is wrong where something stands on the left, but not where it stands on the right."""
    picture, truth = stripes()
    edges = {
        tta: np.argmax(Parser(make_net(lean=3), tta=tta).parse(picture).class_ids == 1, axis=1)
        for tta in (1, 2)
    }
    true_edge = np.argmax(truth[0] == 1)
    assert np.abs(edges[1] - true_edge).min() >= 2
    assert np.abs(edges[2] - true_edge).max() <= 1
