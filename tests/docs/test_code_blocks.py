"""What the README and the documentation show can be done: Python and quick commands run, the rest exists."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
import tomllib
from importlib import import_module, resources
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import cv2
import numpy as np
import pytest
import typer.main
import uvicorn

import windowpane
from windowpane.cli import app, main
from windowpane.serve.app import create_app
from windowpane.train.detect import config as detect
from windowpane.train.drive import config as drive
from windowpane.train.parse import config as parse
from windowpane.train.read.config import Config
from windowpane.train.strings import config as strings

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
    for folder in ("envelopes", "more", "scans", "album", "pictures", "signs/images", "garden/images"):
        (tmp_path / folder).mkdir(parents=True)
    for name in (
        "number.png",
        "meter.png",
        "envelopes/1.png",
        "envelopes/2.png",
        "more/3.jpg",
        "scans/4.png",
    ):
        (tmp_path / name).write_bytes(number)
    picture = cv2.imdecode(np.frombuffer(number, np.uint8), cv2.IMREAD_COLOR)
    page = np.full((300, 500, 3), 250, np.uint8)
    page[60 : 60 + picture.shape[0] // 2, 40 : 40 + picture.shape[1] // 2] = cv2.resize(
        picture, (picture.shape[1] // 2, picture.shape[0] // 2), interpolation=cv2.INTER_AREA
    )
    cv2.imwrite(str(tmp_path / "page.png"), page)
    cv2.imwritemulti(str(tmp_path / "fax.tif"), [picture, picture])
    (tmp_path / "album [2023]").mkdir()
    cv2.imwrite(str(tmp_path / "album [2023]" / "1.jpg"), picture)
    address = np.full((400, 800, 3), 250, np.uint8)
    for row, line in enumerate(("Cora Belmon", "9 Sartel Road", "Berkeley, CA 94720")):
        cv2.putText(address, line, (300, 220 + 40 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (40, 40, 40), 2)
    cv2.imwrite(str(tmp_path / "envelope.png"), address)
    (tmp_path / "codes.txt").write_text("# valid\n94720\n10003\n")
    for name, copy in (("digits", "mine"), ("faces", "signs"), ("scenes", "garden")):
        (tmp_path / "runs" / copy).mkdir(parents=True)
        with resources.as_file(resources.files("windowpane") / "zoo" / f"{name}.onnx") as path:
            shutil.copy(path, tmp_path / "runs" / copy / f"{copy}.onnx")
    shutil.copy(tmp_path / "runs" / "garden" / "garden.onnx", tmp_path / "garden.onnx")
    for name in ("group.jpg", "portrait.jpg", "album/1.jpg", "signs/images/1.jpg"):
        (tmp_path / name).write_bytes((demo / "portrait.jpg").read_bytes())
    for name in ("street.jpg", "photo.jpg", "album/2.jpg"):
        (tmp_path / name).write_bytes((demo / "rocket.jpg").read_bytes())
    shutil.copytree(demo / "drive", tmp_path / "walk")
    portrait = cv2.imread(str(tmp_path / "portrait.jpg"))
    film = cv2.VideoWriter(str(tmp_path / "film.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 25, (320, 320))
    for _ in range(3):
        film.write(portrait)
    film.release()
    a_data_set_of_each_kind(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def a_data_set_of_each_kind(folder):
    """Lines with their labels, boxes as COCO has them, scenes and their classes: all without a fault."""
    rng = np.random.default_rng(0)
    rows = ["file,label"]
    for name in ("chalk", "ink", "marker", "pencil", "ruled", "shadow"):
        source = resources.files("windowpane") / "demo" / f"{name}.png"
        (folder / "pictures" / f"{name}.png").write_bytes(source.read_bytes())
        rows.append(f"{name}.png,10003")
    (folder / "pictures" / "labels.csv").write_text("\n".join(rows))
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [130, 57, 62, 60]}
    image = {"id": 1, "file_name": "1.jpg", "width": 320, "height": 320}
    coco = {"images": [image], "annotations": [box], "categories": [{"id": 1, "name": "sign"}]}
    (folder / "signs" / "annotations.json").write_text(json.dumps(coco))
    names = windowpane.Parser("scenes").names
    (folder / "garden" / "labels").mkdir()
    (folder / "garden" / "classes.txt").write_text("\n".join(names))
    for number in range(2):
        scene = rng.integers(0, 256, (64, 96, 3), np.uint8)
        labels = (np.arange(96)[None] * len(names) // 96 + np.zeros((64, 1), int)).astype(np.uint8)
        cv2.imwrite(str(folder / "garden" / "images" / f"{number}.png"), scene)
        cv2.imwrite(str(folder / "garden" / "labels" / f"{number}.png"), labels)
    shutil.copytree(folder / "garden", folder / "garden-test")


# -- Python ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name_of)
def test_python_runs(page, desk, capsys):
    names: dict[str, object] = {}
    for code in blocks(page, "python"):  # a page is read from top to bottom
        exec(compile(code, name_of(page), "exec"), names)
    assert re.search(PRINTED.get(name_of(page), "94720"), capsys.readouterr().out)


PRINTED = {
    "docs/guide/detect.md": r"\(1, 5, 2\)",  # one face
    "docs/guide/parse.md": r"\(320, 480\)",  # a class for every pixel
    "docs/guide/drive.md": r"\(384, 512\)",  # a label for every pixel
    "docs/guide/navigate.md": "m/s",
    "docs/guide/robot.md": "m above the ground",
    "docs/guide/serve.md": "Windowpane",
    "docs/fifth.md": r"there are 240 berries, .*\nfound are 2[1-5]\d berries, .*\nTrue\n"
    r"11 answered, 1 of them with an error\n(.*\n)*served: 2\d berries",
    "docs/reference/core.md": r"width_2 \(17, \d+, \d+\) .*\nmissing.png does not exist",
}


def test_a_fifth_system_needs_torch_to_be_trained_only():
    page = ROOT / "docs" / "fifth.md"
    using = [code for code in blocks(page, "python") if "class Counter" in code or "Counter()" in code]
    assert len(using) == 3
    assert not any("torch" in code or "windowpane.train" in code for code in using)


@pytest.mark.parametrize("script", EXAMPLES, ids=name_of)
def test_examples_run(script, tmp_path):
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "94720" in done.stdout


# -- Shell ------------------------------------------------------------------------------------------------

NOT_RUN = {
    "curl": "asks a server; test_a_server_answers_what_curl_asks",
    "make": "sets up an environment",
    "pip": "installs",
    "python": "a script of the repository's own, for minutes",
    "windowpane train": "trains for minutes",
    "windowpane demo": "tests/cli/test_demo.py",
    "windowpane serve": "does not end; tests/serve",
    "windowpane drive --course": "the simulator; tests/cli/test_drive_course.py",
    "windowpane detect 0": "needs a camera",
    "windowpane batch read 's3:": "needs a store and a cluster",
}
"""The commands that are only looked at, and why."""


def shell_lines(page: Path) -> list[str]:
    lines = "\n".join(blocks(page, "sh")).splitlines()
    return [bare for line in lines if (bare := line.split("  #")[0].strip())]


def quick_lines() -> dict[Path, list[str]]:
    """The lines of each page that run here, each where it is shown first, and what lays out the rest."""
    pages: dict[Path, list[str]] = {}
    for page in PAGES:
        seen = {line for lines in pages.values() for line in lines if " new " not in line}
        quick = [line for line in shell_lines(page) if not line.startswith(tuple(NOT_RUN))]
        pages[page] = [line for line in quick if line not in seen]
    return {page: lines for page, lines in pages.items() if lines}


def goes_on_in(folder: Path, monkeypatch) -> None:
    """Go to a folder that was laid out, and put a net where the page trains one."""
    monkeypatch.chdir(folder)
    net = folder / "runs" / folder.name / f"{folder.name}.onnx"
    net.parent.mkdir(parents=True)
    with resources.as_file(resources.files("windowpane") / "zoo" / "digits.onnx") as path:
        shutil.copy(path, net)


@pytest.mark.parametrize(("page", "lines"), quick_lines().items(), ids=map(name_of, quick_lines()))
def test_quick_commands_run(page, lines, desk, monkeypatch, capfd):
    for line in lines:
        given, _, command = line.rpartition(" | ")
        words = shlex.split(command)
        stdin = Path(given.removeprefix("cat ")).read_bytes() if given else b""
        monkeypatch.setattr(sys, "argv", words)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        assert not end.value.code, f"{line}: {err}"
        assert "Traceback" not in err
        if page.name == "own.md" and words[1] == "new":
            goes_on_in(desk / words[3], monkeypatch)
        if "--json" in words:
            answers = [json.loads(answer) for answer in out.splitlines()]
            assert answers, line
            assert not any("error" in answer for answer in answers)


@pytest.fixture
def server():
    """A server that listens; gives its address."""
    server = uvicorn.Server(uvicorn.Config(create_app(), port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


CURL = [line for page in PAGES for line in shell_lines(page) if line.startswith("curl ")]


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_a_server_answers_what_curl_asks(desk, server):
    for line in CURL:
        words = [word.replace("http://127.0.0.1:8000", server) for word in shlex.split(line)[1:]]
        done = subprocess.run(["curl", "-sf", *words], capture_output=True, check=False)
        assert done.returncode == 0, done
        assert "error" not in json.loads(done.stdout), line
    assert CURL


def commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = shell_lines(page) + re.findall(r"`((?:windowpane|make|pip|python) [^`\n]+)`", text)
        for line in lines:
            for part in line.split(" | "):
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
    while hasattr(command, "commands") and words and words[0] != "--help":
        assert words[0] in command.commands, f"there is no windowpane {words[0]}"
        command = command.commands[words.pop(0)]
    options = {"--help"} | {name for parameter in command.params for name in parameter.opts}
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


def test_the_lecture_map_says_what_is_in_which_file():
    text = (ROOT / "docs" / "lecture.md").read_text(encoding="utf-8")
    named = re.findall(r"((?:`[\w.]+`(?:, | and )?)+) in `((?:\w+/)*\w+\.py)`", text)
    assert len(named) > 10
    for names, path in named:
        source = (ROOT / "src" / "windowpane" / path).read_text(encoding="utf-8")
        for name in re.findall(r"\w+(?=`)", names):
            assert re.search(rf"^\s*(?:def |class |){name}\b", source, re.MULTILINE), f"{name} in {path}"
    for name in re.findall(r"`draw\.(\w+)`", text):
        assert callable(getattr(windowpane.show.draw, name))


def test_every_page_is_in_the_menu_and_every_guide_on_the_first_page():
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    first = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if not re.search(rf"[ :-] {re.escape(page)}$", menu, re.MULTILINE)] == []
    shown = [page for page in pages if not page.startswith(("index", "reference/"))]
    assert [page for page in shown if f"({page})" not in first] == []


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
    shown = [
        name
        for page in sorted((ROOT / "docs" / "reference").glob("*.md"))
        for name in re.findall(r"^::: ([\w.]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(shown) == len(set(shown))
    objects = []
    for name in shown:
        home, _, last = name.rpartition(".")
        found = getattr(import_module(home), last, None) or import_module(name)
        objects += [found, *vars(found).values()] if name == "windowpane.errors" else [found]
    names = [name for name in windowpane.__all__ if name != "__version__"]
    assert [name for name in names if getattr(windowpane, name) not in objects] == []
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_setting_of_a_training_is_in_the_reference():
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    settings = [
        name
        for one in (Config, strings.Config, detect.Config, parse.Config, drive.Config)
        for name in one.__dataclass_fields__
    ]
    assert [name for name in settings if f"`{name}`" not in text] == []
