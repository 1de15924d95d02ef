"""Made-up worlds show what they say: places, sizes, and the same texture to both eyes."""

import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.sim.planes import World, ground, pose, wall

RIG = StereoRig(Pinhole(200, 200, 80, 60, 160, 120), 0.1)


def test_a_wall_is_where_it_is_and_as_large_as_it_is():
    left, right = World(RIG, [wall(-0.5, 4.0, 1.0, -0.3, 0.7)]).see()
    for picture, shift in ((left, 0), (right, 200 * 0.1 / 4)):
        rows, cols = np.nonzero(picture[..., 0] != 200)
        assert (cols.min(), cols.max() + 1) == pytest.approx((80 - 25 - shift, 80 + 25 - shift), abs=1)
        assert (rows.min(), rows.max() + 1) == pytest.approx((60 - 15, 60 + 35), abs=1)


def test_both_eyes_see_the_same_texture_shifted_by_the_disparity():
    left, right = (one[..., 0].astype(float) for one in World(RIG, [wall(-9, 4.0, 18, -9, 9)]).see())
    assert left.std() > 10
    assert np.abs(left[:, 5:] - right[:, :-5]).max() < 4  # f b / z = 5 px


def test_the_right_eye_can_be_off_its_calibration():
    plain, off = (World(RIG, [wall(-9, 4.0, 18, -9, 9)], lens=lens).see()[1].astype(float) for lens in (0, 2))
    assert np.abs(off[:, 2:] - plain[:, :-2]).max() < 4


@pytest.mark.parametrize(("turn", "row"), [({"pitch": 0.1}, 60 - 20), ({"pitch": -0.1}, 60 + 20)])
def test_the_horizon_rises_when_the_camera_looks_down(turn, row):
    left, _ = World(RIG, [ground(1.0)]).see(pose(**turn))
    assert np.argmax(left[:, 80, 0] != 200) == pytest.approx(row, abs=3)


def test_a_camera_rolled_to_the_right_sees_the_horizon_fall_to_the_left():
    left, _ = World(RIG, [ground(1.0)]).see(pose(roll=0.2))
    rows = [np.argmax(left[:, x, 0] != 200) for x in (20, 140)]
    assert rows[0] - rows[1] == pytest.approx(120 * np.tan(0.2), abs=4)
