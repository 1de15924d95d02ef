"""Pictures that are turned when they are shown."""

import cv2
import numpy as np
import pytest

from windowpane.data.check.orientation import fit_as_stored, orientation_of


def test_the_orientation_of_a_file(tmp_path):
    cv2.imwrite(str(tmp_path / "a.jpg"), np.zeros((30, 40, 3), np.uint8))
    assert orientation_of(tmp_path / "a.jpg") == 1
    assert orientation_of(tmp_path / "none.jpg") == 1


@pytest.mark.parametrize(
    ("orientation", "turn"), [(2, np.fliplr), (3, lambda x: x[::-1, ::-1]), (4, np.flipud)]
)
def test_labels_end_where_the_picture_changes(orientation, turn):
    labels = np.zeros((60, 80), np.uint8)
    labels[:20, :30] = 1
    stored = np.repeat(np.where(labels == 0, 90, 180)[..., None], 3, axis=2).astype(np.uint8)
    upright = np.ascontiguousarray(turn(stored))
    assert fit_as_stored(upright, labels, orientation)
    assert not fit_as_stored(upright, np.ascontiguousarray(turn(labels)), orientation)
    assert not fit_as_stored(upright, labels, 1)
    assert not fit_as_stored(upright, np.zeros_like(labels), orientation)
