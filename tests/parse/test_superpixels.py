"""Superpixels vote on the probabilities of their pixels."""

import numpy as np

from windowpane.parse.superpixels import averaged


def test_each_pixel_takes_the_mean_of_its_own_chances_and_of_its_patches():
    picture = np.full((12, 60, 3), 30, np.uint8)
    picture[:, 30:] = (60, 200, 90)
    chances = np.random.default_rng(0).dirichlet((1, 1, 1), (12, 60)).transpose(2, 0, 1).astype(np.float32)
    before = chances.copy()
    expected = np.empty_like(chances)
    for half in (np.s_[:, :, :30], np.s_[:, :, 30:]):
        expected[half] = (chances[half] + 3 * chances[half].mean(axis=(1, 2), keepdims=True)) / 4
    given = averaged(chances, picture)
    assert given.dtype == np.float32
    np.testing.assert_allclose(given, expected, atol=1e-5)
    np.testing.assert_array_equal(chances, before)
