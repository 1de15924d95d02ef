"""Cameras and pairs of them: pixels, rays and points, and pictures that are rectified."""

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.calibration.records import Calibration, Lens
from windowpane.drive.geometry.camera import Pinhole, StereoRig, load_calibration, rig_of
from windowpane.drive.geometry.transforms import inverse, transform
from windowpane.drive.logs.recording import Recording
from windowpane.errors import ArgumentError, DataError, ImageError

LEFT = np.array([[262.0, 0, 156.0], [0, 263.0, 123.0], [0, 0, 1]])
RIGHT = np.array([[263.0, 0, 159.0], [0, 264.0, 122.5], [0, 0, 1]])
BENT = np.array([-0.36, 0.17, 0.001, -0.002, 0.0])
TURN = cv2.Rodrigues(np.array([0.003, -0.008, 0.002]))[0]  # right camera to left one
SHIFT = np.array([0.12, 0.001, -0.001])


@pytest.fixture
def raw():
    """The rig of raw pictures, whose lenses are bent and whose cameras are not quite in line."""
    T_right_left = inverse(transform(TURN, SHIFT))
    return rig_of(Calibration((240, 320), Lens(LEFT, BENT), Lens(RIGHT, BENT), T_right_left), name="made")


# -- Pixels and points -------------------------------------------------------------------------------------


def test_points_and_rays_are_inverse_and_pixel_centres_are_half_integers():
    camera = Pinhole(200, 210, 160, 120, 320, 240)
    rays = camera.rays()
    assert rays.shape == (240, 320, 3)
    assert camera.project(rays * 7.5)[3, 5].tolist() == pytest.approx([5.5, 3.5])
    assert camera.project([0, 0, 1]).tolist() == [160, 120]
    assert np.isnan(camera.project([0, 0, -1])).all()
    assert (camera.matrix @ (1, 2, 4) / 4)[:2].tolist() == pytest.approx(camera.project([1, 2, 4]).tolist())


@pytest.mark.parametrize("factor", [0.5, 1 / 3, 0.41, 2])
def test_a_scaled_camera_sees_the_same_points_in_the_resized_picture(factor):
    camera = Pinhole(200, 210, 150, 123, 321, 240)
    small = camera.scaled(factor)
    points = np.array([[0.1, -0.3, 1], [2, 1, 9.0]])
    ratio = np.array([small.width / camera.width, small.height / camera.height])
    assert small.project(points) == pytest.approx(camera.project(points) * ratio)


def test_rectified_pictures_show_a_point_on_the_same_row(raw):
    rig = raw
    raw = [np.zeros((240, 320, 3), np.uint8), np.zeros((240, 320, 3), np.uint8)]
    for point in np.array([[-0.5, 0.2, 2], [0.3, -0.4, 1.5], [0.8, 0.5, 3.0]]):
        right = TURN.T @ (point - SHIFT)
        for picture, place, K in zip(raw, (point, right), (LEFT, RIGHT), strict=True):
            picture[:] = 0
            xy, _ = cv2.projectPoints(place[None], np.zeros(3), np.zeros(3), K, BENT)
            yy, xx = np.mgrid[:240, :320]
            spot = np.exp(-((xx - xy[0, 0, 0]) ** 2 + (yy - xy[0, 0, 1]) ** 2) / 8)
            picture[:] = (255 * spot)[..., None].astype(np.uint8)
        centres = [np.argwhere(p[..., 0] > 40).mean(axis=0) for p in rig.rectify(*raw)]
        assert abs(centres[0][0] - centres[1][0]) < 0.3
        depth = rig.left.fx * rig.baseline / (centres[0][1] - centres[1][1])
        assert depth == pytest.approx(point[2], rel=0.05)


@pytest.mark.parametrize("factor", [0.5, 0.75])
def test_a_scaled_rig_rectifies_resized_pictures_alike(raw, factor):
    rig = raw
    coarse = np.random.default_rng(0).integers(0, 256, (15, 20, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (320, 240), interpolation=cv2.INTER_CUBIC)
    size = round(320 * factor), round(240 * factor)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    late = cv2.resize(rig.rectify(picture, picture)[0], size, interpolation=cv2.INTER_AREA).astype(int)
    early = rig.scaled(factor).rectify(small, small)[0].astype(int)
    assert np.abs(late - early)[8:-8, 8:-8].max() < 12


def test_pictures_of_another_size_are_refused():
    rig = StereoRig(Pinhole(200, 200, 160, 120, 320, 240), 0.1)
    picture = np.zeros((240, 320, 3), np.uint8)
    assert rig.rectify(picture, picture)[0] is picture
    with pytest.raises(ImageError, match=r"the right picture is 320x239 and the calibration is for 320x240"):
        rig.rectify(picture, picture[1:])


def test_a_rig_that_cannot_be_is_refused_when_it_is_made():
    camera = Pinhole(200, 200, 160, 120, 320, 240)
    with pytest.raises(ArgumentError, match="focal lengths and size are above 0"):
        Pinhole(0, 200, 160, 120, 320, 240)
    with pytest.raises(ArgumentError, match=r"is -0\.1 m: give one above 0"):
        StereoRig(camera, -0.1)
    with pytest.raises(ArgumentError, match=r"the shape \(3, 4\): give \(4, 4\)"):
        StereoRig(camera, 0.1, np.eye(4)[:3])


def test_where_it_is_mounted_is_the_identity_if_it_is_not_known():
    camera, T = Pinhole(200, 200, 160, 120, 320, 240), transform(np.eye(3), (1, 2, 3))
    assert StereoRig(camera, 0.1).mount.tolist() == np.eye(4).tolist()
    assert StereoRig(camera, 0.1, T).mount is T


def test_a_rig_is_told_in_a_line(raw):
    assert repr(StereoRig(Pinhole(200, 200, 160, 120, 320, 240), 0.1, np.eye(4))) == (
        "StereoRig(320x240, f 200.0 px, baseline 0.100 m, mounted)"
    )
    assert repr(raw).endswith("baseline 0.120 m, of raw pictures)")


@pytest.mark.parametrize("wrong", [{"unit": 0}, {"size": (0, 320)}])
def test_a_unit_and_a_size_are_above_nothing(wrong):
    told = Calibration((240, 320), Lens(LEFT, BENT), Lens(RIGHT, BENT), inverse(transform(TURN, SHIFT)))
    with pytest.raises(ArgumentError, match="above 0"):
        rig_of(told, name="made", **wrong)


def test_a_board_that_was_measured_in_millimetres_gives_metres():
    T = inverse(transform(TURN, 1000 * np.asarray(SHIFT)))
    told = Calibration((240, 320), Lens(LEFT, BENT), Lens(RIGHT, BENT), T)
    assert rig_of(told, name="made", unit=0.001).baseline == pytest.approx(float(np.linalg.norm(SHIFT)))
    with pytest.raises(DataError, match=r"0\.001 for millimetres"):
        rig_of(told, name="made")


def test_no_pair_of_cameras_looks_apart():
    T = transform(cv2.Rodrigues(np.array([0, 0.7, 0]))[0], (-0.12, 0, 0))
    with pytest.raises(DataError, match=r"^made: its cameras look in directions more than 30 degrees apart"):
        rig_of(Calibration((240, 320), Lens(LEFT, BENT), Lens(RIGHT, BENT), T), name="made")


@pytest.mark.realdata
def test_the_backyard_recording_is_rectified_as_its_source_says(data):
    folder = data / "robot/backyard"
    rig = load_calibration(folder / "stereo_params.xml")
    assert rig.left.fx == pytest.approx(247.2, abs=0.05)
    assert rig.baseline == pytest.approx(0.120, abs=0.0005)
    frame = Recording(folder)[10]
    left, right = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in rig.rectify(frame.left, frame.right))
    corners = cv2.goodFeaturesToTrack(left, 200, 0.01, 8)
    there, found, _ = cv2.calcOpticalFlowPyrLK(left, right, corners, None)
    assert np.median(np.abs(there - corners)[found.ravel() == 1, 0, 1]) < 0.4
