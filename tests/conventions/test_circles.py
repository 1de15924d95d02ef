"""No circle of modules: not at import, not for type checkers only, not through imports within functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import windowpane

HOUSE = Path(windowpane.__file__).parent


def name_of(file: Path) -> str:
    parts = ("windowpane", *file.relative_to(HOUSE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(source: str, modules: set[str]) -> Iterator[str]:
    """Yield the modules of the house that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                yield below if below in modules else node.module


def arrows(sources: Mapping[str, str]) -> dict[str, set[str]]:
    return {name: set(imported(source, set(sources))) - {name} for name, source in sources.items()}


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the modules from which an import leads back to themselves, those of one circle together."""
    reach = {name: set(graph[name]) for name in graph}
    while True:
        wider = {name: below.union(*(reach[one] for one in below)) for name, below in reach.items()}
        if wider == reach:
            break
        reach = wider
    around = [name for name in reach if name in reach[name]]
    return sorted({tuple(sorted(o for o in around if o in reach[n] and n in reach[o])) for n in around})


def test_no_module_leads_back_to_itself() -> None:
    files = sorted(HOUSE.rglob("*.py"))
    graph = arrows({name_of(file): file.read_text(encoding="utf-8") for file in files})
    assert len(graph) > 100
    assert circles(graph) == []


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        ({"a": "import b", "b": "import c", "c": ""}, []),
        ({"a": "import b", "b": "import a"}, [("a", "b")]),
        ({"a": "from b import x", "b": "import c", "c": "def f():\n    import a"}, [("a", "b", "c")]),
        ({"a": "if TYPE_CHECKING:\n    import b", "b": "import a", "c": "import a"}, [("a", "b")]),
        ({"p": "", "p.a": "from p import b", "p.b": "from p.a import x"}, [("p.a", "p.b")]),
        ({"p": "from p import a", "p.a": "from p import b", "p.b": ""}, []),
    ],
)
def test_the_rule_itself(sources: dict[str, str], found: list[tuple[str, ...]]) -> None:
    assert circles(arrows(sources)) == found
