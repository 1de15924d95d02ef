"""Windows of objects carry the boxes and landmarks of what they show."""

import cv2
import numpy as np
import pytest

from windowpane.train.detect.objects import (
    AROUND,
    CROP_SIZE,
    Example,
    Variety,
    gather,
    partial_overlaps,
    positives,
)

SIDE, SIZE = 33, 20.0


@pytest.fixture
def disc(tmp_path):
    """A picture of a bright disc, 40 pixels wide, on grey, with a point above its middle."""
    picture = np.full((160, 200, 3), 90, np.uint8)
    cv2.circle(picture, (120, 70), 20, (250, 250, 250), -1)
    path = tmp_path / "disc.png"
    cv2.imwrite(str(path), picture)
    points = np.array([[120.0, 60.0], [110.0, 70.0], [130.0, 70.0]])
    return Example(path, (100.0, 50.0, 140.0, 90.0), 2, points)


def test_a_crop_shows_the_object_in_its_middle_at_one_size(disc):
    objects = gather([disc, disc], "grey", 3)
    side = round(AROUND * CROP_SIZE)
    assert objects.crops.shape == (2, side, side)
    assert objects.class_ids.tolist() == [2, 2]
    rows, cols = np.nonzero(objects.crops[0] > 180)
    assert np.ptp(rows) == pytest.approx(CROP_SIZE, abs=2)
    assert rows.mean() == pytest.approx(side / 2 - 0.5, abs=0.5)
    assert cols.mean() == pytest.approx(side / 2 - 0.5, abs=0.5)
    np.testing.assert_allclose(objects.landmarks[0], [[0, -0.25], [-0.25, 0], [0.25, 0]], atol=1e-6)


def test_pixels_are_taken_as_they_are_and_landmarks_may_be_unknown():
    pixels = np.zeros((50, 50), np.uint8)
    objects = gather([Example(pixels, (10.0, 10.0, 30.0, 20.0))], "grey", 5)
    assert np.isnan(objects.landmarks).all()
    width, height = np.exp(objects.stretch[0])
    assert width / height == pytest.approx(2)
    assert width * height == pytest.approx(1)


def test_colour_pictures_give_colour_windows(disc):
    objects = gather([disc], "rgb", 3)
    windows = positives(
        objects, np.array([0]), np.random.default_rng(0), side=SIDE, size=SIZE, variety=Variety()
    )
    assert windows.pixels.shape == (1, SIDE, SIDE, 3)


def test_boxes_and_landmarks_of_a_window_are_where_the_object_is(disc):
    objects = gather([disc], "grey", 3)
    rng = np.random.default_rng(3)
    windows = positives(
        objects, np.zeros(60, np.intp), rng, side=SIDE, size=SIZE, variety=Variety(pairs=(0, 2, 1))
    )
    off_x, off_y, off_size = [], [], []
    for pixels, (x, y, width, _) in zip(windows.pixels, windows.boxes, strict=True):
        bright = pixels > (int(pixels.min()) + int(pixels.max())) / 2
        rows, cols = np.nonzero(bright)
        off_x.append(cols.mean() + 0.5 - (SIDE / 2 + x * SIZE))
        off_y.append(rows.mean() + 0.5 - (SIDE / 2 + y * SIZE))
        off_size.append(2 * np.sqrt(bright.sum() / np.pi) / (SIZE * np.exp(width)))
    assert abs(np.median(off_x)) < 0.5
    assert abs(np.median(off_y)) < 0.5
    assert np.median(off_size) == pytest.approx(1, abs=0.08)
    # the disc's left point stays at the left, mirrored or not
    relative = windows.landmarks - windows.boxes[:, None, :2]
    assert (relative[:, 1, 0] < relative[:, 2, 0]).all()


def test_a_window_of_a_stretched_object_is_labelled_with_its_sides(disc):
    objects = gather([disc], "grey", 3)
    variety = Variety(turn=0.0, stretch=1.5)
    rng = np.random.default_rng(3)
    windows = positives(objects, np.zeros(60, np.intp), rng, side=SIDE, size=SIZE, variety=variety)
    seen, labelled = [], []
    for pixels, (_, _, width, height) in zip(windows.pixels, windows.boxes, strict=True):
        rows, cols = np.nonzero(pixels > (int(pixels.min()) + int(pixels.max())) / 2)
        seen.append(np.log(cols.std() / rows.std()))
        labelled.append(width - height)
    assert np.abs(labelled).max() <= np.log(1.5) + 1e-6
    assert np.std(labelled) > 0.15
    assert np.median(np.abs(np.array(seen) - labelled)) < 0.04


def test_variety_is_kept_within_its_limits(disc):
    objects = gather([disc], "grey", 3)
    variety = Variety(shift=0.1, zoom=1.2, turn=0.0, mirror=False)
    windows = positives(
        objects, np.zeros(200, np.intp), np.random.default_rng(4), side=SIDE, size=SIZE, variety=variety
    )
    assert np.abs(windows.boxes[:, :2]).max() <= 0.1 * 1.2 + 1e-6
    assert np.abs(windows.boxes[:, 2:]).max() <= np.log(1.2) + 1e-6
    assert np.abs(windows.boxes[:, 0]).max() > 0.08


def test_the_box_of_a_turned_object_is_around_it(tmp_path):
    picture = np.full((200, 200, 3), 90, np.uint8)
    cv2.ellipse(picture, (100, 100), (30, 15), 0, 0, 360, (250, 250, 250), -1)
    cv2.imwrite(str(tmp_path / "ellipse.png"), picture)
    objects = gather([Example(tmp_path / "ellipse.png", (70.0, 85.0, 130.0, 115.0))], "grey")
    variety = Variety(any_turn=1.0, zoom=1.0, shift=0.0, covered=0.0)
    rng = np.random.default_rng(3)
    windows = positives(objects, np.zeros(60, np.intp), rng, side=SIDE, size=SIZE, variety=variety)
    off = []
    for pixels, box in zip(windows.pixels, windows.boxes, strict=True):
        rows, cols = np.nonzero(pixels > (int(pixels.min()) + int(pixels.max())) / 2)
        sides = np.array([np.ptp(cols) + 1, np.ptp(rows) + 1])
        off.append(np.log(sides / SIZE) - box[2:])
    assert np.abs(np.median(off, axis=0)).max() < 0.1
    assert np.ptp(windows.boxes[:, 2] - windows.boxes[:, 3]) > np.log(3)  # lying and upright


def test_the_box_of_an_object_that_is_cut_off_is_around_the_rest(disc):
    objects = gather([disc], "grey", 3)
    variety = Variety(cut_off=1.0, covered=0.0, turn=0.0, zoom=1.0, mirror=False)
    rng = np.random.default_rng(3)
    windows = positives(objects, np.zeros(80, np.intp), rng, side=SIDE, size=SIZE, variety=variety)
    areas = np.exp(windows.boxes[:, 2:].sum(axis=1))
    np.testing.assert_allclose(areas, 1, atol=0.02)  # the rest is as large as an object that is whole
    slim = np.abs(windows.boxes[:, 2] - windows.boxes[:, 3])
    assert (slim > 0.04).all()
    assert slim.max() > 0.4
    assert np.isnan(windows.landmarks).any()
    assert np.isfinite(windows.landmarks).any()


def test_windows_of_a_part_of_an_object_are_negatives(disc):
    objects = gather([disc], "grey", 3)
    windows = partial_overlaps(
        objects, np.zeros(40, np.intp), np.random.default_rng(5), side=SIDE, size=SIZE, variety=Variety()
    )
    assert (windows.class_ids == -1).all()
    whole = positives(
        objects, np.zeros(40, np.intp), np.random.default_rng(5), side=SIDE, size=SIZE, variety=Variety()
    )
    assert len(windows.joined([windows, whole]).class_ids) == 80
