"""What is wrong with pictures with boxes."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image

from windowpane.data.check.boxes import check_boxes


@pytest.fixture
def boxes(tmp_path):
    """Make a set in YOLO's layout; gives what `check_boxes` finds, as (file, line, message, note)."""

    def check(classes=("cat",), **labels):
        for seed, (name, lines) in enumerate(labels.items()):
            pixels = np.random.default_rng(seed).integers(0, 255, (50, 100, 3), np.uint8)
            (tmp_path / "images").mkdir(exist_ok=True)
            (tmp_path / "labels").mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / "images" / f"{name}.png"), pixels)
            if lines is not None:
                (tmp_path / "labels" / f"{name}.txt").write_text(lines)
        (tmp_path / "classes.txt").write_text("\n".join(classes))
        found = check_boxes(tmp_path).problems
        return [(problem.file.name, problem.line, problem.message, problem.note) for problem in found]

    check.path = tmp_path
    return check


CAT = "0 .5 .5 .2 .2"


def test_a_sound_set_with_boxes_has_no_problems(boxes):
    assert boxes(a=CAT, b=f"{CAT}\n0 .2 .2 .1 .1", c="") == []


def test_every_fault_of_a_set_with_boxes_is_listed(boxes):
    (boxes.path / "labels").mkdir()
    (boxes.path / "labels" / "z.txt").write_text(CAT)
    found = boxes(a=f"{CAT}\n0 .5 .5 0 .2\n0 .9 .5 .4 .2", b="nonsense", c="3 .5 .5 .2 .2")
    assert [(file, line) for file, line, _, _ in found] == [
        ("a.txt", 2),
        ("a.txt", 3),
        ("b.txt", 1),
        ("c.txt", 1),
        ("z.txt", None),  # whose picture is missing
    ]
    assert not any(note for *_, note in found)


def test_pictures_with_the_same_pixels_are_found_whatever_their_format(boxes):
    boxes(a=CAT, b=CAT)
    images = boxes.path / "images"
    cv2.imwrite(str(images / "b.bmp"), cv2.imread(str(images / "a.png")))
    (images / "b.png").unlink()
    ((file, line, message, note),) = boxes()
    assert (file, line, note) == ("b.bmp", None, False)
    assert f"the same pixels as {images / 'a.png'}" in message


def test_a_picture_twice_is_a_warning_and_with_other_boxes_a_fault(boxes):
    boxes(("cat", "dog"), a=CAT, b=CAT, c=f"{CAT}\n1 .3 .3 .2 .2")
    images = boxes.path / "images"
    for name in ("b", "c"):
        (images / f"{name}.png").write_bytes((images / "a.png").read_bytes())
    findings = check_boxes(boxes.path)
    assert [one.file.name for one in findings.warnings] == ["b.png"]
    assert [one.file.name for one in findings.faults] == ["c.png"]
    assert "with other boxes" in findings.faults[0].message


def test_a_class_without_a_box_keeps_no_net_from_learning_the_others(boxes):
    boxes(("cat", "dog"), a=CAT)
    (warned,) = check_boxes(boxes.path).warnings
    assert "'dog' has no box" in warned.message
    boxes(("cat", "dog"), a="")
    assert not check_boxes(boxes.path).warnings


def test_a_class_without_a_box_is_found(boxes):
    ((_, _, message, note),) = boxes(("cat", "dog"), a=CAT)
    assert message.startswith("the class 'dog' has no box")
    assert not note


def test_pictures_without_a_file_of_boxes_are_noted_as_background(boxes):
    ((_, _, message, note),) = boxes(a=CAT, b=None, c="", d=None)
    assert message == "of 4 pictures 2 have no file of boxes: background (b.png, d.png)"
    assert note


def test_what_is_there_is_told(boxes):
    boxes(("cat", "dog"), a=f"{CAT}\n1 .5 .5 .4 .2", b=CAT, c="")
    assert check_boxes(boxes.path).found == (
        "YOLO: 3 pictures, 100 x 50 pixels",
        "boxes: cat 2, dog 1",
        "a box's side (root of its area): 14 to 20 pixels, median 14",
        "pictures without a box: 1",
    )


def test_pictures_that_are_turned_are_noted(boxes):
    boxes(a=CAT)
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = np.random.default_rng(5).integers(0, 255, (50, 100, 3), np.uint8)
    Image.fromarray(pixels).save(boxes.path / "images" / "a.png", exif=exif)
    ((_, _, message, note),) = boxes()
    assert note
    assert "1 of the pictures are turned by their EXIF orientation (a.png)" in message


@pytest.mark.parametrize(("crowds", "is_fault"), [((1, 1), True), ((1, 0), False)])
def test_boxes_of_crowds_are_counted_apart(tmp_path, crowds, is_fault):
    cv2.imwrite(str(tmp_path / "a.png"), np.random.default_rng(0).integers(0, 255, (50, 100, 3), np.uint8))
    content = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"image_id": 1, "category_id": 1, "bbox": [10 * place, 9, 9, 9], "iscrowd": crowd}
            for place, crowd in enumerate(crowds)
        ],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    findings = check_boxes(tmp_path)
    assert findings.found[1] == f"boxes: cat {crowds.count(0)} and {crowds.count(1)} crowd or difficult"
    assert ["all 2 boxes of the class 'cat' are marked as crowd" in str(one) for one in findings.faults] == [
        True
    ] * is_fault


def test_a_set_without_any_box_is_at_fault(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.eye(50, 100, dtype=np.uint8))
    (tmp_path / "a.xml").write_text("<annotation><filename>a.png</filename></annotation>")
    (fault,) = check_boxes(tmp_path).faults
    assert "has no box at all" in fault.message
