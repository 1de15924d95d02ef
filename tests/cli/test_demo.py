"""The demo as a user runs it: with the net that ships."""

import re

import pytest


def test_the_demo_reads_its_lines_and_names_its_report(run, tmp_path):
    answer = run("demo", "--out", tmp_path / "new")
    assert answer.status == 0
    assert "wrong" not in answer.out
    report = tmp_path / "new" / "report.html"
    assert f"Report: {report}" in answer.out
    text = report.read_text(encoding="utf-8")
    for file in ("ink.png", "pencil.png", "chalk.png", "ruled.png", "marker.png", "shadow.png"):
        assert file in text


@pytest.mark.slow
def test_the_demo_finds_the_face_and_credits_the_photographer(run, tmp_path):
    answer = run("demo", "--out", tmp_path)
    (line,) = [line for line in answer.out.splitlines() if "a face" in line]
    assert "portrait.jpg" in line
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "How a face is found" in text
    assert "NASA, public domain" in text


@pytest.mark.slow
def test_the_demo_parses_a_scene_and_credits_the_photographer(run, tmp_path):
    answer = run("demo", "--out", tmp_path)
    (line,) = [line for line in answer.out.splitlines() if line.startswith("rocket.jpg")]
    assert line.split()[1] == "sky", "it is most of the picture"
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "How a scene is parsed" in text
    assert "SpaceX, public domain" in text


@pytest.mark.slow
def test_the_demo_drives_and_learns(run, tmp_path):
    answer = run("demo", "--out", tmp_path)
    lines = [line for line in answer.out.splitlines() if line.startswith("drive/")]
    assert len(lines) == 4
    shares = [int(re.search(r"ground (\d+) %", line)[1]) for line in lines]
    assert 50 < shares[-1] < 90, "the path, the grass and what lies between the bushes"
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "How a robot sees far ahead" in text
    assert len(text) < 8_000_000


@pytest.mark.slow
def test_the_demo_leaves_nothing_but_its_report(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("demo")
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")] == [
        "windowpane-demo/report.html"
    ]


def test_a_folder_that_cannot_be_made_is_said_before_any_work(run, tmp_path):
    (tmp_path / "file").touch()
    answer = run("demo", "--out", tmp_path / "file")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == f"windowpane: {tmp_path / 'file'}: the folder cannot be made (File exists)\n"
