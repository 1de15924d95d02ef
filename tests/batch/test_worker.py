"""A worker knows from the folder what to do, and does no part twice."""

from __future__ import annotations

from windowpane.batch.answers import AnswerFolder
from windowpane.batch.run import run
from windowpane.batch.worker import Worker


def test_a_part_that_is_there_is_counted_and_left_as_it_is(scans, tmp_path):
    run("read", [str(scans)], str(tmp_path / "out"), format="zip")
    parts = AnswerFolder(str(tmp_path / "out")).parts()
    times = {part.name: (tmp_path / "out" / part.name).stat().st_mtime_ns for part in parts}
    worker = Worker(str(tmp_path / "out"))
    counts = [worker.answer(part) for part in parts]
    assert [sum(each) for each in zip(*counts, strict=True)] == [7, 2]
    assert times == {part.name: (tmp_path / "out" / part.name).stat().st_mtime_ns for part in parts}


def test_it_answers_as_the_folder_says(scans, tmp_path, answers):
    out = tmp_path / "out"
    run("read", [str(scans)], str(out), length=5, top=1)
    whole = answers(out)
    for path in out.glob("*.parquet"):
        path.unlink()
    worker = Worker(str(out))
    assert worker.settings.options["length"] == 5
    assert sum(worker.answer(part)[0] for part in AnswerFolder(str(out)).parts()) == 7
    assert answers(out) == whole
