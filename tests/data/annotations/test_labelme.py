"""labelme's files as boxes."""

import json

import numpy as np

from windowpane.data.annotations import layout, read_boxes


def test_a_box_around_each_shape(write, told):
    shapes = [
        {"label": "dog", "points": [[10, 20], [40, 20], [30, 45]], "shape_type": "polygon"},
        {"label": "cat", "points": [[90, 40], [50, 10]], "shape_type": "rectangle"},
        {"label": "cat", "points": [[50, 25], [50, 35]], "shape_type": "circle"},
    ]
    content = {"shapes": shapes, "imagePath": "..\\a.png", "imageWidth": 100, "imageHeight": 50}
    folder = write("a.png", **{"a.json": json.dumps(content)})
    assert layout(folder) == "labelme"
    dataset, faults = told(folder)
    assert not faults
    assert dataset.names == ("cat", "dog")
    expected = [[10, 20, 40, 45], [50, 10, 90, 40], [40, 15, 60, 35]]
    np.testing.assert_allclose(dataset.images[0].boxes, expected, atol=1e-9)
    assert dataset.images[0].class_ids.tolist() == [1, 0, 0]


def test_faults_are_told_with_their_shape(write, told):
    content = {
        "shapes": [{"label": "cat", "points": [[1, 2], [9, 9]], "shape_type": "line"}],
        "imagePath": "a.png",
    }
    dataset, (fault, broken) = told(
        write("a.png", **{"a.json": json.dumps(content), "b.json": '{"shapes": ['})
    )
    assert "shapes[0] is a line of 2 points, which has no area" in fault
    assert "is no JSON" in broken
    assert len(dataset.images) == 1


def test_a_list_of_classes_gives_their_order(write):
    content = {"shapes": [{"label": "cat", "points": [[1, 2], [9, 9]], "shape_type": "rectangle"}]}
    folder = write("a.png", **{"a.json": json.dumps(content), "labels.txt": "__ignore__\ndog\ncat\n"})
    dataset = read_boxes(folder)
    assert dataset.names == ("dog", "cat")
    assert dataset.images[0].class_ids.tolist() == [1]
