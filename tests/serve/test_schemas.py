"""What the interface says of its answers is true of them."""

from __future__ import annotations

import pytest

from windowpane.serve import schemas


@pytest.mark.parametrize(
    ("verb", "picture", "schema"),
    [
        ("read", "number", schemas.Reading),
        ("detect", "portrait", schemas.Faces),
        ("parse", "scene", schemas.Scene),
    ],
)
def test_answers_are_as_they_are_described(ask, verb, picture, schema, request):
    answer = ask("POST", f"/api/{verb}", request.getfixturevalue(picture)).json
    assert schema.model_validate(answer).model_dump(exclude_none=True) == answer


def test_errors_are_as_they_are_described(ask):
    assert schemas.Error.model_validate(ask("POST", "/api/read", b"none").json).error
