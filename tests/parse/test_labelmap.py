"""The record of a class for every pixel: what it counts, masks and calls itself."""

import numpy as np
import pytest

from windowpane.errors import ArgumentError
from windowpane.parse.labelmap import LabelMap, class_colours

NAMES = ("sky", "road", "cat")


@pytest.fixture
def scene():
    """A quarter sky, the rest road; less sure at the top."""
    class_ids = np.zeros((40, 60), np.uint8)
    class_ids[10:] = 1
    confidence = np.linspace(0.5, 1, 40, dtype=np.float32)[:, None].repeat(60, axis=1)
    return LabelMap(class_ids, confidence, NAMES)


def test_shares_and_masks_speak_of_the_classes(scene):
    assert scene.shares == {"sky": 0.25, "road": 0.75, "cat": 0}
    assert scene.largest == ("road", "sky")
    np.testing.assert_array_equal(scene.mask("road"), scene.class_ids == 1)
    assert not scene.mask("cat").any()
    assert scene.to_dict() == {"width": 60, "height": 40, "labels": scene.shares}


def test_a_mask_of_an_unknown_class_is_explained(scene):
    with pytest.raises(ArgumentError, match=r"'pink'.*sky, road, cat"):
        scene.mask("pink")
    assert issubclass(ArgumentError, ValueError)


def test_it_can_be_had_in_another_size(scene):
    twice = scene.resized(80, 120)
    assert (twice.height, twice.width) == twice.confidence.shape == (80, 120)
    assert twice.shares == scene.shares
    np.testing.assert_array_equal(twice.class_ids[::2, ::2], scene.class_ids)


def test_it_fits_on_a_line(scene):
    assert repr(scene) == "LabelMap(60 x 40 pixels: road 75%, sky 25%)"
    many = LabelMap(
        np.arange(200, dtype=np.uint8)[None], np.ones((1, 200), np.float32), tuple(map(str, range(200)))
    )
    assert len(repr(many)) < 120
    assert "and 194 more" in repr(many)


def test_the_old_names_of_its_arrays_are_taken_and_warn(scene):
    with pytest.warns(DeprecationWarning, match=r"LabelMap\.labels is now called class_ids"):
        assert scene.labels is scene.class_ids
    with pytest.warns(DeprecationWarning, match=r"LabelMap\.scores is now called confidence"):
        assert scene.scores is scene.confidence


def test_classes_have_colours_of_their_own():
    colours = class_colours(24)
    assert len(np.unique(colours, axis=0)) == 24
    assert colours.dtype == np.uint8
