import numpy as np
import pytest

from windowpane.core.windows import Window
from windowpane.read.votes import align, vote

TRUNK = Window(12, 14, stride=(4, 4))
WINDOWS = [TRUNK.followed_by(Window(1, width)) for width in (5, 4, 3, 2)]
STRIDED = [Window(32, width, stride=(4, 3)) for width in (31, 20, 24, 31)]


def centres(window, image_width):
    """A map of one label that holds the x of its own windows' centres."""
    columns = window.map_size(window.height, image_width)[1]
    return np.array([[window.centre(0, column)[0] for column in range(columns)]], np.float32)


@pytest.mark.parametrize("windows", [WINDOWS, WINDOWS[::-1], STRIDED])
@pytest.mark.parametrize("image_width", [31, 60, 97, 160, 161, 162, 163])
def test_aligned_columns_look_at_the_same_place(windows, image_width):
    aligned = align([centres(window, image_width) for window in windows], windows)
    widest = max(windows, key=lambda window: window.width)
    expected = centres(widest, image_width)
    assert aligned.shape == (len(windows), *expected.shape)
    behind = expected - aligned
    assert behind.min() >= 0
    assert behind.max() < widest.stride[1]


def test_align_cuts_to_the_columns_that_all_maps_have():
    maps = [np.zeros((3, 11, 10)), np.zeros((3, 11, 8))]
    assert align(maps, [WINDOWS[0], WINDOWS[1]]).shape == (2, 3, 11, 8)


def test_align_leaves_rows_alone():
    rng = np.random.default_rng(0)
    maps = [rng.normal(size=(11, 4, columns)) for columns in (10, 11, 12, 13)]
    aligned = align(maps, WINDOWS)
    for row in range(4):
        of_row = align([one[:, row] for one in maps], WINDOWS)
        np.testing.assert_array_equal(aligned[:, :, row], of_row)


def test_align_names_what_does_not_belong_together():
    one = np.zeros((11, 5))
    with pytest.raises(ValueError, match="2 maps with 1 windows"):
        align([one, one], [TRUNK])
    with pytest.raises(ValueError, match="same stride"):
        align([one, one], [TRUNK, Window(12, 14)])
    with pytest.raises(ValueError, match="right of the widest"):
        align([one, one], [TRUNK, Window(12, 10, TRUNK.stride, offset=(0, 40))])


def test_majority_is_the_mean_probability():
    probabilities = np.array([[[0.9], [0.1]], [[0.3], [0.7]], [[0.6], [0.4]]])
    voted = np.exp(vote(np.log(probabilities)))
    np.testing.assert_allclose(voted, [[0.6], [0.4]])


def test_highest_lets_the_surest_net_win_and_sums_to_one():
    probabilities = np.array([[[0.01], [0.99]], [[0.6], [0.4]], [[0.6], [0.4]]])
    voted = np.exp(vote(np.log(probabilities), "highest"))
    np.testing.assert_allclose(voted, [[0.6 / 1.59], [0.99 / 1.59]])


@pytest.mark.parametrize("how", ["majority", "highest"])
@pytest.mark.parametrize(("shape", "axis"), [((4, 11, 6), -2), ((4, 3, 11, 6), -2), ((4, 11, 3, 6), -3)])
def test_votes_are_probabilities(how, shape, axis):
    logits = np.random.default_rng(1).normal(scale=60, size=shape).astype(np.float32)
    logs = logits - np.logaddexp.reduce(logits, axis=axis, keepdims=True)
    voted = vote(logs, how, axis=axis)
    assert voted.dtype == np.float32
    assert voted.shape == shape[1:]
    assert np.isfinite(voted).all()
    np.testing.assert_allclose(np.exp(voted).sum(axis=axis), 1, atol=1e-5)


@pytest.mark.parametrize("how", ["majority", "highest"])
def test_a_label_that_no_net_thinks_possible_stays_impossible(how):
    logs = np.log(np.array([[[0.5], [0.5], [1e-300]]] * 2))
    logs[:, 2] = -np.inf
    np.testing.assert_allclose(vote(logs, how), [[np.log(0.5)], [np.log(0.5)], [-np.inf]])


def test_vote_names_an_unknown_kind():
    with pytest.raises(ValueError, match="'median'"):
        vote(np.zeros((2, 11, 3)), "median")
