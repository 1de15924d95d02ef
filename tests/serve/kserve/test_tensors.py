"""Binary tensors: what is behind the JSON of a request is all of the pictures, and no more."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from windowpane.serve.kserve.tensors import pictures_of, response, split
from windowpane.serve.limits import Limits, RefusalError


def question(size: int, count: int) -> dict:
    image = {"name": "image", "datatype": "BYTES", "shape": [count], "parameters": {"binary_data_size": size}}
    return {"inputs": [image]}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (struct.pack("<I", 9) + b"short", "end before its 1 elements"),
        (b"\1", "end before its 1 elements"),
        (struct.pack("<I", 1) + b"a and more", "go on behind its 1 elements"),
    ],
)
def test_binary_data_that_end_elsewhere_are_refused(data, says):
    with pytest.raises(RefusalError, match=says):
        pictures_of(question(len(data), 1), memoryview(data), Limits())


def test_pictures_come_one_at_a_time(number):
    data = struct.pack("<I", len(number)) + number + struct.pack("<I", 4) + b"none"
    pictures = pictures_of(question(len(data), 2), memoryview(data), Limits())
    assert next(pictures).shape[2] == 3  # though the other is no picture


def test_the_json_ends_where_the_header_says():
    asked, rest = split(b'{"inputs": []}more', "14")
    assert (asked, bytes(rest)) == ({"inputs": []}, b"more")


def test_outputs_that_are_not_asked_for_are_left_out():
    tensors = {"boxes": np.zeros((0, 4), np.float32), "scores": np.zeros(0, np.float32)}
    body = response("faces", {"outputs": [{"name": "scores"}]}, tensors).body
    assert b"boxes" not in bytes(body)
