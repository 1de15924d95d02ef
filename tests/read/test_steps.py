"""The steps of a reading: of a doubtful line they are those of the view that decided."""

from itertools import pairwise

import numpy as np
import pytest

from windowpane.data.writing.lines import PLAIN, TOUCHING, compose, photograph
from windowpane.read.alphabet.labels import NAMES
from windowpane.read.lattice import SPAN
from windowpane.read.line import normalize
from windowpane.show import draw


def picture(hand, text, style, seed):
    rng = np.random.default_rng(seed)
    return photograph(rng, compose(rng, hand, text, style), "clean").pixels


@pytest.fixture(scope="module")
def tight(reader, hand):
    """Pictures of 11811 whose digits stand so tight that only a stretched view has room for all five."""
    pictures = [picture(hand, "11811", TOUCHING, seed) for seed in (7, 13, 28)]
    return [(one, reader.explain(one)) for one in pictures]


def test_the_path_climbs_where_the_digits_of_the_answer_are(tight):
    for _, steps in tight:
        assert steps.reading.text == "11811"
        assert len(steps.columns) == 5
        assert all(right - left >= SPAN for left, right in pairwise(steps.columns))
        for digit, column in zip("11811", steps.columns, strict=True):
            assert np.exp(steps.voted[int(digit), column]) > 0.05


def test_line_maps_and_vote_are_of_the_view_that_decided(tight):
    for pixels, steps in tight:
        height, width = steps.ink.shape
        assert width > normalize(pixels).ink.shape[1], "it is not the plain view"
        assert steps.voted.shape == (11, steps.window.map_size(height, width)[1])
        for one in steps.maps:
            assert one.scores.shape == (len(NAMES), *one.window.map_size(height, width))


def test_the_figure_shows_the_path_of_the_answer(tight):
    for _, steps in tight:
        drawn = np.all(
            draw.lattice(steps.voted, steps.columns, "11811", cell=(16, 16)) == draw.ACCENT, axis=-1
        )
        rises = [column for column in range(steps.voted.shape[1]) if drawn[:, 16 * column + 8].sum() >= 16]
        assert rises == list(steps.columns)
        assert draw.figure1(steps).ndim == 3


def test_a_line_that_is_sure_is_shown_as_it_was_seen_first(reader, hand):
    pixels = picture(hand, "94720", PLAIN, 2)
    steps = reader.explain(pixels)
    np.testing.assert_array_equal(steps.ink, normalize(pixels).ink)
    for one, seen in zip(steps.maps, reader.engine.run(steps.ink), strict=True):
        assert (one.name, one.names, one.window) == (seen.name, seen.names, seen.window)
        np.testing.assert_array_equal(one.scores, seen.scores)


def test_the_steps_show_themselves_in_a_line(tight):
    shown = repr(tight[0][1])
    assert shown.startswith("<ReadSteps to <Reading '11811', ")
    assert "net " in shown
    assert len(shown) < 250
