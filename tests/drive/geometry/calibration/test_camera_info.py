"""ROS's calibrations: YAML in both ways of writing, ``ost.txt``, and cameras that were never calibrated."""

import numpy as np
import pytest

from windowpane.drive.geometry.calibration.camera_info import from_camera_info, is_ini, of_ini
from windowpane.drive.geometry.camera import load_calibration
from windowpane.errors import DataError

K = [250.0, 0, 160, 0, 250, 120, 0, 0, 1]


def info(shift, **other):
    P = [250.0, 0, 160, shift, 0, 250, 120, 0, 0, 0, 1, 0]
    R = np.eye(3).ravel().tolist()
    return {
        "height": 240,
        "width": 320,
        "distortion_model": "plumb_bob",
        "d": [],
        "k": K,
        "r": R,
        "p": P,
    } | other


def echoed(one):
    """As ``ros2 topic echo`` prints it."""
    lines = []
    for name, value in one.items():
        lines += [f"{name}:", *(f"- {v}" for v in value)] if isinstance(value, list) else [f"{name}: {value}"]
    return "\n".join(lines).replace("d:\n", "d: []\n") + "\n---\n"


def ost(name, shift):
    def rows(values, width):
        return "\n".join(" ".join(map(str, values[at : at + width])) for at in range(0, len(values), width))

    one = info(shift)
    return (
        "# oST version 5.0 parameters\n\n\n[image]\n\nwidth\n320\n\nheight\n240\n\n"
        f"[{name}]\n\ncamera matrix\n{rows(K, 3)}\n\ndistortion\n-0.1 0.01 0.0 0.0 0.0\n\n"
        f"rectification\n{rows(one['r'], 3)}\n\nprojection\n{rows(one['p'], 4)}\n\n"
    )


def test_what_a_topic_prints_is_read(written):
    written(echoed(info(0.0)), "left.yaml")
    file = written(echoed(info(-30.0)), "right.yaml")
    assert load_calibration(file).baseline == pytest.approx(0.12)
    assert load_calibration(file.parent).baseline == pytest.approx(0.12)


def test_ost_txt_is_read_in_one_file_and_in_two(written):
    left, right = ost("narrow_stereo/left", 0.0), ost("narrow_stereo/right", -30.0)
    rig = load_calibration(written(left + right, "ost.txt"))
    assert rig.baseline == pytest.approx(0.12)
    assert rig.left.size == (240, 320)
    assert rig.maps is not None, "its lens is bent"
    written(left, "left.ini")
    assert load_calibration(written(right, "right.ini")).baseline == pytest.approx(0.12)
    assert is_ini(left)
    assert [one["camera_name"] for one in of_ini(left + right)] == [
        "narrow_stereo/left",
        "narrow_stereo/right",
    ]


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        ({}, {"k": [0.0] * 9}, r"camera_matrix \(K\) is zero: the right camera is not calibrated"),
        ({"r": [0.0] * 9}, {}, r"rectification_matrix \(R\) is zero: the left camera is not calibrated"),
        ({"p": [0.0] * 12}, {}, r"projection_matrix \(P\) is zero"),
        ({"roi": {"height": 120, "width": 320}}, {}, "its roi is a part of 320x120 px"),
        ({"d": [0.1] * 7}, {}, "7 coefficients"),
    ],
)
def test_what_was_never_calibrated_is_told(left, right, reason):
    with pytest.raises(ValueError, match=reason):
        from_camera_info(info(0.0, **left), info(-30.0, **right))


def test_a_whole_region_of_interest_is_none():
    whole = {"roi": {"height": 240, "width": 320}}
    assert from_camera_info(info(0.0, **whole), info(-30.0, roi={"height": 0, "width": 0})).size == (240, 320)


@pytest.mark.parametrize("shifts", [(0.0, 0.0), (-157.3, -157.3)])
def test_projections_without_a_baseline_are_told(written, shifts):
    with pytest.raises(DataError, match=r"it has no baseline .*Tx of P is 0, or the same in both"):
        load_calibration(written("".join(echoed(info(shift)) for shift in shifts)))


def test_a_shift_of_the_wrong_sign_is_told(written):
    with pytest.raises(DataError, match=r"swapped, or has the shift .* the wrong sign"):
        load_calibration(written(echoed(info(0.0)) + echoed(info(30.0))))
