"""From the body of a request to pictures: never to disk, and never more than the limits let in."""

from __future__ import annotations

import gzip
import sys
import time

import pytest

from windowpane.errors import ImageError
from windowpane.serve.limits import Limits
from windowpane.serve.uploads import Upload


def test_requests_that_are_too_large_are_refused_before_they_are_read(ask):
    big = ask("POST", "/api/read", bytes(9_000_000))
    assert big.status == 413
    assert "8 MB" in big.json["error"]
    chunks = ask("POST", "/api/read", iter([bytes(1_000_000)] * 9))  # without a length
    assert chunks.status == 413


def test_nothing_is_written_to_disk(ask, number):
    opened: list[str] = []

    def watch(event: str, given: tuple) -> None:
        if event == "open" and given[1] and set(str(given[1])) & set("wax+"):
            opened.append(str(given[0]))

    sys.addaudithook(watch)  # cannot be taken away again; it only listens
    large = number + bytes(3_000_000)  # more than forms are usually kept in memory
    assert ask.form("/api/read", [("a.png", large), ("b.png", number)]).status == 200
    assert [name for name in opened if not name.startswith("/dev/")] == []


@pytest.mark.slow
def test_a_slow_client_is_left(serving, number):
    with serving(Limits(seconds=0.3)) as ask:

        def slowly():
            yield number[:100]
            time.sleep(1)
            yield number[100:]

        assert ask("POST", "/api/read", slowly()).status == 408


def test_a_picture_that_cannot_be_used_is_called_by_its_name():
    with pytest.raises(ImageError, match=r"^notes\.txt is no JPEG"):
        Upload("notes.txt", b"milk, bread").picture(Limits())
    with pytest.raises(ImageError, match=r"^the picture is no JPEG"):
        Upload("-", b"milk, bread").picture(Limits())


def test_a_form_without_a_file_and_a_broken_one_are_refused(ask):
    assert "has no file" in ask.form("/api/read", []).json["error"]
    broken = ask("POST", "/api/read", b"no form", Content_Type="multipart/form-data")
    assert (broken.status, "the form cannot be read" in broken.json["error"]) == (400, True)


def test_a_form_has_so_many_files_at_most(ask, number):
    many = ask.form("/api/read", [(f"{place}.png", number) for place in range(21)])
    assert many.status == 413
    assert "one request may have 20 files" in many.json["error"]


def test_a_packed_picture_is_unpacked_and_a_bomb_is_not(ask, number):
    packed = ask("POST", "/api/read", gzip.compress(number), Content_Encoding="gzip")
    assert packed.json["text"] == "94720"
    bomb = ask("POST", "/api/read", gzip.compress(bytes(100_000_000)), Content_Encoding="gzip")
    assert (bomb.status, "8 MB" in bomb.json["error"]) == (413, True)
    broken = ask("POST", "/api/read", number, Content_Encoding="gzip")
    assert (broken.status, "gzip is damaged" in broken.json["error"]) == (400, True)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip"])
def test_another_encoding_is_refused_with_those_that_are_taken(ask, number, coding):
    answer = ask("POST", "/api/read", number, Content_Encoding=coding)
    assert answer.status == 415
    assert answer.headers["Accept-Encoding"] == "gzip, deflate"
    assert "gzip or deflate" in answer.json["error"]


@pytest.mark.parametrize(
    ("path", "kind", "says"),
    [
        ("/api/read", "application/json", "send a picture"),
        ("/api/read", "multipart/mixed; boundary=a", "send a picture"),
        ("/api/teach/labels", "image/png", "send JSON"),
        ("/v2/models/digits/infer", "multipart/form-data; boundary=a", "send JSON"),
    ],
)
def test_a_body_of_another_kind_is_refused_with_what_is_expected(ask, path, kind, says):
    answer = ask("POST", path, b"{}", Content_Type=kind)
    assert answer.status == 415
    assert says in answer.json["error"]


@pytest.mark.parametrize(
    "kind", ["image/png", "application/octet-stream", "application/x-www-form-urlencoded"]
)
def test_pictures_are_taken_by_any_of_their_kinds(ask, number, kind):
    assert ask("POST", "/api/read", number, Content_Type=kind).json["text"] == "94720"
