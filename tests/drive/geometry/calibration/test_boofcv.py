"""BoofCV's calibrations: any number of radial terms, skew, and models that OpenCV has otherwise."""

import numpy as np
import pytest

from windowpane.drive.geometry.calibration.boofcv import read
from windowpane.drive.geometry.camera import rig_of

SIZE = (360, 640)
MOVE = {"rotation": np.eye(3).ravel().tolist(), "x": 0.12, "y": 0.0, "z": 0.0}


def stereo(**lens):
    pinhole = {"fx": 350.0, "fy": 351.0, "cx": 305.0, "cy": 185.0, "width": 640, "height": 360, "skew": 0.0}
    pinhole |= lens.pop("pinhole", {})
    camera = {"pinhole": pinhole, **lens}
    return {"left": camera, "right": camera, "rightToLeft": MOVE}


def bent(radial, t1=0.0, t2=0.0):
    return {"radial_tangential": {"radial": radial, "t1": t1, "t2": t2}}


def raw(rig, radial, skew=0.0, K=(350.0, 351.0, 305.0, 185.0)):
    """Where pixels of the rectified picture lie in the raw one, by BoofCV's formula of any length."""
    x, y = np.meshgrid(np.arange(0, 640, 16), np.arange(0, 360, 16))
    f, cx, cy = rig.left.fx, rig.left.cx - 0.5, rig.left.cy - 0.5
    x, y = (x - cx) / f, (y - cy) / f
    r2 = x * x + y * y
    scale = 1 + sum(k * r2 ** (place + 1) for place, k in enumerate(radial))
    x, y = x * scale, y * scale
    fx, fy, cx, cy = K
    return np.stack([fx * x + skew * y + cx, fy * y + cy], axis=-1)


@pytest.mark.parametrize(
    "radial",
    [
        [-0.17, 0.018],
        [-0.17, 0.018, 0.009],
        [-0.17, 0.018, 0.009, -0.003],
        [-0.17, 0.018, 0.009, -0.003, 0.0004],
        [-0.17, 0.018, 0.0, 0.0],
    ],
)
def test_all_radial_terms_are_used(radial):
    rig = rig_of(read(stereo(**bent(radial))), name="boofcv")
    off = rig.maps[0][::16, ::16] - raw(rig, radial)
    assert np.abs(off).max() < 0.02, "pixels, to the corners"


def test_skew_is_used():
    rig = rig_of(read(stereo(**bent([-0.17, 0.018]), pinhole={"skew": 3.0})), name="boofcv")
    assert np.abs(rig.maps[0][::16, ::16] - raw(rig, [-0.17, 0.018], skew=3.0)).max() < 0.02


def test_terms_that_opencv_cannot_have_are_refused():
    with pytest.raises(ValueError, match="its 4 radial terms cannot be had"):
        read(stereo(**bent([9.0, -40.0, 90.0, -70.0])))


def test_kannala_brandt_is_opencvs_fisheye_when_it_is_symmetric():
    lens = {"model": "kannala_brandt", "symmetric": [0.9, 0.09, 0.009]}
    left = read(stereo(**lens)).left
    assert left.fisheye
    assert left.matrix[0, 0] == pytest.approx(350 * 0.9)
    assert left.distortion == pytest.approx([0.1, 0.01, 0, 0])
    with pytest.raises(ValueError, match="not symmetric"):
        read(stereo(**lens, tangent=[0.1]))


def test_another_model_is_named():
    with pytest.raises(ValueError, match="'omnidirectional_universal', not pinhole_radial_tangential"):
        read(stereo(model="omnidirectional_universal"))
