"""VOC's dialects."""

import numpy as np
import pytest

from windowpane.data.annotations import read_boxes

BOX = "<bndbox><xmin>11</xmin><ymin>21</ymin><xmax>40</xmax><ymax>40</ymax></bndbox>"


def xml(name="a.png", label="cat", box=BOX, head=""):
    return (
        f"{head}<annotation><filename>{name}</filename><size><width>100</width><height>50</height></size>"
        f"<object><name>{label}</name>{box}</object></annotation>"
    )


@pytest.mark.parametrize(("pictures", "sheets"), [("images", "annotations"), ("JPEGImages", "ANNOTATIONS")])
def test_folders_in_any_case(write, told, pictures, sheets):
    dataset, faults = told(write(f"{pictures}/a.png", **{f"{sheets}/a.xml": xml()}))
    assert not faults
    np.testing.assert_allclose(dataset.images[0].boxes, [[10, 20, 40, 40]])


@pytest.mark.parametrize("encoding", ["gb2312", "big5", "shift_jis", "utf-16", "utf-8-sig", "iso-8859-1"])
def test_encodings_that_the_file_names(write, encoding):
    label = "größe" if encoding in ("iso-8859-1", "utf-8-sig") else "人"
    text = xml(label=label, head=f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>\n')
    folder = write("a.png", **{"a.xml": text.encode(encoding)})
    assert read_boxes(folder).names == (label,)


def test_an_encoding_that_is_not_that_of_the_file_is_told(write, told):
    text = '<?xml version="1.0" encoding="klingon"?><annotation/>'
    _, (fault,) = told(write("a.png", **{"a.xml": text}))
    assert "is not in the encoding that it names" in fault


@pytest.mark.parametrize("name", ["a", "a.jpg", "images\\a.png", "C:\\me\\a.png", ""])
def test_a_picture_is_found_by_what_remains_of_its_name(write, told, name):
    dataset, faults = told(write("JPEGImages/a.png", **{"Annotations/a.xml": xml(name)}))
    assert not faults
    assert dataset.images[0].path.name == "a.png"


@pytest.mark.parametrize(
    ("corners", "message"),
    [
        ((0.2, 0.3, 0.4, 0.6), "is in shares of the picture, 0.2, 0.3 to 0.4, 0.6"),
        ((50, 30, 50, 30), "is too small to be learned, 1 x 1 pixels"),
    ],
)
def test_boxes_that_cannot_be_learned_are_faults(write, told, corners, message):
    sides = zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)
    box = "<bndbox>" + "".join(f"<{side}>{value}</{side}>" for side, value in sides) + "</bndbox>"
    _, (fault,) = told(write("a.png", **{"a.xml": xml(box=box)}))
    assert message in fault
