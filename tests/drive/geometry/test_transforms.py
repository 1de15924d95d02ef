"""Rigid motions, against their definitions and against OpenCV."""

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.transforms import (
    T_BODY_OPTICAL,
    covariance_of_inverse,
    inverse,
    orthonormal,
    quaternion_from_rotation,
    rotation_from_rpy,
    rotation_from_vector,
    rpy_from_rotation,
    skew,
    small_motion,
    transform,
    transformed,
    vector_from_rotation,
    wrapped,
)

T = transform(rotation_from_vector([0.3, -1.0, 0.7]), (1.0, -2.0, 3.0))


def test_a_motion_turns_and_then_shifts():
    about_z = transform(rotation_from_rpy(0, 0, np.pi / 2), (10, 20, 30))
    np.testing.assert_allclose(transformed(about_z, np.array([[1.0, 0, 0]])), [[10, 21, 30]], atol=1e-12)


def test_the_inverse_leads_back():
    np.testing.assert_allclose(inverse(T) @ T, np.eye(4), atol=1e-12)
    points = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(transformed(inverse(T), transformed(T, points)), points, atol=1e-12)


def test_rounding_is_taken_out_of_a_rotation():
    worn = T.copy()
    worn[:3, :3] += np.random.default_rng(0).normal(scale=1e-4, size=(3, 3))
    mended = orthonormal(worn)
    np.testing.assert_allclose(mended[:3, :3] @ mended[:3, :3].T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(mended, worn, atol=1e-3)
    assert mended[:3, 3].tolist() == worn[:3, 3].tolist()


def test_skew_matrices_make_the_cross_product():
    a, b = np.random.default_rng(0).normal(size=(2, 4, 3))
    np.testing.assert_allclose((skew(a) @ b[..., None])[..., 0], np.cross(a, b), atol=1e-12)


def test_the_covariance_of_the_inverse_is_that_of_inverted_samples():
    rng = np.random.default_rng(0)
    covariance = np.diag([1e-6, 2e-6, 3e-6, 1e-5, 2e-5, 3e-5])
    noise = rng.multivariate_normal(np.zeros(6), covariance, 20_000)
    after = [inverse(small_motion(one) @ T) @ T for one in noise]  # small motions after the inverse
    found = np.cov([[*vector_from_rotation(one[:3, :3]), *one[:3, 3]] for one in after], rowvar=False)
    expected = covariance_of_inverse(covariance, T)
    np.testing.assert_allclose(found, expected, atol=0.05 * expected.max())


def test_roll_pitch_and_yaw_are_those_of_the_rotation():
    given = 0.1, -0.2, 2.5
    assert rpy_from_rotation(rotation_from_rpy(*given)) == pytest.approx(given)
    assert rotation_from_rpy(0, 0.1, 0)[2, 0] < 0  # nose down: what is ahead lies lower
    assert rotation_from_rpy(0.1, 0, 0)[2, 1] > 0  # right side down: what is on the left lies higher


@pytest.mark.parametrize("vector", [[0.3, -1, 2], [0, 0, 0], [np.pi, 0, 0], [1e-9, 0, 0]])
def test_vectors_and_quaternions_turn_as_their_matrix(vector):
    R = cv2.Rodrigues(np.array(vector, float))[0]
    np.testing.assert_allclose(rotation_from_vector(vector), R, atol=1e-12)
    np.testing.assert_allclose(np.abs(vector_from_rotation(R)), np.abs(vector), atol=1e-8)
    x, y, z, w = quaternion_from_rotation(R)
    assert x * x + y * y + z * z + w * w == pytest.approx(1)
    expected = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z)],
    ]
    np.testing.assert_allclose(R[:2, :2], expected, atol=1e-9)


@pytest.mark.parametrize(("angle", "same"), [(0.5, 0.5), (3.5, 3.5 - 2 * np.pi), (-7.0, 2 * np.pi - 7)])
def test_angles_are_wrapped(angle, same):
    assert wrapped(angle) == pytest.approx(same)


def test_ahead_of_a_camera_is_ahead_of_a_body():
    assert (T_BODY_OPTICAL @ (0, 0, 1, 1)).tolist() == [1, 0, 0, 1]  # z forward is x forward
    assert (T_BODY_OPTICAL @ (1, 0, 0, 1)).tolist() == [0, -1, 0, 1]  # x right is y left, the other way
