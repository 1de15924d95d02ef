"""From a request's JSON and binary tensors to pictures, and from tensors to a response (serialization)."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from fastapi.responses import JSONResponse, Response
from numpy.typing import NDArray

from windowpane.images import load
from windowpane.serve.limits import Limits, RefusalError
from windowpane.serve.options import refuse_unknown
from windowpane.serve.uploads import Upload

Record = dict[str, Any]
Tensor = NDArray[Any]
Picture = NDArray[np.uint8]

LENGTH = "Inference-Header-Content-Length"
TYPES: dict[str, Any] = {"UINT8": np.uint8, "FP32": np.float32, "INT64": np.int64, "BYTES": object}
TOGETHER = 4
"""Pictures of the largest size that one request may have; of smaller ones as many as have their pixels."""

VERSION = "1"
"""Of every model: a net file has no versions."""

# -- From a request to pictures ----------------------------------------------------------------------------


def split(body: bytes, length: str | None) -> tuple[Record, memoryview]:
    """Return the JSON of a request, and the binary tensors behind it."""
    end = len(body) if length is None else int(length) if re.fullmatch(r"[0-9]{1,18}", length) else -1
    if not 0 <= end <= len(body):
        raise RefusalError(400, f"the header {LENGTH} is the length of the JSON, not {length!r:.60}")
    try:
        question = json.loads(body[:end])
    except (ValueError, RecursionError) as error:
        raise RefusalError(400, f"the request is no JSON: {error}") from None
    if not isinstance(question, dict) or not isinstance(question.get("inputs"), list):
        raise RefusalError(400, "the request is an object with a list of 'inputs'")
    given = question.get("id", "")
    if not isinstance(given, str) or given != given.encode("utf-8", "ignore").decode():
        raise RefusalError(400, "the 'id' of a request is a text")
    return question, memoryview(body)[end:]


def pictures_of(question: Record, rest: memoryview, limits: Limits) -> Iterator[Picture]:
    """Yield the pictures of a request, one at a time; raises RefusalError 400 for any other input."""
    inputs = question["inputs"]
    if len(inputs) != 1 or not isinstance(inputs[0], dict) or inputs[0].get("name") != "image":
        raise RefusalError(400, "there is one input, named 'image'")
    parameters_of(inputs[0], ["binary_data_size"])
    kind, shape = inputs[0].get("datatype"), inputs[0].get("shape")
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise RefusalError(400, f"the shape of 'image' is a list of whole numbers, not {shape!r:.60}")
    if kind == "BYTES":
        return _together(_decoded(inputs[0], rest, prod(shape), limits), limits)
    if kind != "UINT8" or len(shape) not in (3, 4) or shape[-1] != 3 or not prod(shape):
        raise RefusalError(400, "'image' is BYTES (N,), or UINT8 (N, H, W, 3) or (H, W, 3)")
    height, width = shape[-3:-1]
    if height * width > limits.pixels:
        raise RefusalError(413, f"a picture may have {limits.megapixels:g} million pixels: make it smaller")
    pixels = _numbers(inputs[0], rest, prod(shape)).reshape(-1, height, width, 3)
    return _together((load(np.ascontiguousarray(one)) for one in pixels), limits)


def _together(pictures: Iterable[Picture], limits: Limits) -> Iterator[Picture]:
    """Yield pictures while they are not too many pixels together: their answers are in memory at once."""
    pixels = 0
    for picture in pictures:
        pixels += picture.shape[0] * picture.shape[1]
        if pixels > TOGETHER * limits.pixels:
            most = f"{TOGETHER * limits.megapixels:g} million pixels"
            raise RefusalError(413, f"the pictures of a request may have {most} together: send fewer at once")
        yield picture


def _decoded(tensor: Record, rest: memoryview, count: int, limits: Limits) -> Iterator[Picture]:
    part = None if "data" in tensor else _binary(tensor, rest)
    if not 0 < count <= limits.files:
        raise RefusalError(400, f"a request may have 1 to {limits.files} pictures, not {count}")
    files = _texts(tensor, count) if part is None else _strings(part, count)
    return (Upload(f"picture {number}", data).picture(limits) for number, data in enumerate(files))


def _texts(tensor: Record, count: int) -> list[bytes]:
    """Return the elements of a BYTES tensor in JSON."""
    if not isinstance(tensor["data"], list):
        raise RefusalError(400, "the data of 'image' are a list")
    flat = np.array(tensor["data"], object).ravel()
    if flat.size != count:
        raise RefusalError(400, f"'image' has {flat.size} elements, and by its shape {count}")
    try:
        return [base64.b64decode(text, validate=True) for text in flat]
    except (binascii.Error, TypeError, ValueError):
        raise RefusalError(400, "in JSON the elements of BYTES are base64 texts of picture files") from None


def _strings(part: memoryview, count: int) -> list[bytes]:
    """Return the elements of a BYTES tensor, each with its length before it."""
    found, at = [], 0
    for _ in range(count):
        (size,) = struct.unpack_from("<I", part, at) if at + 4 <= len(part) else (len(part),)
        if at + 4 + size > len(part):
            raise RefusalError(400, f"the binary data of 'image' end before its {count} elements")
        found.append(bytes(part[at + 4 : at + 4 + size]))
        at += 4 + size
    if at < len(part):
        raise RefusalError(400, f"the binary data of 'image' go on behind its {count} elements")
    return found


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
    size = parameters_of(tensor, ["binary_data_size"]).get("binary_data_size")
    if type(size) is not int or not 0 <= size <= len(rest):
        raise RefusalError(400, "'image' has neither 'data' nor a 'binary_data_size' that fits the request")
    return rest[:size]


def parameters_of(record: Record, known: Iterable[str], passed_over: Iterable[str] = ()) -> Record:
    """Return the parameters of a request, an input or an output; raises RefusalError for unknown ones."""
    found = record.get("parameters", {})
    if not isinstance(found, dict):
        raise RefusalError(400, "'parameters' is an object")
    given = {name: value for name, value in found.items() if name not in passed_over}
    refuse_unknown(given, known, "parameter")
    return given


# -- From tensors to a response ----------------------------------------------------------------------------


def response(name: str, question: Record, tensors: Mapping[str, Tensor]) -> Response:
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
    about = {"model_name": name, "model_version": VERSION, **same, "outputs": outputs}
    if not parts:
        return JSONResponse(about)
    head = json.dumps(about).encode()
    return Response(
        head + b"".join(parts), media_type="application/octet-stream", headers={LENGTH: str(len(head))}
    )


def _wanted(question: Record, tensors: Mapping[str, Tensor]) -> dict[str, bool]:
    """Return the names of the outputs that are asked for, and whether each is to be binary."""
    everywhere = question.get("parameters", {}).get("binary_data_output", False)
    asked = question.get("outputs") or [{"name": name} for name in tensors]
    named = isinstance(asked, list) and all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in asked
    )
    if not named:
        raise RefusalError(400, "'outputs' is a list of objects with a name")
    unknown = [one["name"] for one in asked if one["name"] not in tensors]
    if unknown:
        raise RefusalError(400, f"for these pictures there is no output {unknown[0]!r:.60}")
    binary = {
        one["name"]: parameters_of(one, ["binary_data"]).get("binary_data", everywhere) for one in asked
    }
    if not all(isinstance(value, bool) for value in binary.values()):
        raise RefusalError(400, "'binary_data' and 'binary_data_output' are true or false")
    return binary


def _packed(tensor: Tensor) -> bytes:
    if tensor.dtype != object:
        return tensor.tobytes()
    return b"".join(struct.pack("<I", len(text)) + text for text in _flat(tensor))


def _flat(tensor: Tensor) -> Sequence[bytes]:
    return [bytes(text) for text in tensor.ravel()]
