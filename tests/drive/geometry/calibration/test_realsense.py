"""RealSense's intrinsics as people dump them; a preset is named for what it is."""

import json

import numpy as np
import pytest

from windowpane.drive.geometry.calibration.reader import read_calibration
from windowpane.drive.geometry.calibration.realsense import cameras_of, read
from windowpane.errors import DataError

ONE = {"width": 848, "height": 480, "fx": 420.0, "fy": 420.0, "ppx": 424.0, "ppy": 240.0}
ONE |= {"model": "distortion.brown_conrady", "coeffs": [0.0] * 5}


@pytest.mark.parametrize(
    "values",
    [
        {"left": ONE, "right": ONE, "baseline": 0.05},
        {"infra1": ONE, "infra2": ONE, "color": ONE, "baseline_mm": 50.0},
        {"intrinsics": {"Infrared 1": ONE, "Infrared 2": ONE}, "baseline": -0.05},
        {
            "streams": {"infrared_1": ONE, "infrared_2": ONE},
            "extrinsics": {"rotation": np.eye(3).ravel().tolist(), "translation": [-0.05, 0, 0]},
        },
    ],
)
def test_two_infrared_cameras(written, values):
    found = read_calibration(written(json.dumps(values), "camera.json"))
    assert found.T_right_left[:3, 3] == pytest.approx([-0.05, 0, 0])
    assert found.size == (480, 848)
    assert found.left.matrix[0].tolist() == [420, 0, 424]


def test_the_rotation_counts_by_columns(truth):
    link = {"rotation": truth.R.T.ravel().tolist(), "translation": truth.T.tolist()}
    found = read({"left": ONE, "right": ONE, "extrinsics": link})
    np.testing.assert_allclose(found.T_right_left[:3, :3], truth.R)


def test_one_camera_is_not_enough():
    assert list(cameras_of({"a": {"color": ONE}, "b": 1})) == ["/a/color"]
    with pytest.raises(ValueError, match="intrinsics of color, and not of a left and a right"):
        read({"color": ONE})
    with pytest.raises(KeyError, match="baseline"):
        read({"left": ONE, "right": ONE})


def test_a_preset_is_named(written):
    preset = {
        "aux-param-autoexposure-setpoint": "1536",
        "controls-laserpower": "150",
        "param-medianthreshold": "1",
    }
    with pytest.raises(DataError, match=r"preset of a RealSense camera \(its settings\), no calibration"):
        read_calibration(written(json.dumps(preset), "HighAccuracy.json"))
