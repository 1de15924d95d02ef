"""Settings of ORB-SLAM: rectified cameras, and both ways of telling raw ones."""

import numpy as np
import pytest

from windowpane.drive.geometry.calibration.orb_slam import is_settings, read
from windowpane.drive.geometry.camera import load_calibration

RECTIFIED = {
    **{"Camera.fx": 718.0, "Camera.fy": 718.0, "Camera.cx": 607.0, "Camera.cy": 185.0},
    **{"Camera.k1": 0.0, "Camera.width": 1241, "Camera.height": 376},
}


def test_rectified_cameras(written):
    assert is_settings(RECTIFIED)
    for told in ({"Camera.bf": 386.0}, {"Stereo.b": 386.0 / 718.0}):
        assert read({**RECTIFIED, **told}).T_right_left[0, 3] == pytest.approx(-386.0 / 718.0)
    text = "%YAML:1.0\n" + "".join(f"{name}: {value}\n" for name, value in RECTIFIED.items())
    assert load_calibration(written(text + "Camera.bf: 386.0\n")).baseline == pytest.approx(0.5376, abs=1e-4)
    with pytest.raises(ValueError, match="not rectified"):
        read({**RECTIFIED, "Camera.k1": -0.3, "Camera.bf": 386.0})


def test_raw_cameras_of_the_second(truth):
    values = {}
    for side, shift in (("LEFT", 0.0), ("RIGHT", -30.0)):
        P = [250.0, 0, 160, shift, 0, 250, 120, 0, 0, 0, 1, 0]
        parts = {"height": 240, "width": 320, "D": truth.bent, "K": truth.left, "R": np.eye(3), "P": P}
        values |= {f"{side}.{name}": value for name, value in parts.items()}
    assert read(values).T_right_left[0, 3] == pytest.approx(-0.12)


def test_raw_cameras_of_the_third(motion):
    values = {"Camera.width": 320, "Camera.height": 240, "Stereo.T_c1_c2": np.linalg.inv(motion)}
    for name in ("Camera1", "Camera2"):
        values |= {
            f"{name}.{word}": value
            for word, value in zip(("fx", "fy", "cx", "cy"), (250, 250, 160, 120), strict=True)
        }
        values |= {f"{name}.k1": -0.3, f"{name}.p2": 0.001}
    found = read(values)
    np.testing.assert_allclose(found.T_right_left, motion, atol=1e-9)
    assert found.left.distortion.tolist() == [-0.3, 0, 0, 0.001, 0]
    assert read({**values, "Camera.type": "KannalaBrandt8"}).left.fisheye
