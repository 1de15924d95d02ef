"""Kalibr's chains and EuRoC's ``sensor.yaml``: the same two cameras, however their places are told."""

import json

import numpy as np
import pytest

from windowpane.drive.geometry.calibration.kalibr import read
from windowpane.drive.geometry.calibration.reader import read_calibration
from windowpane.drive.geometry.camera import load_calibration
from windowpane.errors import DataError


def camera(K, bent, **other):
    return {
        "camera_model": "pinhole",
        "intrinsics": [K[0, 0], K[1, 1], K[0, 2], K[1, 2]],
        "distortion_model": "radtan",
        "distortion_coeffs": bent,
        "resolution": [320, 240],
        **other,
    }


@pytest.fixture
def places(motion):
    """T_imu_left and T_imu_right."""
    left = np.array([[0, 0, 1, 0.1], [-1, 0, 0, 0.2], [0, -1, 0, 0.3], [0, 0, 0, 1.0]])
    return left, left @ np.linalg.inv(motion)


@pytest.mark.parametrize("told", ["T_cn_cnm1", "T_imu_cam", "T_cam_imu"])
def test_a_chain(written, truth, motion, places, told):
    matrices = {
        "T_cn_cnm1": (None, motion),
        "T_imu_cam": places,
        "T_cam_imu": [np.linalg.inv(T) for T in places],
    }
    chain = {
        f"cam{n}": camera(K, truth.bent, **({} if T is None else {told: T.tolist()}))
        for n, (K, T) in enumerate(zip((truth.left, truth.right), matrices[told], strict=True))
    }
    found = read_calibration(written("%YAML:1.0\n" + json.dumps(chain, indent=1), "camchain.yaml"))
    np.testing.assert_allclose(found.T_right_left, motion, atol=1e-6)
    np.testing.assert_allclose(found.left.matrix, truth.left)
    assert found.right.distortion == pytest.approx(truth.bent)
    assert found.size == (240, 320)


def test_two_of_a_longer_chain(truth, motion):
    links = [{}, {"T_cn_cnm1": motion.tolist()}, {"T_cn_cnm1": motion.tolist()}]
    chain = {f"cam{n}": camera(truth.left, [], **link) for n, link in enumerate(links)}
    np.testing.assert_allclose(read(chain, (1, 2)).T_right_left, motion, atol=1e-9)
    np.testing.assert_allclose(read(chain, (0, 2)).T_right_left, motion @ motion, atol=1e-9)


def test_a_fisheye_chain_is_rectified_without_matrices(truth, motion, written):
    bent = {"distortion_model": "equidistant", "distortion_coeffs": [-0.01, 0.02, -0.01, 0.002]}
    link = {"T_cn_cnm1": motion.tolist()}
    chain = {"cam0": camera(truth.left, [], **bent), "cam1": camera(truth.right, [], **bent, **link)}
    rig = load_calibration(written(json.dumps(chain), "camchain.yaml"))
    # A point is seen on the same row of both rectified pictures: the maps lead to where each lens shows it.
    import cv2

    point = np.array([0.3, 0.2, 2.0])
    spots = []
    for K, T, table in zip((truth.left, truth.right), (np.eye(4), motion), rig.maps, strict=True):
        place = (T @ [*point, 1])[:3]
        lens = np.array(bent["distortion_coeffs"])
        raw = cv2.fisheye.projectPoints(place.reshape(1, 1, 3), np.zeros(3), np.zeros(3), K, lens)[0].ravel()
        off = np.linalg.norm(table - raw, axis=-1)
        spots.append(np.unravel_index(off.argmin(), off.shape))
    assert abs(spots[0][0] - spots[1][0]) <= 1, "rows"
    assert spots[0][1] - spots[1][1] == pytest.approx(rig.left.fx * rig.baseline / 2.0, abs=1.5)


def test_other_models_are_named(truth):
    chain = {"cam0": camera(truth.left, [], camera_model="omni"), "cam1": camera(truth.left, [])}
    with pytest.raises(ValueError, match="'omni', not pinhole"):
        read({name: one | {"T_cn_cnm1": np.eye(4).tolist()} for name, one in chain.items()}, None)


def test_the_sensors_of_euroc(written, tmp_path, truth, motion, places):
    for n, (K, T) in enumerate(zip((truth.left, truth.right), places, strict=True)):
        one = camera(K, truth.bent, distortion_model="radial-tangential")
        one["distortion_coefficients"] = one.pop("distortion_coeffs")
        one["T_BS"] = {"cols": 4, "rows": 4, "data": T.ravel().tolist()}
        written(json.dumps(one, indent=1), f"mav0/cam{n}/sensor.yaml")
    for path in (tmp_path, tmp_path / "mav0", tmp_path / "mav0/cam1/sensor.yaml"):
        np.testing.assert_allclose(read_calibration(path).T_right_left, motion, atol=1e-6)
    (tmp_path / "mav0/cam1/sensor.yaml").unlink()
    with pytest.raises(DataError, match=r"the other camera \(cam1/sensor\.yaml beside cam0\) is missing"):
        read_calibration(tmp_path)
