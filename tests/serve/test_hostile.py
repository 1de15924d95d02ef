"""Uploads that mean harm, or that make no sense: all are refused or answered, in one sentence, and soon."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import cv2
import numpy as np
import pytest

BOUNDARY = "windowpane"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def claiming(width: int, height: int, pixels: bytes = b"", extra: bytes = b"") -> bytes:
    """A PNG that claims a size, whatever it has."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.png", b"x" * 1000)
    return file.getvalue()


HARMFUL = {
    "a bomb: a gigapixel in a hundred bytes": claiming(40_000, 40_000),
    "a bomb that keeps its word": claiming(12_000, 12_000, bytes(12_001 * 12_000)),
    "more pixels than there are": claiming(1000, 1000, b"\0" * 1001),
    "a size that makes no sense": claiming(0, 5),
    "a negative TIFF": b"II*\0" + struct.pack("<I", 2**32 - 4),
    "a TIFF whose directory is itself": b"II*\0" + struct.pack("<IH", 8, 65535) + bytes(200),
    "a BMP of the largest size": b"BM"
    + struct.pack("<IIIIii", 0, 0, 54, 40, 2**31 - 1, 2**31 - 1)
    + bytes(80),
    "numbers without end": b"P3 3000 3000 255 " + b"1 " * 1_000_000,
    "a script": b"#!/bin/sh\nrm -rf /\n",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
    "a pickle": b"\x80\x04cos\nsystem\n(S'true'\ntR.",
    "a video": b"\0\0\0\x18ftypmp42" + bytes(100),
    "a GIF": b"GIF89a\1\0\1\0" + bytes(20),
    "a zip": zipped(),
    "one byte": b"\xff",
}


@pytest.mark.parametrize("verb", ["read", "detect", "parse/steps"])
@pytest.mark.parametrize("data", HARMFUL.values(), ids=HARMFUL.keys())
def test_harm_is_refused_with_a_sentence(ask, verb, data):
    answer = ask("POST", f"/api/{verb}", data)
    assert answer.status == 422
    assert answer.json["error"].startswith("the picture ")


def test_every_truncation_is_refused_or_answered(ask, portrait, number):
    for whole in (portrait, number):
        for share in (0.001, 0.1, 0.5, 0.9, 0.999):
            assert ask("POST", "/api/detect", whole[: int(share * len(whole))]).status == 422


def test_damaged_bytes_are_refused_or_answered(ask, portrait):
    rng = np.random.default_rng(0)
    for _ in range(40):
        data = bytearray(portrait)
        for place in rng.integers(0, len(data), 20):
            data[place] = rng.integers(256)
        assert ask("POST", "/api/detect", bytes(data)).status in (200, 422)


def test_polyglots_are_pictures_and_nothing_else(ask, number):
    for tail in (b"<script>alert(1)</script>", zipped(), b"%PDF-1.7"):
        answer = ask("POST", "/api/read", number + tail)
        assert answer.status == 200
        assert answer.json["text"] == "94720"
        assert answer.headers["Content-Type"] == "application/json"
    text = claiming(8, 8, b"\0" * 72, chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(50_000_000))))
    assert ask("POST", "/api/read", text).status in (200, 422)  # a bomb in a comment


def test_ten_thousand_tiny_files_are_refused_and_as_many_as_allowed_answered(ask):
    tiny = cv2.imencode(".png", np.full((2, 2), 255, np.uint8))[1].tobytes()
    many = ask.form("/api/read", [(f"{number}.png", tiny) for number in range(10_000)])
    assert many.status == 413
    assert "20 files" in many.json["error"]
    few = ask.form("/api/read", [(f"{number}.png", tiny) for number in range(20)])
    assert [one["text"] for one in few.json] == [""] * 20


@pytest.mark.parametrize(
    "body",
    [
        b"no form at all",
        f"--{BOUNDARY}\r\n".encode(),
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=a\r\n\r\ntext\r\n--{BOUNDARY}--".encode(),
        (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n" * 5000).encode(),
        (f"--{BOUNDARY}\r\n" + "X-Header: y\r\n" * 50_000).encode(),
    ],
    ids=["none", "begun", "without files", "only fields", "only headers"],
)
def test_forms_that_are_none_are_refused(ask, body):
    answer = ask("POST", "/api/read", body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}")
    assert answer.status in (400, 413)
    assert answer.json["error"]
    assert ask("POST", "/api/read", body, Content_Type="multipart/form-data").status == 400


@pytest.mark.parametrize("name", ["../../etc/passwd", "<img src=x onerror=alert(1)>", "a" * 200, "\u202egnp"])
def test_names_of_files_are_only_repeated(ask, number, name):
    (answer,) = ask.form("/api/read", [(name, number)]).json
    assert answer["text"] == "94720"
    assert answer["image"] == name


def test_it_still_answers(ask, number):
    assert ask("POST", "/api/read", number).json["text"] == "94720"
    assert ask("GET", "/health").json["status"] == "ok"
