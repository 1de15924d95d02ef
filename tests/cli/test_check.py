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
