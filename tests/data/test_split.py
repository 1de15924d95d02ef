"""Which data are learned from: the nets that ship were trained with these parts, so none may ever change."""

from collections import Counter

import numpy as np
import pytest

from windowpane.data.split import FACES_SHARE, every_so_many, in_fold, in_validation, random_split
from windowpane.errors import DataError


def fold_of(key):
    (fold,) = [fold for fold in ("train", "tune", "test") if in_fold(key, fold)]
    return fold


def test_the_folds_of_the_faces_are_those_of_the_net_that_ships():
    assert [number for number in range(200) if in_fold(f"person_{number}", "tune")] == TUNED
    assert [number for number in range(200) if in_fold(f"person_{number}", "test")] == TESTED
    assert [number for number in range(45) if in_fold(number, "tune")] == [0, 20, 40]
    assert [number for number in range(45) if in_fold(number, "test")] == [10, 30]


def test_everyone_is_in_one_fold_and_most_are_to_learn_from():
    counts = Counter(fold_of(f"name {number}") for number in range(4000))
    assert counts["tune"] == pytest.approx(4000 / FACES_SHARE, rel=0.2)
    assert counts["test"] == pytest.approx(4000 / FACES_SHARE, rel=0.2)


def test_pictures_of_ones_own_go_by_their_names():
    assert [number for number in range(60) if in_validation(f"{number:03d}.png")] == VALIDATED


def test_lines_go_by_their_order():
    assert np.flatnonzero(every_so_many(25)).tolist() == [0, 10, 20]


def test_scenes_are_drawn_by_a_seed():
    learned, kept = random_split(range(40), seed=3)
    assert sorted(learned + kept) == list(range(40))
    assert kept == DRAWN
    assert random_split(range(40), seed=4)[1] != kept
    assert len(random_split(range(3), seed=0)[1]) == 1
    with pytest.raises(DataError, match="label two at least"):
        random_split(range(1), seed=0)


# As they were when the nets that ship were trained.
TUNED = [8, 30, 47, 58, 66, 70, 72, 87, 110, 119, 127, 144, 167, 171, 186, 192, 199]
TESTED = [9, 31, 44, 107, 147, 153, 158, 172, 191, 193]
VALIDATED = [5, 6, 32, 36, 37, 41, 47]
DRAWN = [17, 23, 30, 32]
