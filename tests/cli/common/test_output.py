import io
import json
import sys

import pytest

from windowpane.cli.common import output


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


def test_without_a_terminal_long_work_tells_of_every_tenth_and_of_the_time_left(monkeypatch, capsys):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(output.time, "monotonic", lambda: float(next(clock)))
    with output.stages() as progress:
        for done in range(1, 21):
            progress("windows", done, 20, "loss 0.5")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[0] == "windows: 1 of 20 loss 0.5"
    assert "of 20 loss 0.5, 0:0" in lines[1]
    assert lines[1].endswith(" left")
    assert lines[-1] == "windows: 20 of 20 loss 0.5"


def test_what_ends_early_is_done_on_a_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(sys, "stderr", Terminal())
    with output.stages() as progress:
        progress("windows", 10, 20, "loss 0.5")
        progress("windows", 11, 11, "no better")
    assert "11/11" in sys.stderr.getvalue()
