"""An example project: it can be checked and trained as it is laid out, and its README tells the truth."""

import re
import shlex
from importlib import import_module

import pytest
import typer.main

from windowpane.cli import app
from windowpane.cli.new import EXAMPLES

TABLES = {"read": "labels.csv", "detect": "annotations.json", "parse": "classes.txt"}


@pytest.fixture(scope="module", params=["read", "detect", "parse"])
def project(request, tmp_path_factory):
    """A system and its example."""
    from windowpane.cli.new import new

    folder = tmp_path_factory.mktemp("new") / "mine"
    new(request.param, folder, seed=0)
    return request.param, folder


def test_what_is_laid_out_passes_the_check(run, project):
    system, folder = project
    for part in ("train", "test"):
        assert (folder / part / TABLES[system]).is_file()
        answer = run("check", folder / part)
        assert (answer.status, answer.out) == (0, "")


def test_its_configuration_can_be_trained(project):
    system, folder = project
    config = import_module(f"windowpane.train.{system}.config").Config.load(
        folder / f"{EXAMPLES[system]}.toml"
    )
    assert config.name == EXAMPLES[system]
    assert config.patience > 0
    assert config.sets
    assert config.terms


def test_every_command_of_its_readme_is_one_and_every_file_is_there_or_will_be(project):
    system, folder = project
    text = (folder / "README.md").read_text()
    lines = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[0].splitlines()
    assert [line.split()[1] for line in lines] == ["check", "train", "eval", system, "nets"]
    for line in lines:
        command, words = typer.main.get_command(app), shlex.split(line)[1:]
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options
        for word in words:
            made = word.startswith(("--", "runs/")) or word in ("found", "parsed")
            assert made or (folder / word).exists(), word
    assert f"runs/{EXAMPLES[system]}/{EXAMPLES[system]}.onnx" in text


@pytest.mark.slow
def test_the_same_seed_draws_the_same_pictures(run, tmp_path):
    drawn = []
    for number, seed in enumerate((0, 0, 1)):
        assert run("new", "parse", tmp_path / str(number), "--seed", seed).status == 0
        drawn.append((tmp_path / str(number) / "train" / "images" / "00.jpg").read_bytes())
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_folder_that_holds_something_is_refused_and_left_alone(run, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    answer = run("new", "parse", tmp_path)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.splitlines() == [
        f"windowpane: {tmp_path} is not empty: name a folder that is not there yet, or an empty one"
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert run("new", "parse", tmp_path / "mine.txt").status == 2
    assert run("new", "parse", tmp_path / "mine.txt" / "deeper").status == 2


def test_what_no_net_can_be_trained_for_from_an_empty_folder_is_wrong_usage(run, tmp_path):
    answer = run("new", "fly", tmp_path / "new")
    assert answer.status == 2
    assert "Traceback" not in answer.err
    assert not (tmp_path / "new").exists()
