"""The measures of parsing, against their definitions."""

import cv2
import numpy as np
import pytest

from windowpane.data.scenes import UNKNOWN
from windowpane.errors import DataError
from windowpane.evaluate.parse import Scores, confusion, evaluate


def test_a_table_counts_pairs_and_leaves_out_the_unknown():
    true = np.array([[0, 0, 1], [2, UNKNOWN, 1]])
    given = np.array([[0, 1, 1], [2, 2, 0]])
    np.testing.assert_array_equal(confusion(given, true, 3), [[1, 1, 0], [1, 1, 0], [0, 0, 1]])


def test_scores_are_those_of_their_definitions():
    table = np.array([[6, 2, 0], [1, 3, 0], [0, 4, 4]])
    scores = Scores.of(table)
    assert scores.pixels == pytest.approx(13 / 20)
    assert scores.classes == pytest.approx((6 / 8 + 3 / 4 + 4 / 8) / 3)
    np.testing.assert_allclose(scores.each, [6 / 9, 3 / 10, 4 / 8])
    assert scores.union == pytest.approx(np.mean([6 / 9, 3 / 10, 4 / 8]))


def test_a_class_that_is_nowhere_in_the_truth_does_not_count():
    scores = Scores.of(np.array([[5, 0, 1], [0, 4, 0], [0, 0, 0]]))
    assert np.isnan(scores.each[2])
    assert scores.union == pytest.approx((5 / 6 + 1) / 2)
    assert scores.classes == pytest.approx((5 / 6 + 1) / 2)


def test_tables_of_parts_add_up_to_that_of_the_whole():
    rng = np.random.default_rng(0)
    true, given = rng.integers(0, 4, (2, 60, 50))
    parts = confusion(given[:20], true[:20], 4) + confusion(given[20:], true[20:], 4)
    np.testing.assert_array_equal(parts, confusion(given, true, 4))
    assert Scores.of(parts).pixels == pytest.approx((given == true).mean())


@pytest.mark.parametrize("name", ["camvd", "stanford-6", "stanford-"])
def test_an_unknown_set_is_named(name, tmp_path):
    from tests.parse.conftest import net_file

    with pytest.raises(DataError, match=name):
        evaluate([name], net=net_file(tmp_path).data)


def test_a_folder_is_measured_as_the_parser_is_told_to(tmp_path):
    from tests.parse.conftest import net_file

    truth = np.zeros((240, 320), np.uint8)
    cv2.fillPoly(truth, [np.array([(30, 20), (290, 120), (60, 220)])], 2)
    picture = 40 + 170 * np.eye(3)[truth] + np.random.default_rng(0).normal(0, 4, (240, 320, 3))
    for part in ("images", "labels"):
        (tmp_path / "own" / part).mkdir(parents=True)
    (tmp_path / "own" / "classes.txt").write_text("red\ngreen\nblue\n")
    cv2.imwrite(str(tmp_path / "own" / "images" / "a.png"), np.clip(picture, 0, 255)[..., ::-1])
    cv2.imwrite(str(tmp_path / "own" / "labels" / "a.png"), truth)
    net, own = net_file(tmp_path).data, str(tmp_path / "own")
    wrong = [1 - evaluate([own], net=net, superpixels=vote)[0]["pixel_accuracy"] for vote in (False, True)]
    assert 0 < wrong[1] < 0.3 * wrong[0]
