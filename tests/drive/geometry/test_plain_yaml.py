"""The little YAML of calibrations, against what the YAML specification says of it."""

import pytest

from windowpane.drive.geometry.plain_yaml import documents


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: -2.5e-3", {"a": 1, "b": -0.0025}),
        ("a:\n  b:\n    c: x\n  d: y", {"a": {"b": {"c": "x"}, "d": "y"}}),
        ("a:\n- 1\n- 2\nb: 3", {"a": [1, 2], "b": 3}),
        ("a:\n  - 1\n  - 2", {"a": [1, 2]}),
        ("- a: 1\n  b: 2\n- a: 3", [{"a": 1, "b": 2}, {"a": 3}]),
        ("a: [1, 2,\n   3, [4]]\nb: {c: 5, d: x}", {"a": [1, 2, 3, [4]], "b": {"c": 5, "d": "x"}}),
        ("a: !!opencv-matrix\n   rows: 1\n   data: [ 1., 2. ]", {"a": {"rows": 1, "data": [1, 2]}}),
        ("# note\na: 1  # more\n\nb: 'x # y'", {"a": 1, "b": "x # y"}),
        ('a: "b: c"\nd: true\ne: ~\nf:', {"a": "b: c", "d": True, "e": None, "f": None}),
        ("time: 12:30:01", {"time": "12:30:01"}),
    ],
)
def test_values(text, value):
    assert documents(text) == [value]


def test_documents():
    assert documents("%YAML:1.0\n---\na: 1\n---\nb: 2\n...\n") == [{"a": 1}, {"b": 2}]
    assert documents("") == []


@pytest.mark.parametrize(("text", "line"), [("a: 1\nb: [1, 2", 2), ("a: 1\n   b: 2", 2), ("a: [1, ]]", 1)])
def test_faults_name_their_line(text, line):
    with pytest.raises(ValueError, match=f"line {line}"):
        documents(text)
