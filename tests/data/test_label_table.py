"""The table of labels, which readers and checks share."""

import pytest

from windowpane.data.label_table import LabelRow, picture_of, read_rows
from windowpane.errors import DataError


def test_rows_come_with_their_lines_whatever_else_is_in_the_table(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text('\ufefflabel,file,note\n007, a.png ,"two\nlines"\n,b.png,\n12\n', encoding="utf-8")
    assert read_rows(table) == [LabelRow(3, "a.png", "007"), LabelRow(4, "b.png", ""), LabelRow(5, "", "12")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "does not exist: write one"),
        (b"\xff\xfe\x00\x81\x00", "cannot be read as UTF-8"),
        (b"a,b\n", "the first line must name the columns file and label.* no column file and no label"),
        (b"file\n", "no column label"),
        (b"", "no column file"),
        (b"filename,words\na.png,1\n", "but filename, words: call filename file and words label"),
        (b"a.png,1\nb.png,2\n", "its first line is a row already"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, data, message):
    table = tmp_path / "labels.csv"
    if data is not None:
        table.write_bytes(data)
    with pytest.raises(DataError, match=message):
        read_rows(table)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("file;label\r\na.png;01189\r\n", "cp1252"),
        ("file\tlabel\na.png\t01189\n", "utf-16"),
        ("File, Label\na.png, 01189\n", "utf-8"),
        (' FILE ,LABEL\n"a.png", "01189"\n', "utf-8-sig"),
    ],
)
def test_tables_as_spreadsheets_write_them(tmp_path, text, encoding):
    (tmp_path / "labels.csv").write_bytes(text.encode(encoding))
    assert read_rows(tmp_path / "labels.csv") == [LabelRow(2, "a.png", "01189")]


@pytest.mark.parametrize("name", ["a.png", ".\\a.png", "C:\\data\\a.png", "/home/me/a.png"])
def test_a_picture_is_found_by_its_path_of_another_computer(tmp_path, name):
    (tmp_path / "a.png").write_bytes(b"")
    assert picture_of(tmp_path, name).name == "a.png"
    assert picture_of(tmp_path, name).parent in (tmp_path, tmp_path / ".")
