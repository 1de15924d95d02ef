"""Middlebury's ``calib.txt``: millimetres, and two principal points."""

import pytest

from windowpane.drive.geometry.calibration.middlebury import is_middlebury, read
from windowpane.drive.geometry.camera import load_calibration

TEXT = (
    "cam0=[1758.23 0 829.15; 0 1758.23 552.78; 0 0 1]\ncam1=[1758.23 0 953.15; 0 1758.23 552.78; 0 0 1]\n"
    "doffs=124\nbaseline=111.53\nwidth=1920\nheight=1080\nndisp=290\nisint=0\nvmin=75\n"
)


def test_it_is_read(written):
    rig = load_calibration(written(TEXT, "calib.txt"))
    assert rig.baseline == pytest.approx(0.11153)
    assert (rig.left.width, rig.left.height, rig.left.fx) == (1920, 1080, 1758.23)
    # The right picture is moved by doffs, so that a disparity of 0 is at infinity.
    assert rig.maps[1][500, 800, 0] == pytest.approx(924, abs=0.01)
    assert is_middlebury(TEXT)
    assert read(TEXT).metric
