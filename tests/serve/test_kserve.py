"""KServe's protocol, asked as Triton's clients ask: JSON alone, and binary tensors behind JSON."""

from __future__ import annotations

import base64
import json
import struct

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
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(ask, question, says):
    answer = ask("POST", "/v2/models/faces/infer", question)
    assert answer.status == 400
    assert says in answer.json["error"]


def test_a_wrong_length_of_the_json_is_refused(ask):
    for length in ("-1", "x", "99999"):
        assert ask("POST", "/v2/models/faces/infer", {"inputs": [IMAGE]}, **{LENGTH: length}).status == 400
