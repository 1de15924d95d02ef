"""The script that builds sets of numbers: what it keeps, and that the package reads it."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
import pytest

from windowpane.data.pages import SETS, lines, pages
from windowpane.images import load

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(TOOLS)
    yield import_module("make_digit_sets")
    for name in ("make_digit_sets", "make_face_sets"):
        sys.modules.pop(name, None)


def picture(grey):
    return cv2.imencode(".png", np.full((32, 200, 3), grey, np.uint8))[1].tobytes()


def clone(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    author = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "all"]):
        subprocess.run(["git", "-C", folder, *command], check=True)


def test_a_set_is_what_the_package_reads_each_picture_once(script, tmp_path):
    table = "b.png\t004824.0\na.png\t12\nagain.png\t12\ngone.png\t7\nempty.png\t\n"
    files = {f"data/ocr_training_data/{name}.png": picture(grey) for name, grey in (("a", 9), ("b", 80))}
    files |= {f"data/ocr_training_data/{name}.png": picture(9) for name in ("again", "empty")}
    files |= {"data/ocr_training_data/gt.txt": table.encode()}
    clone(tmp_path / "clones" / "renjithsasidharan" / "seven-segment-ocr", files)
    script.main(tmp_path / "clones", tmp_path / "sets", ["meters"])
    first, second = pages(tmp_path / "sets", "meters")
    assert (first.texts, second.texts) == (("004824.0",), ("12",))
    assert load(first.path).mean() == 80
    assert "2 pictures" in (tmp_path / "sets" / SETS["meters"].folder / "SOURCE.txt").read_text()
    with pytest.raises(SystemExit, match="is there already"):
        script.main(tmp_path / "clones", tmp_path / "sets", [])


def test_words_of_a_form_have_their_line_and_run_down_the_page_where_they_are_tall(script, tmp_path):
    words = [
        ("TEL", [10, 10, 40, 20]),
        ("555", [45, 11, 80, 21]),
        ("FAX", [10, 30, 40, 40]),
        ("", [0, 0, 1, 1]),
    ]
    part = {"id": 3, "words": [{"text": text, "box": box} for text, box in words]}
    side = {"id": 4, "words": [{"text": "82562350", "box": [90, 10, 100, 90]}]}
    folder = tmp_path / "clones" / "prajwalvarsh+OCR-FUNSD"
    files = {}
    for name, grey, items in (("training", 1, [part]), ("testing", 2, [part, side])):
        files[f"dataset/dataset/{name}_data/annotations/a.json"] = json.dumps({"form": items}).encode()
        files[f"dataset/dataset/{name}_data/images/a.png"] = picture(grey)
    clone(folder, files)
    script.main(tmp_path / "clones", tmp_path / "sets", ["forms"])
    (page,) = pages(tmp_path / "sets", "forms", "test")
    assert page.texts == ("TEL", "555", "FAX", "82562350")
    assert lines(page) == ["TEL 555", "FAX", "82562350"]
    assert page.corners[3].tolist() == [[100, 10], [100, 90], [90, 90], [90, 10]]
    assert page.complete
    assert len(pages(tmp_path / "sets", "forms")) == 2


def test_unknown_sets_and_missing_clones_are_told(script, tmp_path):
    with pytest.raises(SystemExit, match="there is no recipe for 'faces': choose from"):
        script.main(tmp_path, tmp_path, ["faces"])
    with pytest.raises(SystemExit, match="git clone --bare"):
        script.main(tmp_path, tmp_path / "sets", [])
