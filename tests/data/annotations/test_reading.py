"""Pictures with boxes: three layouts, one record; and faults that are told with their place."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image

from windowpane.data.annotations import read_boxes
from windowpane.errors import DataError
from windowpane.images import load

# One scene in every layout: a.png, 100 x 50, with a cat from 10, 20 to 30, 40 and a dog, hard to see, from
# 50, 0 to 100, 25; and b.png without anything.
CAT, DOG = [10, 20, 30, 40], [50, 0, 100, 25]


def picture(path, seed=0, width=100, height=50):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8))
    return path


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def coco(folder, change=lambda content: None, file="annotations.json", pictures="."):
    picture(folder / pictures / "a.png", 1)
    picture(folder / pictures / "b.png", 2)
    content = {
        "images": [
            {"id": 7, "file_name": "a.png", "width": 100, "height": 50},
            {"id": 8, "file_name": "b.png", "width": 100, "height": 50},
        ],
        "categories": [{"id": 5, "name": "dog"}, {"id": 3, "name": "cat"}],
        "annotations": [
            {"image_id": 7, "category_id": 3, "bbox": [10, 20, 20, 20], "iscrowd": 0},
            {"image_id": 7, "category_id": 5, "bbox": [50.0, 0, 50, 25], "iscrowd": 1},
        ],
    }
    change(content)
    write(folder / file, json.dumps(content))
    return folder


def yolo(folder, lines=("0 .2 .6 .2 .4", "1 .75 .25 .5 .5"), pictures="images", labels="labels"):
    picture(folder / pictures / "a.png", 1)
    picture(folder / pictures / "b.png", 2)
    write(folder / labels / "a.txt", "\n".join(lines))
    write(folder / "classes.txt", "cat\ndog\n")
    return folder


def xml(name="a.png", objects=(("cat", 11, 21, 30, 40, 0), ("dog", 51, 1, 100, 25, 1)), size=(100, 50)):
    boxes = [
        f"<object>\n<name>{label}</name><difficult>{hard}</difficult>\n"
        f"<bndbox><xmin>{x0}</xmin><ymin>{y0}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox></object>\n"
        for label, x0, y0, x1, y1, hard in objects
    ]
    extent = f"<size><width>{size[0]}</width><height>{size[1]}</height></size>\n"
    return f"<annotation>\n<filename>{name}</filename>\n{extent}{''.join(boxes)}</annotation>\n"


def voc(folder, **what):
    picture(folder / "JPEGImages" / "a.png", 1)
    picture(folder / "JPEGImages" / "b.png", 2)
    write(folder / "Annotations" / "a.xml", xml(**what))
    write(folder / "Annotations" / "b.xml", xml("b.png", ()))
    return folder


@pytest.mark.parametrize("layout", [coco, yolo, voc])
def test_one_record_whatever_the_layout(layout, tmp_path):
    dataset = read_boxes(layout(tmp_path))
    assert dataset.names == ("cat", "dog")
    first, second = dataset.images
    assert load(first.path).shape == (50, 100, 3)
    np.testing.assert_allclose(first.boxes, [CAT, DOG])
    assert first.class_ids.tolist() == [0, 1]
    assert first.ignored.tolist() == [False, layout is not yolo]  # in which nothing is marked as difficult
    assert second.path.name == "b.png"
    assert (second.boxes.shape, second.class_ids.shape, second.ignored.shape) == ((0, 4), (0,), (0,))
    assert (first.boxes.dtype, first.class_ids.dtype, first.ignored.dtype) == (np.float64, np.intp, np.bool_)


def test_boxes_are_of_the_upright_picture(tmp_path):
    yolo(tmp_path)
    turned = Image.new("RGB", (50, 100), "red")  # 100 x 50 when held upright
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "images" / "a.png", exif=exif)
    np.testing.assert_allclose(read_boxes(tmp_path).images[0].boxes, [CAT, DOG])


@pytest.mark.parametrize("layout", [coco, voc])
def test_boxes_drawn_on_the_picture_as_stored_are_refused(layout, tmp_path):
    folder = layout(tmp_path)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = read_boxes(folder).images[0].path
    Image.new("RGB", (100, 50), "red").save(path, exif=exif)
    with pytest.raises(DataError, match=r"100 x 50 pixels, but .* has 50 x 100 upright"):
        read_boxes(folder)


# --- Where the files are -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "pictures"),
    [
        ("_annotations.coco.json", "."),
        ("annotations/instances_val2017.json", "val2017"),
        ("annotations/train.json", "images"),
        ("annotations/train.json", "images/train"),
    ],
)
def test_coco_files_in_their_usual_places(tmp_path, file, pictures):
    coco(tmp_path, file=file, pictures=pictures)
    for source in (tmp_path, tmp_path / file, str(tmp_path)):
        assert len(read_boxes(source).images[0].boxes) == 2


@pytest.mark.parametrize(
    ("pictures", "labels"),
    [
        ("images", "labels"),
        ("images/train", "labels/train"),
        ("train/images", "train/labels"),
        (".", "labels"),
        ("obj_train_data", "obj_train_data"),
    ],
)
def test_yolo_files_in_their_usual_places(tmp_path, pictures, labels):
    yolo(tmp_path, pictures=pictures, labels=labels)
    assert [len(image.boxes) for image in read_boxes(tmp_path).images] == [2, 0]


@pytest.mark.parametrize("part", ["images/train", "train"])
def test_a_part_of_a_yolo_set_is_a_set(tmp_path, part):
    split = {"images/train": ("images/{}", "labels/{}"), "train": ("{}/images", "{}/labels")}[part]
    for name in ("train", "val"):
        yolo(tmp_path, pictures=split[0].format(name), labels=split[1].format(name))
    assert len(read_boxes(tmp_path).images) == 4
    (first, second) = read_boxes(tmp_path / part).images
    assert "train" in first.path.parts
    assert (len(first.boxes), len(second.boxes)) == (2, 0)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("obj.names", "cat\ndog\n"),
        ("labels/classes.txt", "cat\r\ndog\r\n"),
        ("data.yaml", "train: ../train/images\nnc: 2\nnames: ['cat', 'dog']\n"),
        ("data.yaml", 'names: ["cat", dog]  # two\nnc: 2\n'),
        ("data.yaml", "nc: 2\nnames: [cat,\n   dog\n  ]\nroboflow:\n  license: MIT\n"),
        ("data.yaml", "names:\n- cat\n- 'dog'\nnc: 2\n"),
        (
            "data.yaml",
            "path: .\nnames:\n  # the animals\n  0: cat\n\n  1: dog  # barks\ndownload: |\n  - no\n",
        ),
        ("data.yaml", "names: {1: dog, 0: cat}\n"),
    ],
)
def test_the_classes_of_yolo(tmp_path, file, text):
    (yolo(tmp_path) / "classes.txt").unlink()
    write(tmp_path / file, text)
    assert read_boxes(tmp_path).names == ("cat", "dog")


@pytest.mark.parametrize("text", ["nc: 2\n", "names: []\n", "names:\n  0: cat\n  2: dog\n"])
def test_a_yaml_file_without_a_list_of_classes_is_refused(tmp_path, text):
    (yolo(tmp_path) / "classes.txt").unlink()
    write(tmp_path / "data.yaml", text)
    with pytest.raises(DataError, match=r"data\.yaml has no list of classes; expected names: \["):
        read_boxes(tmp_path)


def test_voc_beside_its_pictures_and_with_a_list_of_classes(tmp_path):
    picture(tmp_path / "a.png")
    write(tmp_path / "a.xml", xml())
    assert read_boxes(tmp_path).names == ("cat", "dog")
    write(tmp_path / "classes.txt", "dog\nbird\ncat\n")
    dataset = read_boxes(tmp_path)
    assert dataset.names == ("dog", "bird", "cat")
    assert dataset.images[0].class_ids.tolist() == [2, 0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, r"holds no boxes: expected a COCO \.json"),
        (lambda folder: write(folder / "labels" / "a.txt", ""), "names no classes: write a classes.txt"),
        (lambda folder: write(folder / "classes.txt", "cat"), "has no picture in its YOLO layout"),
        (lambda folder: write(folder / "a.json", "{\n]"), r"a\.json:2: is no JSON"),
        (lambda folder: write(folder / "a.json", "[]"), "is no COCO file: expected the lists categories"),
        (lambda folder: coco(folder, file="b.json") and coco(folder), r"holds 2 \.json files"),
    ],
)
def test_a_folder_of_which_nothing_can_be_read_is_refused(tmp_path, make, message):
    make(tmp_path)
    with pytest.raises(DataError, match=message):
        read_boxes(tmp_path, lambda *fault: None)


# --- Faults ------------------------------------------------------------------------------------------------


def told(folder):
    """What is told of a set, as (name of the file, line, sentence); and what the rest of it is."""
    faults = []
    dataset = read_boxes(folder, lambda file, line, message: faults.append((file.name, line, message)))
    with pytest.raises(DataError) as refusal:
        read_boxes(folder)
    name, line, message = faults[0]
    assert str(refusal.value).endswith(f"{name}{'' if line is None else f':{line}'}: {message}")
    return faults, dataset


OUT = "reaches out of its picture of 100 x 50 pixels: it is from 50, 0 to 102, 25"


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ([50, 0, 52, 25], OUT),
        ([50, 0, 0, 25], "has no area: it is 0 x 25 pixels"),
        ([50, 0, 9, -25], "has no area"),
        ([50, 0, float("nan"), 25], "has a coordinate that is no finite number"),
        ([50, 0, 50], "has the bbox [50, 0, 50]; expected [x, y, width, height]"),
        (["50", 0, 50, 25], "expected [x, y, width, height]"),
    ],
)
def test_a_faulty_box_of_coco_is_told_by_its_entry(tmp_path, box, message):
    def change(content):
        content["annotations"][1]["bbox"] = box

    ((name, line, said),), dataset = told(coco(tmp_path, change))
    assert (name, line) == ("annotations.json", None)
    assert said.startswith("annotations[1] ")
    assert message in said
    np.testing.assert_allclose(dataset.images[0].boxes, [CAT])  # the others stay


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda c: c["annotations"][1].update(category_id=4),
            "annotations[1] is of the unknown class 4; known",
        ),
        (lambda c: c["annotations"][1].update(image_id=9), "annotations[1] is of the image 9, which is not"),
        (lambda c: c["annotations"][1].pop("bbox"), "annotations[1] is not whole; expected an object with"),
        (lambda c: c["annotations"][1].update(image_id=[7]), "annotations[1] has an id that is neither"),
        (lambda c: c["images"][1].update(file_name="c.png"), "c.png does not exist"),
        (lambda c: c["images"][1].update(file_name=3), "images[1] has a name that is no text"),
        (lambda c: c["images"][1].update(width=90), "images[1] is of 90 x 50 pixels, but"),
        (lambda c: c["images"][1].update(id=7), "images[1] has the id 7 of images[0]"),
        (lambda c: c["categories"].append({"id": 3, "name": "cow"}), "categories[2] has the id 3 of another"),
    ],
)
def test_a_faulty_entry_of_coco_is_told(tmp_path, change, message):
    ((name, _, said),), dataset = told(coco(tmp_path, change))
    assert name == "annotations.json"
    assert message in said
    assert len(dataset.images[0].boxes) >= 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 .76 .25 .52 .5", OUT),
        ("1 .75 .25 0 .5", "has no area"),
        ("1 nan .25 .5 .5", "has a coordinate that is no finite number"),
        ("2 .75 .25 .5 .5", "is of the unknown class 2; known are 0, 1"),
        ("dog .75 .25 .5 .5", "'dog .75 .25 .5 .5' is no box; expected class, centre x, y, width, height"),
        ("1 .75 .25 .5", "is no box"),
        ("1 75 12 50 25", "is in pixels; divide by the picture's width and height"),
    ],
)
def test_a_faulty_line_of_yolo_is_told(tmp_path, line, message):
    ((name, number, said),), dataset = told(yolo(tmp_path, ["0 .2 .6 .2 .4", "", line]))
    assert (name, number) == ("a.txt", 3)
    assert message in said
    np.testing.assert_allclose(dataset.images[0].boxes, [CAT])


def test_a_file_of_yolo_without_a_picture_is_told(tmp_path):
    write(yolo(tmp_path) / "labels" / "c.txt", "")
    ((name, line, said),), dataset = told(tmp_path)
    assert (name, line) == ("c.txt", None)
    assert "has no picture" in said
    assert len(dataset.images) == 2


def test_a_broken_picture_is_told_and_left_out(tmp_path):
    (yolo(tmp_path) / "images" / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    ((name, _, said),), dataset = told(tmp_path)
    assert name == "b.png"
    assert "truncated" in said
    assert [image.path.name for image in dataset.images] == ["a.png"]


@pytest.mark.parametrize(
    ("dog", "message"),
    [
        (("dog", 51, 1, 102, 25, 0), OUT),
        (("dog", 51, 1, 50, 25, 0), "the object has no area"),
        (("dog", 51, 1, "nan", 25, 0), "no finite number"),
        (("dog", 51, 1, "", 25, 0), "has no bndbox with the numbers xmin, ymin, xmax, ymax"),
    ],
)
def test_a_faulty_object_of_voc_is_told(tmp_path, dog, message):
    ((name, line, said),), dataset = told(voc(tmp_path, objects=(("cat", 11, 21, 30, 40, 0), dog)))
    text = (tmp_path / "Annotations" / name).read_text().splitlines()
    assert text[line - 1 : line + 1] == ["<object>", "<name>dog</name><difficult>0</difficult>"]
    assert message in said
    np.testing.assert_allclose(dataset.images[0].boxes, [CAT])


def test_faulty_files_of_voc_are_told(tmp_path):
    voc(tmp_path, name="c.png")
    write(tmp_path / "Annotations" / "b.xml", "<annotation>\n<object>\n</annotation>")
    ((broken, line, said), (missing, _, why)), dataset = told(tmp_path)
    assert (broken, line) == ("b.xml", 3)
    assert "is no XML: mismatched tag" in said
    assert missing == "a.xml"
    assert "c.png does not exist" in why
    assert dataset.images == ()


def test_a_class_that_is_not_in_the_list_of_voc_is_told(tmp_path):
    write(voc(tmp_path) / "classes.txt", "cat\n")
    ((name, _, said),), dataset = told(tmp_path)
    assert name == "a.xml"
    assert "unknown class 'dog'; known are 'cat'" in said
    assert dataset.images[0].class_ids.tolist() == [0]


def test_a_box_that_is_out_by_rounding_is_cut(tmp_path):
    (first, _) = read_boxes(yolo(tmp_path, ["0 .502 .5 1 1.004"])).images
    np.testing.assert_allclose(first.boxes, [[0.2, 0, 100, 50]])
