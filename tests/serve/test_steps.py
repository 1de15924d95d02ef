"""The steps of an answer, as the page draws them: maps in bytes, and where their cells lie."""

from __future__ import annotations

import base64

import numpy as np


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


def test_steps_are_shown_of_pictures_that_are_not_too_large(serving):
    import cv2

    large = cv2.imencode(".png", np.zeros((2100, 2100), np.uint8))[1].tobytes()
    with serving() as ask:
        answer = ask("POST", "/api/parse/steps", large)
        assert (answer.status, "make it smaller" in answer.json["error"]) == (422, True)
