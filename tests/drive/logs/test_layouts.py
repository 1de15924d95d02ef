"""Where the pictures of two cameras lie: every layout that public recordings have, and what is none."""

import cv2
import numpy as np
import pytest

from windowpane.drive.logs.layouts import find
from windowpane.errors import DataError


@pytest.fixture
def laid(tmp_path):
    """Write small pictures by their paths."""

    def write(*paths):
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(tmp_path / path), np.zeros((6, 8, 3), np.uint8))
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("left", "right", "cameras"),
    [
        ("image_0/1.png", "image_1/1.png", None),
        ("image_2/1.png", "image_3/1.png", (2, 3)),
        ("image_02/data/1.png", "image_03/data/1.png", (2, 3)),
        ("image_00/data/1.png", "image_01/data/1.png", None),
        ("mav0/cam0/data/1.png", "mav0/cam1/data/1.png", None),
        ("cam0/1.png", "cam1/1.png", None),
        ("Left/1.png", "Right/1.png", None),
        ("left_rect/1.png", "right_rect/1.png", None),
        ("infra1/1.png", "infra2/1.png", None),
        ("left01.png", "right01.png", None),
        ("000_L.png", "000_R.png", None),
        ("l1.png", "r1.png", None),
        ("cam0_1.png", "cam1_1.png", None),
    ],
)
def test_layouts(laid, left, right, cameras):
    folder = laid(left, right)
    found = find(folder)
    assert (found.left, found.right) == ([folder / left], [folder / right])
    assert found.cameras == cameras


def test_of_more_cameras_two_are_chosen(laid):
    folder = laid(*(f"image_{number}/1.png" for number in range(4)))
    assert find(folder).left == [folder / "image_0/1.png"]
    assert find(folder, (2, 3)).left == [folder / "image_2/1.png"]
    with pytest.raises(DataError, match="no folders of cameras 4 and 5"):
        find(folder, (4, 5))


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        (["a.png", "b.png"], "no stereo recording in this folder; expected .*mav0/cam0/data"),
        (["rgb/1.png", "depth/1.png"], "one camera and depth"),
        ([], "no stereo recording"),
    ],
)
def test_what_is_no_recording_is_told(laid, paths, reason):
    with pytest.raises(DataError, match=reason):
        find(laid(*paths))


def test_a_file_is_no_folder(laid):
    with pytest.raises(DataError, match="is a file; expected two folders"):
        find(laid("a.png") / "a.png")
