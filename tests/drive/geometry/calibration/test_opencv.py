"""OpenCV's calibrations: all three formats of FileStorage, packed ones too, and the names people give."""

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.calibration import opencv
from windowpane.drive.geometry.calibration.reader import read_calibration


def values(truth):
    bent = np.array([truth.bent])
    return {"M1": truth.left, "D1": bent, "M2": truth.right, "D2": bent, "R": truth.R, "T": truth.T[:, None]}


@pytest.mark.parametrize("name", ["stereo.yml", "stereo.xml", "stereo.json"])
@pytest.mark.parametrize("mode", [0, cv2.FILE_STORAGE_WRITE_BASE64])
def test_what_filestorage_writes_is_read(tmp_path, truth, motion, name, mode):
    storage = cv2.FileStorage(str(tmp_path / name), cv2.FILE_STORAGE_WRITE | mode)
    storage.write("image_width", 320)
    storage.write("image_height", 240)
    for key, value in values(truth).items():
        storage.write(key, value)
    storage.release()
    found = read_calibration(tmp_path / name)
    assert found.size == (240, 320)
    np.testing.assert_allclose(found.T_right_left, motion, atol=1e-12)
    np.testing.assert_allclose(found.right.matrix, truth.right)
    assert found.left.distortion == pytest.approx(truth.bent)


def test_other_names_and_a_fisheye(truth):
    other = dict(zip(("mtxL", "distL", "mtxR", "distR", "Rot", "Trns"), values(truth).values(), strict=True))
    found = opencv.read({**other, "resolution": [320, 240], "fisheye": 1})
    assert found.size == (240, 320)
    assert found.left.fisheye
    with pytest.raises(KeyError, match="M1 or K1"):
        opencv.read({})


@pytest.mark.parametrize("packed", ["$base64$x", "$base64$MWQ=", "words", "$base64$" + "A" * 64])
def test_numbers_that_cannot_be_unpacked_are_a_fault(truth, packed):
    with pytest.raises(ValueError, match=r"where numbers are expected|numbers where a matrix has"):
        opencv.read({**values(truth), "M1": {"rows": 3, "cols": 3, "data": packed}})
