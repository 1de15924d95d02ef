"""Labelled scenes of one's own: label pictures in the places that tools give them, and polygons."""

import json

import cv2
import numpy as np
import pytest

from windowpane.data.scenes import UNKNOWN, own, read_numbers
from windowpane.data.scenes.own import is_own, scene_layout
from windowpane.errors import DataError


def test_a_folder_of_ones_own_is_read(scene_folder):
    scenes = own(scene_folder)
    assert scenes.names == ("path", "bush")
    assert [scene.picture.stem for scene in scenes.scenes] == ["a", "b", "c"]
    labels = scenes.labels(scenes.scenes[0])
    assert (labels[10, 3], labels[10, 30], labels[0, 0]) == (0, 1, UNKNOWN)


def test_a_number_without_a_name_is_refused(scene_folder):
    labels = read_numbers(scene_folder / "labels" / "b.png")
    labels[20:22, :10] = 7
    cv2.imwrite(str(scene_folder / "labels" / "b.png"), labels)
    scenes = own(scene_folder)
    with pytest.raises(
        DataError, match=r"b\.png: 20 pixels have the number 7, which .*classes\.txt does not"
    ):
        scenes.labels(scenes.scenes[1])


@pytest.mark.parametrize("missing", ["classes.txt", "labels/b.png", "images"])
def test_what_is_missing_is_named_before_training(scene_folder, missing):
    path = scene_folder / missing
    path.rename(scene_folder / "elsewhere")
    with pytest.raises(DataError, match=missing.replace(".", r"\.")):
        own(scene_folder)


def test_a_single_class_is_refused(scene_folder):
    (scene_folder / "classes.txt").write_text("path\n")
    with pytest.raises(DataError, match="1 classes"):
        own(scene_folder)


@pytest.mark.parametrize(
    ("picture", "labels", "names"),
    [
        ("images/city/a.jpg", "labels/city/a.png", "classes.txt"),
        ("images/city/a.jpg", "labels/a.png", "classes.txt"),
        ("images/a_leftImg8bit.jpg", "labels/a_gtFine_labelTrainIds.png", "classes.txt"),
        ("images/a.jpg", "labels/a_L.png", "label_colors.txt"),
        ("JPEGImages/a.jpg", "SegmentationClass/a.png", "labelmap.txt"),
        ("Images/a.jpg", "Masks/a.png", "classes.txt"),
    ],
)
def test_labels_where_tools_put_them(tmp_path, picture, labels, names):
    for name in (picture, labels):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(tmp_path / picture), np.full((30, 40, 3), 90, np.uint8))
    cv2.imwrite(str(tmp_path / labels), np.eye(30, 40, dtype=np.uint8))
    (tmp_path / names).write_text("path\nbush\n")
    (scene,) = own(tmp_path).scenes
    assert (scene.picture, scene.labels) == (tmp_path / picture, tmp_path / labels)
    assert is_own(tmp_path)


def test_a_folder_without_pictures_says_what_is_in_it(scene_folder):
    for path in (scene_folder / "images").glob("*"):
        path.rename(path.with_suffix(".xyz"))
    with pytest.raises(DataError, match=r"images holds no pictures that can be read .*, but \.xyz"):
        own(scene_folder)


SQUARE = [[10, 5], [20, 5], [20, 15], [10, 15]]


@pytest.fixture
def labelme(tmp_path):
    def make(*shapes, **more):
        cv2.imwrite(str(tmp_path / "a.jpg"), np.full((30, 40, 3), 90, np.uint8))
        content = {"shapes": list(shapes), "imagePath": "C:\\me\\a.jpg", "imageHeight": 30, "imageWidth": 40}
        (tmp_path / "a.json").write_text(json.dumps(content | more))
        return tmp_path

    return make


def shape(label="path", points=SQUARE, kind="polygon"):
    return {"label": label, "points": points, "shape_type": kind}


def test_polygons_of_labelme_are_drawn_the_last_on_top(labelme):
    folder = labelme(shape(), shape("bush", [[15, 0], [40, 30]], "rectangle"))
    assert scene_layout(folder) == "labelme"
    scenes = own(folder)
    assert scenes.names == ("background", "bush", "path")
    (labels,) = map(scenes.labels, scenes.scenes)
    assert np.unique(labels[5:15, 10:15]).tolist() == [2]
    assert np.unique(labels[:, 15:]).tolist() == [1]
    assert (labels == 2).sum() == 50
    assert labels[0, 0] == 0


def test_a_list_without_background_leaves_the_rest_unknown(labelme):
    folder = labelme(shape())
    (folder / "classes.txt").write_text("path\nbush\n")
    scenes = own(folder)
    labels = scenes.labels(scenes.scenes[0])
    assert (labels[0, 0], labels[10, 15]) == (UNKNOWN, 0)
    (folder / "classes.txt").write_text("__ignore__\n_background_\npath\n")
    scenes = own(folder)
    labels = scenes.labels(scenes.scenes[0])
    assert scenes.names == ("_background_", "path")
    assert (labels[0, 0], labels[10, 15]) == (0, 1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (shape(kind="linestrip"), r"shapes\[1\] is a linestrip of 4 points, which has no area"),
        (shape(points=[[1, 2], ["x", 3]]), r"shapes\[1\] is not whole"),
        ({"label": "path"}, r"shapes\[1\] is a polygon of 0 points"),
    ],
)
def test_a_shape_without_area_is_refused(labelme, wrong, message):
    with pytest.raises(DataError, match=message):
        own(labelme(shape(), wrong))


def test_polygons_and_masks_of_coco_are_drawn_the_smallest_on_top(tmp_path):
    cv2.imwrite(str(tmp_path / "a.jpg"), np.full((30, 40, 3), 90, np.uint8))
    runs = {"size": [30, 40], "counts": [0, 30, 30 * 39]}  # the first column
    content = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 40, "height": 30}],
        "categories": [{"id": 2, "name": "path"}, {"id": 3, "name": "bush"}, {"id": 9, "name": "never"}],
        "annotations": [
            {"image_id": 1, "category_id": 2, "segmentation": [[10, 5, 20, 5, 20, 15, 10, 15]]},
            {"image_id": 1, "category_id": 3, "segmentation": [[0, 0, 40, 0, 40, 30, 0, 30]]},
            {"image_id": 1, "category_id": 2, "segmentation": runs, "iscrowd": 1},
        ],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    scenes = own(tmp_path)
    assert scenes.names == ("background", "bush", "path")
    labels = scenes.labels(scenes.scenes[0])
    assert (labels[:, 0] == 2).all()
    assert (labels[5:15, 10:20] == 2).all()
    assert (labels == 2).sum() == 130
    content["annotations"].append({"image_id": 1, "category_id": 2, "bbox": [1, 2, 3, 4]})
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"annotations\[3\] has no area"):
        own(tmp_path)
