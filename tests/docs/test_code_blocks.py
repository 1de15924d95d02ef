"""What the README and the documentation show can be done: Python runs, commands and files exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib import resources
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import cv2
import numpy as np
import pytest
import typer.main

import windowpane
from windowpane.cli import app
from windowpane.serve.app import create_app
from windowpane.train import detect, drive, parse
from windowpane.train.read import Config

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(page: Path, *languages: str) -> list[str]:
    found = re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [code for language, code in found if language in languages]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with the files that the pages speak of; the current one while a test runs."""
    demo = resources.files("windowpane") / "demo"
    number = (demo / "ruled.png").read_bytes()
    (tmp_path / "envelopes").mkdir()
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    for name in ("number.png", "envelopes/1.png", "envelopes/2.png"):
        (tmp_path / name).write_bytes(number)
    picture = cv2.imdecode(np.frombuffer(number, np.uint8), cv2.IMREAD_COLOR)
    page = np.full((300, 500, 3), 250, np.uint8)
    page[60 : 60 + picture.shape[0] // 2, 40 : 40 + picture.shape[1] // 2] = cv2.resize(
        picture, (picture.shape[1] // 2, picture.shape[0] // 2), interpolation=cv2.INTER_AREA
    )
    cv2.imwrite(str(tmp_path / "page.png"), page)
    (tmp_path / "codes.txt").write_text("# valid\n94720\n10003\n")
    net = resources.files("windowpane") / "zoo" / "digits.onnx"
    with resources.as_file(net) as path:
        shutil.copy(path, tmp_path / "runs" / "mine" / "mine.onnx")
    for name in ("group.jpg", "portrait.jpg"):
        (tmp_path / name).write_bytes((demo / "portrait.jpg").read_bytes())
    (tmp_path / "street.jpg").write_bytes((demo / "rocket.jpg").read_bytes())
    shutil.copytree(demo / "drive", tmp_path / "walk")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# -- Python ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name_of)
def test_python_runs(page, desk, capsys):
    names: dict[str, object] = {}
    for code in blocks(page, "python"):  # a page is read from top to bottom
        exec(compile(code, name_of(page), "exec"), names)
    # One face; a class for every pixel; a label for every pixel.
    expected = {"detect.md": "(1, 5, 2)", "parse.md": "(320, 480)", "drive.md": "(384, 512)"}
    expected |= {"navigate.md": "m/s", "robot.md": "m above the ground", "serve.md": "Windowpane"}
    assert expected.get(page.name, "94720") in capsys.readouterr().out


@pytest.mark.parametrize("script", EXAMPLES, ids=name_of)
def test_examples_run(script, tmp_path):
    given = {"train_own.py": ["work"], "find_signs.py": ["work", "200"]}.get(script.name, [])
    done = subprocess.run(
        [sys.executable, str(script), *given], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "94720" in done.stdout or "net: " in done.stdout


# -- Shell -------------------------------------------------------------------------------------------------


def commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = "\n".join(blocks(page, "sh")).splitlines()
        lines += re.findall(r"`((?:windowpane|make|pip|python) [^`\n]+)`", text)
        for line in lines:
            for part in line.split("  #")[0].split(" | "):
                if part.strip() and not part.startswith("cat "):
                    found.append((name_of(page), part.strip()))
    return found


@pytest.mark.parametrize(("page", "command"), commands())
def test_commands_exist(page, command):
    words = shlex.split(command)
    while "=" in words[0]:
        words.pop(0)  # a variable of the environment
    if words[0] == "windowpane":
        known(words[1:])
    elif words[0] == "make":
        makefile = (ROOT / "Makefile").read_text()
        assert all(re.search(rf"^{word}:", makefile, re.MULTILINE) for word in words[1:] if "=" not in word)
    elif words[:2] == ["pip", "install"]:
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        target, _, extra = words[2].partition("[")
        assert target in (".", "windowpane")
        assert not extra or set(extra.rstrip("]").split(",")) <= extras.keys()
    elif words[0] == "python":
        assert (ROOT / words[1]).is_file()
    elif words[0] == "curl":
        answered(words[-1])
    else:
        raise AssertionError(f"{page} shows a command that no one has checked: {command}")


def answered(url: str) -> None:
    """Assert that the server has a route, with the options that it is shown with."""
    asked = urlsplit(url)
    described = create_app().openapi()["paths"][asked.path]["post"]
    options = {one["name"] for one in described.get("parameters", [])}
    assert {name for name, _ in parse_qsl(asked.query)} <= options


def known(words: list[str]) -> None:
    """Assert that a verb has the options it is shown with."""
    command = typer.main.get_command(app)
    while hasattr(command, "commands") and words:
        assert words[0] in command.commands, f"there is no windowpane {words[0]}"
        command = command.commands[words.pop(0)]
    options = {name for parameter in command.params for name in parameter.opts}
    for word in words:
        if word.startswith("--"):
            assert word in options, f"windowpane {command.name} has no {word}"


# -- The rest ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_files_exist(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", text):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target
    for path in re.findall(r"`((?:tests|benchmarks|tools|docs)/[\w/]+\.(?:py|md))`", text):
        assert (ROOT / path).exists() or path == "benchmarks/RESULTS.md", path


def test_the_lecture_map_names_files_and_functions_that_are_there():
    text = (ROOT / "docs" / "lecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)*\w+\.py)`(?:: `(\w+)(?:`|\())?", text)
    assert len(named) > 20
    for path, function in named:
        source = (
            ROOT / path if path.startswith(("tests/", "benchmarks/")) else ROOT / "src" / "windowpane" / path
        )
        assert source.is_file(), path
        if function:
            assert re.search(rf"^(?:    )?(?:def |class |){function}\b", source.read_text(), re.MULTILINE), (
                function
            )


def test_shown_configurations_are_valid(tmp_path):
    shown = [(page, code) for page in PAGES for code in blocks(page, "toml")]
    assert shown
    for page, code in shown:
        (tmp_path / "my.toml").write_text(code)
        config = {"detect.md": detect.Config, "parse.md": parse.Config, "drive.md": drive.Config}.get(
            page.name, Config
        )
        assert config.load(tmp_path / "my.toml").name


def test_every_public_name_is_in_the_reference():
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    missing = [name for name in windowpane.__all__ if name != "__version__" and f"`{name}" not in text]
    assert missing == []


def test_every_setting_of_a_training_is_in_the_reference():
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    settings = [
        name
        for one in (Config, detect.Config, parse.Config, drive.Config)
        for name in one.__dataclass_fields__
    ]
    assert [name for name in settings if f"`{name}`" not in text] == []
