"""Frames of a video, a camera or a folder, one at a time."""

import cv2
import numpy as np
import pytest

from windowpane.errors import ImageError
from windowpane.images import video as video_module
from windowpane.images.video import frames, is_film, is_live, length_of, rate_of, timed_frames

COUNT = 24


@pytest.fixture(scope="module")
def pictures():
    """Each is ten levels lighter than the one before, with noise that no coder gets rid of."""
    noise = np.random.default_rng(0).integers(-9, 10, (48, 64, 1))
    return [np.tile(10 * (number + 1) + noise, 3).astype(np.uint8) for number in range(COUNT)]


@pytest.fixture(scope="module")
def video(pictures, tmp_path_factory):
    return written(tmp_path_factory.mktemp("videos") / "grey.avi", pictures)


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


def written(path, pictures):
    """Write a video; gives its path."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (64, 48))
    if not writer.isOpened():
        pytest.skip("this OpenCV writes no AVI")
    for picture in pictures:
        writer.write(picture)
    writer.release()
    return path


def numbers(read):
    """Which pictures frames are, by how light they are."""
    return [round(frame.mean() / 10) - 1 for frame in read]


def taken_until_error(iterator):
    """What comes before the error, and its message."""
    taken = []
    with pytest.raises(ImageError) as error:
        taken.extend(iterator)  # keeps what came before
    return taken, str(error.value)


def test_every_frame_of_a_video_comes_in_order(video):
    assert numbers(frames(video)) == list(range(COUNT))


def test_frames_are_red_green_blue(tmp_path):
    path = written(tmp_path / "red.avi", [np.full((48, 64, 3), (0, 0, 250), np.uint8)] * 3)
    frame = next(frames(path))
    assert frame.shape == (48, 64, 3)
    assert frame[24, 32, 0] > 200
    assert frame[24, 32, 2] < 50


def test_a_video_that_breaks_off_gives_what_was_read_and_then_says_so(broken):
    taken, message = taken_until_error(frames(str(broken)))
    assert 5 < len(taken) < COUNT
    assert numbers(taken) == list(range(len(taken)))
    assert "broken.avi" in message
    assert f"{len(taken)} of {COUNT} frames" in message


def test_a_folder_is_a_video_too_in_natural_order(pictures, tmp_path):
    for number in (1, 2, 10):
        cv2.imwrite(str(tmp_path / f"f{number}.png"), pictures[number])
    assert numbers(frames(tmp_path)) == [1, 2, 10]


def test_a_folder_with_a_broken_picture_gives_those_before_it_and_then_says_so(pictures, tmp_path):
    cv2.imwrite(str(tmp_path / "f1.png"), pictures[0])
    (tmp_path / "f2.png").write_bytes(b"no picture")
    taken, message = taken_until_error(frames(tmp_path))
    assert len(taken) == 1
    assert "f2.png" in message


def test_an_open_capture_is_read_from_where_it_stands_and_left_open(video):
    capture = cv2.VideoCapture(str(video))
    capture.read()
    assert numbers(frames(capture)) == list(range(1, COUNT))
    assert capture.isOpened()
    capture.release()


def test_one_frame_is_taken_at_a_time(pictures):
    camera = Camera(pictures)
    read = frames(camera)
    assert camera.taken == 0
    next(read)
    next(read)
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
def test_what_is_no_video_is_refused_at_once(tmp_path, kind):
    path = tmp_path / "clip.avi"
    if kind == "text":
        path.write_text("no video")
    with pytest.raises(ImageError, match=r"clip\.avi"):
        frames(path)


def test_a_folder_without_pictures_says_so(tmp_path):
    with pytest.raises(ImageError, match="without images"):
        next(frames(tmp_path))


def test_a_capture_without_a_frame_says_so():
    with pytest.raises(ImageError, match="no frame"):
        next(frames(Camera([])))


# -- Times ------------------------------------------------------------------------------------------------


def test_frames_know_their_number_and_time(video):
    times = [(frame.number, frame.time) for frame in timed_frames(video)]
    assert [number for number, _ in times] == list(range(COUNT))
    assert [time for _, time in times] == pytest.approx([number / 10 for number in range(COUNT)], abs=0.01)


def test_a_folder_has_no_times(pictures, tmp_path):
    for number in (1, 2):
        cv2.imwrite(str(tmp_path / f"f{number}.png"), pictures[number])
    assert [(frame.number, frame.time) for frame in timed_frames(tmp_path)] == [(0, None), (1, None)]


@pytest.mark.parametrize(("rate", "times"), [(10, [0, 0.1, 0.2]), (0, [0, None, None])])
def test_a_camera_that_tells_no_time_has_that_of_its_rate(pictures, rate, times):
    class Silent(Camera):
        def get(self, number):
            return {cv2.CAP_PROP_FPS: rate, cv2.CAP_PROP_FRAME_COUNT: -1}.get(number, 0)

    assert [frame.time for frame in timed_frames(Silent(pictures[:3]))] == times


def test_a_file_tells_its_rate_and_length(video, tmp_path):
    assert (rate_of(video), length_of(video)) == (10, COUNT)
    assert (rate_of(tmp_path / "missing.avi"), length_of(tmp_path / "missing.avi")) == (25, 0)


# -- Cameras and streams ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "live"),
    [("0", True), ("12", True), ("rtsp://10.0.0.1:554/a", True), ("http://cam/video", True), ("2023", False)],
)
def test_a_number_or_an_address_is_live_if_there_is_no_such_file(tmp_path, monkeypatch, name, live):
    monkeypatch.chdir(tmp_path)
    assert is_live(name) is is_film(name) is live
    if "/" not in name:
        (tmp_path / name).touch()
        assert not is_live(name)


def test_a_camera_is_read_frame_by_frame_with_its_seconds(pictures, monkeypatch):
    class Live(Camera):
        def isOpened(self):  # noqa: N802
            return True

        def release(self):
            self.released = True

    camera = Live(pictures[:3])
    asked = []
    monkeypatch.setattr(video_module, "_opened", lambda source: asked.append(source) or camera)
    taken = list(timed_frames("0"))
    assert asked == [0]
    assert [frame.number for frame in taken] == [0, 1, 2]
    assert taken[0].time == 0
    assert taken[2].time >= taken[1].time >= 0
    assert camera.released


@pytest.mark.parametrize(
    ("name", "reason"),
    [("97", "camera 97 cannot be opened: there is none"), ("rtsp://127.0.0.1:9/a", "nothing answers there")],
)
def test_what_does_not_answer_is_told_in_one_sentence(name, reason):
    with pytest.raises(ImageError, match=reason):
        timed_frames(name)
