"""KServe's protocol, version 2, so that Triton's clients work: tensors and encoded pictures in, tensors out.

A net is a model. It takes ``image``, one of

    BYTES  (N,)           encoded pictures; in JSON as base64, in binary as they are
    UINT8  (N, H, W, 3)   or (H, W, 3): RGB, upright

and gives ``answer``, BYTES (N,): for each picture the JSON object of the command line. Further outputs are
tensors: of a reader ``text`` and ``confidence``; of a detector ``boxes``, ``scores``, and ``picture``, which
says of each box on which picture it is; of a parser ``labels``, where all pictures have one size.

Options are parameters of the request, as ``{"parameters": {"min_size": 40}}``; others are refused.
Binary tensors follow the JSON, whose length is in the header ``Inference-Header-Content-Length``.
Source: the KServe project, "Open Inference Protocol" and its extension for binary tensors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import metadata

import numpy as np
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from windowpane.core.netfile import NetFile
from windowpane.errors import choices
from windowpane.serve.kserve.tensors import (
    LENGTH,
    VERSION,
    Picture,
    Record,
    Tensor,
    parameters_of,
    pictures_of,
    response,
    split,
)
from windowpane.serve.limits import Admission, RefusalError
from windowpane.serve.options import PARAMETERS, checked, only_known
from windowpane.serve.systems import Systems
from windowpane.serve.uploads import JSON, whole_body
from windowpane.systems import DETECT, PARSE, READ

Pictures = Iterator[Picture]

PLATFORM = "windowpane_onnx"

PASSED_OVER = ("priority", "timeout")
"""Parameters of Triton's own that say when to answer, not what; it passes them over unless told otherwise."""

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
    api = APIRouter(prefix="/v2", dependencies=[Depends(only_known)])

    def net(name: str, version: str) -> NetFile:
        if name not in systems.nets:
            raise RefusalError(404, f"there is no model {name!r}{choices(name, sorted(systems.nets))}")
        if version != VERSION:
            raise RefusalError(
                404, f"the model {name!r} has no version {version!r}: there is {VERSION} alone"
            )
        return systems.nets[name]

    @api.get("", summary="The server, and what of the protocol it speaks")
    async def server() -> Record:
        return {
            "name": "windowpane",
            "version": metadata.version("windowpane"),
            "extensions": ["binary_tensor_data"],
        }

    @api.get("/health/live", summary="Whether the server lives")
    @api.get("/health/ready", summary="Whether it can answer")
    async def ready() -> Record:
        return {"live": True, "ready": True}

    @api.get("/models/{name}/versions/{version}/ready", summary="Whether a version of a model can answer")
    async def version_ready(name: str, version: str) -> Record:
        return {"name": net(name, version).manifest.name, "ready": True}

    @api.get("/models/{name}/ready", summary="Whether a model can answer")
    async def model_ready(name: str) -> Record:
        return await version_ready(name, VERSION)

    @api.get("/models/{name}/versions/{version}", summary="What a version of a model takes and gives")
    async def version_of_model(name: str, version: str) -> Record:
        return _described(net(name, version))

    @api.get("/models/{name}", summary="What a model takes and gives")
    async def model(name: str) -> Record:
        return _described(net(name, VERSION))

    @api.post("/models/{name}/versions/{version}/infer", summary="Pictures in, a version's answers out")
    async def version_infer(name: str, version: str, request: Request) -> Response:
        task = net(name, version).manifest.task
        async with admission.admit():
            body = await whole_body(request, admission.limits, JSON)
            length = request.headers.get(LENGTH)

            def work() -> Response:
                question, rest = split(body, length)
                options = _options(task, question)
                pictures = pictures_of(question, rest, admission.limits)
                return response(name, question, ANSWERS[task](systems, name, options, pictures))

            return await admission.run(work)

    @api.post("/models/{name}/infer", summary="Pictures in, answers out")
    async def infer(name: str, request: Request) -> Response:
        return await version_infer(name, VERSION, request)

    return api


def _described(net: NetFile) -> Record:
    """Return what a model takes and gives."""
    outputs = OUTPUTS[net.manifest.task]
    return {
        "name": net.manifest.name,
        "versions": [VERSION],
        "platform": PLATFORM,
        "inputs": [{"name": "image", "datatype": "BYTES", "shape": [-1]}],
        "outputs": [
            {"name": key, "datatype": kind, "shape": shape} for key, (kind, shape) in outputs.items()
        ],
    }


def _options(task: str, question: Record) -> Record:
    """Return what the parameters of a request ask of a system."""
    known = [*PARAMETERS[task], "binary_data_output"]
    given = parameters_of(question, known, PASSED_OVER)
    return checked(task, {name: value for name, value in given.items() if name in PARAMETERS[task]})


# -- Answers -----------------------------------------------------------------------------------------------


def _read(systems: Systems, name: str, options: Record, pictures: Pictures) -> dict[str, Tensor]:
    readings = [systems.get(READ, name, **options).reader.read(picture) for picture in pictures]
    return {
        "answer": _told(reading.to_dict() for reading in readings),
        "text": np.array([reading.text.encode() for reading in readings], object),
        "confidence": np.array([reading.confidence for reading in readings], np.float32),
    }


def _detect(systems: Systems, name: str, options: Record, pictures: Pictures) -> dict[str, Tensor]:
    found = [systems.get(DETECT, name, **options).detector.detect(picture) for picture in pictures]
    return {
        "answer": _told(one.to_dict() for one in found),
        "boxes": np.concatenate([one.boxes for one in found]).astype(np.float32),
        "scores": np.concatenate([one.confidence for one in found]).astype(np.float32),
        "picture": np.repeat(np.arange(len(found)), [len(one) for one in found]).astype(np.int64),
    }


def _parse(systems: Systems, name: str, options: Record, pictures: Pictures) -> dict[str, Tensor]:
    scenes = [systems.get(PARSE, name, **options).parser.parse(picture) for picture in pictures]
    same = len({scene.class_ids.shape for scene in scenes}) == 1
    labels = {"labels": np.stack([scene.class_ids for scene in scenes])} if same else {}
    return {"answer": _told(scene.to_dict() for scene in scenes), **labels}


ANSWERS: dict[str, Callable[[Systems, str, Record, Pictures], dict[str, Tensor]]] = {
    "read": _read,
    "detect": _detect,
    "parse": _parse,
}


def _told(records: Iterator[Record]) -> Tensor:
    return np.array([json.dumps(record).encode() for record in records], object)
