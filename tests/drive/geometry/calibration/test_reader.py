"""Files of calibrations: every format gives the same rig, and what cannot be one is refused."""

import builtins
import re

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.calibration.camera_info import from_camera_info
from windowpane.drive.geometry.calibration.reader import read_calibration
from windowpane.drive.geometry.calibration.records import from_projections
from windowpane.drive.geometry.camera import load_calibration
from windowpane.errors import ArgumentError, DataError, MissingExtraError, install

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


def opencv_xml():
    """The same as cv2.FileStorage writes it, whose first format is XML."""

    def matrix(name, values):
        values = np.atleast_2d(values)
        rows, cols = values.shape
        numbers = " ".join(map(repr, values.ravel().tolist()))
        return (
            f'<{name} type_id="opencv-matrix"><rows>{rows}</rows><cols>{cols}</cols><dt>d</dt>'
            f"<data>\n  {numbers}</data></{name}>"
        )

    parts = [matrix("M1", LEFT), matrix("D1", BENT), matrix("M2", RIGHT), matrix("D2", BENT)]
    parts += [matrix("R", TURN.T), matrix("T", (-TURN.T @ SHIFT)[:, None])]
    size = "<image_width>320</image_width><image_height>240</image_height>"
    return f'<?xml version="1.0"?>\n<opencv_storage>{size}{"".join(parts)}</opencv_storage>'


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


# -- Formats -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [boofcv_xml(), opencv_yaml(), opencv_xml(), "---\n".join(ros_yaml())],
    ids=["xml", "cv", "cv-xml", "ros"],
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


def test_opencv_may_give_its_rotation_as_a_vector(written):
    vector = cv2.Rodrigues(TURN.T)[0]
    text = opencv_yaml().replace(matrix("R", TURN.T), matrix("R", vector))
    T = read_calibration(written(text)).T_right_left
    np.testing.assert_allclose(T[:3, :3], TURN.T, atol=1e-12)


def test_the_frames_of_boofcv_and_opencv_are_the_same(written):
    one, other = (read_calibration(written(text)).T_right_left for text in (boofcv_yaml(), opencv_yaml()))
    np.testing.assert_allclose(one, other, atol=1e-12)


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
        ("a: [1, 2", r"line 1: expected ',' or '\]'"),
        ("a: 1\n   b: 2", "line 2: mapping values are not allowed here"),
        ("a: \x07", "special characters are not allowed"),
        ("<stereo><left>", "expected BoofCV"),
        (
            boofcv_xml().replace("<left>", "<left>5</left><x>").replace("</left><right>", "</x><right>"),
            "expected",
        ),
        ("left: 1\n", "missing"),
        (opencv_yaml().replace("M2", "X2"), "M2 or K2 is missing"),
        (opencv_yaml().replace("M1: ", "M1: 5\nX: "), "1 numbers where a matrix has 9"),
        (kitti(baseline=-0.12), "swapped"),
        (kitti(baseline=120.0), "0.001 for millimetres"),
        (kitti(focal=9.0), "focal length"),
        (boofcv_yaml().replace("x: 0.12", "x: .nan"), "finite|nan|swapped"),
        (ros_yaml()[0], "the other camera"),
        (kitti(focal=0.0), "not calibrated"),
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


@pytest.mark.parametrize("cameras", [(0,), (1, 1), (0, 1, 2)])
def test_two_cameras_are_asked_for(written, cameras):
    with pytest.raises(ArgumentError, match="give the numbers of a left and a right one"):
        load_calibration(written(kitti(), "calib.txt"), (240, 320), cameras=cameras)


# -- Without a file, and without PyYAML --------------------------------------------------------------------


def test_projections_tell_all_of_rectified_cameras():
    left = np.array([[250.0, 0, 160, 0], [0, 250, 120, 0], [0, 0, 1, 0]])
    right = left.copy()
    right[0, 3] = -30
    told = from_projections(left, right, (240, 320))
    assert told.T_right_left[:3, 3].tolist() == [-0.12, 0, 0]
    info = {"height": 240, "width": 320, "k": left[:, :3].ravel(), "d": [], "r": np.eye(3).ravel()}
    same = from_camera_info({**info, "p": left.ravel()}, {**info, "p": right.ravel()})
    assert same.T_right_left.tolist() == told.T_right_left.tolist()
    with pytest.raises(KeyError, match="projection_matrix"):
        from_camera_info(info, info)


def test_only_yaml_needs_the_extra(written, monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name == "yaml":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    for text in (kitti(), boofcv_xml(), opencv_xml()):
        assert load_calibration(written(text), (240, 320)).baseline == pytest.approx(0.12, abs=1e-4)
    with pytest.raises(MissingExtraError, match=rf"stereo\.yaml is YAML: .*{re.escape(install('drive'))}"):
        load_calibration(written(opencv_yaml()))


# -- Which format a file has -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            '{"color_format": "MJPG", "intrinsic_matrix": [600, 0, 0, 0, 600, 0, 320, 240, 1]}',
            "Open3D's of one",
        ),
        (
            "<?xml version='1.0'?><opencv_storage><Left_Stereo_Map_x>1</Left_Stereo_Map_x></opencv_storage>",
            "maps",
        ),
        ("%YAML:1.0\n---\nmodel_type: PINHOLE\nimage_width: 752\n", "VINS-Fusion's"),
        ("<document><chunk><sensor id='0'/></chunk></document>", "Metashape's of one camera"),
        ("%YAML:1.0\n---\n" + matrix("camera_matrix", LEFT), "of one camera, and stereo needs two"),
        ("# Camera list with one line of data per camera:\n1 PINHOLE 3 2 1 1 1 1\n", "COLMAP's"),
    ],
)
def test_formats_that_cannot_be_used_are_named(written, text, what):
    with pytest.raises(DataError, match=what) as caught:
        load_calibration(written(text), (240, 320))
    assert "\n" not in str(caught.value)


def test_a_folder_has_its_usual_names(written, tmp_path):
    with pytest.raises(DataError, match=r"no calibration called as usual \(left\.yaml, .*: name the file"):
        load_calibration(tmp_path)
    written(opencv_yaml(), "stereo.yml")
    assert load_calibration(tmp_path).baseline == pytest.approx(0.12, abs=1e-4)


def test_what_is_no_text_is_told(tmp_path):
    (tmp_path / "calib.npz").write_bytes(b"PK\x03\x04\xff\xfe\x80")
    with pytest.raises(DataError, match=r"calib\.npz is no text; expected BoofCV"):
        load_calibration(tmp_path / "calib.npz")


# -- Units, and rectifications that cannot be --------------------------------------------------------------


@pytest.mark.parametrize("scale", [1000.0, 34.0])
def test_other_units_than_metres_are_asked_for(written, scale):
    text = boofcv_yaml().replace("x: 0.12\n", f"x: {0.12 * scale}\n")
    with pytest.raises(DataError, match=r"is its unit the metre\? .*--unit"):
        load_calibration(written(text))
    rig = load_calibration(written(text), unit=1 / scale)
    assert rig.baseline == pytest.approx(0.12, abs=1e-3)


def test_a_unit_that_is_given_is_believed(written):
    wide = kitti(baseline=3.0)
    with pytest.raises(DataError, match="3 m apart"):
        load_calibration(written(wide), (240, 320))
    assert load_calibration(written(wide), (240, 320), unit=1.0).baseline == pytest.approx(3)


@pytest.mark.parametrize("model", ["plumb_bob", "equidistant"])
def test_a_rectification_that_shows_little_is_refused(written, model):
    left, right = (
        text.replace("plumb_bob", model)
        .replace(
            ", ".join(map(repr, [*BENT, 0.0])),
            "12.9, -132.2, 582.5, -868.9" + (", 0.0" if model == "plumb_bob" else ""),
        )
        .replace("cols: 5", f"cols: {5 if model == 'plumb_bob' else 4}")
        for text in ros_yaml()
    )
    with pytest.raises(DataError, match=r"\d+% of the left picture is black or folded over"):
        load_calibration(written(left + "---\n" + right))
