"""The table of ``read --csv``."""

import csv

import pytest

from windowpane.cli.read.table import COLUMNS, written
from windowpane.errors import WindowpaneError

DIGITS = [{"text": "4", "box": [0, 1, 9, 20]}, {"text": "2", "box": [10, 0, 19, 21]}]
LINE = {"text": "42", "confidence": 0.9, "rejected": False, "digits": DIGITS, "alternatives": []}
PAGE = {"readings": [{**LINE, "box": [1, 2, 3, 4]}, {**LINE, "text": "7", "box": [5, 6, 7, 8]}]}
CODE = {"code": "33000", "confidence": 0.5, "rejected": True, "box": None, "alternatives": [], "reason": "x"}


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_a_row_for_every_number(tmp_path):
    records = [LINE, PAGE, CODE, {"readings": []}, {"error": "broken"}]
    path = tmp_path / "table.csv"
    assert list(written(zip("abcde", records, strict=True), path)) == list(zip("abcde", records, strict=True))
    rows = table(path)
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["image"], row["text"]) for row in rows] == [
        ("a", "42"), ("b", "42"), ("b", "7"), ("c", "33000"), ("e", "")
    ]  # fmt: skip
    assert [rows[0][side] for side in ("x0", "y0", "x1", "y1")] == ["0", "0", "19", "21"]
    assert [rows[2][side] for side in ("x0", "y0", "x1", "y1")] == ["5", "6", "7", "8"]
    assert rows[3]["x0"] == ""
    assert (rows[3]["rejected"], rows[4]["error"]) == ("True", "broken")


def test_what_is_told_is_in_the_table_already(tmp_path):
    told = written([("a", LINE), ("b", LINE)], tmp_path / "table.csv")
    next(told)
    assert len(table(tmp_path / "table.csv")) == 1


def test_without_a_path_nothing_is_written():
    assert list(written([("a", LINE)], None)) == [("a", LINE)]


def test_a_table_that_cannot_be_written_is_told_of(tmp_path):
    with pytest.raises(WindowpaneError, match="cannot be written"):
        list(written([("a", LINE)], tmp_path / "none" / "table.csv"))
