"""Labelled pictures seen differently: what is done to a picture is done to its labels."""

import cv2
import numpy as np

from windowpane.data.scenes import UNKNOWN
from windowpane.train.loop.augment import Augmentation, augmented, colour_jitter, random_affine


def test_a_view_moves_picture_and_labels_together():
    rng = np.random.default_rng(3)
    truth = np.zeros((120, 160), np.uint8)
    cv2.circle(truth, (90, 50), 30, 1, -1)
    picture = np.repeat(200 * truth[..., None], 3, axis=2)
    for _ in range(20):
        image, labels = augmented(rng, picture, truth, Augmentation(90, 120, colour=0.0))
        known = labels < UNKNOWN
        assert image.shape == (90, 120, 3)
        assert ((image[..., 0] > 100) == (labels == 1))[known].mean() > 0.99
        assert known.mean() > 0.3


def test_light_changes_the_picture_alone():
    picture = np.random.default_rng(0).integers(60, 190, (40, 50, 3), dtype=np.uint8)
    truth = np.zeros((40, 50), np.uint8)
    plain, labels = random_affine(np.random.default_rng(1), picture, truth, Augmentation(30, 40))
    lit, same = augmented(np.random.default_rng(1), picture, truth, Augmentation(30, 40))
    np.testing.assert_array_equal(labels, same)
    assert np.abs(plain.astype(int) - lit).max() > 5
    np.testing.assert_array_equal(colour_jitter(np.random.default_rng(1), plain, 0.0), plain)
