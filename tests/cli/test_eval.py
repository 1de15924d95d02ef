"""``windowpane eval``: a folder is measured, its table printed and written; a missing set stops no other."""

import json
import sys
from importlib import resources
from types import ModuleType

import pytest

from windowpane.errors import DataError


@pytest.fixture
def measured(monkeypatch):
    """Every set is there but ``usps``; a row tells with what it was measured."""

    def evaluate(sets, *, net, seed):
        if "usps" in sets:
            raise DataError("no data sets at nowhere")
        return [{"set": name, "net": net, "seed": seed, "right": 0.5} for name in sets]

    module = ModuleType("windowpane.evaluate.read")
    module.evaluate = evaluate
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_the_table_is_printed_and_written(run, measured, tmp_path):
    answer = run("eval", "read", "composed", "mnist", "--seed", 3, "--out", tmp_path / "out")
    assert answer.status == 0
    assert "| composed | digits | 3 | 0.5 |" in answer.out
    assert (tmp_path / "out" / "read.md").read_text() == answer.out
    rows = json.loads((tmp_path / "out" / "read.json").read_text())
    assert [row["set"] for row in rows] == ["composed", "mnist"]


def test_json_has_one_object_a_row(run, measured, tmp_path):
    answer = run("eval", "read", "composed", "--net", "my.onnx", "--json", "--out", tmp_path)
    (row,) = map(json.loads, answer.out.splitlines())
    assert (row["set"], row["net"]) == ("composed", "my.onnx")


def test_a_missing_set_does_not_keep_the_others_from_being_measured(run, measured, tmp_path):
    answer = run("eval", "read", "usps", "mnist", "--out", tmp_path)
    assert answer.status == 1
    assert "windowpane: no data sets at nowhere" in answer.err
    assert "| mnist |" in answer.out


def test_a_folder_of_ones_own_is_measured(run, tmp_path):
    answer = run("eval", "read", resources.files("windowpane") / "demo", "--json", "--out", tmp_path)
    assert answer.status == 0
    (row,) = map(json.loads, answer.out.splitlines())
    assert row["count"] >= 6
    assert row["right"] == 1
    assert (tmp_path / "read.json").is_file()


def test_a_folder_that_cannot_be_made_is_said_before_any_work(run, tmp_path):
    (tmp_path / "file").touch()
    answer = run("eval", "read", "composed", "--out", tmp_path / "file")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == f"windowpane: {tmp_path / 'file'}: the folder cannot be made (File exists)\n"
