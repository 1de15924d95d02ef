import cv2
import numpy as np
import pytest

from windowpane.data.check.folder import check_boxes, check_folder, check_lines
from windowpane.errors import DataError


@pytest.fixture
def folder(tmp_path):
    """Make a folder of pictures and rows; gives what `check_lines` finds, as (line, message)."""

    def check(rows, pictures=("a.png", "b.png"), header="file,label"):
        for seed, name in enumerate(pictures):
            pixels = np.random.default_rng(seed).integers(0, 255, (20, 40), np.uint8)
            (tmp_path / name).parent.mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / name), pixels)
        (tmp_path / "labels.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return [(problem.line, problem.message) for problem in check_lines(tmp_path)]

    check.path = tmp_path
    return check


def test_a_sound_set_has_no_problems(folder):
    assert folder(["a.png,123", "b.png,0"]) == []


def test_further_columns_quotes_and_a_byte_order_mark_are_fine(folder):
    assert folder(['1,"a.png",123', "2,b.png,0"], header="\ufeffn,file,label") == []


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("b.png,", "empty label"),
        ("b.png", "empty label"),
        ("b.png,12a", "not digits only"),
        ("b.png,1 2", "not digits only"),
        ("b.png,١٢", "not digits only"),
        (",12", "names no file"),
        ("c.png,12", "c.png does not exist"),
    ],
)
def test_a_faulty_row_is_found_with_its_line(folder, row, part):
    found = folder(["a.png,123", row])
    assert found[0][0] == 3
    assert part in found[0][1]


def test_a_quoted_line_break_does_not_shift_the_lines(folder):
    assert folder(['a.png,1,"two\nlines"', "b.png,x,"], header="file,label,note")[0][0] == 4


def test_an_unreadable_picture_is_found(folder):
    (folder.path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    ((line, message),) = folder(["a.png,1", "bad.png,2", "b.png,3"])
    assert line == 3
    assert "bad.png" in message


def test_small_and_blank_pictures_are_found(folder):
    cv2.imwrite(str(folder.path / "low.png"), np.eye(5, 40, dtype=np.uint8) * 255)
    cv2.imwrite(str(folder.path / "blank.png"), np.full((20, 40), 90, np.uint8))
    found = folder(["low.png,1", "blank.png,2", "a.png,1", "b.png,1"])
    assert [line for line, _ in found] == [2, 3]
    assert "40 x 5 pixels" in found[0][1]
    assert "blank" in found[1][1]


def test_a_file_that_is_listed_twice_is_found_with_both_lines(folder):
    ((line, message),) = folder(["a.png,1", "b.png,2", "a.png,1"])
    assert line == 4
    assert "again (line 2)" in message
    assert "another label" not in message


def test_a_file_listed_twice_with_different_labels_is_worse(folder):
    ((_, message),) = folder(["a.png,1", "b.png,2", "./a.png,7"])
    assert "another label: '7', there '1'" in message


@pytest.mark.parametrize(("label", "contradiction"), [("1", False), ("8", True)])
def test_the_same_pixels_in_two_files_are_found_whatever_their_format(folder, label, contradiction):
    folder(["a.png,1", "b.png,2"])
    cv2.imwrite(str(folder.path / "copy.bmp"), cv2.imread(str(folder.path / "a.png")))
    ((line, message),) = folder(["a.png,1", "b.png,2", f"copy.bmp,{label}"])
    assert line == 4
    assert "copy.bmp shows the same pixels as a.png (line 2)" in message
    assert ("another label" in message) is contradiction


def test_a_picture_without_a_row_is_found(folder):
    assert folder(["a.png,1"]) == [(None, "has no row in labels.csv; add one or remove the picture")]


def test_sub_folders_count_when_rows_name_them(folder):
    found = folder(["day/a.png,1"], pictures=("day/a.png", "day/b.png"))
    assert [message for _, message in found] == ["has no row in labels.csv; add one or remove the picture"]


def test_a_problem_reads_as_place_and_sentence(folder):
    folder(["a.png,1", "b.png,x"])
    (problem,) = check_lines(folder.path)
    assert str(problem).startswith(f"{folder.path / 'labels.csv'}:3: the label 'x'")
    assert problem.to_dict() == {
        "file": str(problem.file),
        "line": 3,
        "message": problem.message,
        "note": False,
    }


@pytest.mark.parametrize(
    ("text", "part"), [("a,b\n", "no column file and no label"), ("file\n", "label"), ("", "file")]
)
def test_a_table_without_the_columns_is_refused(tmp_path, text, part):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(DataError, match=part):
        check_lines(tmp_path)


def test_a_folder_without_a_table_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"labels\.csv does not exist"):
        check_lines(tmp_path / "none")


def test_a_table_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "labels.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(DataError, match="UTF-8"):
        check_lines(tmp_path)


# --- Pictures with boxes -----------------------------------------------------------------------------------


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
        found = check_boxes(tmp_path)
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


def test_a_class_without_a_box_is_found(boxes):
    ((_, _, message, note),) = boxes(("cat", "dog"), a=CAT)
    assert message.startswith("the class 'dog' has no box")
    assert not note


def test_pictures_without_a_file_of_boxes_are_noted_as_background(boxes):
    ((_, _, message, note),) = boxes(a=CAT, b=None, c="", d=None)
    assert message == "of 4 pictures 2 have no file of boxes: background (b.png, d.png)"
    assert note


def test_the_kind_of_a_data_set_is_told_by_its_files(boxes, tmp_path):
    boxes(a="0 .5 .5 0 0")
    (problem, empty) = check_folder(tmp_path)
    assert problem.file.name == "a.txt"
    assert "class 'cat' has no box" in empty.message
    (tmp_path / "labels.csv").write_text("file,label\nimages/a.png,x\n")
    (problem,) = check_folder(tmp_path)
    assert problem.file.name == "labels.csv"


def test_a_folder_that_is_no_data_set_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(DataError, match=r"holds no data set: expected pictures with a labels\.csv"):
            check_folder(folder)
