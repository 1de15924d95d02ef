import json

import cv2
import numpy as np


def test_a_sound_folder_passes(run, tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.eye(20, 40, dtype=np.uint8) * 255)
    (tmp_path / "labels.csv").write_text("file,label\na.png,10\n")
    answer = run("check", tmp_path)
    assert (answer.status, answer.out) == (0, "")


def test_faults_are_listed_with_file_and_line(run, tmp_path):
    (tmp_path / "labels.csv").write_text("file,label\nmissing.png,12\n")
    answer = run("check", tmp_path)
    assert answer.status == 1
    assert answer.out.startswith(f"{tmp_path / 'labels.csv'}:2: ")
    assert "1 problem" in answer.err


def test_a_picture_that_is_too_large_is_let_in_by_the_option_that_is_named(run, tmp_path, monkeypatch):
    monkeypatch.setenv("WINDOWPANE_MAX_PIXELS", "100")
    cv2.imwrite(str(tmp_path / "a.png"), np.eye(20, 40, dtype=np.uint8) * 255)
    (tmp_path / "labels.csv").write_text("file,label\na.png,10\n")
    refused = run("check", tmp_path)
    assert refused.status == 1
    assert "more than max_pixels = 100" in refused.out
    assert run("check", tmp_path, "--max-pixels", "800").status == 0


def test_a_warning_is_told_as_one(run, tmp_path):
    for name in ("a", "b"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.eye(20, 40, dtype=np.uint8) * 255)
    (tmp_path / "labels.csv").write_text("file,label\na.png,10\nb.png,10\n")
    answer = run("check", tmp_path)
    assert answer.status == 1
    assert "shows the same pixels as a.png (line 2); remove one (a warning)" in answer.out
    assert "windowpane: 1 warning(s) that keep no training from beginning in" in answer.err


def test_faults_as_json(run, tmp_path):
    (tmp_path / "labels.csv").write_text("file,label\nmissing.png,12\n")
    answer = run("check", "--json", tmp_path)
    (record,) = map(json.loads, answer.out.splitlines())
    assert (record["file"], record["line"]) == (str(tmp_path / "labels.csv"), 2)
    assert "missing.png" in record["message"]


def test_a_folder_without_labels_is_wrong_usage(run, tmp_path):
    answer = run("check", tmp_path)
    assert answer.status == 2
    assert "labels.csv" in answer.err
    assert "COCO" in answer.err


def test_boxes_are_checked_too_and_background_is_no_fault(run, tmp_path):
    for part in ("images", "labels"):
        (tmp_path / part).mkdir()
    for name in ("a", "b"):
        cv2.imwrite(
            str(tmp_path / "images" / f"{name}.png"), np.eye(20, 40, ord(name) - 95, dtype=np.uint8) * 255
        )
    (tmp_path / "labels" / "a.txt").write_text("0 .5 .5 .2 .2\n")
    (tmp_path / "classes.txt").write_text("cat\n")
    answer = run("check", tmp_path)
    assert answer.status == 0
    assert "background (b.png)" in answer.out
    assert "no problems found" in answer.err

    (tmp_path / "labels" / "a.txt").write_text("0 .5 .5 .2 .2\n0 .5 .5 .2 0\n")
    answer = run("check", "--json", tmp_path)
    fault, note = map(json.loads, answer.out.splitlines())
    assert answer.status == 1
    assert "1 problem" in answer.err
    assert (fault["file"], fault["line"], fault["note"]) == (str(tmp_path / "labels" / "a.txt"), 2, False)
    assert (note["file"], note["note"]) == (str(tmp_path), True)
