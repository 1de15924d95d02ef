"""Options that are not there are refused, with what there is: nothing that is asked is passed over."""

from __future__ import annotations

import pytest

BOUNDARY = "windowpane"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/detect?minsize=500", "(did you mean 'min_size'?): choose from min_size, max_size, threshold,"),
        ("/api/parse?looks=4", "there is no option 'looks' here: choose from superpixels, net"),
        ("/api/read?lenght=5", "(did you mean 'length'?)"),
        ("/api/read/steps?page=true", "there is no option 'page' here: choose from format, length, top, net"),
        ("/api/nets?net=faces", "there is no option 'net': none is taken here"),
        ("/api/teach/pictures?size=5", "there is no option 'size'"),
        ("/v2/models/faces/infer?min_size=5", "there is no option 'min_size'"),
        ("/v2/models/faces?version=2", "there is no option 'version'"),
        ("/api/read?length=5&length=6", "the option 'length' is given 2 times"),
        (f"/api/read?{'a' * 5000}=1", "there is no option 'aaa"),
    ],
)
def test_an_unknown_option_is_refused_with_what_there_is(ask, number, path, says):
    body = None if "nets" in path or "version" in path else number
    answer = ask("GET" if body is None else "POST", path, body)
    assert answer.status == 422
    assert says in answer.json["error"]
    assert len(answer.json["error"]) < 300


def test_the_old_name_is_taken_and_not_told_of(ask, portrait):
    assert ask("POST", "/api/detect?score=0.5", portrait).status == 200
    assert "score" not in ask("POST", "/api/detect?sccore=0.5", portrait).json["error"]


@pytest.mark.parametrize(
    ("name", "says"),
    [("min_size", "/api/detect?min_size=..."), ("minsize", "(did you mean 'min_size'?)")],
)
def test_a_field_of_a_form_is_no_option(ask, portrait, name, says):
    text = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n500\r\n'
    file = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    body = text.encode() + file.encode() + portrait + f"\r\n--{BOUNDARY}--\r\n".encode()
    answer = ask("POST", "/api/detect", body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}")
    assert answer.status == 422
    assert says in answer.json["error"]
