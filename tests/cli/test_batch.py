import json
import sys

import pytest

from windowpane.errors import install

pytest.importorskip("pyarrow")
pytest.importorskip("fsspec")


@pytest.fixture
def scans(picture, tmp_path):
    for name in range(3):
        picture(f"scans/{name}.png")
    return tmp_path / "scans"


def test_a_batch_says_what_it_has_come_to(run, scans, tmp_path):
    answer = run("batch", "read", scans, "--out", tmp_path / "out")
    assert (answer.status, answer.out) == (0, f"{tmp_path}/out: 3 answered\n")
    assert answer.err.endswith("read: 3 of 3\n")
    answer = run("batch", "read", scans, "--out", tmp_path / "out", "--json")
    record = json.loads(answer.out)
    assert record.pop("seconds") >= 0
    assert record == {"out": f"{tmp_path}/out", "pictures": 3, "failed": 0, "before": 3}


def test_an_answer_that_is_an_error_makes_the_status_1(run, scans, tmp_path):
    (scans / "broken.png").write_bytes(b"no picture")
    answer = run("batch", "detect", scans, "--out", tmp_path / "out", "--min-size", "30")
    assert (answer.status, answer.out) == (1, f"{tmp_path}/out: 4 answered, 1 of them with an error\n")


def test_wrong_usage_is_one_sentence(run, scans, tmp_path):
    for options, says in (
        (["nowhere/"], "nowhere/ matches no file"),
        ([scans, "--format", "codes.txt"], "codes.txt: lexicon cannot be read"),
        ([scans, "--net", "faces"], "is for the task 'detect'"),
        ([scans, "--address", "127.0.0.1:9"], "no Ray cluster can be used at 127.0.0.1:9"),
    ):
        answer = run("batch", "read", *options, "--out", tmp_path / "out")
        assert answer.status == 2
        assert answer.out == ""
        assert says in answer.err
        assert len(answer.err.splitlines()) == 1


def test_without_the_extra_it_is_named(run, scans, tmp_path, monkeypatch):
    import windowpane.batch.run  # noqa: F401

    monkeypatch.setattr(sys.modules["windowpane.batch.run"], "find_spec", lambda name: None)
    answer = run("batch", "parse", scans, "--out", tmp_path / "out")
    assert answer.status == 2
    assert install("batch") in answer.err
