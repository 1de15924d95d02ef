"""Stereo's labels of pixels and windows, on a scene whose every distance is known."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.core.pyramids import distance_normalized
from windowpane.core.windows import Window
from windowpane.drive.geometry.camera import Pinhole
from windowpane.drive.perception.ground import Ground, Plane
from windowpane.drive.perception.labels import (
    COLOURS,
    NAMES,
    UNLABELLED,
    Label,
    Shares,
    five_labels,
    label_windows,
    stereo_labels,
)
from windowpane.drive.perception.stereo import Depth

CAMERA = Pinhole(300.0, 300.0, 160.0, 100.0, 320, 240)
HEIGHT = 1.2
GROUND = Ground((Plane(np.array([0.0, -1.0, 0.0]), HEIGHT),), 1.0)
WINDOW = Window(12, 25, stride=(2, 4))


def scene(boxes=(), bump=None):
    """Return the depth of level ground with upright boards (x0, x1, z, height); bump: metres of a slab
    (x0, x1, z0, z1, height) that lies on the ground."""
    rays = CAMERA.rays()
    z = np.where(rays[..., 1] > 0, HEIGHT / np.maximum(rays[..., 1], 1e-9), np.nan)
    if bump:
        x0, x1, z0, z1, high = bump
        top = np.where(rays[..., 1] > 0, (HEIGHT - high) / np.maximum(rays[..., 1], 1e-9), np.nan)
        on = (top > z0) & (top < z1) & (rays[..., 0] * top > x0) & (rays[..., 0] * top < x1)
        z[on] = top[on]
    for x0, x1, far, high in boxes:
        x, y = rays[..., 0] * far, rays[..., 1] * far
        hit = (x > x0) & (x < x1) & (y < HEIGHT) & (y > HEIGHT - high) & ~(z < far)
        z[hit] = far
    z[z > 60] = np.nan
    points = (rays * z[..., None]).astype(np.float32)
    return Depth((90 / z).astype(np.float32), points, np.full(z.shape, 0.01, np.float32))


def bands(metre=10.0):
    picture = np.zeros((240, 320, 3), np.uint8)
    return distance_normalized(picture, horizon=(0.0, 100.0), drop=300 * HEIGHT, metre=metre, focal=300.0)


def place(band, x, y, z):
    """Return the window (row, col) of a band whose middle is nearest to a point of the camera's frame."""
    column, row = band.from_image(CAMERA.project([x, y, z]))
    return WINDOW.cell(float(column), float(row))


def band_at(all_bands, z):
    return next(number for number, band in enumerate(all_bands) if band.near <= z < band.far)


def test_pixels_are_ground_or_obstacle_by_their_height():
    evidence = stereo_labels(scene([(-1, 1, 6.0, 1.0)]), GROUND, CAMERA)
    x, y = CAMERA.project([0, HEIGHT - 0.7, 6.0]).astype(int)
    assert evidence.obstacle[y, x]
    assert not evidence.ground[y, x]
    assert evidence.heights[y, x] == pytest.approx(0.7, abs=0.03)
    assert evidence.distance[y, x] == pytest.approx(6.0)
    x, y = CAMERA.project([0, HEIGHT, 4.0]).astype(int)
    assert evidence.ground[y, x]
    assert not evidence.obstacle[y, x]
    x, y = CAMERA.project([0, HEIGHT - 0.25, 6.0]).astype(int)
    assert not (evidence.ground | evidence.obstacle)[y, x], "a step of 25 cm is neither"
    assert not (evidence.ground | evidence.obstacle)[:60].any(), "sky has no distance"


def test_what_is_farther_than_trusted_says_nothing():
    evidence = stereo_labels(scene([(-1, 1, 6.0, 1.0), (3, 6, 12.0, 2.0)]), GROUND, CAMERA, farthest=8.0)
    known = evidence.ground | evidence.obstacle
    assert known.any()
    assert np.nanmax(evidence.distance[known]) <= 8.0


def test_feet_are_where_obstacles_meet_the_ground_and_branches_have_none():
    evidence = stereo_labels(scene([(-1, 1, 6.0, 1.0)]), GROUND, CAMERA)
    rows, cols = np.nonzero(evidence.foot)
    x0, y0 = CAMERA.project([-1, HEIGHT, 6.0])
    x1, _ = CAMERA.project([1, HEIGHT, 6.0])
    assert np.abs(rows - y0).max() <= 1
    assert cols.min() == pytest.approx(x0, abs=2)
    assert cols.max() == pytest.approx(x1, abs=2)
    branch = scene([(-1, 1, 6.0, 1.0)])
    branch.points[..., 1] -= np.where(np.isclose(branch.points[..., 2], 6.0), 3.0, 0).astype(np.float32)
    assert not stereo_labels(branch, GROUND, CAMERA).foot.any()


def test_without_ground_nothing_is_known():
    evidence = stereo_labels(scene([(-1, 1, 6.0, 1.0)]), Ground(), CAMERA)
    assert not (evidence.ground | evidence.obstacle | evidence.foot).any()


@pytest.mark.parametrize("z", [5.0, 8.0, 14.0])
def test_each_window_has_the_label_of_what_is_in_it(z):
    """Before, at the foot and on a wide board: at every distance alike."""
    all_bands = bands()
    evidence = stereo_labels(scene([(-4, 4, z, 2.5)]), GROUND, CAMERA)
    number = band_at(all_bands, z)
    labels, confidence = label_windows(all_bands, evidence, WINDOW)[number]
    band = all_bands[number]

    def at(x, y, depth):
        return labels[place(band, x, y, depth)]

    assert at(0, HEIGHT, z) == Label.FOOTLINE
    assert at(0, HEIGHT - 0.9, z) == Label.SUPER_OBSTACLE
    row, col = place(band, 0, HEIGHT, z)
    below = labels[min(row + 4, len(labels) - 1), col]
    assert below in (Label.GROUND, Label.SUPER_GROUND)
    assert confidence[labels >= 0].min() > 0
    assert confidence.max() <= 1 + 1e-6


def test_open_ground_is_super_ground():
    all_bands = bands()
    results = label_windows(all_bands, stereo_labels(scene(), GROUND, CAMERA), WINDOW)
    labels = results[band_at(all_bands, 6.0)][0]
    inner = labels[-4:, 2:-2]
    assert (inner == Label.SUPER_GROUND).mean() > 0.95
    assert not (labels >= Label.FOOTLINE).any()


def test_a_low_flat_slab_is_no_obstacle_but_a_board_is():
    """The filter of false obstacles: half a metre high and all at one height is ground, as on a slope."""
    all_bands = bands()
    wide = stereo_labels(scene(bump=(-50, 50, 1.0, 60.0, 0.35)), GROUND, CAMERA)
    number = band_at(all_bands, 6.0)
    row, col = place(all_bands[number], 0, HEIGHT - 0.35, 6.0)
    assert wide.obstacle.any()
    assert label_windows(all_bands, wide, WINDOW)[number][0][row, col] <= Label.GROUND
    board = stereo_labels(scene([(-9, 9, 6.0, 0.9)]), GROUND, CAMERA)
    labels = label_windows(all_bands, board, WINDOW)[number][0]
    assert labels[place(all_bands[number], 0, HEIGHT - 0.6, 6.0)] >= Label.OBSTACLE


def test_a_window_of_which_little_is_known_has_no_label():
    shares = Shares(
        np.array([0.2, 0.3, 0.97, 0.5, 0.0, 0.02]),
        np.array([0.0, 0.0, 0.02, 0.3, 0.9, 0.3]),
        np.array([0.2, 0.3, 1.0, 0.0, 0.0, 0.0]),
        np.array([0.0, 0.0, 0.0, 0.9, 1.0, 0.0]),
        np.zeros(6, np.bool_),
    )
    labels, confidence = five_labels(shares)
    assert labels.tolist() == [
        UNLABELLED,
        Label.GROUND,
        Label.SUPER_GROUND,
        Label.OBSTACLE,  # most of it is ground, but not its middle
        Label.SUPER_OBSTACLE,
        Label.OBSTACLE,
    ]
    assert confidence[0] == 0
    assert confidence[2] > confidence[1]


def test_five_names_and_colours_of_the_lecture():
    assert NAMES == ("super-ground", "ground", "footline", "obstacle", "super-obstacle")
    red, green, blue = COLOURS.astype(int).T
    assert (green[:2] > red[:2]).all()
    assert (red[3:] > green[3:]).all()
    assert green[2] < min(red[2], blue[2]), "purple"
