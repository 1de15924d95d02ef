import io
import json
import sys

import pytest

from windowpane.cli import output


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_markdown_table_has_a_column_for_every_key():
    table = output.markdown([{"set": "usps", "right": 0.96512345}, {"set": "mnist", "n": 10}])
    assert table.splitlines() == [
        "| set | right | n |",
        "| --- | --- | --- |",
        "| usps | 0.9651 |  |",
        "| mnist |  | 10 |",
    ]


def test_a_table_is_written_as_markdown_and_as_json(tmp_path):
    rows = [{"set": "usps", "right": 0.5}]
    table, records = output.write_table(rows, tmp_path / "new", "read")
    assert table.read_text() == output.markdown(rows)
    assert json.loads(records.read_text()) == rows


def test_no_bar_without_a_terminal(monkeypatch):
    monkeypatch.setattr(output, "PATIENCE", -1.0)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert list(output.track([1, 2, 3], "Working", 3)) == [1, 2, 3]
    assert sys.stderr.getvalue() == ""


@pytest.mark.parametrize(("patience", "expected"), [(-1.0, True), (60.0, False)])
def test_a_bar_appears_on_a_terminal_once_the_work_takes_long(monkeypatch, patience, expected):
    monkeypatch.setattr(output, "PATIENCE", patience)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    for item in output.track([1, 2, 3], "Counting", 3):
        print(item)
    assert ("Counting" in sys.stderr.getvalue()) is expected
    assert sys.stdout.getvalue() == "1\n2\n3\n", "answers go to a pipe untouched"


def test_json_is_one_line_and_keeps_letters(capsys):
    output.emit({"image": "Größe.png", "text": "1"})
    assert capsys.readouterr().out == '{"image": "Größe.png", "text": "1"}\n'
