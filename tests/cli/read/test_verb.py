import csv
import json
from importlib import resources

import pytest

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


def test_options_reach_the_reader(run, fake_reader, picture):
    run("read", "--format", "zip", "--length", 5, "--top", 2, "--threshold", 0.4, "--vote", "highest",
        "--net", "my.onnx", "--threads", 2, picture())  # fmt: skip
    assert fake_reader.options == {
        "net": "my.onnx",
        "format": "zip",
        "length": 5,
        "top": 2,
        "threshold": 0.4,
        "vote": "highest",
        "threads": 2,
    }


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
