"""Errors of trajectories, against values that are worked out by hand."""

import numpy as np
import pytest

from windowpane.errors import DataError
from windowpane.evaluate.measures.trajectory import absolute, alignment, end_error, read_poses, relative


def straight(places, turns=None):
    """Poses at places (N, 3), each turned about y by so many radians."""
    poses = np.tile(np.eye(4), (len(places), 1, 1))
    poses[:, :3, 3] = places
    for pose, angle in zip(poses, turns if turns is not None else np.zeros(len(places)), strict=True):
        pose[:3, :3] = about_y(angle)
    return poses


def about_y(angle):
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


TRUE = straight([(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 0, 4)])


def test_absolute_error_is_the_distance_of_places():
    given = straight([(0, 0, 0), (3, 4, 1), (0, 0, 2), (0, 0, 4)])
    error = absolute(given, TRUE)
    assert error.rms == pytest.approx(2.5)  # sqrt((0 + 25 + 0 + 0) / 4)
    assert error.mean == pytest.approx(1.25)
    assert error.median == 0
    assert error.greatest == pytest.approx(5)


def test_aligned_a_turned_and_shifted_trajectory_has_no_error():
    bent = straight([(0, 0, 0), (1, 0, 1), (2, 1, 2), (0, 2, 4)])
    moved = np.array(bent)
    moved[:, :3, 3] = bent[:, :3, 3] @ about_y(0.7).T + (5, -2, 1)
    assert absolute(moved, bent).rms > 1
    assert absolute(moved, bent, align=True).rms == pytest.approx(0, abs=1e-12)


def test_alignment_never_mirrors():
    places = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1.0)])
    turn, _ = alignment(places * (1, 1, -1), places)
    assert np.linalg.det(turn) == pytest.approx(1)


def test_relative_error_counts_each_mistake_once():
    # One frame goes 0.1 m too far and turns 0.2 rad too much; all later poses carry that on.
    given = np.array(TRUE)
    mistake = straight([(0, 0, 0.1)], [0.2])[0]
    given[2:] = given[1] @ mistake @ np.linalg.inv(TRUE[1]) @ TRUE[2:]
    shift, turn = relative(given, TRUE)
    assert turn.greatest == pytest.approx(0.2)
    assert turn.mean == pytest.approx(0.2 / 3)
    assert turn.rms == pytest.approx(0.2 / np.sqrt(3))
    # From (0, 0, 1) the motion is: 0.1 on, turned, 1 on. The true one is 1 on.
    off = np.linalg.norm([np.sin(0.2), 0.1 + np.cos(0.2) - 1])
    assert shift.greatest == pytest.approx(off)
    assert shift.median == pytest.approx(0, abs=1e-12)


def test_relative_error_over_more_frames():
    given = np.array(TRUE)
    given[:, 2, 3] *= 1.1  # a tenth too far
    shift, turn = relative(given, TRUE, frames=2)
    assert [shift.greatest, shift.mean] == pytest.approx([0.3, 0.25])  # of ways of 2 and 3 m
    assert turn.greatest == 0


def test_end_error_is_a_share_of_the_way():
    given = np.array(TRUE)[:, :3]
    given[-1, 0, 3] = 0.1
    assert end_error(given, TRUE) == pytest.approx(0.1 / 4)


@pytest.mark.parametrize("measure", [absolute, relative, end_error])
def test_trajectories_of_other_lengths_are_refused(measure):
    with pytest.raises(ValueError, match="3 poses and 4 true ones"):
        measure(TRUE[:3], TRUE)


def test_poses_are_read_as_kitti_writes_them(tmp_path):
    file = tmp_path / "poses.txt"
    file.write_text("1 0 0 5 0 1 0 6 0 0 1 7\n\n1 0 0 8 0 1 0 9 0 0 1 1e1\n")
    assert read_poses(file)[:, :3, 3].tolist() == [[5, 6, 7], [8, 9, 10]]
    file.write_text("1 0 0 5 0 1 0 6 0 0 1 7\n1 0 0\n")
    with pytest.raises(DataError, match=r"poses\.txt, line 2"):
        read_poses(file)
    with pytest.raises(DataError, match=r"missing\.txt"):
        read_poses(tmp_path / "missing.txt")
