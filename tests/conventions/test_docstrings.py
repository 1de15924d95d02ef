"""One dialect of docstrings, numpydoc: what describes a parameter stands in a section, under its name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import windowpane

FILES = sorted(Path(windowpane.__file__).parent.rglob("*.py"))
Documented = ast.FunctionDef | ast.ClassDef
SECTION = re.compile(r"^(\w+)\n-{3,}\n((?:.+\n?|\n(?=    ))+)", re.MULTILINE)


def names_of(node: Documented) -> set[str]:
    """Return the parameters of a function, or the fields and the parameters of a class."""
    if isinstance(node, ast.FunctionDef):
        return {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
    typed = [n.target for n in node.body if isinstance(n, ast.AnnAssign)]
    fields = {target.id for target in typed if isinstance(target, ast.Name)}
    made = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
    return fields.union(*map(names_of, made))


def faults(source: str) -> list[str]:
    """Return what is described beside the sections, and what a section describes that is not there."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, Documented) or (node.name.startswith("_") and node.name != "__init__"):
            continue
        text, names = ast.get_docstring(node) or "", names_of(node) - {"self", "cls"}
        prose = " ".join(SECTION.sub("", text).split())
        beside = [name for name in names if re.search(rf"(?:^|[.;] )`*{name}`*: ", prose)]
        found += [f"{node.name} tells of {name} beside its sections" for name in beside]
        if re.search(r"(?:Parameters|Returns): ", prose):
            found.append(f"{node.name} has a section within its prose")
        for title, body in SECTION.findall(text):
            if title == "Parameters":
                told = {name.strip("* ") for name in ",".join(re.findall(r"^\S.*$", body, re.M)).split(",")}
                found += [f"{node.name} has no parameter {name}" for name in sorted(told - names)]
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FILES[0].parent)))
def test_parameters_stand_in_their_section(file: Path) -> None:
    assert faults(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("docstring", "count"),
    [
        ("Return x.\n\n    Parameters\n    ----------\n    x\n        A number.", 0),
        ("Return it.\n\n    x: a number.", 1),
        ("Return it. x: a number.", 1),
        ("Return it.\n\n    Parameters: ``x``, a number.", 1),
        ("Return it.\n\n    Parameters\n    ----------\n    y\n        A number.", 1),
        ("Return it: twice.", 0),
    ],
)
def test_the_rule_itself(docstring: str, count: int) -> None:
    assert len(faults(f'def f(x):\n    """{docstring}\n    """')) == count
