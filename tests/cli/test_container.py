"""The container image, as far as it can be checked without a container engine."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import typer.main

from windowpane.cli import app
from windowpane.serve.app import create_app

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def steps():
    """The instructions of the Dockerfile, in order: (word, the rest)."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line and not line.startswith("#")]


def last(steps, word):
    return [rest for name, rest in steps if name == word][-1]


def test_what_it_copies_is_there_and_sent_to_the_builder(steps):
    copied = [
        source
        for word, rest in steps
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    sent = [line[1:] for line in ignored if line.startswith("!")]
    assert set(copied) == set(sent)
    assert all((ROOT / source).exists() for source in copied)


def test_what_the_package_is_built_from_is_copied(steps):
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {"pyproject.toml", built["project"]["readme"], *built["project"]["license-files"]}
    needed |= {
        folder.split("/")[0] for folder in built["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    }
    copied = " ".join(rest for word, rest in steps if word == "COPY").split()
    assert needed <= set(copied)


def test_its_extras_exist(steps):
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"windowpane\[([\w,]+)\]", " ".join(rest for _, rest in steps))
    assert named
    assert all(set(one.split(",")) <= extras["optional-dependencies"].keys() for one in named)


def test_it_does_not_run_as_root(steps):
    user = last(steps, "USER").split(":")[0]
    assert int(user) > 0  # a number: only then a cluster sees that it is not root


def test_it_serves_at_the_port_that_it_names(steps):
    assert json.loads(last(steps, "ENTRYPOINT")) == ["windowpane"]
    verb, *options = json.loads(last(steps, "CMD"))
    serve = typer.main.get_command(app).commands[verb]
    defaults = {name: parameter.default for parameter in serve.params for name in parameter.opts}
    assert set(options[::2]) <= defaults.keys()
    assert last(steps, "EXPOSE") == str(defaults["--port"])


def test_its_health_is_asked_for_where_the_server_answers(steps):
    asked = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", last(steps, "HEALTHCHECK"))
    assert asked[1] == last(steps, "EXPOSE")
    assert asked[2] in create_app().openapi()["paths"]
