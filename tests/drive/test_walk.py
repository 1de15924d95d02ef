"""The built-in walk, and the script that draws it: what is seen of it is where it was put."""

import importlib.util
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from windowpane.drive.geometry.camera import load_calibration
from windowpane.drive.logs.recording import Recording
from windowpane.drive.perception.ground import GroundFinder
from windowpane.drive.perception.stereo import Matcher

SCRIPT = Path(__file__).parents[2] / "tools" / "make_demo_drive.py"
WALK = resources.files("windowpane") / "demo" / "drive"


@pytest.fixture(scope="module")
def renderer():
    spec = importlib.util.spec_from_file_location("make_demo_drive", SCRIPT)
    module = sys.modules["make_demo_drive"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def first():
    """The calibration of the walk and what stereo sees in its first frame."""
    recording = Recording(WALK)
    rig = load_calibration(WALK / "calib.txt", recording.size)
    frame = recording[0]
    return rig, Matcher(rig).match(frame.left, frame.right)


def test_stereo_sees_things_as_far_away_as_they_were_drawn(renderer, first):
    rig, depth = first
    _, z = renderer.World.of(renderer.SEED).picture(renderer.pose(0.0), fine=1)
    true = rig.left.fx * rig.baseline / z
    off = np.abs(true - depth.disparity)[depth.valid]
    assert np.median(off) < 0.3, "pixels"
    assert (off > 2).mean() < 0.1
    assert depth.share > 0.6


def test_the_ground_is_where_the_camera_was_held(renderer, first):
    plane = GroundFinder().update(first[1]).plane
    T = renderer.pose(0.0)
    assert plane.height == pytest.approx(-T[1, 3], abs=0.03)
    up = T[:3, :3].T @ [0, -1, 0]
    assert np.degrees(np.arccos(plane.normal @ up)) < 1


def test_the_same_seed_draws_the_same_picture(renderer, monkeypatch):
    monkeypatch.setattr(renderer, "SIZE", (48, 64))
    one, other, another = (
        renderer.World.of(seed).picture(renderer.pose(0.0), fine=1)[0] for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one, other)
    assert (one != another).any()


def test_the_poses_beside_the_pictures_are_those_of_the_script(renderer):
    poses = np.loadtxt(WALK / "poses.txt").reshape(-1, 3, 4)
    start = np.linalg.inv(renderer.pose(0.0))
    for number, T in enumerate(poses):
        np.testing.assert_allclose(T, (start @ renderer.pose(number * renderer.STEP))[:3], atol=1e-6)
