"""What ``windowpane eval drive`` measures."""

import shutil
from importlib import resources

import numpy as np
import pytest

from windowpane.errors import DataError
from windowpane.evaluate.drive import evaluate, followed
from windowpane.evaluate.measures.trajectory import read_poses

WALK = resources.files("windowpane") / "demo" / "drive"


@pytest.fixture
def walk(tmp_path):
    shutil.copytree(WALK, tmp_path / "walk")
    return tmp_path / "walk"


def test_the_way_of_ones_own_recording_is_measured(walk):
    (row,) = evaluate([str(walk)])
    assert row["set"] == "walk, the way"
    assert row["frames"] == 4
    assert row["end_error"] < 0.02
    assert row["ate_m"] < 0.02
    assert row["rpe_deg"] < 0.3


def test_the_start_of_the_true_way_does_not_matter(walk):
    before = followed(walk)
    move = np.eye(4)
    move[:3, 3] = 10, -20, 30
    poses = read_poses(walk / "poses.txt")
    lines = [" ".join(map(str, (move @ T)[:3].ravel())) for T in poses]
    (walk / "poses.txt").write_text("\n".join(lines))
    assert followed(walk)["ate_m"] == pytest.approx(before["ate_m"], abs=1e-5)


def test_a_wrong_way_is_seen_to_be_wrong(walk):
    lines = (walk / "poses.txt").read_text().splitlines()
    (walk / "poses.txt").write_text("\n".join([lines[0]] * 3 + [lines[1]]))
    assert followed(walk)["ate_m"] > 0.3


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda walk: (walk / "poses.txt").unlink(), "no poses.txt"),
        (lambda walk: (walk / "calib.txt").unlink(), "calib.txt"),
        (lambda walk: (walk / "poses.txt").write_text("1 0 0 0 0 1 0 0 0 0 1 0\n"), "1 poses for 4 frames"),
    ],
)
def test_what_is_missing_is_named(walk, damage, words):
    damage(walk)
    with pytest.raises(DataError, match=words):
        evaluate([str(walk)])


def test_an_unknown_set_is_refused():
    with pytest.raises(DataError, match="choose from kitti06, backyard, or give a recording's folder"):
        evaluate(["kitti99"])


@pytest.mark.realdata
def test_the_way_of_kitti(data):
    row = followed(data / "robot" / "kitti06")
    assert row["end_error"] < 0.01
