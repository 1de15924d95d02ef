"""The interface: the answers of the command line, for one picture or for many, and plain words for errors."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest

from windowpane import Detector, Parser, Reader


def test_a_picture_as_it_is_has_the_answer_of_the_library(ask, number, portrait, scene):
    read = ask("POST", "/api/read?format=zip", number)
    assert read.status == 200
    assert read.json == {"image": "-", **Reader(format="zip").read(number).to_dict()}
    assert ask("POST", "/api/detect", portrait).json == {
        "image": "-",
        **Detector().detect(portrait).to_dict(),
    }
    parsed = ask("POST", "/api/parse", scene).json
    expected = Parser().parse(scene)
    file = base64.b64decode(parsed.pop("file").removeprefix("data:image/png;base64,"))
    assert parsed == {"image": "-", **expected.to_dict()}
    labels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(labels, expected.class_ids)


def test_files_of_a_form_are_answered_in_order_and_a_bad_one_stops_none(ask, number):
    files = [("a.png", number), ("notes.txt", b"milk, bread"), ("b.png", number)]
    answer = ask.form("/api/read", files)
    assert answer.status == 200
    assert [one["image"] for one in answer.json] == ["a.png", "notes.txt", "b.png"]
    assert [one.get("text") for one in answer.json] == ["94720", None, "94720"]
    assert answer.json[1]["error"].startswith("notes.txt is no JPEG")


def test_options_reach_the_library(ask, number, portrait):
    assert ask("POST", "/api/read?length=2", number).json["text"] != "94720"
    assert ask("POST", "/api/detect?min_size=150", portrait).json["faces"] == []
    page = ask("POST", "/api/read?page=true", number).json
    assert [one["text"] for one in page["readings"]] == ["94720"]
    assert len(page["readings"][0]["box"]) == 4


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/api/read", b"", 400, "the request is empty"),
        ("/api/read", b"no picture", 422, "the picture is no JPEG"),
        ("/api/read?format=letters", b"x", 422, "format: "),
        ("/api/detect?min_size=big", b"x", 422, "min_size: "),
        ("/api/detect?net=/etc/passwd", b"x", 422, "choose from faces"),
        ("/api/parse?net=faces", b"x", 422, "choose from scenes"),
        ("/api/nothing", b"x", 405, "see /docs"),
    ],
)
def test_an_error_is_one_sentence(ask, path, body, status, says):
    answer = ask("POST", path, body)
    assert answer.status == status
    assert says in answer.json["error"]
    assert "Traceback" not in answer.json["error"]


def test_steps_say_what_every_window_sees(ask, number, portrait, scene):
    read = ask("POST", "/api/read/steps", number).json
    assert read["answer"]["text"] == "94720"
    assert [one["window"] for one in read["maps"]] == [48, 44, 40, 36]
    vote = bytes_of(read["vote"])
    assert [
        vote[digit, column] > 127 for digit, column in zip(map(int, "94720"), read["columns"], strict=True)
    ]
    found = ask("POST", "/api/detect/steps", portrait).json
    (x0, y0, x1, y1) = found["answer"]["faces"][0]["box"]
    assert any(x0 < x < x1 and y0 < y < y1 for x, y in (best_place(one) for one in found["maps"]))
    parsed = ask("POST", "/api/parse/steps", scene).json
    assert parsed["names"][0] == "sky"
    assert all(bytes_of(one).max() < len(parsed["names"]) for one in parsed["maps"])


def bytes_of(one: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(one["data"]), np.uint8).reshape(one["rows"], one["cols"])


def best_place(one: dict) -> tuple[float, float]:
    row, col = np.unravel_index(bytes_of(one).argmax(), (one["rows"], one["cols"]))
    x0, y0, x1, y1 = one["box"]
    return (x0 + x1) / 2 + col * one["step"][0], (y0 + y1) / 2 + row * one["step"][1]


def test_health_metrics_and_the_description_of_the_interface(ask, number):
    assert ask("GET", "/health").json["status"] == "ok"
    ask("POST", "/api/read", number)
    ask("GET", "/api/no/such/route")
    figures = ask("GET", "/metrics").body.decode()
    assert 'windowpane_requests_total{method="POST",route="/api/read",status="200"}' in figures
    assert "/api/no/such" not in figures  # strangers must not fill the memory with names of their own
    described = ask("GET", "/openapi.json").json
    assert {"/api/read", "/api/detect", "/api/parse", "/health"} <= set(described["paths"])
    assert described["paths"]["/api/read"]["post"]["requestBody"]["content"]["multipart/form-data"]


def test_nets_are_told_of_with_their_cards(ask):
    nets = {one["name"]: one for one in ask("GET", "/api/nets").json}
    assert nets["faces"]["task"] == "detect"
    assert nets["faces"]["card"]
