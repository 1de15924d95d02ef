"""ZED's ``.conf``: the section of the pictures' size, in millimetres."""

import numpy as np
import pytest

from windowpane.drive.geometry.calibration.zed import is_conf, read
from windowpane.drive.geometry.camera import load_calibration
from windowpane.errors import DataError


def conf(disto=""):
    lens = "" if disto else "k1=-0.17\nk2=0.025\np1=0\np2=0\n"
    cameras = "".join(
        f"[{side}_CAM_{name}] \nfx={f} \nfy={f} \ncx={cx} \ncy={cy} \n{lens}\n"
        for name, f, cx, cy in (("HD", 700.0, 650.0, 365.0), ("VGA", 350.0, 340.0, 190.0))
        for side in ("LEFT", "RIGHT")
    )
    turn = "".join(f"CV_{n}=0.02\nRX_{n}=-0.003\nRZ_{n}=-0.001\n" for n in ("HD", "VGA"))
    return f"{cameras}{disto}[STEREO] \nBaseline=120 \nTY=0.5\nTZ=-0.25\n{turn}"


def test_the_section_of_the_pictures_is_taken(written):
    file = written(conf(), "SN1234.conf")
    assert load_calibration(file, (720, 1280)).baseline == pytest.approx(0.12, abs=1e-5)
    small = load_calibration(file, (376, 672))
    assert small.left.size == (376, 672)
    assert small.maps is not None
    T = read(conf(), (376, 672)).T_right_left
    assert T[:3, 3] == pytest.approx([-0.12, 0.0005, -0.00025])
    assert is_conf(conf())
    assert np.degrees(np.arccos((np.trace(T[:3, :3]) - 1) / 2)) == pytest.approx(1.16, abs=0.01)


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        (None, r"give size=\(height, width\)"),
        ((480, 640), "for pictures of 1280x720, 672x376 as it gives them; these are 640x480"),
        ((376, 1344), "two side by side: cut them apart"),
    ],
)
def test_other_sizes_are_refused(written, size, reason):
    with pytest.raises(DataError, match=reason):
        load_calibration(written(conf(), "SN1.conf"), size)


def test_lenses_of_newer_cameras_have_a_section_of_their_own():
    terms = "k1=0.1\nk2=0.02\np1=0.001\np2=0.002\nk3=0.003\nk4=0.004\nk5=0\nk6=0\n"
    found = read(conf(f"[LEFT_DISTO]\n{terms}[RIGHT_DISTO]\n{terms}"), (720, 1280))
    assert found.left.distortion == pytest.approx([0.1, 0.02, 0.001, 0.002, 0.003, 0.004, 0, 0])
    with pytest.raises(ValueError, match="terms that are not known: k7"):
        read(conf(f"[LEFT_DISTO]\n{terms}k7=1\n[RIGHT_DISTO]\n{terms}"), (720, 1280))
