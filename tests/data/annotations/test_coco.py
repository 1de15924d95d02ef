"""COCO files as tools write them."""

import json

import numpy as np
import pytest

from windowpane.data.annotations import layout, read_boxes
from windowpane.errors import DataError


@pytest.fixture
def coco(write):
    """Write a COCO file of one box on a picture; gives its folder."""

    def coco(change=lambda content: None, picture="images/a.png"):
        content = {
            "images": [{"id": 1, "file_name": "a.png", "width": 100, "height": 50}],
            "categories": [
                {"id": 0, "name": "animals"},
                {"id": 1, "name": "cat", "supercategory": "animals"},
            ],
            "annotations": [{"image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 20]}],
        }
        change(content)
        return write(picture, **{"annotations/instances_default.json": json.dumps(content)})

    return coco


def test_a_category_without_a_box_is_no_class(coco, told):
    dataset, faults = told(coco())
    assert dataset.names == ("cat",)
    assert dataset.images[0].class_ids.tolist() == [0]
    assert not faults
    assert dataset.notes == ("1 of 2 categories have no box and so are no class: animals",)


@pytest.mark.parametrize(
    "name",
    [
        "images\\a.png",
        "/home/me/data/a.png",
        "C:\\Users\\me\\a.png",
        "https://example.com/data/a.png?size=2",
        "..\\..\\label-studio\\media\\upload\\1\\3f2a9c-a.png",
        "a.jpg",
        "a",
    ],
)
def test_a_picture_is_found_by_its_file_name(coco, told, name):
    dataset, faults = told(coco(lambda content: content["images"][0].update(file_name=name)))
    assert [image.path.name for image in dataset.images] == ["a.png"]
    assert not faults


def test_a_picture_in_another_folder_is_found_and_said(coco, told, tmp_path):
    dataset, _ = told(coco(picture="deep/down/a.png"))
    assert f"1 picture(s) were found in {tmp_path / 'deep' / 'down'} by their file names" in dataset.notes[1]


def test_two_pictures_of_the_name_are_both_named(coco, told, write):
    coco(picture="x/a.png")
    dataset, (fault,) = told(write("y/a.png"))
    assert dataset.images == ()
    assert "2 files have its name" in fault


def test_a_missing_picture_tells_where_it_was_looked_for_and_the_folder_can_be_named(coco, told, tmp_path):
    folder = coco(picture="images/b.png")
    _, (fault,) = told(folder)
    assert f"does not exist: looked in {tmp_path}, {tmp_path / 'images'} and" in fault
    assert "--images FOLDER" in fault
    elsewhere = tmp_path / "else"
    (tmp_path / "images").rename(elsewhere)
    (elsewhere / "b.png").rename(elsewhere / "a.png")
    dataset, faults = told(folder / "annotations" / "instances_default.json", pictures=elsewhere)
    assert dataset.images[0].path == elsewhere / "a.png"
    assert not faults
    with pytest.raises(DataError, match="there is no folder"):
        read_boxes(folder, pictures=tmp_path / "none")


@pytest.mark.parametrize("value", [1.0, "1"])
def test_ids_may_be_written_in_other_ways(coco, told, value):
    dataset, faults = told(
        coco(lambda content: content["annotations"][0].update(image_id=value, category_id=value))
    )
    assert not faults
    assert len(dataset.images[0].boxes) == 1


def test_a_polygon_without_a_box_has_one_around_it(coco, told):
    def change(content):
        content["annotations"][0] = {
            "image_id": 1,
            "category_id": 1,
            "bbox": [],
            "segmentation": [[10, 20, 40, 20, 40, 40], [11, 21, 12, 21, 12, 30]],
        }

    dataset, faults = told(coco(change))
    assert not faults
    np.testing.assert_allclose(dataset.images[0].boxes, [[10, 20, 40, 40]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda c: c["categories"][0].update(name="cat"),
            "categories[1] has the name 'cat' of another category",
        ),
        (lambda c: c["images"].append(c["images"][0] | {"id": 2}), "images[1] is of the file of images[0]"),
        (lambda c: c["annotations"][0].update(bbox=[10, 20, 95, 48]), "should this be x0, y0, x1, y1"),
        (
            lambda c: c["annotations"][0].update(bbox=[10, 20, 1.5, 20]),
            "is too small to be learned, 1.5 x 20",
        ),
    ],
)
def test_a_fault_is_told_with_its_likely_cause(coco, told, change, message):
    _, faults = told(coco(change))
    assert any(message in fault for fault in faults)


def test_a_file_of_results_is_named_for_what_it_is(write):
    folder = write("a.png", **{"annotations/a.json": '[{"image_id": 1, "bbox": [1, 2, 3, 4]}]'})
    with pytest.raises(DataError, match=r"is no COCO file: .* and it is a list"):
        read_boxes(folder)


def test_another_json_beside_does_not_hide_the_file(coco, told):
    folder = coco()
    (folder / "package.json").write_text("{}")
    assert read_boxes(folder).names == ("cat",)


def test_a_list_of_classes_beside_does_not_hide_the_file(coco):
    folder = coco()
    (folder / "classes.txt").write_text("animals\ncat\n")
    assert layout(folder) == "COCO"
