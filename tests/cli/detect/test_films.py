"""``windowpane detect`` of films."""

import cv2
import numpy as np
import pytest

COUNT = 16


def frames_of(path):
    capture = cv2.VideoCapture(str(path))
    taken = []
    while (read := capture.read())[0]:
        taken.append(read[1])
    return taken


@pytest.fixture
def walk(film):
    """A square that goes to the right, and is gone in frames 6 to 8."""
    return film("walk.mp4", [[(16 + 4 * n, 40, 32)] if n not in (6, 7, 8) else [] for n in range(COUNT)])


def test_a_film_has_an_object_a_frame(detect, walk, records):
    answer = detect("--json", walk)
    assert (answer.status, answer.err) == (0, "")
    found = records(answer)
    assert list(found[0]) == ["image", "frame", "time", "width", "height", "faces"]
    assert [record["frame"] for record in found] == list(range(COUNT))
    assert [record["time"] for record in found] == pytest.approx([n / 25 for n in range(COUNT)], abs=1e-3)
    assert [len(record["faces"]) for record in found] == [n not in (6, 7, 8) for n in range(COUNT)]
    assert "id" not in found[0]["faces"][0]


def test_a_tracked_face_keeps_its_id_through_a_gap(detect, walk, records):
    found = records(detect("--json", "--track", walk))
    assert [one["id"] for record in found for one in record["faces"]] == [None] + [1] * (COUNT - 4)


def test_every_film_has_ids_of_its_own(detect, walk, records):
    found = records(detect("--json", "--track", walk, walk))
    assert {one["id"] for record in found for one in record["faces"]} == {None, 1}


def test_people_get_the_frames_and_the_file(detect, walk, tmp_path):
    lines = detect("--track", "--out", tmp_path / "out", walk).out.splitlines()
    assert lines[0].endswith("walk.mp4, frame 0, 0.00 s: 1 found")
    assert "#1" in lines[3]
    assert lines[-1] == f"{walk}: {COUNT} frames, {tmp_path / 'out' / 'walk-detected.mp4'}"


def test_the_boxes_are_drawn_on_a_film(detect, walk, records, tmp_path):
    last = records(detect("--json", "--out", tmp_path / "out", walk))[-1]
    assert last == {"image": str(walk), "frames": COUNT, "file": str(tmp_path / "out" / "walk-detected.mp4")}
    drawn = frames_of(last["file"])
    assert len(drawn) == COUNT
    assert np.ptp(drawn[0][40:72, 16:48].reshape(-1, 3).mean(axis=0)) > 1, "in colour"


@pytest.mark.parametrize("name", ["walk.mp4", "walk.avi"])
def test_faces_are_hidden_in_every_frame_and_in_gaps_too(detect, film, records, tmp_path, name):
    """In the gap the square is still there, so faint that it is not found."""
    places = [[(16 + 4 * n, 40, 32)] for n in range(COUNT)]
    path = film(name, places)
    dim = tmp_path / "dim" / name
    dim.parent.mkdir()
    writer = cv2.VideoWriter(str(dim), cv2.VideoWriter.fourcc(*"mp4v"), 25, (160, 120))
    for number, frame in enumerate(frames_of(path)):
        writer.write(frame // 3 if number in (6, 7, 8) else frame)
    writer.release()
    found = records(detect("--json", "--blur", "--out", tmp_path / "out", dim))
    assert [len(record["faces"]) for record in found[:-1]] == [n not in (6, 7, 8) for n in range(COUNT)]
    assert "id" not in found[0]["faces"][0]
    assert found[-1]["file"] == str(tmp_path / "out" / name)
    hidden = frames_of(found[-1]["file"])
    assert len(hidden) == COUNT
    for number, (before, after) in enumerate(zip(frames_of(dim), hidden, strict=True)):
        place = np.s_[44:68, 20 + 4 * number : 44 + 4 * number]
        contrast = [np.ptp(frame[50, :, 0].astype(float)[8 : 58 + 4 * number]) for frame in (before, after)]
        assert np.abs(before[place].astype(float) - after[place]).mean() > 5, number
        assert contrast[1] < 0.9 * contrast[0], number


def test_a_film_without_a_face_is_copied_byte_for_byte(detect, film, records, tmp_path):
    path = film("empty.avi", [[]] * 5)
    last = records(detect("--json", "--blur", "--out", tmp_path / "out", path))[-1]
    assert last["file"] == str(tmp_path / "out" / "empty.avi")
    assert (tmp_path / "out" / "empty.avi").read_bytes() == path.read_bytes()


def test_one_picture_a_track_is_cut_out(detect, walk, records, tmp_path):
    last = records(detect("--json", "--crop", tmp_path / "crops", walk))[-1]
    assert last["crops"] == [str(tmp_path / "crops" / "walk_1.png")]
    assert cv2.imread(last["crops"][0]).shape[1] == pytest.approx(48, abs=4)


def test_a_broken_film_has_an_error_and_the_others_their_answers(detect, walk, records, tmp_path):
    bad = tmp_path / "bad.mp4"
    bad.write_text("no film")
    answer = detect("--json", "--blur", "--out", tmp_path / "out", bad, tmp_path / "missing.mov", walk)
    assert answer.status == 1
    first, second, *rest = records(answer)
    assert set(first) == set(second) == {"image", "error"}
    assert "bad.mp4" in first["error"]
    assert "missing.mov does not exist" in second["error"]
    assert len(rest) == COUNT + 1
    assert not (tmp_path / "out" / "bad.mp4").exists()


def test_a_film_that_breaks_off_is_hidden_as_far_as_it_was_read(detect, records, tmp_path):
    path = tmp_path / "half.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (160, 120))
    if not writer.isOpened():
        pytest.skip("this OpenCV writes no AVI")
    noise = np.random.default_rng(0).integers(0, 60, (120, 160, 3), np.uint8)
    for _ in range(COUNT):
        writer.write(noise)
    writer.release()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    answer = detect("--json", "--blur", "--out", tmp_path / "out", path)
    assert answer.status == 1
    *frames, written, error = records(answer)
    assert "breaks off" in error["error"]
    assert written["frames"] == len(frames) == len(frames_of(written["file"])) < COUNT
    assert (tmp_path / "out" / "half.avi").read_bytes() != path.read_bytes()


def test_the_film_itself_is_never_written_over(detect, walk):
    before = walk.read_bytes()
    answer = detect("--blur", "--out", walk.parent, walk)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "walk.mp4 was given" in answer.err
    assert walk.read_bytes() == before
