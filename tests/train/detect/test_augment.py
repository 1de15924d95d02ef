"""Windows are cut where the pose says, and stay pictures of the same thing."""

import numpy as np
import pytest

from windowpane.images.crops import CropPose, cut
from windowpane.train.detect.augment import beyond_edge, covered, photometric


def spot(x, y, size=80, reach=4):
    """A dark picture with one bright square, its middle at (x, y)."""
    picture = np.zeros((size, size), np.uint8)
    picture[y - reach : y + reach, x - reach : x + reach] = 255
    return picture


def middle(window):
    rows, cols = np.nonzero(window > 100)
    return np.array([cols.mean() + 0.5, rows.mean() + 0.5])


@pytest.mark.parametrize("scale", [0.4, 1.0, 1.7])
@pytest.mark.parametrize("turn", [0.0, 0.3, -1.0])
@pytest.mark.parametrize("mirror", [False, True])
def test_a_point_of_the_picture_lies_in_the_window_where_the_pose_says(scale, turn, mirror):
    pose = CropPose(38.0, 41.0, scale, turn, mirror)
    window = cut(spot(44, 37, reach=2), pose, 33)
    np.testing.assert_allclose(middle(window), pose.to_window(np.array([44.0, 37.0]), 33), atol=0.5)


def test_a_plain_window_is_the_part_of_the_picture():
    picture = np.random.default_rng(0).integers(0, 256, (60, 70, 3), dtype=np.uint8)
    window = cut(picture, CropPose(30.0, 25.0, 1.0), 20)
    np.testing.assert_array_equal(window, picture[15:35, 20:40])


def test_the_window_turns_clockwise_and_mirroring_changes_left_and_right():
    right_of_middle = np.array([50.0, 40.0])
    x, y = CropPose(40.0, 40.0, 1.0, np.pi / 2).to_window(right_of_middle, 33)
    assert (x, y) == (
        pytest.approx(16.5),
        pytest.approx(6.5),
    )  # it turns back
    x, y = CropPose(40.0, 40.0, 1.0, mirror=True).to_window(right_of_middle, 33)
    assert (x, y) == (pytest.approx(6.5), pytest.approx(16.5))


def something_before(rng, window):
    return covered(rng, window, lambda points: 16.5 + 10 * points)


@pytest.mark.parametrize("change", [photometric, something_before])
@pytest.mark.parametrize("shape", [(33, 33), (33, 33, 3)])
def test_a_changed_window_keeps_its_shape_and_what_it_was_made_from(change, shape):
    rng = np.random.default_rng(1)
    window = rng.integers(0, 256, shape, dtype=np.uint8)
    before = window.copy()
    changed = [change(rng, window) for _ in range(60)]
    assert {(one.shape, one.dtype) for one in changed} == {(shape, np.dtype(np.uint8))}
    np.testing.assert_array_equal(window, before)
    assert any((one != window).any() for one in changed)


def test_an_augmented_window_still_shows_the_same_thing():
    rng = np.random.default_rng(2)
    window = cut(spot(40, 40, reach=8), CropPose(40.0, 40.0, 1.0), 33).astype(np.uint8) // 2 + 60
    alike = [np.corrcoef(photometric(rng, window).ravel(), window.ravel())[0, 1] for _ in range(200)]
    assert np.median(alike) > 0.9
    assert np.quantile(alike, 0.02) > 0.3


def test_what_is_before_an_object_hides_a_part_of_it_and_no_more():
    rng = np.random.default_rng(5)
    window = np.full((64, 64), 250, np.uint8)
    hidden = [(covered(rng, window, lambda points: 32 + 12 * points) != 250) for _ in range(100)]
    shares = [one.mean() for one in hidden]
    assert max(shares) < 0.45
    assert np.median(shares) > 0.02
    assert not np.any(hidden, axis=0)[[0, -1]].any()  # nothing far from the object


@pytest.mark.parametrize("edge", [0, 1, 2, 3])
def test_beyond_the_edge_of_the_picture_its_last_pixels_go_on(edge):
    window = np.random.default_rng(0).integers(0, 256, (20, 20), dtype=np.uint8)
    before = window.copy()
    seen = np.rot90(beyond_edge(window, edge, 7.2), edge)  # the edge is at the left now
    given, at = np.rot90(window, edge), 7 if edge < 2 else 13
    np.testing.assert_array_equal(seen[:, at:], given[:, at:])
    np.testing.assert_array_equal(seen[:, :at], np.repeat(given[:, at : at + 1], at, axis=1))
    np.testing.assert_array_equal(window, before)
