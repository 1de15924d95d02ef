"""The operator's screen, drawn of steps that are put together by hand."""

import cv2
import numpy as np
import pytest

from windowpane.core.pyramids import distance_normalized
from windowpane.core.windows import Window
from windowpane.drive.driver import Sight
from windowpane.drive.geometry.camera import Pinhole
from windowpane.drive.localization.odometry import Motion
from windowpane.drive.perception.far import BandView, FarView
from windowpane.drive.perception.ground import Ground, Plane
from windowpane.drive.perception.label_picture import labelled
from windowpane.drive.perception.labels import COLOURS, Label
from windowpane.drive.perception.stereo import Depth
from windowpane.errors import ArgumentError
from windowpane.show.screen import (
    figure4,
    ground_map,
    pyramid,
    ranged,
    screen,
    stereo_labelled,
    with_plane,
)

CAMERA = Pinhole(100, 100, 80, 60, 160, 120)
GROUND = Ground((Plane(np.array([0, -1.0, 0]), 1.0),), 1.0)  # level: the horizon is row 60
WINDOW = Window(12, 25, (4, 4))


def a_picture():
    return np.random.default_rng(0).integers(90, 160, (120, 160, 3), dtype=np.uint8)


def a_step(*, left=Label.SUPER_GROUND, right=Label.SUPER_OBSTACLE, ground=GROUND, picture=None, reasons=()):
    """A step whose ground is of one label at the left and of another at the right."""
    picture = a_picture() if picture is None else picture
    row = np.arange(120)[:, None] + 0.5
    distance = np.where(row > 60, 100 / np.maximum(row - 60, 1e-9), np.inf).repeat(160, 1).astype(np.float32)
    labels = np.full((120, 160), -1, np.int8)
    labels[60:, :80], labels[60:, 80:] = left, right
    good = np.where(labels < 0, np.nan, np.where(labels <= Label.GROUND, 1.0, 0.0)).astype(np.float32)
    views = []
    for band in distance_normalized(picture, horizon=(0.0, 60.0), drop=100.0, metre=20.0, focal=100.0):
        rows, columns = WINDOW.map_size(*band.image.shape[:2])
        stereo = np.full((rows, columns), -1, np.int8)
        stereo[-1] = Label.FOOTLINE
        views.append(
            BandView(band, np.zeros((rows, columns, 5), np.float32), stereo, np.ones((rows, columns)))
        )
    far = FarView(labels, np.ones_like(good), good, distance, tuple(views))
    disparity = np.where(row > 60, row - 60, np.nan).repeat(160, 1).astype(np.float32)
    depth = Depth(disparity, np.zeros((120, 160, 3), np.float32), disparity)
    motion = Motion(np.eye(4), np.eye(4), 99, 1.0, True)
    return Sight(7, 0.0, picture, depth, ground, motion, far, {"all": 12.0}, reasons)


def blind_step(reason="there is no left picture"):
    nothing = np.full((120, 160), np.nan, np.float32)
    depth = Depth(nothing, np.full((120, 160, 3), np.nan, np.float32), nothing, reason)
    motion = Motion(np.eye(4), np.eye(4), 0, 0.0, False, reason)
    view = FarView.blank(120, 160, reason)
    return Sight(8, None, None, depth, Ground((), 0.0, reason), motion, view, {}, (reason,))


def near(image, colour, tolerance=3):
    return (np.abs(image.astype(int) - colour) <= tolerance).all(axis=-1)


def test_a_video_can_be_made_of_good_and_bad_frames():
    sizes = {screen(step, CAMERA, WINDOW).shape for step in (a_step(), blind_step(), a_step())}
    assert len(sizes) == 1
    assert sizes.pop()[2] == 3


def test_a_wide_picture_has_its_panes_below_each_other():
    wide = Pinhole(100, 100, 300, 60, 600, 120)
    tall, step = screen(blind_step(), CAMERA, WINDOW), blind_step()
    nothing = np.full((120, 600), np.nan, np.float32)
    depth = Depth(nothing, np.full((120, 600, 3), np.nan, np.float32), nothing)
    step = Sight(0, None, None, depth, step.ground, step.motion, FarView.blank(120, 600, ""), {})
    flat = screen(step, wide, WINDOW)
    assert flat.shape[0] < 1000
    assert 0.7 < flat.shape[1] / tall.shape[1] < 1.3


def test_reasons_are_written_below():
    quiet, loud = (screen(a_step(reasons=r), CAMERA, WINDOW) for r in ((), ("the pair looks swapped",)))
    assert not near(quiet[-44:], (255, 170, 60), 40).any()
    assert near(loud[-44:], (255, 170, 60), 40).sum() > 50


def test_drawing_leaves_the_callers_picture_alone():
    picture = a_picture()
    step = a_step(picture=picture)
    screen(step, CAMERA, WINDOW, [np.eye(4)])
    with_plane(picture, GROUND, CAMERA)
    labelled(picture, step.far.labels)
    np.testing.assert_array_equal(picture, a_picture())


def test_labels_have_the_colours_of_the_lecture_and_the_rest_is_grey():
    step = a_step()
    drawn = labelled(a_picture(), step.far.labels)
    green, red = drawn[70:, :80].mean((0, 1)), drawn[70:, 80:].mean((0, 1))
    assert green.argmax() == 1
    assert red.argmax() == 0
    assert (np.ptp(drawn[:60].astype(int), axis=-1) == 0).all()


def test_less_sure_labels_are_paler():
    step = a_step()
    colour = COLOURS[Label.SUPER_GROUND].astype(int)
    sure, doubt = (
        np.abs(
            labelled(a_picture(), step.far.labels, np.full((120, 160), level, np.float32))[70:, :80] - colour
        )
        for level in (1.0, 0.0)
    )
    assert sure.mean() < doubt.mean()


def test_horizon_and_distances_are_drawn_where_they_are():
    drawn = with_plane(np.zeros((120, 160, 3), np.uint8), GROUND, CAMERA)
    rows = np.flatnonzero((drawn[:, 3:20] > 60).any(axis=(1, 2)))
    # The horizon, then 20, 10, 5 and 2 m: 100 px x 1 m / z below it; 50 m is too near to it to be told apart.
    for expected in (60, 65, 70, 80, 110):
        assert np.abs(rows - expected).min() <= 1, expected
    assert not ((rows > 84) & (rows < 107)).any()
    assert (with_plane(drawn, Ground(), CAMERA) == drawn).all()


def test_near_is_red_and_far_is_blue():
    drawn = ranged(a_picture(), a_step().depth)
    assert drawn[118, 5].argmax() == 0
    assert drawn[62, 5].argmax() == 2
    assert (np.ptp(drawn[:60].astype(int), axis=-1) == 0).all(), "what is not known stays grey"


def test_stereo_labels_of_windows_lie_where_the_windows_middles_are():
    step = a_step()
    drawn = stereo_labelled(a_picture(), step.far, WINDOW)
    painted = np.ptp(drawn.astype(int), axis=-1) > 0
    for one in step.far.bands:
        rows, _ = one.stereo.shape
        band_x, band_y = one.band.image.shape[1] / 2, WINDOW.centre(rows - 1, 0)[1]
        x, y = one.band.to_image([band_x, band_y])
        if 0 <= y < 120:
            assert painted[int(y), int(x)], one.band.distance
    assert not painted[:40].any()


def test_the_map_has_ground_at_the_left_and_the_obstacle_at_the_right():
    drawn = ground_map(a_step(), CAMERA, [np.eye(4)], 400)
    green, red = near(drawn, (0, 230, 0), 10), near(drawn, (230, 0, 0), 10)
    assert np.argwhere(green)[:, 1].max() <= 201
    assert np.argwhere(red)[:, 1].min() >= 199
    assert green.sum() > 2000


def test_the_map_shows_nothing_behind_an_obstacle():
    step = a_step(left=Label.SUPER_OBSTACLE)
    step.far.distance[60:] = np.minimum(step.far.distance[60:], 4.0)  # the obstacles' feet are 4 m away
    drawn = ground_map(step, CAMERA, (), 400)
    rows = np.argwhere(near(drawn, (230, 0, 0), 10))[:, 0]
    open_rows = np.argwhere(near(ground_map(a_step(), CAMERA, (), 400), (230, 0, 0), 10))[:, 0]
    assert rows.min() > open_rows.min() + 60


def test_the_way_lies_behind_the_robot():
    way = [np.eye(4) for _ in range(5)]
    for number, T in enumerate(way):
        T[2, 3] = 2.0 * number  # 8 m straight on
    short, long = (
        near(ground_map(blind_step(), CAMERA, one, 400), (255, 255, 255), 1) for one in (way[:1], way)
    )
    added = np.argwhere(long & ~short)
    assert added[:, 0].min() >= 320, "below the robot"
    assert np.ptp(added[:, 1]) < 12
    assert len(added) > 60


@pytest.mark.parametrize("width", [200, 420])
def test_the_pyramid_shows_every_band_within_its_width(width):
    bands = [one.band for one in a_step().far.bands]
    drawn = pyramid(bands, width)
    assert drawn.shape[1] == width
    lines = near(drawn, (70, 200, 255), 0).sum(axis=1)
    assert (lines > 3).sum() >= len(bands), "each has its horizon"
    assert cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY).std() > 10


def test_captions_of_the_bands_are_whole_when_the_camera_looks_down():
    bands = distance_normalized(a_picture(), horizon=(0.0, -30.0), drop=100.0, metre=20.0, focal=100.0)
    drawn = pyramid(bands, 420)
    text = near(drawn[:, 290:], (236, 238, 241), 60)
    rows = np.flatnonzero(text.any(axis=1))
    assert rows.min() > 0, "not cut off above"
    heights = [len(run) for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)]
    assert max(heights) - min(heights) <= 2, "none is cut off"


def test_figures_of_nothing_are_refused():
    with pytest.raises(ArgumentError, match="no sights given"):
        figure4([], CAMERA, WINDOW)
    with pytest.raises(ArgumentError, match="no bands given"):
        pyramid([])
