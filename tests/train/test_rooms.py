"""The training rooms: what recipes share is in loop/; none leans on another, and there is no circle."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from windowpane import train

HOUSE = Path(train.__file__).parent
FILES = sorted(HOUSE.rglob("*.py"))


def imported(file):
    """The modules of the training rooms that a file imports, for types and in functions too."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    names = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.removeprefix("windowpane.train.") for name in names if name.startswith("windowpane.train.")}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(HOUSE)))
def test_a_recipe_leans_on_what_all_share_and_on_no_other(file):
    own = file.parent.name
    assert {name.split(".")[0] for name in imported(file)} <= {own, "loop"}


def test_there_is_no_circle():
    modules = {".".join(file.relative_to(HOUSE).with_suffix("").parts): imported(file) for file in FILES}
    assert len(list(TopologicalSorter(modules).static_order())) >= len(FILES)
