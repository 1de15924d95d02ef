"""Errors of learning while driving: what is counted, and that the truth is the truth."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole
from windowpane.drive.perception.far import FarView
from windowpane.drive.perception.ground import Ground, Plane
from windowpane.drive.perception.stereo import Depth
from windowpane.errors import DataError
from windowpane.evaluate.far_vision import (
    COURSES,
    GROUND,
    OBSTACLE,
    UNKNOWN,
    Errors,
    RecordedCourse,
    TrueFrame,
    counts_of,
    drive,
    evaluate,
    frames_of,
    later_truths,
    present_truths,
)

CAMERA = Pinhole(250.0, 250.0, 160.0, 100.0, 320, 240)
COURSE = RecordedCourse("made up", "", 3.0, 8.0, True, 64, 20.0)


def sight(z, wall=10.0):
    """What a camera sees z metres along a plain, with a wall two metres high across it."""
    rays = CAMERA.rays()
    depth = np.where(rays[..., 1] > 0, 1.2 / np.maximum(rays[..., 1], 1e-9), np.nan)
    ahead = wall - z
    hit = (rays[..., 1] * ahead < 1.2) & (rays[..., 1] * ahead > -0.8)
    depth[hit] = ahead
    points = (rays * depth[..., None]).astype(np.float32)
    pose = np.eye(4)
    pose[2, 3] = z
    ground = Ground((Plane(np.array([0.0, -1.0, 0.0]), 1.2),), 1.0)
    blank = np.full(CAMERA.size, UNKNOWN, np.int8)
    sigma = np.full(CAMERA.size, 0.01, np.float32)
    picture = np.zeros((*CAMERA.size, 3), np.uint8)
    return TrueFrame(picture, Depth((30 / depth).astype(np.float32), points, sigma), ground, pose, blank)


def test_an_error_is_a_pixel_of_one_kind_that_is_taken_for_the_other():
    view = FarView.blank(1, 6, "")
    truth = np.array([[GROUND, GROUND, OBSTACLE, OBSTACLE, UNKNOWN, GROUND]], np.int8)
    view.labels[:] = [[0, 3, 4, 1, 0, -1]]
    view.traversable[:] = [[0.9, 0.2, 0.1, 0.7, 0.9, np.nan]]
    counts = counts_of(view, truth)
    assert counts.tolist() == [[1, 1], [1, 1]], "what has no label or no truth does not count"
    found = Errors.of([counts, np.array([[5, 0], [0, 1]])])
    assert found.error == pytest.approx(2 / 10)
    assert found.false == pytest.approx(1 / 7)
    assert found.missed == pytest.approx(1 / 3)
    assert found.both == pytest.approx((1 / 7 + 1 / 3) / 2)
    assert found.obstacles == pytest.approx(0.3)
    assert Errors.of([]).error == 0


def test_the_present_truth_lies_beyond_what_is_learned():
    (truth,) = present_truths(CAMERA, [sight(4.0)], COURSE)
    z = sight(4.0).depth.points[..., 2]
    assert (truth[z <= 3.0] == UNKNOWN).all()
    assert (truth[(z > 3.1) & (z < 5.9)] == GROUND).all()
    assert (truth == OBSTACLE).sum() > 1000


def test_the_later_truth_is_what_is_seen_when_one_is_near():
    walk = [sight(0.2 * number) for number in range(46)]
    first = next(iter(later_truths(CAMERA, walk[4:], COURSE)))  # the wall is 9.2 m away: too far
    z = walk[4].depth.points[..., 2]
    assert not (first == OBSTACLE).any()
    known = first == GROUND
    assert known.sum() > 2000
    assert z[known].min() > 2.9
    near = next(iter(later_truths(CAMERA, walk[15:], COURSE)))  # 7 m away, and 1 m in the last frame
    wall = near == OBSTACLE
    assert wall.sum() > 300
    np.testing.assert_allclose(walk[15].depth.points[..., 2][wall], 7.0, atol=0.2)


def test_what_was_hidden_is_not_taken_for_what_hides_it():
    """A wall that is seen in this frame hides the ground behind it, which later frames see."""
    now, later = sight(0.0, wall=4.0), [sight(0.2 * number, wall=50.0) for number in range(1, 30)]
    truth = next(iter(later_truths(CAMERA, [now, *later], COURSE)))
    on_wall = np.isclose(now.depth.points[..., 2], 4.0)
    behind = truth[on_wall] == GROUND
    assert behind.mean() < 0.15


def test_an_unknown_course_is_explained():
    with pytest.raises(DataError, match=r"'kitti99'.*kitti06, backyard"):
        evaluate(["kitti99"])


@pytest.mark.slow
@pytest.mark.realdata
def test_learning_while_driving_is_worth_it_on_a_street(data, monkeypatch):
    monkeypatch.setenv("WINDOWPANE_DATA", str(data))
    rig, seen = frames_of(COURSES["kitti06"], 12)
    found = [
        Errors.of(drive(COURSES["kitti06"].vision(rig), seen, learn=learn)[6:]) for learn in (True, False)
    ]
    assert found[0].pixels > 300_000
    assert found[0].error < 0.14
    assert found[0].error < 0.6 * found[1].error
