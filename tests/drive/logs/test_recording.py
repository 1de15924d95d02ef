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


# -- By time -----------------------------------------------------------------------------------------------

START = 1403636579763555584


def stamps(*milliseconds):
    return [f"{START + 1_000_000 * one}.png" for one in milliseconds]


@pytest.fixture
def empty(tmp_path):
    """Write a recording of black pictures."""

    def write(left, right):
        for folder, names in (("left", left), ("right", right)):
            (tmp_path / folder).mkdir()
            for name in names:
                cv2.imwrite(str(tmp_path / folder / name), np.zeros((6, 8, 3), np.uint8))
        return tmp_path

    return write


def test_names_that_are_times_pair_what_was_taken_together(empty):
    """Clocks 3 ms apart, and a frame lost of either camera: paired by place, all after it were wrong."""
    found = Recording(empty(stamps(0, 100, 300, 400), stamps(3, 103, 203, 403)))
    names = [tuple(file and file.name for file in pair) for pair in found.files]
    assert names[0] == (*stamps(0), *stamps(3))
    assert names[2:4] == [(None, *stamps(203)), (*stamps(300), None)]
    assert names[4] == (*stamps(400), *stamps(403))
    assert found.times[2] - found.times[0] == pytest.approx(0.203, abs=1e-5)
    assert "1 left and 1 right pictures have no other within 20 ms: 3 of 5 frames" in found.notes[-1]
    assert found[2].reason == "no left picture within 20 ms"
    assert found[3].right is None


def test_decimal_seconds_come_in_their_order(empty):
    names = [f"{name}.png" for name in ("0.6", "0.65", "0.7", "0.75")]
    found = Recording(empty(names, names))
    assert [left.name for left, _ in found.files] == names
    assert found.times == [0.6, 0.65, 0.7, 0.75]


def test_clocks_that_never_agree_are_told_with_the_option(empty):
    folder = empty(stamps(0, 100, 200), ["5000000000.png", "5100000000.png", "5200000000.png"])
    with pytest.raises(DataError, match=r"give offset=1403636574\.764 \(--offset 1403636574\.764\)"):
        Recording(folder)
    assert len(Recording(folder, offset=1403636574.764)) == 3


def test_a_tolerance_may_be_given(empty):
    folder = empty(stamps(0, 100, 200), stamps(27, 127, 227))
    with pytest.raises(DataError, match=r"--tolerance 0\.028"):
        Recording(folder)
    assert [None in pair for pair in Recording(folder, tolerance=0.03).files] == [False] * 3
    with pytest.raises(ArgumentError, match="give seconds"):
        Recording(folder, tolerance=-1)


def test_times_in_nanoseconds_are_told(recording):
    folder = recording(["1.png", "2.png"], ["1.png", "2.png"])
    (folder / "times.txt").write_text(f"{START}\n{START + 50_000_000}\n")
    found = Recording(folder)
    assert found.times == pytest.approx([1403636579.763556, 1403636579.813556], abs=1e-6)
    assert found.notes == ["times are of times.txt: in nanoseconds"]
    (folder / "times.txt").write_text("0\nnan\n")
    with pytest.raises(DataError, match="line 2: nan is no time"):
        Recording(folder)


def test_pictures_of_more_than_eight_bits_are_stretched_alike(tmp_path):
    for side in ("left", "right"):
        (tmp_path / side).mkdir()
        for number, top in enumerate((4000, 1000)):
            levels = np.linspace(0, top, 2400).reshape(40, 60).astype(np.uint16)
            cv2.imwrite(str(tmp_path / side / f"{number}.png"), levels)
    bright, dark = Recording(tmp_path)
    assert bright.left.max() > 240
    assert dark.left.max() < 80
    assert np.array_equal(dark.left, dark.right)
