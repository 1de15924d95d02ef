"""The interface: the answers of the command line, for one picture or for many, and plain words for errors."""

from __future__ import annotations

import base64
import io
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image

from windowpane import Detector, Parser, Reader, WindowpaneError


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


def test_how_a_picture_was_read_is_told_as_on_the_command_line(ask):
    reflectances = np.random.default_rng(0).integers(0, 3060, (60, 80, 3), dtype=np.uint16)
    answer = ask("POST", "/api/parse", cv2.imencode(".tif", reflectances)[1].tobytes()).json
    (note,) = answer["notes"]
    assert note.startswith("holds numbers of 16 bits, of which ")
    assert "was read as black" in note


def test_nets_are_told_of_with_their_cards(ask):
    nets = {one["name"]: one for one in ask("GET", "/api/nets").json}
    assert nets["faces"]["task"] == "detect"
    assert nets["faces"]["card"]


def test_the_description_has_every_route(ask):
    described = ask("GET", "/openapi.json").json
    assert {"/api/read", "/api/detect", "/api/parse", "/health"} <= set(described["paths"])
    assert described["paths"]["/api/read"]["post"]["requestBody"]["content"]["multipart/form-data"]


def test_a_system_of_ones_own_has_an_address_and_the_limits_of_all(serving, number, scene):
    class Size:
        """Says how large a picture is."""

        name = "size"

        def answer(self, picture):
            if picture.shape[0] > 200:
                raise WindowpaneError("the picture is too high")
            return SimpleNamespace(to_dict=lambda: {"width": picture.shape[1]}, to_png=lambda: b"png")

    with serving(systems=[Size()]) as ask:
        file = "data:image/png;base64," + base64.b64encode(b"png").decode()
        assert ask("POST", "/api/size", scene).json == {"image": "-", "width": 240, "file": file}
        high = cv2.imencode(".png", np.zeros((201, 9), np.uint8))[1].tobytes()
        answers = ask.form("/api/size", [("a.png", scene), ("high.png", high), ("b.txt", b"none")]).json
        assert answers[0]["width"] == 240
        assert answers[1] == {"image": "high.png", "error": "the picture is too high"}
        assert "b.txt is no JPEG" in answers[2]["error"]
        described = ask("GET", "/openapi.json").json["paths"]["/api/size"]["post"]
        assert described["summary"] == "Says how large a picture is."


def test_what_is_read_in_part_is_noted(ask, scene):
    pages = [Image.new("L", (60, 40), 255), Image.new("L", (60, 40), 0)]
    buffer = io.BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    for verb in ("read", "detect", "parse"):
        answer = ask("POST", f"/api/{verb}", buffer.getvalue())
        assert answer.status == 200
        assert answer.json["notes"] == ["has 2 pages, of which the first was read"]
    assert "notes" not in ask("POST", "/api/parse", scene).json
