"""OAK's calibrations: two of the sockets, in centimetres, linked however the device links them."""

import json

import numpy as np
import pytest

from windowpane.drive.geometry.calibration.oak import read
from windowpane.drive.geometry.calibration.reader import read_calibration
from windowpane.drive.geometry.camera import load_calibration
from windowpane.errors import DataError


def camera(K, to, T, bent=(0.0,) * 14, **other):
    place = dict(zip("xyz", (100 * T[:3, 3]).tolist(), strict=True))
    link = {"rotationMatrix": T[:3, :3].tolist(), "translation": place, "toCameraSocket": to}
    return {
        "cameraType": 0,
        "intrinsicMatrix": K.tolist(),
        "distortionCoeff": [*bent],
        "extrinsics": link,
        "width": 320,
        "height": 240,
        **other,
    }


def dumped(*cameras):
    return {"cameraData": [*map(list, cameras)], "stereoRectificationData": {}}


NOWHERE = np.eye(4)


def test_left_to_right(written, truth, motion):
    left, right = camera(truth.left, 2, motion), camera(truth.right, -1, NOWHERE)
    right["extrinsics"]["rotationMatrix"] = []
    found = read_calibration(written(json.dumps(dumped((1, left), (2, right))), "calib.json"))
    np.testing.assert_allclose(found.T_right_left, motion, atol=1e-12)
    assert found.size == (240, 320)
    assert found.metric


def test_by_way_of_the_colour_camera(truth, motion):
    to_colour = np.eye(4)
    to_colour[0, 3] = -0.04
    cameras = (
        ("CAM_B", camera(truth.left, 0, to_colour)),
        ("CAM_C", camera(truth.right, 0, to_colour @ np.linalg.inv(motion))),
        ("CAM_A", camera(truth.left, -1, NOWHERE)),
    )
    np.testing.assert_allclose(read(dumped(*cameras), None).T_right_left, motion, atol=1e-12)
    np.testing.assert_allclose(read(dumped(*cameras), (1, 0)).T_right_left, to_colour, atol=1e-12)


def test_a_wide_one_is_a_fisheye(truth, motion):
    wide = {"cameraType": "fisheye", "bent": (0.1, 0.02, 0.003, 0.0004, *[0.0] * 10)}
    left, right = camera(truth.left, 2, motion, **wide), camera(truth.right, -1, NOWHERE, **wide)
    found = read(dumped((1, left), (2, right)), None)
    assert found.left.fisheye
    assert found.left.distortion == pytest.approx([0.1, 0.02, 0.003, 0.0004])


def test_what_is_amiss_is_told(written, truth, motion):
    apart = dumped((1, camera(truth.left, -1, NOWHERE)), (2, camera(truth.right, -1, NOWHERE)))
    with pytest.raises(ValueError, match="does not tell where camera 2 is"):
        read(apart, None)
    with pytest.raises(ValueError, match="no camera at socket 5; it has 1, 2"):
        read(apart, (1, 5))
    file = written(
        json.dumps(dumped((1, camera(truth.left, 2, motion)), (2, camera(truth.right, -1, NOWHERE))))
    )
    assert load_calibration(file).baseline == pytest.approx(0.12, abs=1e-3)
    with pytest.raises(DataError, match=r"unit of length is known: leave unit=0\.01"):
        load_calibration(file, unit=0.01)
