"""Labelled scenes in memory: which numbers are classes, and what is refused."""

import cv2
import numpy as np
import pytest

from windowpane.data.scenes import UNKNOWN, as_classes, own, read_all
from windowpane.errors import DataError


def test_numbers_of_a_public_set_that_are_no_class_are_unknown():
    assert as_classes(np.array([[0, 1, 2, 9]]), 2, first=1).tolist() == [[UNKNOWN, 0, 1, UNKNOWN]]


def test_all_is_read_in_pairs_of_one_size(scene_folder):
    pairs = read_all(own(scene_folder))
    assert [(picture.shape, labels.shape) for picture, labels in pairs] == [((30, 40, 3), (30, 40))] * 3
    cv2.imwrite(str(scene_folder / "labels" / "a.png"), np.zeros((20, 40), np.uint8))
    with pytest.raises(
        DataError, match=r"a\.png: its labels are for 40 x 20 pixels, and its picture has 40 x 30"
    ):
        read_all(own(scene_folder))
