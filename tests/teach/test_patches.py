"""A handful of patches, and every pixel of the picture has a class."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.errors import DataError, ImageError
from windowpane.teach.patches import PatchLearner


def park(seed, width=320, height=240):
    """Return a picture of grass, a sand path and water under a sky, and the kind of each pixel."""
    rng = np.random.default_rng(seed)
    kinds = np.zeros((height, width), np.uint8)
    kinds[height // 3 :] = 1
    y, x = np.mgrid[:height, :width]
    middle = width / 2 + 40 * np.sin(y / 50 + rng.uniform(0, 6))
    kinds[(np.abs(x - middle) < (y - height / 3) / 2.5) & (kinds == 1)] = 2
    colours = np.array([[190, 205, 230], [90, 130, 60], [190, 165, 120]], float)
    rough = np.array([1.0, 22.0, 6.0])[kinds][..., None]
    picture = (
        colours[kinds] + rough * rng.normal(0, 1, (height, width, 1)) + rng.normal(0, 2, (height, width, 3))
    )
    return np.clip(picture, 0, 255).astype(np.uint8), kinds


BOXES = [(10, 10, 60, 50), (5, 180, 60, 230), (260, 150, 310, 220), (135, 200, 185, 238)]
NAMES = ["sky", "grass", "grass", "path"]


@pytest.fixture(scope="module")
def learner():
    learner = PatchLearner()
    learner.learn(park(0)[0], BOXES, NAMES)
    return learner


def agreement(scene, kinds):
    order = [scene.names.index(name) for name in ("sky", "grass", "path")]
    return (scene.class_ids == np.array(order)[kinds]).mean()


def test_the_picture_and_another_one_are_labelled(learner):
    for seed, least in ((0, 0.9), (7, 0.88)):
        picture, kinds = park(seed)
        scene = learner.label(picture)
        assert scene.class_ids.shape == scene.confidence.shape == kinds.shape
        assert agreement(scene, kinds) > least
        assert 1 / 3 <= scene.confidence.min() <= scene.confidence.max() <= 1 + 1e-6
    assert scene.names == ("sky", "grass", "path")
    assert sum(scene.shares.values()) == pytest.approx(1)
    assert scene.to_dict()["labels"]["sky"] == pytest.approx(1 / 3, abs=0.06)
    np.testing.assert_array_equal(scene.mask("path"), scene.class_ids == 2)
    with pytest.raises(ValueError, match="'sea'"):
        scene.mask("sea")


def test_a_further_class_can_be_learned_later():
    learner = PatchLearner()
    picture, kinds = park(0)
    learner.learn(picture, BOXES[:3], NAMES[:3])
    assert learner.names == ("sky", "grass")
    learner.learn(picture, BOXES[3:], NAMES[3:])
    assert agreement(learner.label(picture), kinds) > 0.9


def test_the_same_patches_give_the_same_labels(learner):
    again = PatchLearner()
    again.learn(park(0)[0], BOXES, NAMES)
    picture = park(3)[0]
    np.testing.assert_array_equal(again.label(picture).class_ids, learner.label(picture).class_ids)


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (50, 3), (700, 900)])
def test_a_picture_of_any_size_has_a_label_for_each_pixel(learner, size):
    scene = learner.label(np.full((*size, 3), (190, 165, 120), np.uint8))
    assert scene.class_ids.shape == size
    assert np.isfinite(scene.confidence).all()


def test_a_tiny_box_teaches_too():
    learner = PatchLearner()
    picture = park(0)[0]
    learner.learn(picture, [(30, 30, 31, 31), (30, 220, 31, 221)], ["sky", "grass"])
    scene = learner.label(picture)
    assert scene.names[scene.class_ids[30, 30]] == "sky"
    assert scene.names[scene.class_ids[220, 30]] == "grass"


@pytest.mark.parametrize(
    ("boxes", "names", "complaint"),
    [
        ([(5, 5, 5, 9)], ["a"], "empty or reaches beyond"),
        ([(5, 5, 900, 9)], ["a"], "320 x 240"),
        ([(5, 5, 9, 9)], ["a", "b"], "2 names"),
        ([], [], "0 names"),
        ([(float("nan"), 1, 5, 5)], ["a"], "empty or reaches beyond"),
    ],
)
def test_wrong_boxes_are_explained_and_teach_nothing(boxes, names, complaint):
    learner = PatchLearner()
    with pytest.raises(DataError, match=complaint):
        learner.learn(park(0)[0], boxes, names)
    assert learner.names == ()


def test_too_few_classes_and_what_is_no_picture_are_explained():
    learner = PatchLearner()
    with pytest.raises(DataError, match="fewer than two classes"):
        learner.label(park(0)[0])
    with pytest.raises(ImageError):
        learner.learn("missing.png", BOXES, NAMES)
