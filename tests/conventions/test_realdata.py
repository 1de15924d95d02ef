"""Tests on public data sets are marked and take them from the fixture, which skips where there are none."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def functions_of(source: str) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def faults(source: str) -> list[str]:
    """Return what is wrong with the tests of one file, in words."""
    found = []
    for test in functions_of(source):
        marked = any("realdata" in ast.unparse(mark) for mark in test.decorator_list)
        takes = "data" in {argument.arg for argument in test.args.args}
        if marked and not takes:
            found.append(f"{test.name} is marked realdata and does not take the fixture `data`")
        if takes and not marked and "parametrize" not in "".join(map(ast.unparse, test.decorator_list)):
            found.append(f"{test.name} takes the fixture `data` and is not marked realdata")
    if "data_root()" in source:
        found.append("it looks for the data itself: take the fixture `data`")
    return found


@pytest.mark.parametrize("file", sorted(TESTS.rglob("test_*.py")), ids=lambda file: file.stem)
def test_real_data_comes_from_the_fixture(file: Path) -> None:
    if file not in (Path(__file__), TESTS / "data" / "test_root.py"):  # the rule, and what it is about
        assert faults(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("@pytest.mark.realdata\ndef test_a(): ...", 1),
        ("@pytest.mark.realdata\ndef test_a(data): ...", 0),
        ("def test_a(data): ...", 1),
        ("def test_a(): data_root()", 1),
    ],
)
def test_the_rule_itself(source: str, count: int) -> None:
    assert len(faults(source)) == count
