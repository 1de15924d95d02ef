"""A folder of labelled scenes of one's own, to read and to check."""

import cv2
import numpy as np
import pytest

from windowpane.data.scenes import UNKNOWN


@pytest.fixture
def scene_folder(tmp_path):
    """Three pictures of 40 x 30 with their labels: the left half is class 0, the right half 1, a corner
    unknown."""
    for part in ("images", "labels"):
        (tmp_path / part).mkdir()
    (tmp_path / "classes.txt").write_text("path\nbush\n")
    labels = np.zeros((30, 40), np.uint8)
    labels[:, 20:], labels[:5, :5] = 1, UNKNOWN
    for name in "abc":
        cv2.imwrite(str(tmp_path / "images" / f"{name}.jpg"), np.full((30, 40, 3), 90, np.uint8))
        cv2.imwrite(str(tmp_path / "labels" / f"{name}.png"), labels)
    return tmp_path
