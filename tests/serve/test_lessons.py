"""Teaching over HTTP, and the pictures that are open for it."""

from __future__ import annotations

import base64
import time

import cv2
import numpy as np
import pytest

from windowpane import Parser
from windowpane.serve.lessons import Open
from windowpane.serve.limits import RefusalError
from windowpane.teach.strokes import Stroke

NAMES = ("grass", "water", "brick")


def lines(strokes: list[Stroke]) -> list[dict]:
    return [
        {"label": one.label, "points": [list(point) for point in one.points], "radius": one.radius}
        for one in strokes
    ]


@pytest.fixture
def opened(ask, field):
    picture = cv2.imencode(".png", field()[0][..., ::-1])[1].tobytes()
    answer = ask("POST", "/api/teach/pictures", picture).json
    assert (answer["height"], answer["width"]) == (240, 360)
    return answer["id"]


def test_teaching_over_http_ends_with_a_net(ask, opened, field, dabs):
    # A class without a stroke has no labels yet, and the numbers of the others stay.
    lesson = {"classes": ["grass", "nothing yet", "water", "brick"], "show": opened}
    strokes = [Stroke(one.label + (one.label > 0), one.points, one.radius) for one in dabs()]
    lesson["strokes"] = {opened: lines(strokes)}
    found = ask("POST", "/api/teach/labels", lesson).json
    assert found["classes"] == [0, 2, 3]
    file = base64.b64decode(found["file"].removeprefix("data:image/png;base64,"))
    labels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    assert (labels == field()[1]).mean() > 0.9
    assert sum(found["labels"].values()) == pytest.approx(1, abs=1e-3)
    reply = ask("POST", "/api/teach/net?name=my%20garden", lesson)
    assert reply.headers["Content-Disposition"] == 'attachment; filename="my-garden.onnx"'
    assert np.array_equal(Parser(reply.body).parse(field()[0]).class_ids, labels)
    assert ask("DELETE", f"/api/teach/pictures/{opened}").status == 204
    assert ask("POST", "/api/teach/labels", lesson).status == 410


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        (lambda strokes: {"strokes": {}}, 422, "fewer than two"),
        (lambda strokes: {"classes": []}, 422, "classes"),
        (lambda strokes: {"classes": ["a"]}, 422, "there are 1"),
        (lambda strokes: {"show": "guess"}, 410, "open it again"),
        (lambda strokes: {"strokes": {"guess": strokes}}, 410, "open it again"),
        (lambda strokes: {"strokes": 7}, 422, "strokes"),
    ],
    ids=["no stroke", "no class", "few classes", "unknown shown", "unknown brushed", "a number"],
)
def test_a_lesson_that_makes_no_sense_is_refused(ask, opened, dabs, changed, status, says):
    strokes = lines(dabs())
    lesson = {"classes": list(NAMES), "strokes": {opened: strokes}, "show": opened} | changed(strokes)
    answer = ask("POST", "/api/teach/labels", lesson)
    assert answer.status == status
    assert says in answer.json["error"]


def test_points_far_outside_do_no_harm(ask, opened, dabs):
    wild = [Stroke(label, [(-1e6, 1e9), (40 + 120 * label, 100), (1e30, -1e30)], 400) for label in range(3)]
    lesson = {"classes": list(NAMES), "strokes": {opened: lines(wild + dabs())}, "show": opened}
    assert ask("POST", "/api/teach/labels", lesson).status == 200


def test_pictures_are_forgotten_when_others_need_the_room_or_no_one_asks(teacher, field):
    seen = teacher.look(field()[0])
    few = Open(room=2 * seen.features.nbytes)
    first, second, third = (few.add(seen) for _ in range(3))
    with pytest.raises(RefusalError):
        few.get(first)
    assert few.get(second) is few.get(third) is seen
    idle = Open(idle=0)
    idle.add(seen)
    time.sleep(0.01)
    idle.tidy()
    assert len(idle) == 0
