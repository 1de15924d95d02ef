"""Cameras and their calibrations: every format gives the same rig, and what cannot be one is refused."""

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole, StereoRig, load_calibration
from windowpane.drive.logs.recording import Recording
from windowpane.errors import DataError, ImageError

LEFT = np.array([[262.0, 0, 156.0], [0, 263.0, 123.0], [0, 0, 1]])
RIGHT = np.array([[263.0, 0, 159.0], [0, 264.0, 122.5], [0, 0, 1]])
BENT = [-0.36, 0.17, 0.001, -0.002]
TURN = cv2.Rodrigues(np.array([0.003, -0.008, 0.002]))[0]  # right camera to left one
SHIFT = np.array([0.12, 0.001, -0.001])


def matrix(name, values):
    values = np.atleast_2d(values)
    numbers = ", ".join(map(repr, values.ravel().tolist()))
    rows, cols = values.shape
    return f"{name}: !!opencv-matrix\n   rows: {rows}\n   cols: {cols}\n   dt: d\n   data: [ {numbers} ]\n"


def boofcv_yaml():
    def camera(name, K):
        return (
            f"{name}:\n  pinhole:\n    fx: {K[0, 0]}\n    fy: {K[1, 1]}\n"
            f"    cx: {K[0, 2]}\n    cy: {K[1, 2]}\n"
            "    width: 320\n    height: 240\n    skew: 0.0\n  model: pinhole_radial_tangential\n"
            f"  radial_tangential:\n    radial:\n    - {BENT[0]}\n    - {BENT[1]}\n"
            f"    t1: {BENT[2]}\n    t2: {BENT[3]}\n"
        )

    rotation = "".join(f"  - {value!r}\n" for value in TURN.ravel().tolist())
    move = f"  x: {SHIFT[0]}\n  y: {SHIFT[1]}\n  z: {SHIFT[2]}\n"
    return (
        f"# A pair\n{camera('left', LEFT)}model: stereo\nrightToLeft:\n  rotation:\n{rotation}{move}"
        + camera("right", RIGHT)
    )


def boofcv_xml():
    def camera(name, K):
        return (
            f"<{name}><cx>{K[0, 2]}</cx><cy>{K[1, 2]}</cy><fx>{K[0, 0]}</fx><fy>{K[1, 1]}</fy>"
            f"<height>240</height><radial><double>{BENT[0]}</double><double>{BENT[1]}</double></radial><t1>{BENT[2]}</t1>"
            f"<t2>{BENT[3]}</t2><skew>0.0</skew><width>320</width></{name}>"
        )

    R = "".join(f"<double>{value!r}</double>" for value in TURN.ravel().tolist())
    T = "".join(f"<{axis}>{value}</{axis}>" for axis, value in zip("xyz", SHIFT, strict=True))
    move = f"<rightToLeft><R><data>{R}</data></R><T>{T}</T></rightToLeft>"
    return f"<stereo>{camera('left', LEFT)}{camera('right', RIGHT)}{move}</stereo>"


def opencv_yaml():
    """As cv2.FileStorage writes it: stereoCalibrate's R and T map the left camera to the right one."""
    parts = [matrix("M1", LEFT), matrix("D1", BENT), matrix("M2", RIGHT), matrix("D2", BENT)]
    parts += [matrix("R", TURN.T), matrix("T", (-TURN.T @ SHIFT)[:, None])]
    return "%YAML:1.0\n---\nimage_width: 320\nimage_height: 240\n" + "".join(parts)


def ros_yaml():
    """Two CameraInfo documents, with the rectification that OpenCV finds."""
    bent = np.array(BENT)
    R1, R2, P1, P2 = cv2.stereoRectify(
        LEFT, bent, RIGHT, bent, (320, 240), TURN.T, (-TURN.T @ SHIFT)[:, None], alpha=0
    )[:4]

    def info(name, K, R, P):
        def block(key, values):
            numbers = ", ".join(map(repr, values.ravel().tolist()))
            return f"{key}:\n  rows: {values.shape[0]}\n  cols: {values.shape[1]}\n  data: [{numbers}]\n"

        return (
            f"image_width: 320\nimage_height: 240\ncamera_name: {name}\ndistortion_model: plumb_bob\n"
            + block("camera_matrix", K)
            + block("distortion_coefficients", np.array([[*BENT, 0.0]]))
            + block("rectification_matrix", R)
            + block("projection_matrix", P)
        )

    return info("left", LEFT, R1, P1), info("right", RIGHT, R2, P2)


def kitti(baseline=0.12, focal=250.0):
    first = [focal, 0, 160, 0, 0, focal, 120, 0, 0, 0, 1, 0]
    second = [*first[:3], -focal * baseline, *first[4:]]
    return "".join(f"P{n}: {' '.join(f'{v:e}' for v in row)}\n" for n, row in enumerate((first, second)))


@pytest.fixture
def written(tmp_path):
    def write(text, name="stereo.yaml"):
        file = tmp_path / name
        file.write_text(text)
        return file

    return write


# -- Formats -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [boofcv_xml(), opencv_yaml(), "---\n".join(ros_yaml())], ids=["xml", "cv", "ros"]
)
def test_every_format_gives_the_same_rig(written, text):
    expected = load_calibration(written(boofcv_yaml(), "boofcv.yaml"))
    rig = load_calibration(written(text))
    assert rig.baseline == pytest.approx(np.linalg.norm(SHIFT), rel=1e-6)
    assert rig.left.size == (240, 320)
    assert [rig.left.fx, rig.left.cx, rig.left.cy] == pytest.approx(
        [expected.left.fx, expected.left.cx, expected.left.cy], abs=1e-3
    )
    for table, other in zip(rig.maps, expected.maps, strict=True):
        assert np.abs(table - other).max() < 0.02


def test_two_files_of_ros_are_found_by_either_and_by_their_folder(written, tmp_path):
    left, right = ros_yaml()
    files = written(left, "left.yaml"), written(right, "right.yaml"), tmp_path
    assert len({load_calibration(file).left.fx for file in files}) == 1


def test_intrinsics_and_extrinsics_of_opencv_belong_together(written):
    text = opencv_yaml()
    cut = text.index("R: ")
    first = written(text[:cut], "intrinsics.yml")
    second = written("%YAML:1.0\n---\n" + text[cut:], "extrinsics.yml")
    assert (
        load_calibration(first).baseline == load_calibration(second).baseline == pytest.approx(0.12, abs=1e-4)
    )


def test_kitti_needs_the_size_and_no_rectification(written):
    file = written(kitti(), "calib.txt")
    with pytest.raises(DataError, match="size"):
        load_calibration(file)
    rig = load_calibration(file, (240, 320))
    assert rig.maps is None
    assert rig.baseline == pytest.approx(0.12)
    # KITTI counts pixel centres as integers, we at half-integers.
    assert (rig.left.fx, rig.left.cx, rig.left.cy) == pytest.approx((250, 160.5, 120.5))
    with pytest.raises(DataError, match="P2 is missing"):
        load_calibration(file, (240, 320), cameras=(2, 3))


def test_a_calibration_fits_pictures_of_its_shape_in_another_size(written):
    file = written(boofcv_yaml())
    whole, half = load_calibration(file), load_calibration(file, (120, 160))
    assert half.left.size == (120, 160)
    assert (half.left.fx, half.left.cx) == pytest.approx((whole.left.fx / 2, whole.left.cx / 2))
    with pytest.raises(DataError, match="another shape"):
        load_calibration(file, (370, 1226))


# -- What cannot be a stereo pair --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected BoofCV"),
        ("hello\nworld\n", "expected BoofCV"),
        ("a: [1, 2", "bracket"),
        ("<stereo><left>", "expected BoofCV"),
        ("left: 1\n", "missing"),
        (opencv_yaml().replace("M2", "X2"), "M2 or K2 is missing"),
        (opencv_yaml().replace("M1: ", "M1: 5\nX: "), "1 numbers where a matrix has 9"),
        (kitti(baseline=-0.12), "swapped"),
        (kitti(baseline=120.0), "0.001 for millimetres"),
        (kitti(focal=9.0), "focal length"),
        (boofcv_yaml().replace("x: 0.12", "x: .nan"), "finite|nan|swapped"),
        (ros_yaml()[0], "the other camera"),
        (ros_yaml()[0].replace("plumb_bob", "magic") + "---\n" + ros_yaml()[1], "magic"),
    ],
)
def test_what_is_no_calibration_is_one_clear_sentence(written, text, reason):
    with pytest.raises(DataError, match=reason) as caught:
        load_calibration(written(text), (240, 320))
    assert "stereo.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"calib\.txt cannot be read: No such file"):
        load_calibration(tmp_path / "calib.txt")


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


def test_rectified_pictures_show_a_point_on_the_same_row(written):
    rig = load_calibration(written(boofcv_yaml()))
    raw = [np.zeros((240, 320, 3), np.uint8), np.zeros((240, 320, 3), np.uint8)]
    for point in np.array([[-0.5, 0.2, 2], [0.3, -0.4, 1.5], [0.8, 0.5, 3.0]]):
        right = TURN.T @ (point - SHIFT)
        for picture, place, K in zip(raw, (point, right), (LEFT, RIGHT), strict=True):
            picture[:] = 0
            xy, _ = cv2.projectPoints(place[None], np.zeros(3), np.zeros(3), K, np.array(BENT))
            yy, xx = np.mgrid[:240, :320]
            spot = np.exp(-((xx - xy[0, 0, 0]) ** 2 + (yy - xy[0, 0, 1]) ** 2) / 8)
            picture[:] = (255 * spot)[..., None].astype(np.uint8)
        centres = [np.argwhere(p[..., 0] > 40).mean(axis=0) for p in rig.rectify(*raw)]
        assert abs(centres[0][0] - centres[1][0]) < 0.3
        depth = rig.left.fx * rig.baseline / (centres[0][1] - centres[1][1])
        assert depth == pytest.approx(point[2], rel=0.05)


@pytest.mark.parametrize("factor", [0.5, 0.75])
def test_a_scaled_rig_rectifies_resized_pictures_alike(written, factor):
    rig = load_calibration(written(boofcv_yaml()))
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
