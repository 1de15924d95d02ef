"""``windowpane drive`` as a shell runs it, on the built-in walk and with the net that ships."""

import json
import shutil
from importlib import resources

import cv2
import numpy as np
import pytest

from windowpane.drive.logs.bags import BagRecording
from windowpane.drive.logs.recording import Recording

WALK = resources.files("windowpane") / "demo" / "drive"


@pytest.fixture
def walk(tmp_path):
    """A copy of the built-in walk of four frames, to be damaged."""
    shutil.copytree(WALK, tmp_path / "walk")
    return tmp_path / "walk"


def records(done):
    return [json.loads(line) for line in done.out.splitlines()]


def test_each_frame_has_an_object_with_pose_plane_and_what_is_seen(run, walk):
    done = run("drive", "--stereo", walk, "--calib", walk / "calib.txt", "--json")
    assert done.status == 0, done.err
    frames = records(done)
    assert [one["frame"] for one in frames] == ["000", "001", "002", "003"]
    for one in frames:
        assert {"frame", "pose", "plane", "ground_share", "far_m", "ms", "reasons"} <= set(one)
        assert np.array(one["pose"]).shape == (3, 4)
        assert one["plane"]["height"] == pytest.approx(1.1, abs=0.05)
        assert one["reasons"] == []
    truth = np.loadtxt(walk / "poses.txt").reshape(-1, 3, 4)
    off = np.linalg.norm(np.array(frames[-1]["pose"])[:, 3] - truth[-1, :, 3])
    assert off < 0.03, "metres, of 1.35"
    assert frames[-1]["far_m"] > 15, "farther than the 12 m that stereo is trusted"


def test_the_folder_gets_screens_labels_a_video_and_poses(run, walk, tmp_path):
    done = run("drive", "--stereo", walk, "--calib", walk / "calib.txt", "--out", tmp_path / "new", "--json")
    assert done.status == 0, done.err
    frames = records(done)
    labels = cv2.imread(frames[-1]["file"], cv2.IMREAD_UNCHANGED)
    assert (labels.dtype, labels.shape) == (np.uint8, (384, 512))
    assert set(np.unique(labels)) <= {0, 1, 2, 3, 4, 255}
    assert (labels[:100] == 255).all(), "the sky has no label"
    assert (labels[360:, 200:300] <= 1).all(), "the path before the robot is ground"
    video = cv2.VideoCapture(str(tmp_path / "new" / "drive.mp4"))
    count = 0
    while video.read()[0]:
        count += 1
    assert count == 4
    screen = cv2.imread(frames[0]["screen"])
    assert screen.shape[1] == 1280
    poses = np.loadtxt(tmp_path / "new" / "poses.txt").reshape(-1, 3, 4)
    np.testing.assert_allclose(poses, [one["pose"] for one in frames], atol=1e-5)


def test_a_bag_that_was_written_can_be_driven_along_without_a_calibration(run, walk, tmp_path):
    bag = tmp_path / "walk.mcap"
    first = run("drive", "--stereo", walk, "--calib", walk / "calib.txt", "--bag", bag, "--json")
    second = run("drive", "--stereo", bag, "--json")
    assert (first.status, second.status) == (0, 0), first.err + second.err
    for before, after in zip(records(first), records(second), strict=True):
        np.testing.assert_allclose(after["pose"], before["pose"], atol=1e-6)
    assert next(iter(BagRecording(bag))).left.shape == (384, 512, 3)


def test_a_rerun_recording_is_written(run, walk, tmp_path):
    options = ("--calib", walk / "calib.txt", "--frames", 1, "--rerun", tmp_path / "walk.rrd")
    done = run("drive", "--stereo", walk, *options)
    assert done.status == 0, done.err
    assert (tmp_path / "walk.rrd").stat().st_size > 10_000


def test_people_see_a_line_a_frame(run, walk):
    done = run("drive", "--stereo", walk, "--calib", walk / "calib.txt", "--frames", 2, "--width", 256)
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines] == ["000", "001"]
    assert all(" m   ground " in line and line.endswith(" ms") for line in lines)


def test_a_broken_picture_is_told_of_and_does_not_end_the_drive(run, walk):
    (walk / "left" / "001.jpg").write_bytes(b"no picture")
    done = run("drive", "--stereo", walk, "--calib", walk / "calib.txt", "--json")
    assert done.status == 1
    frames = records(done)
    assert ["error" in one for one in frames] == [False, True, False, False]
    assert "001.jpg" in frames[1]["error"]
    assert frames[1]["reasons"]
    truth = np.loadtxt(walk / "poses.txt").reshape(-1, 3, 4)
    off = np.linalg.norm(np.array(frames[-1]["pose"])[:, 3] - truth[-1, :, 3])
    assert off < 0.05, "the next good frame is compared with the last good one"


def test_a_picture_of_another_size_is_told_of_and_does_not_end_the_drive(run, walk):
    cv2.imwrite(str(walk / "right" / "002.jpg"), np.full((300, 300, 3), 120, np.uint8))
    done = run("drive", "--stereo", walk, "--calib", walk / "calib.txt", "--json")
    frames = records(done)
    assert [bool(one["reasons"]) for one in frames] == [False, False, True, False]
    assert "300x300" in frames[2]["reasons"][0]


def test_black_frames_end_nothing(run, walk, tmp_path):
    for side in ("left", "right"):
        for name in ("002.jpg", "003.jpg"):
            cv2.imwrite(str(walk / side / name), np.zeros((384, 512, 3), np.uint8))
    out = tmp_path / "out"
    done = run("drive", "--stereo", walk, "--calib", walk / "calib.txt", "--out", out, "--json")
    assert done.status == 0, done.err
    frames = records(done)
    assert ["black" in " ".join(one["reasons"]) for one in frames] == [False, False, True, True]
    assert len(list(out.glob("*-screen.png"))) == 4


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda walk: shutil.rmtree(walk / "right"), "image_0 and image_1"),
        (lambda walk: (walk / "left" / "003.jpg").unlink(), "3 pictures in left and 4 in right"),
        (lambda walk: (walk / "calib.txt").write_text("no numbers"), "calib.txt"),
        (lambda walk: (walk / "calib.txt").unlink(), "calib.txt"),
    ],
)
def test_what_cannot_be_driven_along_is_wrong_usage(run, walk, damage, words):
    damage(walk)
    done = run("drive", "--stereo", walk, "--calib", walk / "calib.txt", "--json")
    assert done.status == 2
    assert words in done.err
    assert done.err.count("\n") == 1, "one sentence"


def test_a_folder_needs_a_calibration(run, walk):
    done = run("drive", "--stereo", walk)
    assert done.status == 2
    assert "--calib" in done.err


def test_a_net_of_another_system_is_refused(run, walk):
    done = run("drive", "--stereo", walk, "--calib", walk / "calib.txt", "--net", "faces")
    assert done.status == 2
    assert "windowpane train drive" in done.err


def test_the_built_in_walk_is_what_its_script_draws():
    assert len(Recording(WALK)) == 4
    assert Recording(WALK).size == (384, 512)


@pytest.mark.realdata
def test_a_real_drive_is_followed(run, data):
    folder = data / "robot" / "kitti06"
    options = ("--calib", folder / "calib.txt", "--frames", 12, "--width", 613)
    done = run("drive", "--stereo", folder, *options, "--json")
    assert done.status == 0, done.err
    truth = np.loadtxt(folder / "poses.txt").reshape(-1, 3, 4)[11]
    off = np.linalg.norm(np.array(records(done)[-1]["pose"])[:, 3] - truth[:, 3])
    assert off < 0.03 * np.linalg.norm(truth[:, 3])


def test_eval_drive_measures_the_way_of_ones_own_recording(run, walk, tmp_path):
    done = run("eval", "drive", walk, "--out", tmp_path / "out", "--json")
    assert done.status == 0, done.err
    (row,) = records(done)
    assert row["end_error"] < 0.02
    assert (tmp_path / "out" / "drive.md").is_file()
    done = run("eval", "drive", "kitti99", walk, "--out", tmp_path / "out")
    assert done.status == 1
    assert "kitti99" in done.err
    assert "walk, the way" in done.out


def test_train_drive_has_its_recipe(run, tmp_path):
    (tmp_path / "my.toml").write_text('name = "my"\nstep = 3\n')
    done = run("train", "drive", tmp_path / "my.toml")
    assert done.status == 2
    assert "unknown setting 'step'" in done.err


# -- Calibrations and clocks of all kinds ------------------------------------------------------------------


def test_the_unit_of_a_calibration_may_be_given(run, walk):
    file = walk / "calib.txt"
    lines = []
    for line in file.read_text().splitlines():
        name, *values = line.split()
        lines.append(" ".join([name, *values[:3], str(1000 * float(values[3])), *values[4:]]))
    file.write_text("\n".join(lines) + "\n")
    options = ("drive", "--stereo", walk, "--calib", file, "--frames", 1, "--json")
    done = run(*options)
    assert done.status == 2
    assert "--unit" in done.err
    assert run(*options, "--unit", "0.001").status == 0


def test_colour_pictures_have_the_cameras_of_colour(run, walk):
    """The folders tell: P2 and P3, which are not as far apart as P0 and P1."""
    for old, new in (("left", "image_2"), ("right", "image_3")):
        (walk / old).rename(walk / new)
    file = walk / "calib.txt"
    grey = file.read_text().splitlines()[:2]
    colour = [line.replace("P0:", "P2:").replace("P1:", "P3:") for line in grey]
    name, *values = grey[1].split()
    far = " ".join([name, *values[:3], str(2 * float(values[3])), *values[4:]])
    file.write_text("\n".join([grey[0], far, *colour]) + "\n")
    elsewhere = walk.parent / "elsewhere.txt"
    elsewhere.write_text(file.read_text())
    truth = np.loadtxt(walk / "poses.txt").reshape(-1, 3, 4)[-1, :, 3]
    for calib in (file, elsewhere):
        done = run("drive", "--stereo", walk, "--calib", calib, "--json")
        assert done.status == 0, done.err
        assert np.linalg.norm(np.array(records(done)[-1]["pose"])[:, 3] - truth) < 0.05
    done = run("drive", "--stereo", walk, "--calib", file, "--cameras", "0,1", "--json")
    assert done.status == 2
    assert "cameras 0 and 1" in done.err
    assert run("drive", "--stereo", walk, "--calib", file, "--cameras", "2").status == 2


def test_names_in_nanoseconds_are_paired_by_time_and_written_to_a_bag(run, walk, tmp_path):
    """A clock 3 ms apart, and a picture lost on the right."""
    for place, name in enumerate(("000", "001", "002", "003")):
        (walk / "left" / f"{name}.jpg").rename(walk / "left" / f"{1403636579763555584 + place * 10**8}.jpg")
        other = walk / "right" / f"{1403636579766555584 + place * 10**8}.jpg"
        (walk / "right" / f"{name}.jpg").rename(other)
    other.unlink()
    bag = tmp_path / "a.mcap"
    done = run("drive", "--stereo", walk, "--calib", walk / "calib.txt", "--json", "--bag", bag)
    assert done.status == 1
    assert "1 left and 0 right pictures have no other within 20 ms: 3 of 4 frames have both" in done.err
    assert done.err.endswith("3 of 4 frames have both pictures; the drive went on without the others\n")
    frames = records(done)
    assert ["error" in one for one in frames] == [False, False, False, True]
    truth = np.loadtxt(walk / "poses.txt").reshape(-1, 3, 4)[-1, :, 3]
    assert np.linalg.norm(np.array(frames[-1]["pose"])[:, 3] - truth) < 0.1
    assert next(iter(BagRecording(bag))).time == pytest.approx(1403636579.763555584, abs=1e-5)
