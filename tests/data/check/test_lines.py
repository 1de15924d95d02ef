"""What is wrong with pictures of numbers and their labels.csv."""

import cv2
import numpy as np
import pytest

from windowpane.data.check.lines import check_lines
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
        return [(problem.line, problem.message) for problem in check_lines(tmp_path).problems]

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


def test_what_is_only_listed_twice_or_not_at_all_is_a_warning(folder):
    folder(["a.png,1", "a.png,1"])
    findings = check_lines(folder.path)
    assert len(findings.warnings) == 2  # twice, and b.png has no row
    assert not findings.faults
    folder(["a.png,1", "b.png,2", "a.png,7"])
    assert len(check_lines(folder.path).faults) == 1


def test_a_picture_without_a_row_is_found(folder):
    assert folder(["a.png,1"]) == [(None, "has no row in labels.csv; add one or remove the picture")]


def test_sub_folders_count_when_rows_name_them(folder):
    found = folder(["day/a.png,1"], pictures=("day/a.png", "day/b.png"))
    assert [message for _, message in found] == ["has no row in labels.csv; add one or remove the picture"]


def test_a_problem_reads_as_place_and_sentence(folder):
    folder(["a.png,1", "b.png,x"])
    (problem,) = check_lines(folder.path).problems
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
    (tmp_path / "labels.csv").write_bytes(b"\xff\xfe\x00\x81\x00")
    with pytest.raises(DataError, match="UTF-8"):
        check_lines(tmp_path)


def test_what_is_there_is_told(folder):
    folder(["a.png,123", "b.png,0"])
    assert check_lines(folder.path).found == (
        "2 pictures, 40 x 20 pixels",
        "numbers by how many digits they have: 1 1, 3 1",
        "digits: 0 1, 1 1, 2 1, 3 1",
    )


def test_paths_of_another_computer_are_no_fault(folder):
    assert folder([".\\a.png,123", "C:\\data\\b.png,0"]) == []
