"""KServe's protocol, version 2, so that Triton's clients work: tensors and encoded pictures in, tensors out.

A net is a model. It takes ``image``, one of

    BYTES  (N,)           encoded pictures; in JSON as base64, in binary as they are
    UINT8  (N, H, W, 3)   or (H, W, 3): RGB, upright

and gives ``answer``, BYTES (N,): for each picture the JSON object of the command line. Further outputs are
tensors: of a reader ``text`` and ``confidence``; of a detector ``boxes``, ``scores``, and ``picture``, which
says of each box on which picture it is; of a parser ``labels``, where all pictures have one size.

Binary tensors follow the JSON, whose length is in the header ``Inference-Header-Content-Length``.
Source: the KServe project, "Open Inference Protocol" and its extension for binary tensors.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from math import prod
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from numpy.typing import NDArray

from windowpane.core.netfile import NetFile
from windowpane.images import load
from windowpane.serve.limits import Admission, Limits, RefusalError
from windowpane.serve.systems import Systems
from windowpane.serve.uploads import Upload, whole_body
from windowpane.systems import DETECT, PARSE, READ

Record = dict[str, Any]
Tensor = NDArray[Any]
Pictures = list[NDArray[np.uint8]]

LENGTH = "Inference-Header-Content-Length"
TYPES: dict[str, Any] = {"UINT8": np.uint8, "FP32": np.float32, "INT64": np.int64, "BYTES": object}
PLATFORM = "windowpane_onnx"

OUTPUTS = {
    "read": {"answer": ("BYTES", [-1]), "text": ("BYTES", [-1]), "confidence": ("FP32", [-1])},
    "detect": {
        "answer": ("BYTES", [-1]),
        "boxes": ("FP32", [-1, 4]),
        "scores": ("FP32", [-1]),
        "picture": ("INT64", [-1]),
    },
    "parse": {"answer": ("BYTES", [-1]), "labels": ("UINT8", [-1, -1, -1])},
}
"""What models give: for each task the outputs with type and shape."""


def routes(systems: Systems, admission: Admission) -> APIRouter:
    """Return the routes of the protocol."""
    api = APIRouter(prefix="/v2")

    def net(name: str) -> NetFile:
        if name not in systems.nets:
            raise RefusalError(
                404, f"there is no model {name!r}: choose from {', '.join(sorted(systems.nets))}"
            )
        return systems.nets[name]

    @api.get("", summary="The server, and what of the protocol it speaks")
    async def server() -> Record:
        return {"name": "windowpane", "version": version("windowpane"), "extensions": ["binary_tensor_data"]}

    @api.get("/health/live", summary="Whether the server lives")
    @api.get("/health/ready", summary="Whether it can answer")
    async def ready() -> Record:
        return {"live": True, "ready": True}

    @api.get("/models/{name}/ready", summary="Whether a model can answer")
    async def model_ready(name: str) -> Record:
        return {"name": net(name).manifest.name, "ready": True}

    @api.get("/models/{name}", summary="What a model takes and gives")
    async def model(name: str) -> Record:
        outputs = OUTPUTS[net(name).manifest.task]
        return {
            "name": name,
            "versions": ["1"],
            "platform": PLATFORM,
            "inputs": [{"name": "image", "datatype": "BYTES", "shape": [-1]}],
            "outputs": [
                {"name": key, "datatype": kind, "shape": shape} for key, (kind, shape) in outputs.items()
            ],
        }

    @api.post("/models/{name}/infer", summary="Pictures in, answers out")
    async def infer(name: str, request: Request) -> Response:
        task = net(name).manifest.task
        async with admission.admit():
            body = await whole_body(request, admission.limits)
            length = request.headers.get(LENGTH)

            def work() -> Response:
                question, rest = _split(body, length)
                tensors = ANSWERS[task](systems, name, _pictures(question, rest, admission.limits))
                return _answer(name, question, tensors)

            return await admission.run(work)

    return api


# -- Answers -----------------------------------------------------------------------------------------------


def _read(systems: Systems, name: str, pictures: Pictures) -> dict[str, Tensor]:
    readings = [systems.get(READ, name).reader.read(picture) for picture in pictures]
    return {
        "answer": _told(reading.to_dict() for reading in readings),
        "text": np.array([reading.text.encode() for reading in readings], object),
        "confidence": np.array([reading.confidence for reading in readings], np.float32),
    }


def _detect(systems: Systems, name: str, pictures: Pictures) -> dict[str, Tensor]:
    found = [systems.get(DETECT, name).detector.detect(picture) for picture in pictures]
    return {
        "answer": _told(one.to_dict() for one in found),
        "boxes": np.concatenate([one.boxes for one in found]).astype(np.float32),
        "scores": np.concatenate([one.confidence for one in found]).astype(np.float32),
        "picture": np.repeat(np.arange(len(found)), [len(one) for one in found]).astype(np.int64),
    }


def _parse(systems: Systems, name: str, pictures: Pictures) -> dict[str, Tensor]:
    scenes = [systems.get(PARSE, name).parser.parse(picture) for picture in pictures]
    same = len({scene.class_ids.shape for scene in scenes}) == 1
    labels = {"labels": np.stack([scene.class_ids for scene in scenes])} if same else {}
    return {"answer": _told(scene.to_dict() for scene in scenes), **labels}


ANSWERS: dict[str, Callable[[Systems, str, Pictures], dict[str, Tensor]]] = {
    "read": _read,
    "detect": _detect,
    "parse": _parse,
}


def _told(records: Iterator[Record]) -> Tensor:
    return np.array([json.dumps(record).encode() for record in records], object)


# -- From a request to pictures ----------------------------------------------------------------------------


def _split(body: bytes, length: str | None) -> tuple[Record, memoryview]:
    """Return the JSON of a request, and the binary tensors behind it."""
    end = len(body) if length is None else int(length) if length.isdecimal() else -1
    if not 0 <= end <= len(body):
        raise RefusalError(400, f"the header {LENGTH} is the length of the JSON, not {length!r}")
    try:
        question = json.loads(body[:end])
    except (ValueError, RecursionError) as error:
        raise RefusalError(400, f"the request is no JSON: {error}") from None
    if not isinstance(question, dict) or not isinstance(question.get("inputs"), list):
        raise RefusalError(400, "the request is an object with a list of 'inputs'")
    return question, memoryview(body)[end:]


def _pictures(question: Record, rest: memoryview, limits: Limits) -> Pictures:
    """Return the pictures of a request; raises RefusalError 400 for any other input."""
    inputs = question["inputs"]
    if len(inputs) != 1 or not isinstance(inputs[0], dict) or inputs[0].get("name") != "image":
        raise RefusalError(400, "there is one input, named 'image'")
    kind, shape = inputs[0].get("datatype"), inputs[0].get("shape")
    if not isinstance(shape, list) or not all(isinstance(size, int) and size >= 0 for size in shape):
        raise RefusalError(400, f"the shape of 'image' is a list of whole numbers, not {shape!r}")
    count = prod(shape)
    if kind == "BYTES":
        files = list(_strings(inputs[0], rest, count))
        if not 0 < len(files) <= limits.files:
            raise RefusalError(400, f"a request may have 1 to {limits.files} pictures, not {len(files)}")
        return [Upload(f"picture {number}", data).picture(limits) for number, data in enumerate(files)]
    if kind != "UINT8" or len(shape) not in (3, 4) or shape[-1] != 3 or not count:
        raise RefusalError(400, "'image' is BYTES (N,), or UINT8 (N, H, W, 3) or (H, W, 3)")
    height, width = shape[-3:-1]
    if height * width > limits.pixels:
        raise RefusalError(413, f"a picture may have {limits.megapixels:g} million pixels: make it smaller")
    pixels = _numbers(inputs[0], rest, count).reshape(-1, height, width, 3)
    return [load(np.ascontiguousarray(one)) for one in pixels]


def _strings(tensor: Record, rest: memoryview, count: int) -> Iterator[bytes]:
    """Yield the elements of a BYTES tensor."""
    if "data" in tensor:
        flat = np.array(tensor["data"], object).ravel()
        for text in flat:
            try:
                yield base64.b64decode(text, validate=True)
            except (binascii.Error, TypeError, ValueError):
                raise RefusalError(
                    400, "in JSON the elements of BYTES are base64 texts of picture files"
                ) from None
        return
    part, at = _binary(tensor, rest), 0
    for _ in range(count):
        if at + 4 > len(part):
            raise RefusalError(400, f"the binary data of 'image' ends before its {count} elements")
        (size,) = struct.unpack_from("<I", part, at)
        yield bytes(part[at + 4 : at + 4 + size])
        at += 4 + size


def _numbers(tensor: Record, rest: memoryview, count: int) -> NDArray[np.uint8]:
    """Return the elements of a UINT8 tensor, flat."""
    try:
        data = (
            np.array(tensor["data"]) if "data" in tensor else np.frombuffer(_binary(tensor, rest), np.uint8)
        )
    except ValueError as error:
        raise RefusalError(400, f"the data of 'image' are no tensor: {error}") from None
    if data.size != count or data.dtype.kind not in "iu" or data.min() < 0 or data.max() > 255:
        raise RefusalError(400, f"'image' has {data.size} elements, and by its shape {count} from 0 to 255")
    return data.astype(np.uint8).ravel()


def _binary(tensor: Record, rest: memoryview) -> memoryview:
    size = _parameters(tensor).get("binary_data_size")
    if not isinstance(size, int) or not 0 <= size <= len(rest):
        raise RefusalError(400, "'image' has neither 'data' nor a 'binary_data_size' that fits the request")
    return rest[:size]


# -- From tensors to a response ----------------------------------------------------------------------------


def _answer(name: str, question: Record, tensors: Mapping[str, Tensor]) -> Response:
    """Return the outputs that are asked for, or all of them.

    With any binary tensor there is the header that says how long the JSON is.
    """
    wanted = _wanted(question, tensors)
    outputs: list[Record] = []
    parts: list[bytes] = []
    kinds = {np.dtype(dtype): kind for kind, dtype in TYPES.items()}
    for key, binary in wanted.items():
        tensor = tensors[key]
        one: Record = {"name": key, "datatype": kinds[tensor.dtype], "shape": list(tensor.shape)}
        if binary:
            parts.append(_packed(tensor))
            one["parameters"] = {"binary_data_size": len(parts[-1])}
        else:
            flat = tensor.ravel()
            one["data"] = [text.decode() for text in flat] if tensor.dtype == object else flat.tolist()
        outputs.append(one)
    same = {"id": question["id"]} if "id" in question else {}
    about = {"model_name": name, "model_version": "1", **same, "outputs": outputs}
    if not parts:
        return JSONResponse(about)
    head = json.dumps(about).encode()
    return Response(
        head + b"".join(parts), media_type="application/octet-stream", headers={LENGTH: str(len(head))}
    )


def _wanted(question: Record, tensors: Mapping[str, Tensor]) -> dict[str, bool]:
    """Return the names of the outputs that are asked for, and whether each is to be binary."""
    everywhere = bool(_parameters(question).get("binary_data_output", False))
    asked = question.get("outputs") or [{"name": name} for name in tensors]
    if not isinstance(asked, list) or not all(isinstance(one, dict) and "name" in one for one in asked):
        raise RefusalError(400, "'outputs' is a list of objects with a name")
    unknown = [one["name"] for one in asked if one["name"] not in tensors]
    if unknown:
        raise RefusalError(400, f"for these pictures there is no output {unknown[0]!r}")
    return {one["name"]: bool(_parameters(one).get("binary_data", everywhere)) for one in asked}


def _parameters(record: Record) -> Record:
    found = record.get("parameters")
    return found if isinstance(found, dict) else {}


def _packed(tensor: Tensor) -> bytes:
    if tensor.dtype != object:
        return tensor.tobytes()
    return b"".join(struct.pack("<I", len(text)) + text for text in _flat(tensor))


def _flat(tensor: Tensor) -> Sequence[bytes]:
    return [bytes(text) for text in tensor.ravel()]
