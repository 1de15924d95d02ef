"""KITTI's calibrations: of the cameras whose pictures are there."""

import pytest

from windowpane.drive.geometry.calibration.kitti import is_kitti, pictured
from windowpane.drive.geometry.calibration.reader import read_calibration

SHIFTS = (0.0, -100.0, 10.0, -85.0)


def projections(name="P{}"):
    rows = [(500.0, 0, 160, shift, 0, 500.0, 120, 0, 0, 0, 1, 0) for shift in SHIFTS]
    return "".join(f"{name.format(n)}: {' '.join(f'{v:e}' for v in row)}\n" for n, row in enumerate(rows))


@pytest.mark.parametrize(
    ("folders", "baseline"),
    [([], 0.2), (["image_0", "image_1"], 0.2), (["image_2", "image_3"], 0.19), (["image_0", "image_2"], 0.2)],
)
def test_the_folders_beside_it_tell_which_cameras(written, folders, baseline):
    file = written(projections(), "calib.txt")
    for name in folders:
        (file.parent / name).mkdir()
    assert -read_calibration(file).T_right_left[0, 3] == pytest.approx(baseline)
    assert -read_calibration(file, (2, 3)).T_right_left[0, 3] == pytest.approx(0.19)


def test_raw_recordings_have_their_sizes_and_drives(written):
    sizes = "".join(f"S_rect_0{n}: 3.200000e+02 2.400000e+02\n" for n in range(4))
    file = written("calib_time: 09-Jan-2012 13:58:50\n" + sizes + projections("P_rect_0{}"), "cam_to_cam.txt")
    (file.parent / "2011_09_26_drive_0001_sync" / "image_02").mkdir(parents=True)
    found = read_calibration(file)
    assert found.size == (240, 320)
    assert -found.T_right_left[0, 3] == pytest.approx(0.19)
    assert pictured(file.parent) == (2, 3)


def test_what_is_kittis():
    assert is_kitti(projections())
    assert not is_kitti("1 2 3\n")
