"""The table of labels, which readers and checks share."""

import pytest

from windowpane.data.label_table import LabelRow, read_rows
from windowpane.errors import DataError


def test_rows_come_with_their_lines_whatever_else_is_in_the_table(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text('\ufefflabel,file,note\n007, a.png ,"two\nlines"\n,b.png,\n12\n', encoding="utf-8")
    assert read_rows(table) == [LabelRow(3, "a.png", "007"), LabelRow(4, "b.png", ""), LabelRow(5, "", "12")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "does not exist: write one"),
        (b"\xff\xfe\x00\x81", "cannot be read as UTF-8"),
        (b"a,b\n", "the first line must name the columns file and label.* no column file and no label"),
        (b"file\n", "no column label"),
        (b"", "no column file"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, data, message):
    table = tmp_path / "labels.csv"
    if data is not None:
        table.write_bytes(data)
    with pytest.raises(DataError, match=message):
        read_rows(table)
