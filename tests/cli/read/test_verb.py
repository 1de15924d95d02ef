import csv
import json
import os
from importlib import resources

import cv2
import numpy as np
import pytest
from PIL import Image

from windowpane.read.reader import Reader

DEMO = resources.files("windowpane") / "demo"


def records(answer):
    return [json.loads(line) for line in answer.out.splitlines()]


def test_json_has_one_object_a_picture(run, fake_reader, picture):
    path = picture("a.png", 42)
    answer = run("read", "--json", path)
    assert answer.status == 0
    assert answer.err == ""
    assert records(answer) == [
        {
            "image": str(path),
            "text": "42",
            "confidence": 0.875,
            "rejected": False,
            "digits": [
                {"text": "4", "box": [0, 0, 9, 20], "confidence": 0.5},
                {"text": "2", "box": [10, 0, 19, 20], "confidence": 0.5},
            ],
            "alternatives": [{"text": "7", "confidence": 0.0625}],
        }
    ]


def test_a_page_gives_all_its_numbers_with_their_boxes(run, fake_reader, picture):
    (record,) = records(run("read", "--page", "--json", picture("a.png", 42)))
    assert list(record) == ["image", "readings"]
    assert [one["text"] for one in record["readings"]] == ["42", "43"]
    assert record["readings"][0]["box"] == [0, 0, 60, 20]


def test_a_broken_picture_has_an_error_and_the_others_their_answers(run, fake_reader, picture, tmp_path):
    broken, missing = tmp_path / "b.png", tmp_path / "missing.png"
    broken.write_text("no picture")
    answer = run("read", "--json", picture("a.png", 1), broken, missing, picture("c.png", 3))
    assert answer.status == 1
    first, second, third, last = records(answer)
    assert (first["text"], last["text"]) == ("1", "3")
    assert set(second) == set(third) == {"image", "error"}
    assert second["image"] == str(broken)
    assert "missing.png" in third["error"]


def test_many_pictures_are_read_together_and_told_in_the_order_given(run, picture, monkeypatch):
    together = []
    read = Reader._decided
    monkeypatch.setattr(Reader, "_decided", lambda *args: together.append(len(args[1])) or read(*args))
    names = [DEMO / "ink.png", "missing.png", DEMO / "pencil.png", DEMO / "ruled.png", DEMO / "ink.png"]
    answer = run("read", "--json", "--threads", 2, *names)
    assert answer.status == 1
    assert together == [4]
    told = records(answer)
    assert [record["image"] for record in told] == [str(name) for name in names]
    assert "missing.png" in told[1].pop("error")
    assert told[0] == told[4]
    for name, record in zip(names, told, strict=True):
        if len(record) > 1:
            assert record["text"] == Reader().read(str(name)).text


def test_without_json_errors_go_to_standard_error(run, fake_reader, picture, tmp_path):
    answer = run("read", tmp_path / "missing.png", picture("a.png", 12))
    assert answer.status == 1
    assert "12" in answer.out
    assert "missing.png" not in answer.out
    assert answer.err.startswith("windowpane: ")
    assert answer.err.count("\n") == 1


def test_folders_come_in_natural_order(run, fake_reader, picture):
    for number in (10, 9, 1):
        path = picture(f"scans/p{number}.png", number)
    assert [one["text"] for one in records(run("read", "--json", path.parent))] == ["1", "9", "10"]


def test_patterns_are_expanded(run, fake_reader, picture, tmp_path):
    picture("a.png", 1)
    picture("b.bmp", 2)
    assert [one["text"] for one in records(run("read", "--json", tmp_path / "*.bmp"))] == ["2"]


def test_a_dash_is_standard_input(run, fake_reader, picture):
    (record,) = records(run("read", "--json", "-", stdin=picture("a.png", 77).read_bytes()))
    assert (record["image"], record["text"]) == ("-", "77")


def test_people_get_a_line_a_picture_with_text_and_confidence(run, fake_reader, picture):
    answer = run("read", picture("a.png", 42), picture("long-name.png", 13))
    first, second = answer.out.splitlines()
    assert first.split()[1:] == ["42", "87.5", "%"]
    assert "rejected" in second
    assert "or 7" in second
    assert first.index("  42") == second.index("  13"), "the answers stand below each other"


def test_people_get_the_place_of_each_number_on_a_page(run, fake_reader, picture):
    answer = run("read", "--page", picture("a.png", 42))
    assert "2 found" in answer.out
    assert "at 0,0 to 60,20" in answer.out


def test_the_doubtful_ones_of_a_page_are_given_where_all_are_asked_for(run, fake_reader, picture):
    (sure,) = records(run("read", "--page", "--json", picture("a.png", 12)))
    (every,) = records(run("read", "--page", "--all", "--json", picture("a.png", 12)))
    assert [one["text"] for one in sure["readings"]] == ["12"]
    assert [(one["text"], one["rejected"]) for one in every["readings"]] == [("12", False), ("13", True)]


def test_options_reach_the_reader(run, fake_reader, picture):
    run("read", "--format", "zip", "--length", 5, "--top", 2, "--threshold", 0.4, "--vote", "highest",
        "--net", "my.onnx", "--page", "--finder", "where.onnx", "--threads", 2, "--separators",
        picture())  # fmt: skip
    assert fake_reader.options == {
        "net": "my.onnx",
        "format": "zip",
        "length": 5,
        "top": 2,
        "threshold": 0.4,
        "vote": "highest",
        "threads": 2,
        "finder": "where.onnx",
        "separators": True,
        "counter": False,
    }


def test_the_tenths_of_a_counter_are_asked_for_on_a_line_alone(run, fake_reader, picture):
    run("read", "--counter", picture())
    assert fake_reader.options["counter"] is True
    answer = run("read", "--counter", "--page", picture())
    assert answer.status == 2
    assert "cut the counter out" in answer.err


@pytest.mark.parametrize("options", [["--all"], ["--finder", "where.onnx"]])
def test_what_tells_of_pages_is_not_passed_over_in_silence_on_a_line(run, fake_reader, picture, options):
    answer = run("read", *options, picture())
    assert answer.status == 2
    assert "it needs --page" in answer.err


def test_the_threshold_is_taken_under_its_old_name_too(run, fake_reader, picture):
    assert run("read", "--score", 0.25, picture()).status == 0
    assert fake_reader.options["threshold"] == 0.25
    assert "--score" not in run("read", "--help").out


@pytest.mark.parametrize(
    "option",
    [
        ("--length", 0),
        ("--length", "five"),
        ("--top", 0),
        ("--threshold", 1.5),
        ("--score", 1.5),
        ("--vote", "mine"),
        ("--threads", 0),
    ],
)
def test_impossible_options_are_wrong_usage(run, fake_reader, picture, option):
    answer = run("read", *option, picture())
    assert answer.status == 2
    assert answer.out == ""
    assert option[0] in answer.err


def test_a_format_file_that_is_missing_is_wrong_usage(run, picture, tmp_path):
    answer = run("read", "--format", tmp_path / "none.txt", picture())
    assert answer.status == 2
    assert "none.txt" in answer.err
    assert "Traceback" not in answer.err


def test_the_built_in_lines_are_read(run):
    with (DEMO / "labels.csv").open(encoding="utf-8") as file:
        expected = {row["file"]: row["label"] for row in csv.DictReader(file)}
    answer = run("read", "--json", *(DEMO / file for file in expected))
    assert answer.status == 0
    read = {record["image"].rsplit("/", 1)[-1]: record["text"] for record in records(answer)}
    assert read == expected


def test_every_page_of_a_file_is_read(run, fake_reader, tmp_path):
    sheets = [Image.new("L", (60, 20), level) for level in (11, 12)]
    sheets[0].save(tmp_path / "fax.tif", save_all=True, append_images=sheets[1:])
    found = records(run("read", "--json", tmp_path / "fax.tif"))
    assert [(one["page"], one["text"]) for one in found] == [(1, "11"), (2, "12")]
    found = records(run("read", "--json", "--page", tmp_path / "fax.tif"))
    assert [(one["page"], one["readings"][0]["text"]) for one in found] == [(1, "11"), (2, "12")]
    assert "fax.tif, page 2  12" in run("read", tmp_path / "fax.tif").out


def test_every_frame_of_a_film_is_read(run, fake_reader, tmp_path):
    path = tmp_path / "counter.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for level in (50, 60, 70):
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    found = records(run("read", "--json", path))
    assert [one["frame"] for one in found] == [0, 1, 2]
    assert [one["time"] for one in found] == [0, 0.1, 0.2]
    assert [round(int(one["text"]) / 10) for one in found] == [5, 6, 7]
    assert "counter.avi, frame 2, 0.20 s" in run("read", path).out


def test_a_folder_says_what_it_leaves_out(run, fake_reader, picture, tmp_path):
    path = picture("scans/a.png", 1)
    for name in ("notes.txt", "more.txt", "a.xcf"):
        (path.parent / name).touch()
    answer = run("read", "--json", path.parent)
    assert answer.status == 0
    assert answer.err.startswith(f"windowpane: {path.parent}: 3 files (2 .txt, 1 .xcf) left out")
    assert records(answer)[-1] == {"image": str(path.parent), "left_out": {".txt": 2, ".xcf": 1}}
    assert len(run("read", path.parent).out.splitlines()) == 1


def test_what_is_read_in_part_says_so_once(run, fake_reader, tmp_path):
    for name in ("a.gif", "b.gif"):
        frames = [Image.new("L", (60, 20), level) for level in (11, 99)]
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    answer = run("read", "--json", tmp_path)
    assert answer.err.count("has 2 frames, of which the first was read") == 1
    assert all(one["notes"] == ["has 2 frames, of which the first was read"] for one in records(answer))


def test_a_limit_has_an_option_of_the_name_that_the_message_gives(run, fake_reader, picture):
    answer = run("read", "--max-pixels", 1199, picture())
    assert answer.status == 1
    assert "claims 60 x 20 pixels, more than max_pixels = 1,199" in answer.err
    assert run("read", "--max-pixels", 1200, picture()).status == 0


def test_a_name_that_is_no_utf_8_is_answered(run, fake_reader, picture, tmp_path):
    odd = os.fsencode(tmp_path) + b"/caf\xe9.png"
    os.rename(picture("a.png", 5), odd)
    answer = run("read", "--json", os.fsdecode(odd))
    assert answer.status == 0
    assert records(answer)[0]["image"] == os.fsdecode(odd)
    assert "caf\\udce9.png" in run("read", os.fsdecode(odd)).out
