"""The record of a calibration: models of lenses by any tool's name, and no term is dropped."""

import numpy as np
import pytest

from windowpane.drive.geometry.calibration.records import aside, lens_of, matrix, numbers, pinhole

K = np.eye(3)


@pytest.mark.parametrize("model", ["", "plumb_bob", "radtan", "radial-tangential", "rational_polynomial"])
def test_plain_lenses(model):
    assert lens_of(K, [0.1, 0.2, 0, 0], model).distortion.tolist() == [0.1, 0.2, 0, 0]
    assert not lens_of(K, [0.1, 0.2, 0, 0, 0.3], model).fisheye
    assert lens_of(K, [], model).distortion.tolist() == [0] * 5


@pytest.mark.parametrize("model", ["equidistant", "equi", "fisheye", "Kannala Brandt4"])
def test_fisheye_lenses(model):
    lens = lens_of(K, [0.1, 0.2, 0.3, 0.4, 0.0, 0.0], model)
    assert lens.fisheye
    assert lens.distortion.tolist() == [0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize(
    ("bent", "model", "reason"),
    [
        ([0.1] * 6, "plumb_bob", "6 coefficients of distortion, not 4, 5, 8, 12 or 14"),
        ([0.1] * 5, "equidistant", "fisheye lens has 5 coefficients, not 4"),
        ([0.1] * 4, "fov", "model is 'fov', not plumb_bob"),
        ([np.nan] * 4, "", "not finite"),
    ],
)
def test_what_cannot_be_used_is_refused_and_never_left_out(bent, model, reason):
    with pytest.raises(ValueError, match=reason):
        lens_of(K, bent, model)


def test_numbers_and_matrices():
    assert numbers({"data": [[1, 2], [3, 4]]}).tolist() == [1, 2, 3, 4]
    assert matrix(range(12), 3).shape == (3, 4)
    assert pinhole(2, 3, 4, 5, 6).tolist() == [[2, 6, 4], [0, 3, 5], [0, 0, 1]]
    with pytest.raises(ValueError, match="not calibrated"):
        aside(np.zeros((3, 4)), np.zeros((3, 4)))
