"""The folder of a batch: what was asked, one list for all, and parts that are whole or not there."""

from __future__ import annotations

import json

import pytest

from windowpane.batch.answers import AnswerFolder, BatchSettings
from windowpane.batch.inputs import Row
from windowpane.batch.run import Done, run
from windowpane.errors import DataError


@pytest.mark.parametrize("place", ["disk", "memory"])
def test_two_who_begin_at_once_agree_on_one_list(tmp_path, place):
    name = str(tmp_path / "out") if place == "disk" else "memory://two"
    first, second = AnswerFolder(name), AnswerFolder(name)
    for folder in (first, second):
        folder.begin(BatchSettings("read", "digits", "abc"), b"net")
    before = second.lists()
    first.add([Row("a"), Row("b")], first.lists())
    with pytest.raises(FileExistsError):
        second.add([Row("c")], before)
    assert [row.image for part in first.parts() for row in first.rows(part)] == ["a", "b"]


def test_a_full_disk_is_one_sentence_and_leaves_no_half_part(scans, tmp_path, monkeypatch):
    import os

    def full(*_):
        raise OSError(28, "No space left on device")

    run("read", [str(scans / "0.png")], str(tmp_path / "out"))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="out cannot be used: No space left on device"):
        run("read", [str(scans)], str(tmp_path / "out"))
    assert len(list((tmp_path / "out").glob("*.parquet"))) == 1
    monkeypatch.undo()
    assert run("read", [str(scans)], str(tmp_path / "out")).pictures == 7


def test_settings_of_an_earlier_version_ask_the_same(scans, tmp_path):
    run("read", [str(scans)], str(tmp_path / "out"))
    file = tmp_path / "out" / "_batch" / "settings.json"
    kept = json.loads(file.read_text())
    # Only those that were given were kept, and some had other names.
    kept["options"] = {"page": False, "format": "number", "score": None}
    file.write_text(json.dumps(kept))
    assert run("read", [str(scans)], str(tmp_path / "out")) == Done(7, 2, 7)
    with pytest.raises(DataError, match="top 3, and 5 was asked"):
        run("read", [str(scans)], str(tmp_path / "out"), top=5)


def test_marks_tell_how_often_a_part_was_begun_and_go_when_it_is_there(scans, tmp_path):
    run("read", [str(scans)], str(tmp_path / "out"))
    folder = AnswerFolder(str(tmp_path / "out"))
    part = folder.parts()[0]
    assert [folder.mark(part) for _ in range(3)] == [0, 1, 2]
    import pyarrow.parquet as pq

    folder.write(part, pq.read_table(tmp_path / "out" / part.name))
    assert folder.mark(part) == 0
    folder.finish()
    assert [path.name for path in (tmp_path / "out" / "_batch").glob(".*")] == []
