"""The public names, checked in: none comes or goes unnoticed, and each explains itself."""

from __future__ import annotations

import ast
import inspect
import tomllib
from pathlib import Path

import pytest

import windowpane
from windowpane import errors

NAMES = [name for name in windowpane.__all__ if not name.startswith("__")]


def test_the_names_that_users_know_are_there() -> None:
    known = {
        "Reader",
        "Detector",
        "Parser",
        "Driver",
        "Navigator",
        "Reading",
        "Detections",
        "LabelMap",
        "Step",
    }
    assert known | {"load_image", "load_net", "load_calibration", "WindowpaneError"} <= set(NAMES)


def test_type_checkers_see_the_same_names() -> None:
    stub = ast.parse((Path(windowpane.__file__).parent / "__init__.pyi").read_text(encoding="utf-8"))
    seen = {alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == set(NAMES)
    # Only a name imported as itself is handed on by a stub.
    kept = [a.name for n in stub.body if isinstance(n, ast.ImportFrom) for a in n.names if a.name != a.asname]
    assert kept == []


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_there_and_has_a_docstring(name: str) -> None:
    value = getattr(windowpane, name)
    written = value.__dict__.get("__doc__") if inspect.isclass(value) else value.__doc__
    assert written
    assert len(written.strip()) > 20
    assert not written.startswith(f"{name}(")  # what a dataclass makes up is no docstring
    assert name in dir(windowpane)
    assert getattr(windowpane, name) is value


def test_every_error_is_public_and_a_windowpane_error() -> None:
    found = {
        name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, Exception)
    }
    assert found <= set(NAMES)
    assert all(issubclass(getattr(windowpane, name), windowpane.WindowpaneError) for name in found)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Raeder'"):
        windowpane.Raeder  # noqa: B018


def test_version_is_that_of_the_project_file() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert windowpane.__version__ == tomllib.loads(project.read_text())["project"]["version"]
