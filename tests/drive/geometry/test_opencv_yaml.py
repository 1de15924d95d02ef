"""YAML of calibrations: what people and their tools write, and faults that name their line."""

import pytest

from windowpane.drive.geometry.opencv_yaml import documents


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: -2.5e-3", {"a": 1, "b": -0.0025}),
        ("a:\n- 1\n- 2\nb: 3", {"a": [1, 2], "b": 3}),
        ("a: [1, 2,\n   3, [4]]\nb: {c: 5, d: x}", {"a": [1, 2, 3, [4]], "b": {"c": 5, "d": "x"}}),
        ("a: !!opencv-matrix\n   rows: 1\n   data: [ 1., 2. ]", {"a": {"rows": 1, "data": [1, 2]}}),
        ("a: !mine [1, 2]\nb: !mine x", {"a": [1, 2], "b": "x"}),
        ("# note\na: 1  # more\n\nb: 'x # y'", {"a": 1, "b": "x # y"}),
        ('a: "b: c"\nd: true\ne: ~\nf:', {"a": "b: c", "d": True, "e": None, "f": None}),
        ("a: [1e-05, 2E3, .5, -7.]", {"a": [0.00001, 2000, 0.5, -7]}),  # no numbers to YAML 1.1
        ("x: 1\ny: 2\nz:\t3", {"x": 1, "y": 2, "z": 3}),
        (
            '{"a": {"type_id": "opencv-matrix",\n\t"data": [1.0]}}',
            {"a": {"type_id": "opencv-matrix", "data": [1]}},
        ),
    ],
)
def test_values(text, value):
    assert documents(text, "stereo.yaml") == [value]


def test_numbers_are_numbers():
    (value,) = documents("a: [1e-05, 2E3, 1., .5, +4, 320]", "stereo.yaml")
    assert [type(one) for one in value["a"]] == [float, float, float, float, int, int]


def test_documents():
    assert documents("%YAML:1.0\n---\na: 1\n---\nb: 2\n...\n", "stereo.yaml") == [{"a": 1}, {"b": 2}]
    assert documents("%YAML:1.0\na: 1", "stereo.yaml") == [{"a": 1}]
    assert documents("", "stereo.yaml") == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1, 2", 2),
        ("a: 1\n   b: 2", 2),
        ("a: [1, ]]", 1),
        ("%YAML:1.0\n---\na: @x", 3),
        ("{[1]: 2}", 1),
    ],
)
def test_faults_name_their_line(text, line):
    with pytest.raises(ValueError, match=f"^line {line}: ") as caught:
        documents(text, "stereo.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["a: \x00", "[" * 5000, "a: 2001-99-99"])
def test_what_breaks_the_parser_is_a_fault_too(text):
    with pytest.raises(ValueError, match=r"\w"):
        documents(text, "stereo.yaml")


def test_nothing_but_plain_values_is_made():
    assert documents("a: !!python/object/apply:os.getcwd []", "stereo.yaml") == [{"a": []}]
