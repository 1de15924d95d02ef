"""The three ways to answer, as a shell sees them: what is drawn, what is told besides."""

import csv
import json
from importlib import resources

import cv2
import numpy as np
import pytest

DEMO = resources.files("windowpane") / "demo"


@pytest.fixture(scope="module")
def envelope(tmp_path_factory):
    """An envelope with a sender and an address."""
    picture = np.full((640, 1280, 3), 240, np.uint8)
    sender, address = (
        ["Polton SA", "12 via Norro", "95106 Selnova"],
        ["Cora Belmon", "9 rue Sartel", "33000 Valmire"],
    )
    for lines, x, y, size in ((sender, 40, 70, 0.8), (address, 600, 400, 1.0)):
        for row, line in enumerate(lines):
            place = (x, y + round(46 * size) * row)
            cv2.putText(picture, line, place, cv2.FONT_HERSHEY_SIMPLEX, size, (30, 30, 40), 2, cv2.LINE_AA)
    path = tmp_path_factory.mktemp("mail") / "envelope.png"
    cv2.imwrite(str(path), picture)
    return path


def records(answer):
    return [json.loads(line) for line in answer.out.splitlines()]


def test_mail_gives_the_one_code_of_the_address(run, envelope, tmp_path):
    table = tmp_path / "codes.csv"
    answer = run("read", "--mail", "--country", "FR", "--json", "--out", tmp_path, "--csv", table, envelope)
    assert answer.status == 0
    (record,) = records(answer)
    assert list(record)[:6] == ["image", "code", "confidence", "rejected", "box", "alternatives"]
    assert record["code"] == "33000"
    x0, y0, _, y1 = record["box"]
    assert 580 < x0 < 640
    assert 460 < y0 < y1 < 505
    assert record["file"] == str(tmp_path / "envelope-read.png")
    assert cv2.imread(record["file"]).shape[1] == 1280
    with table.open(encoding="utf-8", newline="") as file:
        assert [row["text"] for row in csv.DictReader(file)] == ["33000"]


def test_people_are_told_the_code_its_place_and_why_it_is_not_sure(run, envelope, tmp_path):
    blank = tmp_path / "blank.png"
    cv2.imwrite(str(blank), np.full((300, 600, 3), 240, np.uint8))
    found, nothing = run("read", "--mail", "--country", "fr", envelope, blank).out.splitlines()
    assert "33000" in found
    assert " at " in found
    assert nothing.endswith("(no number was found on it)")


def test_a_page_given_as_a_line_is_told_of_in_one_sentence(run, envelope):
    answer = run("read", "--json", envelope, DEMO / "chalk.png")
    assert answer.status == 0
    assert len(records(answer)) == 2
    assert answer.err.count("\n") == 1
    assert "--page" in answer.err
    assert "--mail" in answer.err


def test_lines_and_pages_are_drawn(run, fake_reader, picture, tmp_path):
    one, other = picture("a/p.png", 42), picture("b/p.png", 13)
    for options in ([], ["--page"]):
        folder = tmp_path / f"out{len(options)}"
        told = records(run("read", *options, "--out", folder, "--json", one, other))
        assert [record["file"] for record in told] == [
            str(folder / "p-read.png"),
            str(folder / "p-2-read.png"),
        ]
        assert all(cv2.imread(record["file"]) is not None for record in told)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--mail", "--page"], "--page"),
        (["--mail", "--length", 5], "--length"),
        (["--mail", "--format", "zip"], "--format"),
        (["--country", "FR"], "--mail"),
        (["--mail", "--country", "GB"], "letters"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(run, picture, options, says):
    answer = run("read", *options, picture())
    assert answer.status == 2
    assert answer.out == ""
    assert says in answer.err


def test_frames_are_drawn_as_a_film_and_pages_as_pictures(run, fake_reader, tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / "w.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for level in (50, 60, 70):
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    cv2.imwritemulti(str(tmp_path / "fax.tif"), [np.full((20, 60), level, np.uint8) for level in (11, 12)])
    out = tmp_path / "out"
    answer = run("read", "--json", "--out", out, tmp_path / "w.avi", tmp_path / "fax.tif")
    assert answer.status == 0
    assert [one.get("frame", one.get("page")) for one in records(answer)] == [0, 1, 2, 1, 2]
    assert records(answer)[-1]["file"] == str(out / "fax-p2-read.png")
    assert cv2.VideoCapture(str(out / "w-read.mp4")).get(cv2.CAP_PROP_FRAME_COUNT) == 3
