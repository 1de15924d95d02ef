"""Frames of a video, a camera or a folder, and what is found in them."""

import cv2
import numpy as np
import pytest

from windowpane.detect.detector import Detector
from windowpane.errors import ImageError
from windowpane.images.video import frames

COUNT = 24


@pytest.fixture(scope="module")
def detector(net):
    return Detector(net)


@pytest.fixture(scope="module")
def pictures(discs):
    """A disc that goes to the right."""
    return [discs(160, 120, (40 + 2 * number, 60, 30)) for number in range(COUNT)]


@pytest.fixture(scope="module")
def video(pictures, tmp_path_factory):
    path = tmp_path_factory.mktemp("videos") / "discs.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (160, 120))
    if not writer.isOpened():
        pytest.skip("this OpenCV writes no AVI")
    for picture in pictures:
        writer.write(picture)
    writer.release()
    return path


@pytest.fixture
def broken(video, tmp_path):
    """The first half of the file."""
    path = tmp_path / "broken.avi"
    path.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    return path


class Camera:
    """An open video of given frames; knows how many were taken."""

    def __init__(self, pictures, claimed=-1):
        self.pictures, self.claimed, self.taken = list(pictures), claimed, 0

    def get(self, number):
        return self.claimed if number == cv2.CAP_PROP_FRAME_COUNT else 0

    def read(self):
        if self.taken == len(self.pictures):
            return False, None
        self.taken += 1
        return True, self.pictures[self.taken - 1]


def centres(answers):
    return [(answer.boxes[0, 0] + answer.boxes[0, 2]) / 2 for answer in answers]


def taken_until_error(iterator):
    """What comes before the error, and its message."""
    taken = []
    with pytest.raises(ImageError) as error:
        taken.extend(iterator)  # keeps what came before
    return taken, str(error.value)


def test_the_disc_is_found_in_every_frame_of_a_video(detector, video):
    answers = list(detector.detect_video(video))
    assert len(answers) == COUNT
    np.testing.assert_allclose(centres(answers), 40 + 2 * np.arange(COUNT), atol=1)


def test_frames_are_red_green_blue(tmp_path):
    path = tmp_path / "red.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (64, 48))
    for _ in range(3):
        writer.write(np.full((48, 64, 3), (0, 0, 250), np.uint8))
    writer.release()
    frame = next(frames(path))
    assert frame.shape == (48, 64, 3)
    assert frame[24, 32, 0] > 200
    assert frame[24, 32, 2] < 50


def test_a_video_that_breaks_off_gives_what_was_read_and_then_says_so(detector, broken):
    taken, message = taken_until_error(detector.detect_video(str(broken)))
    assert 5 < len(taken) < COUNT
    np.testing.assert_allclose(centres(taken), 40 + 2 * np.arange(len(taken)), atol=1)
    assert "broken.avi" in message
    assert f"{len(taken)} of {COUNT} frames" in message


def test_a_folder_is_a_video_too_in_natural_order(detector, pictures, tmp_path):
    for number in (1, 2, 10):
        cv2.imwrite(str(tmp_path / f"f{number}.png"), pictures[number])
    np.testing.assert_allclose(centres(detector.detect_video(tmp_path)), [42, 44, 60], atol=1)


def test_a_folder_with_a_broken_picture_gives_those_before_it_and_then_says_so(detector, pictures, tmp_path):
    cv2.imwrite(str(tmp_path / "f1.png"), pictures[0])
    (tmp_path / "f2.png").write_bytes(b"no picture")
    taken, message = taken_until_error(detector.detect_video(tmp_path))
    assert len(taken) == 1
    assert "f2.png" in message


def test_an_open_capture_is_read_from_where_it_stands_and_left_open(detector, video):
    capture = cv2.VideoCapture(str(video))
    capture.read()
    np.testing.assert_allclose(centres(detector.detect_video(capture)), 40 + 2 * np.arange(1, COUNT), atol=1)
    assert capture.isOpened()
    capture.release()


def test_one_frame_is_taken_at_a_time(detector, pictures):
    camera = Camera(pictures)
    answers = detector.detect_video(camera)
    assert camera.taken == 0
    next(answers)
    next(answers)
    assert camera.taken == 2


@pytest.mark.parametrize(("claimed", "whole"), [(-1, True), (0, True), (COUNT + 1, True), (2 * COUNT, False)])
def test_a_video_is_whole_if_it_has_about_the_frames_that_it_claims(pictures, claimed, whole):
    read = frames(Camera(pictures, claimed))
    if whole:
        assert len(list(read)) == COUNT
    else:
        taken, message = taken_until_error(read)
        assert len(taken) == COUNT
        assert "breaks off" in message


@pytest.mark.parametrize("kind", ["missing", "text"])
def test_what_is_no_video_is_refused_at_once(detector, tmp_path, kind):
    path = tmp_path / "clip.avi"
    if kind == "text":
        path.write_text("no video")
    with pytest.raises(ImageError, match=r"clip\.avi"):
        detector.detect_video(path)


def test_a_folder_without_pictures_says_so(detector, tmp_path):
    with pytest.raises(ImageError, match="without images"):
        next(detector.detect_video(tmp_path))


def test_a_capture_without_a_frame_says_so(detector):
    with pytest.raises(ImageError, match="no frame"):
        next(detector.detect_video(Camera([])))
