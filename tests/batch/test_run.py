"""A whole batch in one process: its answers, its errors, going on, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from importlib import resources
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from windowpane.batch.answers import AnswerFolder
from windowpane.batch.run import Done, run
from windowpane.batch.worker import Worker
from windowpane.detect.detector import Detector
from windowpane.errors import ArgumentError, DataError, MissingExtraError, NetFileError, install
from windowpane.parse.parser import Parser
from windowpane.read.reader import Reader
from windowpane.systems import ReadSystem

DEMO = resources.files("windowpane") / "demo"


def test_every_picture_has_its_answer_or_its_error(scans, tmp_path, answers, number):
    done = run("read", [str(scans)], str(tmp_path / "out"), format="zip")
    assert done == Done(pictures=7, failed=2, before=0)
    rows = answers(tmp_path / "out")
    assert [row["image"] for row in rows] == sorted(str(path) for path in scans.iterdir())
    expected = json.loads(json.dumps(Reader(format="zip").read(number).to_dict()))
    for row in rows[:5]:
        assert {key: row[key] for key in expected} == expected
        assert row["text"] == "94720"
        assert row["error"] is None
    assert [row["text"] for row in rows[5:]] == [None, None]
    assert rows[5]["error"] == f"{scans}/broken.png is a truncated PNG file: its end is missing."
    assert rows[6]["error"] == f"{scans}/empty.jpg is empty: it has 0 bytes."


def test_a_second_run_only_answers_what_is_new(scans, tmp_path, answers, number):
    out = str(tmp_path / "out")
    run("read", [str(scans)], out)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.parquet")}
    assert run("read", [str(scans)], out) == Done(7, 2, 7)
    (scans / "5.png").write_bytes(number)
    assert run("read", [str(scans)], out) == Done(8, 2, 7)
    assert len({row["image"] for row in answers(out)}) == len(answers(out)) == 8
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_answers_beside_the_pictures_are_not_taken_for_pictures(scans):
    for _ in range(2):
        assert run("parse", [str(scans)], str(scans)).pictures == 7


def test_a_part_that_is_removed_is_answered_again(scans, tmp_path, answers):
    out = tmp_path / "out"
    run("read", [str(scans)], str(out))
    whole = answers(out)
    sorted(out.glob("*.parquet"))[2].unlink()
    assert len(answers(out)) < 7
    assert run("read", [str(scans)], str(out)).pictures == 7
    assert answers(out) == whole


def test_pictures_in_parquet_are_told_apart_by_their_rows(tmp_path, answers, number):
    path = str(tmp_path / "scans.parquet")
    pq.write_table(pa.table({"scan": pa.array([number, b"", number], pa.binary())}), path)
    assert run("read", [path], str(tmp_path / "out")).failed == 1
    rows = answers(tmp_path / "out")
    assert [(row["image"], row["row"], row["text"]) for row in rows] == [
        (path, 0, "94720"),
        (path, 1, None),
        (path, 2, "94720"),
    ]
    assert rows[1]["error"] == f"{path}, row 1, is empty: it has 0 bytes."


def test_faces_and_scenes_are_the_objects_of_the_command_line(tmp_path, answers):
    import cv2
    import numpy as np

    portrait = str(DEMO / "portrait.jpg")
    run("detect", [portrait], str(tmp_path / "faces"), min_size=40)
    row = answers(tmp_path / "faces")[0]
    expected = Detector(min_size=40).detect(portrait).to_dict()
    assert len(row["faces"]) == 1
    assert {key: row[key] for key in expected} == expected

    run("parse", [portrait], str(tmp_path / "scenes"))
    row = answers(tmp_path / "scenes")[0]
    scene = Parser().parse(portrait)
    assert {key: row[key] for key in ("width", "height", "labels")} == scene.to_dict()
    labels = cv2.imdecode(np.frombuffer(row["png"], np.uint8), cv2.IMREAD_UNCHANGED)
    assert (labels == scene.class_ids).all()


def test_pages_have_a_list_of_readings(tmp_path, answers, scans):
    run("read", [str(scans / "0.png")], str(tmp_path / "out"), page=True)
    (row,) = answers(tmp_path / "out")
    expected = [one.to_dict(box=True) for one in Reader().read_page(str(scans / "0.png"))]
    assert row["readings"] == expected
    assert expected


def test_from_a_store_to_a_store(number):
    import fsspec

    store = fsspec.filesystem("memory")
    store.pipe({f"/in/{name}.png": number for name in range(3)})
    assert run("read", ["memory://in"], "memory://out").pictures == 3
    assert run("read", ["memory://in"], "memory://out") == Done(3, 0, 3)
    tables = [pq.read_table(store.open(name)) for name in store.glob("/out/*.parquet")]
    assert pa.concat_tables(tables)["image"].to_pylist() == [f"memory:///in/{name}.png" for name in range(3)]


@pytest.mark.parametrize(
    ("options", "says"),
    [({"length": 4}, "length None, and 4 was asked"), ({"format": "zip"}, "format 'number', and 'zip' was")],
)
def test_a_folder_takes_the_answers_to_one_question_only(scans, tmp_path, options, says):
    run("read", [str(scans)], str(tmp_path / "out"), length=None)
    with pytest.raises(DataError, match=says):
        run("read", [str(scans)], str(tmp_path / "out"), **{"length": None, **options})
    with pytest.raises(DataError, match="system 'read', and 'detect' was asked"):
        run("detect", [str(scans)], str(tmp_path / "out"))


@pytest.mark.filterwarnings("ignore:the argument looks")
def test_a_folder_begun_when_an_option_had_another_name_goes_on(tmp_path):
    portrait, out = str(DEMO / "portrait.jpg"), tmp_path / "out"
    run("parse", [portrait], str(out), tta=1)
    settings = out / "_batch" / "settings.json"
    assert '"tta": 1' in settings.read_text()
    settings.write_text(settings.read_text().replace('"tta"', '"looks"'))
    for option in ("tta", "looks"):
        assert run("parse", [portrait], str(out), **{option: 1}) == Done(1, 0, 1)
        with pytest.raises(DataError, match="tta 1, and 2 was asked"):
            run("parse", [portrait], str(out), **{option: 2})


def test_a_list_of_valid_strings_goes_along(scans, tmp_path, answers):
    (tmp_path / "codes.txt").write_text("# mine\n94721\n10003\n")
    run("read", [str(scans / "0.png")], str(tmp_path / "out"), format=str(tmp_path / "codes.txt"))
    (tmp_path / "codes.txt").unlink()
    assert Worker(str(tmp_path / "out")).system
    assert answers(tmp_path / "out")[0]["text"] == "94721"


def test_what_cannot_begin_says_why(scans, tmp_path, monkeypatch):
    with pytest.raises(ArgumentError, match="no system 'raed': choose from read, detect, parse"):
        run("raed", [str(scans)], str(tmp_path / "out"))
    with pytest.raises(ArgumentError, match="read has no option 'min_size'"):
        run("read", [str(scans)], str(tmp_path / "out"), min_size=3)
    with pytest.raises(ArgumentError, match="length is 'five': give int or None"):
        run("read", [str(scans)], str(tmp_path / "out"), length="five")
    with pytest.raises(NetFileError, match="task 'detect'"):
        run("read", [str(scans)], str(tmp_path / "out"), net="faces")
    with pytest.raises(DataError, match="is a file: give a folder"):
        run("read", [str(scans)], str(scans / "0.png"))
    monkeypatch.setattr(sys.modules["windowpane.batch.run"], "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=re.escape(install("batch"))):
        run("read", [str(scans)], str(tmp_path / "out"))


def test_a_fault_of_ours_with_one_picture_is_that_pictures_error(scans, tmp_path, answers, monkeypatch):
    from windowpane.read.reader import Reader

    read = Reader.read

    def faulty(self, pictures):
        if any(picture.shape[0] == 1 for picture in pictures):
            raise ZeroDivisionError("division by zero")
        return read(self, pictures)

    monkeypatch.setattr(Reader, "read", faulty)
    (scans / "thin.pgm").write_bytes(b"P5 3 1 255\nabc")
    run("read", [str(scans)], str(tmp_path / "out"))
    rows = answers(tmp_path / "out")
    assert [row["text"] for row in rows[:5]] == ["94720"] * 5
    assert rows[-1]["error"] == "The picture cannot be answered: ZeroDivisionError: division by zero"


# -- A system of one's own ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Light:
    """How light a picture is."""

    mean: float

    def to_dict(self):
        return {"mean": self.mean}


class Lightness:
    """Says how light a picture is; a dark one ends in an error of its own."""

    def answer(self, picture):
        if picture.mean() < 1:
            raise ZeroDivisionError("it is dark")
        return Light(round(float(picture.mean()), 2))


@pytest.fixture
def greys(scans):
    """The scans, without what is broken; one is black."""
    for path in scans.iterdir():
        path.unlink()
    for name, grey in (("a", 10), ("b", 0), ("c", 200)):
        (scans / f"{name}.pgm").write_bytes(b"P5 2 1 255\n" + bytes([grey, grey]))
    return [str(scans)]


def test_a_system_of_ones_own_answers_in_json_and_a_fault_of_it_is_one_pictures(greys, tmp_path, answers):
    assert run(Lightness(), greys, str(tmp_path / "out")) == Done(3, 1, 0)
    rows = answers(tmp_path / "out")
    assert [row["answer"] for row in rows] == ['{"mean": 10.0}', None, '{"mean": 200.0}']
    assert rows[1]["error"] == "The picture cannot be answered: ZeroDivisionError: it is dark"
    assert run(Lightness(), greys, str(tmp_path / "out")) == Done(3, 1, 3)


def test_it_may_have_a_name_columns_and_answers_to_many(greys, tmp_path, answers):
    class Named(Lightness):
        name, columns = "light", {"mean": "float64"}
        seen: ClassVar[list] = []

        def answer_many(self, pictures):
            self.seen.append(len(pictures))
            return map(self.answer, pictures)

    run(Named(), greys, str(tmp_path / "out"))
    assert [row["mean"] for row in answers(tmp_path / "out")] == [10, None, 200]
    assert Named.seen[0] == 1
    with pytest.raises(DataError, match="system 'light', and 'lightness' was asked"):
        run(Lightness(), greys, str(tmp_path / "out"))


def test_what_no_system_of_ones_own_can_have_is_refused(greys, tmp_path):
    out = str(tmp_path / "out")
    with pytest.raises(ArgumentError, match=r"no system: give an object with a method answer\(picture\)"):
        run(Light(1.0), greys, out)
    for more in ({"length": 5}, {"workers": 2}, {"address": "auto"}):
        with pytest.raises(ArgumentError, match="'lightness' was given as an object"):
            run(Lightness(), greys, out, **more)
    assert not (tmp_path / "out").exists()


def test_what_a_batch_makes_it_closes_and_what_it_is_given_stays_open(greys, tmp_path, monkeypatch):
    closed = []
    monkeypatch.setattr(ReadSystem, "close", lambda self: closed.append(self.name))
    run("read", greys, str(tmp_path / "numbers"))
    assert closed == ["read"]

    class Closing(Lightness):
        def close(self):
            raise AssertionError("it is the caller's")

    run(Closing(), greys, str(tmp_path / "out"))


def test_two_who_begin_at_once_answer_each_picture_once(greys, tmp_path, answers, monkeypatch):
    out, add = str(tmp_path / "out"), AnswerFolder.add
    meanwhile = iter([True])

    def add_after_another(self, rows, lists):
        if next(meanwhile, False):
            run(Lightness(), greys, out)
        add(self, rows, lists)

    monkeypatch.setattr(AnswerFolder, "add", add_after_another)
    assert run(Lightness(), greys, out) == Done(3, 1, 3)
    assert len(answers(tmp_path / "out")) == 3


def test_workers_that_cannot_be_are_refused_before_any_work(tmp_path):
    with pytest.raises(ArgumentError, match="workers=0 given"):
        run("read", ["nowhere"], str(tmp_path / "out"), workers=0)
    assert not (tmp_path / "out").exists()


def test_inputs_with_nothing_behind_them_leave_no_folder(scans, tmp_path):
    with pytest.raises(DataError, match="nowhere matches no file"):
        run("read", [str(scans), "nowhere"], str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_names_that_are_no_utf_8_and_names_with_colons_are_names(tmp_path, number, answers):
    (tmp_path / "lat").mkdir()
    odd = os.fsencode(tmp_path) + b"/lat/caf\xe9.png"
    for path in (odd, f"{tmp_path}/lat/zip::a.png", f"{tmp_path}/lat/b.png"):
        with open(path, "wb") as file:
            file.write(number)
    for _ in range(2):
        done = run("read", [str(tmp_path / "lat")], str(tmp_path / "out"))
        assert (done.pictures, done.failed) == (3, 0)
    rows = answers(tmp_path / "out")
    assert sorted(row["image"].rsplit("/", 1)[1] for row in rows) == ["b.png", "caf\\udce9.png", "zip::a.png"]
    assert {row["text"] for row in rows} == {"94720"}
    assert run("read", [f"{tmp_path}/lat/zip::a.png"], str(tmp_path / "one")).failed == 0


def test_what_is_read_in_part_is_noted_and_what_is_left_out_is_counted(tmp_path, answers):
    (tmp_path / "scans").mkdir()
    sheets = [Image.new("L", (60, 40), 255) for _ in range(3)]
    sheets[0].save(tmp_path / "scans" / "fax.tif", save_all=True, append_images=sheets[1:])
    (tmp_path / "scans" / "notes.txt").touch()
    done = run("read", [str(tmp_path / "scans")], str(tmp_path / "out"))
    assert done.to_dict() == {"pictures": 1, "failed": 0, "before": 0, "left_out": {".txt": 1}}
    assert answers(tmp_path / "out")[0]["notes"] == "has 3 pages, of which the first was read"


def test_the_limit_of_pixels_is_kept_for_going_on(scans, tmp_path, answers):
    out = str(tmp_path / "out")
    assert run("read", [str(scans)], out, max_pixels=9).failed == 7
    assert "more than max_pixels = 9" in answers(out)[0]["error"]
    with pytest.raises(DataError, match="max_pixels 9, and 200000000 was asked for"):
        run("read", [str(scans)], out)
