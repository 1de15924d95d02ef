"""Areas drawn as labels."""

import base64
import re
import sys
from types import ModuleType

import cv2
import numpy as np
import pytest

from windowpane.data.annotations.regions import Region, circle, draw, mask_of_png, mask_of_runs, rectangle
from windowpane.errors import DataError, MissingExtraError, install


def drawn(*regions, outside=9):
    return draw(regions, {"a": 0, "b": 1}, 20, 30, outside)


def test_a_pixel_is_within_where_its_centre_is():
    square = rectangle(np.array([[10.0, 5.0], [20.0, 15.0]]))
    labels = drawn(Region("a", (square,)))
    assert (labels == 0).sum() == 100
    assert (labels[5:15, 10:20] == 0).all()
    assert (drawn(Region("a", (square + 0.4,))) == labels).all()
    assert not (drawn(Region("a", (square + 0.6,))) == labels).all()
    triangle = np.array([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]])
    assert (drawn(Region("a", (triangle,))) == 0).sum() == pytest.approx(200, abs=12)


def test_what_reaches_out_is_cut_and_the_last_is_on_top():
    labels = drawn(
        Region("a", (rectangle(np.array([[-50.0, -50.0], [99.0, 10.0]])),)),
        Region("b", mask=np.ones((4, 4), np.bool_), corner=(28, -2)),
        Region("b", (rectangle(np.array([[100.0, 0.0], [110.0, 10.0]])),)),
    )
    assert (labels == 1).sum() == 4
    assert (labels[:10] == 9).sum() == 0
    assert (labels[10:] == 9).all()


def test_the_box_around_a_region():
    assert Region("a", (circle(np.array([5.0, 5.0]), np.array([5.0, 8.0])),)).box == pytest.approx(
        (2, 2, 8, 8)
    )
    mask = np.zeros((6, 6), np.bool_)
    mask[2:4, 1:5] = True
    assert Region("a", mask=mask, corner=(10, 20)).box == (11, 22, 15, 24)


def test_run_lengths_go_down_the_columns():
    region = mask_of_runs("a", {"size": [2, 3], "counts": [1, 2, 3]})
    assert region.mask is not None
    assert region.mask.tolist() == [[False, True, False], [True, False, False]]
    assert mask_of_runs("a", {"size": [2, 3], "counts": [1, 2]}).area == 2  # the last run left out


@pytest.mark.parametrize("runs", [{}, {"size": [2, 3], "counts": [7]}, {"size": [2, 3], "counts": [-1, 2]}])
def test_run_lengths_that_cannot_be_are_refused(runs):
    with pytest.raises(DataError, match="run lengths"):
        mask_of_runs("a", runs)


def test_compressed_run_lengths_are_for_their_library(monkeypatch):
    runs = {"size": [2, 3], "counts": "123"}
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    with pytest.raises(MissingExtraError, match=re.escape(install("coco"))):
        mask_of_runs("a", runs)
    library = ModuleType("pycocotools")
    library.mask = ModuleType("pycocotools.mask")  # type: ignore[attr-defined]
    library.mask.decode = lambda given: np.eye(*given["size"], dtype=np.uint8)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pycocotools", library)
    assert mask_of_runs("a", runs).area == 2


def test_a_mask_of_labelme_lies_where_its_corners_say():
    data = base64.b64encode(cv2.imencode(".png", np.full((3, 4), 255, np.uint8))[1].tobytes()).decode()
    region = mask_of_png("a", data, np.array([[5.0, 6.0], [8.0, 8.0]]))
    assert region.box == (5, 6, 9, 9)
    with pytest.raises(DataError, match="no PNG in base64"):
        mask_of_png("a", "???", np.zeros((2, 2)))
