"""Sight to the horizon: on a plain with hedges, what was learned near is known far away."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole
from windowpane.drive.perception.far import FarView, FarVision
from windowpane.drive.perception.ground import Ground, Plane
from windowpane.drive.perception.labels import Label
from windowpane.drive.perception.stereo import Depth
from windowpane.errors import ArgumentError, NetFileError
from windowpane.evaluate.far_vision import GROUND as IS_GROUND
from windowpane.evaluate.far_vision import OBSTACLE, Errors, RecordedCourse, TrueFrame, drive, present_truths

CAMERA = Pinhole(420.0, 420.0, 256.0, 130.0, 512, 320)
HEIGHT = 1.4
TRUST = 10.0
COURSE = RecordedCourse("plain", "", TRUST, 50.0, False, 64, 8.0)


def plain(seed, colours=((150, 120, 90), (70, 130, 60)), roll=0.0):
    """Return picture, depth, ground and kinds (H, W) of a plain with hedges, some near and some far away.

    colours: of the ground and of the hedges; both are rough, the hedges more so.
    """
    rng = np.random.default_rng(seed)
    up = np.array([np.sin(roll), -np.cos(roll), 0.0])
    rays = CAMERA.rays()
    down = -(rays @ up)
    z = np.where(down > 0.004, HEIGHT / np.maximum(down, 1e-6), np.nan)
    kinds = np.where(np.isfinite(z), IS_GROUND, -1).astype(np.int8)
    side = rays @ np.array([np.cos(roll), np.sin(roll), 0.0])
    for _ in range(14):
        far, left = rng.uniform(4, 40), rng.uniform(-1.0, 0.8)
        x0, x1 = left * far, left * far + rng.uniform(2, 5)
        high = rng.uniform(1.0, 2.5)
        above = HEIGHT - down * far
        hit = (side * far > x0) & (side * far < x1) & (above > 0) & (above < high) & ~(z < far)
        z[hit], kinds[hit] = far, OBSTACLE
    paint = np.full((*z.shape, 3), 210.0)
    for kind, colour in enumerate(colours):
        fine, coarse = rng.normal(0, 1, z.shape), cv2.resize(rng.normal(0, 1, (40, 64)), z.shape[::-1])
        rough = (8, 5) if kind == IS_GROUND else (22, 14)
        paint[kinds == kind] = (
            np.array(colour) + (rough[0] * fine + rough[1] * coarse)[kinds == kind][:, None]
        )
    points = (rays * z[..., None]).astype(np.float32)
    depth = Depth((200 / z).astype(np.float32), points, np.full(z.shape, 0.01, np.float32))
    ground = Ground((Plane(up, HEIGHT),), 1.0)
    return np.clip(paint, 0, 255).astype(np.uint8), depth, ground, kinds


def seen(seeds, **different):
    for seed in seeds:
        picture, depth, ground, _ = plain(seed, **different)
        one = TrueFrame(picture, depth, ground, np.eye(4), np.zeros((0, 0), np.int8))
        (truth,) = present_truths(CAMERA, [one], COURSE)
        yield TrueFrame(picture, depth, ground, np.eye(4), truth)


def error(vision, seeds, **different):
    return Errors.of(drive(vision, seen(seeds, **different), learn=False))


@pytest.fixture(scope="module")
def vision():
    learner = FarVision(CAMERA, trust=TRUST, metre=8.0)
    drive(learner, seen(range(8)))
    return learner


@pytest.mark.parametrize("roll", [0.0, 0.1])
def test_what_was_learned_near_is_known_far_away(vision, roll):
    before = error(FarVision(CAMERA, trust=TRUST, metre=8.0), range(20, 24), roll=roll)
    after = error(vision, range(20, 24), roll=roll)
    assert after.pixels > 40_000
    assert after.error < 0.1
    assert after.error < before.error


def test_it_learns_that_things_are_not_as_they_were(vision):
    """Green ground and brown hedges, after the other way round: it has to be learned anew, and is."""
    swapped = {"colours": ((70, 130, 60), (150, 120, 90))}
    again = FarVision(CAMERA, trust=TRUST, metre=8.0)
    drive(again, seen(range(8)))
    before = error(again, range(30, 33), **swapped)
    drive(again, seen(range(40, 48), **swapped), place=1)
    after = error(again, range(30, 33), **swapped)
    assert before.both > 0.4
    assert after.both < 0.25


def test_a_view_is_what_was_known_before_its_frame_was_learned():
    picture, depth, ground, _ = plain(0)
    one, other = (FarVision(CAMERA, trust=TRUST, metre=8.0) for _ in range(2))
    learned, looked = one.update(picture, depth, ground), other.update(picture, depth, ground, learn=False)
    np.testing.assert_array_equal(learned.traversable, looked.traversable)
    assert learned.learned > 200
    assert looked.learned == 0
    assert (one.update(picture, depth, ground).traversable != looked.traversable).any()
    np.testing.assert_array_equal(other.update(picture, depth, ground).traversable, looked.traversable)


def test_every_pixel_up_to_the_horizon_has_a_label_a_confidence_and_a_distance(vision):
    picture, depth, ground, kinds = plain(50, roll=0.06)
    view = vision.update(picture, depth, ground, learn=False)
    slope, offset = ground.planes[0].horizon(CAMERA)
    rows, cols = np.mgrid[:320, :512] + 0.5
    below = rows > slope * cols + offset
    np.testing.assert_array_equal(view.labels >= 0, below)
    np.testing.assert_array_equal(np.isfinite(view.distance), below)
    assert ((view.confidence >= 0.5) == below).all()
    is_ground = view.labels <= Label.GROUND
    assert ((view.traversable[below] >= 0.5) | ~is_ground[below]).all()
    on_ground = (kinds == IS_GROUND) & is_ground & below
    np.testing.assert_allclose(view.distance[on_ground], depth.points[..., 2][on_ground], rtol=0.02)
    assert 0.3 < view.ground_share < 0.95
    assert view.far > 30


def test_an_obstacle_is_as_far_away_as_its_foot(vision):
    picture, depth, ground, kinds = plain(51)
    view = vision.update(picture, depth, ground, learn=False)
    both = (kinds == OBSTACLE) & (view.labels >= Label.OBSTACLE) & np.isfinite(depth.points[..., 2])
    ratio = view.distance[both] / depth.points[..., 2][both]
    assert 0.7 < np.median(ratio) < 1.4
    for col in range(0, 512, 16):
        for row in np.flatnonzero(both[:, col]):
            under = view.labels[row:, col]
            below = np.flatnonzero(under < Label.OBSTACLE), np.flatnonzero(under < Label.FOOTLINE)
            if len(below[1]):  # the foot is in the middle of the foot-line, if one is seen
                far, near = (view.distance[row + ends[0], col] for ends in below)
                assert near * 0.999 <= view.distance[row, col] <= far * 1.001


def test_bands_show_the_labels_of_stereo_and_of_the_net(vision):
    picture, depth, ground, _ = plain(52)
    view = vision.update(picture, depth, ground, learn=False)
    assert [one.band.scale for one in view.bands] == sorted(
        (one.band.scale for one in view.bands), reverse=True
    )
    for one in view.bands:
        assert one.stereo.shape == one.confidence.shape == one.probabilities.shape[:2]
        np.testing.assert_allclose(one.probabilities.sum(-1), 1, rtol=1e-4)
        with pytest.warns(DeprecationWarning, match="probabilities"):
            assert one.chances is one.probabilities
    right = sum(
        int(
            ((one.probabilities.argmax(-1) <= Label.GROUND) == (one.stereo <= Label.GROUND))[
                one.stereo >= 0
            ].sum()
        )
        for one in view.bands
    )
    assert right > 0.85 * sum(int((one.stereo >= 0).sum()) for one in view.bands)


def test_without_ground_there_is_no_view_but_a_reason(vision):
    picture, depth, _, _ = plain(0)
    view = vision.update(picture, depth, Ground((), 0.0, "the picture is black"))
    assert view.reason == "the picture is black"
    assert not view.bands
    assert (view.labels == -1).all()
    assert view.ground_share == view.far == 0
    assert isinstance(FarView.blank(3, 4, ""), FarView)


def test_grey_pictures_are_learned_from_as_well():
    grey = {"colours": ((120, 120, 120), (120, 120, 120))}
    vision = FarVision(CAMERA, trust=TRUST, metre=8.0)
    drive(vision, seen(range(8), **grey))
    assert error(vision, range(20, 24), **grey).error < 0.2


def test_what_describes_windows_has_its_old_name_too_with_a_warning():
    vision = FarVision(CAMERA, trust=TRUST)
    with pytest.warns(DeprecationWarning, match="backbone"):
        assert vision.trunk is vision.backbone


@pytest.mark.parametrize("wrong", [{"trust": 0.0}, {"trust": -1.0}, {"metre": 0.0}])
def test_metres_that_cannot_be_are_refused_at_once(wrong):
    with pytest.raises(ArgumentError):
        FarVision(CAMERA, **wrong)


def test_another_net_than_a_robots_is_refused():
    with pytest.raises(NetFileError, match="train drive"):
        FarVision(CAMERA, "faces")
