"""What a data set is for is told by its files; and what is wrong with it keeps a training from beginning."""

import json

import cv2
import numpy as np
import pytest

from windowpane.data.check.folder import check_folder, refuse_faults, verb_of
from windowpane.errors import DataError


@pytest.fixture
def boxes(tmp_path):
    """A picture with a box that has no area, in YOLO's layout."""
    for part in ("images", "labels"):
        (tmp_path / part).mkdir()
    pixels = np.random.default_rng(0).integers(0, 255, (50, 100, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "images" / "a.png"), pixels)
    (tmp_path / "labels" / "a.txt").write_text("0 .5 .5 0 0")
    (tmp_path / "classes.txt").write_text("cat")
    return tmp_path


def test_the_kind_of_a_data_set_is_told_by_its_files(boxes):
    (problem, empty) = check_folder(boxes).problems
    assert problem.file.name == "a.txt"
    assert "class 'cat' has no box" in empty.message
    (boxes / "labels.csv").write_text("file,label\nimages/a.png,x\n")
    (problem,) = check_folder(boxes).problems
    assert problem.file.name == "labels.csv"
    assert len(check_folder(boxes, "detect").problems) == 2


def test_a_folder_that_is_no_data_set_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(DataError, match=r"holds no data set: expected pictures with a labels\.csv"):
            check_folder(folder)


def test_a_folder_of_data_sets_names_one(boxes):
    inner = boxes / "train"
    inner.mkdir()
    for name in ("images", "labels", "classes.txt"):
        (boxes / name).rename(inner / name)
    with pytest.raises(DataError, match=f"there are some in it, as {inner}: check that"):
        check_folder(boxes)


def test_a_training_does_not_begin_with_a_fault(boxes):
    with pytest.raises(
        DataError, match=r"a\.txt:1: the box has no area.*, and 1 more problem.*windowpane check"
    ):
        refuse_faults(boxes, "detect")


def test_a_training_begins_with_a_warning_and_tells_it(boxes):
    (boxes / "labels" / "a.txt").write_text("0 .5 .5 .4 .4")
    (boxes / "classes.txt").write_text("cat\ndog\n")
    with pytest.warns(UserWarning, match="'dog' has no box"):
        refuse_faults(boxes, "detect")


def test_shapes_of_labelme_are_areas_unless_all_are_rectangles(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.eye(50, 100, dtype=np.uint8) * 200)
    shape = {"label": "cat", "points": [[5, 5], [30, 30]], "shape_type": "rectangle"}
    (tmp_path / "a.json").write_text(json.dumps({"shapes": [shape]}))
    assert verb_of(tmp_path) == "detect"
    findings = check_folder(tmp_path)
    assert not findings.faults
    assert "say --for parse" in findings.problems[0].message
    shape |= {"points": [[5, 5], [30, 30], [5, 30]], "shape_type": "polygon"}
    (tmp_path / "a.json").write_text(json.dumps({"shapes": [shape]}))
    assert verb_of(tmp_path) == "parse"
    findings = check_folder(tmp_path)
    assert not findings.faults
    assert "are in no polygon" in findings.problems[0].message


def test_a_table_of_patches_is_checked(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.eye(50, 100, dtype=np.uint8) * 200)
    (tmp_path / "patches.csv").write_text("file,x0,y0,x1,y1,label\na.png,1,2,9,9,sky\n")
    assert check_folder(tmp_path) == check_folder(tmp_path / "patches.csv")
    assert check_folder(tmp_path).found == ("1 picture, 100 x 50 pixels", "patches: sky 1")
