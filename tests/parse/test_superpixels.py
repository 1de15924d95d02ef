"""Superpixels vote on the probabilities of their pixels: edges are the picture's, lone ones are outvoted."""

import re
import sys

import cv2
import numpy as np
import pytest

from windowpane.errors import MissingExtraError, install
from windowpane.parse.parser import Parser
from windowpane.parse.superpixels import averaged


@pytest.fixture
def halves():
    """A picture of two even patches that meet at column 30."""
    picture = np.full((12, 60, 3), 30, np.uint8)
    picture[:, 30:] = (60, 200, 90)
    return picture


def two(of_second):
    """Probabilities (2, H, W) of two classes, given that of the second."""
    return np.stack([1 - of_second, of_second]).astype(np.float32)


def test_edges_follow_those_of_the_picture(halves):
    sure = np.full((12, 60), 0.1)
    sure[:, 34:] = 0.9  # the net is four pixels off
    given = averaged(two(sure), halves).argmax(axis=0)
    np.testing.assert_array_equal(given, np.arange(60)[None].repeat(12, axis=0) >= 30)


def test_a_lone_wrong_pixel_in_an_even_patch_is_outvoted(halves):
    sure = np.full((12, 60), 0.1)
    sure[6, 10] = 0.9
    assert not averaged(two(sure), halves).argmax(axis=0).any()


def test_what_two_patches_look_like_stays_apart(halves):
    sure = np.full((12, 60), 0.1)
    sure[:, 30:] = 0.9
    np.testing.assert_allclose(averaged(two(sure), halves)[1], sure, atol=1e-5)


def test_probabilities_still_sum_to_one_and_those_given_stay(halves):
    given = np.random.default_rng(0).dirichlet((1, 1, 1), (12, 60)).transpose(2, 0, 1).astype(np.float32)
    before = given.copy()
    found = averaged(given, halves)
    assert found.dtype == np.float32
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-5)
    np.testing.assert_array_equal(given, before)


def test_with_superpixels_labels_end_where_the_picture_s_patches_do(net, parser):
    truth = np.zeros((240, 320), np.uint8)
    cv2.fillPoly(truth, [np.array([(30, 20), (290, 120), (60, 220)])], 2)
    picture = 40 + 170 * np.eye(3)[truth] + np.random.default_rng(0).normal(0, 4, (240, 320, 3))
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    scene = Parser(net, superpixels=True).parse(picture)
    assert (scene.class_ids != truth).sum() < 0.3 * (parser.parse(picture).class_ids != truth).sum()
    assert 1 / 3 <= scene.confidence.min() <= scene.confidence.max() <= 1 + 1e-6


def test_superpixels_without_scikit_image_are_explained(net, monkeypatch, stripes):
    monkeypatch.setitem(sys.modules, "skimage.segmentation", None)
    with pytest.raises(MissingExtraError, match=re.escape(install("superpixels"))):
        Parser(net, superpixels=True).parse(stripes()[0])
