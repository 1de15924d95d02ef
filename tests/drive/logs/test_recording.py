"""Recordings: pairs in natural order, and what is missing is said."""

import cv2
import numpy as np
import pytest

from windowpane.drive.logs.recording import Recording
from windowpane.errors import ArgumentError, DataError


@pytest.fixture
def recording(tmp_path):
    """Write a recording: names of pictures, left and right; each is as bright as the number in its name."""

    def write(left, right, folders=("left", "right")):
        for folder, names in zip(folders, (left, right), strict=True):
            (tmp_path / folder).mkdir()
            for name in names:
                value = int("".join(filter(str.isdigit, name)))
                cv2.imwrite(str(tmp_path / folder / name), np.full((6, 8, 3), value, np.uint8))
        return tmp_path

    return write


@pytest.mark.parametrize("folders", [("image_0", "image_1"), ("image_l", "image_r"), ("left", "right")])
def test_frames_come_in_natural_order(recording, folders):
    names = ["f10.png", "f9.png", "f1.png"]
    frames = list(Recording(recording(names, names, folders)))
    assert [frame.name for frame in frames] == ["f1", "f9", "f10"]
    assert [frame.time for frame in frames] == [0, 0.1, 0.2]
    for frame, value in zip(frames, (1, 9, 10), strict=True):
        assert frame.left.shape == (6, 8, 3)
        assert (frame.left == value).all()
        assert (frame.right == value).all()
        assert frame.reason == ""


def test_a_broken_picture_is_none_with_a_reason_and_the_others_come(recording):
    folder = recording(["1.png", "2.png"], ["1.png", "2.png"])
    (folder / "right/1.png").write_bytes(b"no picture")
    (folder / "left/2.png").write_bytes(b"")
    first, second = Recording(folder)
    assert first.left is not None
    assert first.right is None
    assert "1.png" in first.reason
    assert second.left is None
    assert Recording(folder).size == (6, 8)


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        (["1.png", "2.png"], ["1.png"], "2 pictures in left and 1 in right"),
        ([], [], "0 pictures in left"),
        (
            [f"{n}.png" for n in (1, 2, 3, 4, 5)],
            [f"{n}.png" for n in (1, 2, 4, 5, 6)],
            r"3\.png has no picture",
        ),
    ],
)
def test_pairs_that_do_not_fit_are_refused(recording, left, right, reason):
    with pytest.raises(DataError, match=reason):
        Recording(recording(left, right))


def test_a_folder_without_a_recording_says_what_is_expected(tmp_path):
    with pytest.raises(DataError, match="image_0 and image_1, image_l and image_r, left and right"):
        Recording(tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        Recording(tmp_path / "nowhere")


def test_times_of_the_file_go_before_the_rate(recording):
    folder = recording(["1.png", "2.png"], ["1.png", "2.png"])
    assert [frame.time for frame in Recording(folder, rate=4)] == [0, 0.25]
    (folder / "times.txt").write_text("5.5\n5.75\n")
    assert [frame.time for frame in Recording(folder)] == [5.5, 5.75]
    (folder / "times.txt").write_text("5.5\n")
    with pytest.raises(DataError, match="1 times for 2 frames"):
        Recording(folder)


def test_a_rate_is_above_nothing_and_a_recording_is_told_in_a_line(recording):
    folder = recording(["1.png", "2.png"], ["1.png", "2.png"])
    assert repr(Recording(folder)) == f"Recording('{folder}', 2 frames)"
    with pytest.raises(ArgumentError, match="rate=0: give the frames a second"):
        Recording(folder, rate=0)
