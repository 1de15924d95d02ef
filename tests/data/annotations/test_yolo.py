"""YOLO's dialects."""

import re
import sys

import numpy as np
import pytest

from windowpane.data.annotations import label_file, read_boxes
from windowpane.errors import DataError, MissingExtraError, install

BOX = [[10, 10, 30, 30]]  # of 100 x 50 pixels


@pytest.fixture
def yolo(write):
    def yolo(line, **files):
        return write("images/a.png", **{"labels/a.txt": line}, **(files or {"classes.txt": "cat\ndog\n"}))

    return yolo


@pytest.mark.parametrize(
    "line",
    [
        "1 .2 .4 .2 .4",
        "1.0 .2 .4 .2 .4",
        "1, .2, .4, .2, .4",
        "\ufeff1\t.2 .4 .2 .4 \r\n",
        "1 .1 .2 .3 .2 .3 .6 .1 .6",  # a turned box
        "1 .1 .2 .3 .4 .2 .6",  # a polygon
    ],
)
def test_a_line_in_any_dialect_is_a_box(yolo, told, line):
    dataset, faults = told(yolo(line))
    assert (faults, dataset.notes) == ([], ())
    np.testing.assert_allclose(dataset.images[0].boxes, BOX)
    assert dataset.images[0].class_ids.tolist() == [1]


def test_a_confidence_is_passed_over_and_said(yolo, told):
    dataset, faults = told(yolo("1 .2 .4 .2 .4 .91"))
    np.testing.assert_allclose(dataset.images[0].boxes, BOX)
    assert not faults
    assert "1 box(es) have a confidence" in dataset.notes[0]


def test_landmarks_behind_a_box_are_told_by_the_yaml(yolo, told):
    yaml = "kpt_shape: [2, 3]\nnames: [cat, dog]\n"
    dataset, faults = told(yolo("1 .2 .4 .2 .4 .1 .1 2 .9 .9 2", **{"data.yaml": yaml}))
    assert not faults
    np.testing.assert_allclose(dataset.images[0].boxes, BOX)


@pytest.mark.parametrize(
    "line", ["1.5 .2 .4 .2 .4", "1 .2 .4 .2 .4 7", "1 .1 .2 .3 .4 .5 .6 .7", "nan .2 .4 .2 .4"]
)
def test_what_is_neither_box_nor_polygon_is_told(yolo, told, line):
    _, (fault,) = told(yolo(line))
    assert "is no box; expected class, centre x" in fault


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("dataset.yaml", "path: .\nnames: [cat, dog]\n"),
        ("data.yml", "names:\n  0: cat\n  1: dog\nnc: 2\n"),
        ("my.names", "cat\r\ndog\r\n"),
        ("classes.txt", "cat\ndog\n".encode("utf-16")),
    ],
)
def test_names_from_any_file_of_the_set(yolo, file, text):
    folder = yolo("1 .2 .4 .2 .4", **{file: text, "other.yaml": "site: docs\n"})
    assert read_boxes(folder).names == ("cat", "dog")


def test_yaml_does_not_make_no_of_norway(yolo):
    assert read_boxes(yolo("1 .2 .4 .2 .4", **{"data.yaml": "names: [no, yes]\n"})).names == ("no", "yes")


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("names: [cat, cat]\n", "has the name 'cat' twice"),
        ("names: [cat, dog]\nnc: 3\n", "says nc: 3, and has 2 names"),
        ("names: [cat\n", r"data\.yaml is no YAML"),
    ],
)
def test_a_yaml_that_cannot_be_is_refused(yolo, yaml, message):
    with pytest.raises(DataError, match=message):
        read_boxes(yolo("1 .2 .4 .2 .4", **{"data.yaml": yaml}))


def test_without_its_library_yaml_names_the_extra(yolo, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(MissingExtraError, match=re.escape(install("train"))):
        read_boxes(yolo("1 .2 .4 .2 .4", **{"data.yaml": "names: [cat, dog]\n"}))


def test_labels_beside_a_picture_that_cannot_be_read_name_it(yolo, told):
    folder = yolo("1 .2 .4 .2 .4", **{"classes.txt": "cat\ndog\n", "labels/b.txt": "", "images/b.psd": ""})
    _, (fault,) = told(folder)
    assert "b.psd is of no kind that is read" in fault


def test_folders_in_capitals(write):
    folder = write("Images/a.png", **{"Labels/a.txt": "0 .5 .5 .5 .5", "classes.txt": "cat\n"})
    assert label_file(folder / "Images" / "a.png") == folder / "Labels" / "a.txt"
    assert len(read_boxes(folder).images[0].boxes) == 1
