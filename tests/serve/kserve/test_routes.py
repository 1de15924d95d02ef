"""KServe's protocol, asked as Triton's clients ask: JSON alone, and binary tensors behind JSON."""

from __future__ import annotations

import base64
import gzip
import json
import struct
import zlib

import cv2
import numpy as np
import pytest

from windowpane import Detector

LENGTH = "Inference-Header-Content-Length"


def test_the_server_and_its_models_are_ready(ask):
    assert ask("GET", "/v2").json["extensions"] == ["binary_tensor_data"]
    for path in ("/v2/health/live", "/v2/health/ready", "/v2/models/digits/ready"):
        assert ask("GET", path).status == 200
    told = ask("GET", "/v2/models/faces").json
    assert told["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
    assert [one["name"] for one in told["outputs"]] == ["answer", "boxes", "scores", "picture"]
    assert ask("GET", "/v2/models/nothing").status == 404


def test_pictures_in_json_are_base64(ask, number, portrait):
    data = [base64.b64encode(number).decode()] * 2
    question = {"id": "7", "inputs": [{"name": "image", "datatype": "BYTES", "shape": [2], "data": data}]}
    answer = ask("POST", "/v2/models/digits/infer", question).json
    assert answer["id"] == "7"
    outputs = {one["name"]: one for one in answer["outputs"]}
    assert outputs["text"] == {"name": "text", "datatype": "BYTES", "shape": [2], "data": ["94720", "94720"]}
    assert json.loads(outputs["answer"]["data"][0])["text"] == "94720"
    assert outputs["confidence"]["datatype"] == "FP32"


def test_pictures_in_binary_come_behind_the_json(ask, portrait):
    tensor = struct.pack("<I", len(portrait)) + portrait
    question = {
        "inputs": [
            {
                "name": "image",
                "datatype": "BYTES",
                "shape": [1],
                "parameters": {"binary_data_size": len(tensor)},
            }
        ],
        "outputs": [{"name": "boxes", "parameters": {"binary_data": True}}, {"name": "picture"}],
    }
    head = json.dumps(question).encode()
    reply = ask("POST", "/v2/models/faces/infer", head + tensor, **{LENGTH: str(len(head))})
    end = int(reply.headers[LENGTH])
    boxes, picture = json.loads(reply.body[:end])["outputs"]
    assert (boxes["datatype"], boxes["shape"]) == ("FP32", [1, 4])
    assert picture["data"] == [0]
    found = np.frombuffer(reply.body[end:], np.float32)
    assert found == pytest.approx(Detector().detect(portrait).boxes[0], abs=1e-3)


def test_tensors_of_pixels_are_pictures_too(ask, scene):
    pixels = cv2.imdecode(np.frombuffer(scene, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    shape = [1, *pixels.shape]
    tensor = {"name": "image", "datatype": "UINT8", "shape": shape, "data": pixels.ravel().tolist()}
    outputs = [{"name": "labels", "parameters": {"binary_data": True}}]
    reply = ask("POST", "/v2/models/scenes/infer", {"inputs": [tensor], "outputs": outputs})
    labels = np.frombuffer(reply.body[int(reply.headers[LENGTH]) :], np.uint8).reshape(shape[:3])
    file = ask("POST", "/api/parse", scene).json["file"].removeprefix("data:image/png;base64,")
    expected = cv2.imdecode(np.frombuffer(base64.b64decode(file), np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(labels[0], expected)


def asked(picture: bytes, **more) -> bytes:
    data = [base64.b64encode(picture).decode()]
    inputs = [{"name": "image", "datatype": "BYTES", "shape": [1], "data": data}]
    return json.dumps({"inputs": inputs, **more}).encode()


def test_the_version_that_is_told_of_is_there_and_no_other(ask, number):
    model, other = "/v2/models/digits/versions/1", "/v2/models/digits/versions/2"
    assert ask("GET", "/v2/models/digits").json["versions"] == ["1"]
    assert ask("GET", model).json == ask("GET", "/v2/models/digits").json
    assert ask("GET", f"{model}/ready").json == {"name": "digits", "ready": True}
    answer = ask("POST", f"{model}/infer", asked(number)).json
    assert answer["model_version"] == "1"
    assert {one["name"]: one["data"] for one in answer["outputs"]}["text"] == ["94720"]
    for reply in (
        ask("GET", other),
        ask("GET", f"{other}/ready"),
        ask("POST", f"{other}/infer", asked(number)),
    ):
        assert reply.status == 404
        assert reply.json["error"] == "the model 'digits' has no version '2': there is 1 alone"


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_packed_requests_are_unpacked(ask, number, coding):
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}[coding](asked(number))
    answer = ask("POST", "/v2/models/digits/infer", packed, Content_Encoding=coding).json
    assert {one["name"]: one["data"] for one in answer["outputs"]}["text"] == ["94720"]


def test_options_are_parameters(ask, portrait):
    def boxes(**parameters):
        return ask("POST", "/v2/models/faces/infer", asked(portrait, parameters=parameters))

    def shape(reply):
        return {one["name"]: one["shape"] for one in reply.json["outputs"]}["boxes"]

    assert shape(boxes(min_size=20)) == shape(boxes(priority=1, timeout=10)) == [1, 4]
    assert shape(boxes(min_size=200)) == [0, 4]
    assert "did you mean 'min_size'" in boxes(minsize=200).json["error"]
    for wrong in (
        {"minsize": 200},
        {"min_size": "all"},
        {"threshold": True},
        {"sequence_id": 4},
        {"format": "/etc/passwd"},
    ):
        assert boxes(**wrong).status == 422
    output = {"name": "boxes", "parameters": {"classification": 3}}
    assert ask("POST", "/v2/models/faces/infer", asked(portrait, outputs=[output])).status == 422


def test_pictures_of_a_request_are_bounded_together(ask):
    blank = cv2.imencode(".png", np.zeros((2000, 2000), np.uint8))[1].tobytes()  # as large as one may be
    data = [base64.b64encode(blank).decode()] * 5
    question = {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [5], "data": data}]}
    answer = ask("POST", "/v2/models/digits/infer", question)
    assert answer.status == 413
    assert "16 million pixels together" in answer.json["error"]


IMAGE = {"name": "image", "datatype": "UINT8", "shape": [1, 1, 3], "data": [1, 2, 3]}


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (b"no json", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        ([], "'inputs'"),
        ({"inputs": []}, "one input"),
        ({"inputs": [IMAGE, IMAGE]}, "one input"),
        ({"inputs": [IMAGE | {"shape": [1, -1, 3]}]}, "whole numbers"),
        ({"inputs": [IMAGE | {"shape": [2, 1, 3]}]}, "3 elements"),
        ({"inputs": [IMAGE | {"data": [1, 2, 300]}]}, "from 0 to 255"),
        ({"inputs": [IMAGE | {"data": ["a", "b", "c"]}]}, "from 0 to 255"),
        ({"inputs": [IMAGE | {"data": [[1], [2, 3]]}]}, "no tensor"),
        ({"inputs": [IMAGE | {"datatype": "FP16"}]}, "UINT8"),
        ({"inputs": [IMAGE | {"datatype": "BYTES", "shape": [1], "data": ["?"]}]}, "base64"),
        ({"inputs": [IMAGE], "outputs": [{"name": "poem"}]}, "'poem'"),
        ({"inputs": [{"name": "image", "datatype": "BYTES", "shape": [10**9]}]}, "binary_data_size"),
        ({"inputs": [IMAGE | {"datatype": "BYTES", "shape": [10**9], "data": []}]}, "1 to 20 pictures"),
        ({"inputs": [IMAGE | {"datatype": "BYTES", "shape": [2], "data": ["aGk="]}]}, "1 elements"),
        ({"inputs": [IMAGE | {"datatype": "BYTES", "shape": [1], "data": "aGk="}]}, "a list"),
        ({"inputs": [IMAGE | {"shape": [True, True, 3]}]}, "whole numbers"),
        ({"inputs": [IMAGE], "outputs": [{"name": ["boxes"]}]}, "a list of objects with a name"),
        ({"inputs": [IMAGE], "outputs": [{"name": "boxes", "parameters": []}]}, "is an object"),
        ({"inputs": [IMAGE], "parameters": {"binary_data_output": "yes"}}, "true or false"),
        ({"inputs": [IMAGE], "id": float("nan")}, "is a text"),
        ({"inputs": [IMAGE], "id": "\ud800"}, "is a text"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(ask, question, says):
    answer = ask("POST", "/v2/models/faces/infer", question)
    assert answer.status == 400
    assert says in answer.json["error"]


def test_a_wrong_length_of_the_json_is_refused(ask):
    for length in ("-1", "x", "99999", "9" * 5000):
        assert ask("POST", "/v2/models/faces/infer", {"inputs": [IMAGE]}, **{LENGTH: length}).status == 400
