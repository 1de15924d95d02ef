"""Rules 1 and 2 of the house: imports point one way, and torch stays in the training room."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import windowpane

HOUSE = Path(windowpane.__file__).parent

# A room may import from the rooms before it and from itself; rooms on one line are strangers to each other.
ORDER = (
    {"errors"},
    {"images"},
    {"core"},
    {"read", "detect", "parse", "drive"},
    {"teach"},
    {"systems"},
    {"sim"},
    {"data"},
    {"show"},
    {"evaluate"},
    {"batch", "serve", "train"},
    {"cli"},
    {"__main__", "draw"},
    {"__init__"},
)
FLOOR = {room: floor for floor, rooms in enumerate(ORDER) for room in rooms}
# And so within the two wings that have rooms of their own.
INSIDE = {
    "drive": (
        {"senses", "vehicle", "diagnostics"},
        {"geometry"},
        {"perception"},
        {"localization", "mapping"},
        {"planning", "logs"},
        {"driver"},
        {"far_loop", "step"},
        {"navigator"},
        {"__init__"},
    ),
    "train": ({"loop"}, {"read", "strings", "detect", "parse", "drive"}, {"__init__"}),
}
FULL = 12
"""Modules that a folder holds at most, beside its `__init__`."""
EXTRAS = {"train", "serve"}
"""Rooms that are entered only where their extra is installed."""
BASE_INSTALL = {"numpy", "cv2", "onnxruntime", "typer", "click", "rich", "windowpane"}


def room_of(module: str) -> str:
    """``windowpane.read.reader`` is in the room ``read``; ``windowpane`` itself is the door, ``__init__``."""
    return module.split(".")[1] if "." in module else "__init__"


def imported(tree: ast.AST, module: str) -> Iterator[str]:
    """Yield the full name of every module imported anywhere in a file: also in functions, also for types."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            if base != "windowpane":
                yield base
            else:  # "import draw" from there asks for a room, "import Reader" for the door
                yield from (f"windowpane.{a.name}" if a.name in FLOOR else "windowpane" for a in node.names)


def faults(source: str, module: str) -> list[str]:
    """Return what is wrong with the imports of one file, in words."""
    found, room = [], room_of(module)
    if room not in FLOOR:
        return [f"{module} is in no room of the house; give {room} a place in ORDER"]
    for name in imported(ast.parse(source), module):
        if name.split(".")[0] == "torch" and room != "train":
            found.append(f"{module} imports torch; only windowpane.train may")
        if name.split(".")[0] != "windowpane" or room_of(name) == room:
            continue
        if FLOOR.get(room_of(name), len(ORDER)) >= FLOOR[room]:
            found.append(f"{module} imports {name}, which does not come before it")
    return found


def faults_inside(source: str, module: str) -> list[str]:
    """Return what is wrong with the imports of a file of a wing that has rooms, in words."""
    _, wing, *rest = module.split(".")
    floors = {room: floor for floor, rooms in enumerate(INSIDE[wing]) for room in rooms}
    own = rest[0] if rest else "__init__"
    if own not in floors:
        return [f"{module} is in no room of {wing}; give {own} a place in INSIDE"]
    found = []
    for name in imported(ast.parse(source), module):
        if name != f"windowpane.{wing}" and not name.startswith(f"windowpane.{wing}."):
            continue
        room = [*name.split("."), "__init__"][2]
        if room != own and floors.get(room, len(floors)) >= floors[own]:
            found.append(f"{module} imports {name}, which does not come before it")
    return found


def at_import(tree: ast.Module) -> Iterator[str]:
    """Yield the packages that a file needs in order to be imported at all."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.split(".")[0]


FILES = sorted(HOUSE.rglob("*.py"))


def module_of(file: Path) -> str:
    parts = ("windowpane", *file.relative_to(HOUSE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_imports_point_one_way(file: Path) -> None:
    assert faults(file.read_text(encoding="utf-8"), module_of(file)) == []


@pytest.mark.parametrize("file", [f for f in FILES if room_of(module_of(f)) in INSIDE], ids=module_of)
def test_imports_point_one_way_inside_a_wing(file: Path) -> None:
    assert faults_inside(file.read_text(encoding="utf-8"), module_of(file)) == []


def test_no_folder_is_too_full() -> None:
    modules = Counter(file.parent for file in FILES if not file.name.startswith("__"))
    assert {str(folder): count for folder, count in modules.items() if count > FULL} == {}


@pytest.mark.parametrize(
    "file", [file for file in FILES if room_of(module_of(file)) not in EXTRAS], ids=module_of
)
def test_the_base_install_is_enough_to_import(file: Path) -> None:
    needed = set(at_import(ast.parse(file.read_text(encoding="utf-8"))))
    assert needed - sys.stdlib_module_names - BASE_INSTALL == set()


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        ("windowpane.read.reader", "from windowpane.detect.detector import Detector", True),
        ("windowpane.read.reader", "def f():\n    from windowpane import detect", True),
        ("windowpane.read.reader", "from ..drive import camera", True),
        ("windowpane.read.reader", "from windowpane import Reader", True),
        ("windowpane.read.reader", "from windowpane.train.read.net import ReaderNet", True),
        ("windowpane.read.reader", "try:\n    import torch.nn\nexcept ImportError:\n    pass", True),
        ("windowpane.core.engine", "import windowpane.read.reader", True),
        ("windowpane.images.loader", "from windowpane.core.windows import Window", True),
        ("windowpane.data.writing.lines", "from torch import Tensor", True),
        ("windowpane.garage", "", True),
        ("windowpane.read.reader", "from windowpane.core.engine import Engine\nfrom . import lattice", False),
        (
            "windowpane.train.read.recipe",
            "import torch\nfrom windowpane.read.lattice import shortest_paths",
            False,
        ),
        ("windowpane.show.draw", "from windowpane.read.reading import Reading", False),
    ],
)
def test_the_rule_itself(module: str, source: str, wrong: bool) -> None:
    assert bool(faults(source, module)) is wrong


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        ("windowpane.drive.perception.near", "from windowpane.drive.mapping.near_map import LEAST", True),
        ("windowpane.drive.mapping.costmap", "from windowpane.drive.localization import motion", True),
        ("windowpane.drive.senses", "def f():\n    import windowpane.drive.geometry.camera", True),
        ("windowpane.drive.driver", "from windowpane.drive import Navigator", True),
        ("windowpane.drive.garage.car", "", True),
        ("windowpane.train.read.recipe", "from windowpane.train.detect.net import DetectorNet", True),
        ("windowpane.drive.navigator", "from windowpane.drive.far_loop import FarLoop\nimport numpy", False),
        ("windowpane.drive.mapping.costmap", "from windowpane.drive.mapping.polar import Ring", False),
    ],
)
def test_the_rule_inside_a_wing_itself(module: str, source: str, wrong: bool) -> None:
    assert bool(faults_inside(source, module)) is wrong


def modules_after(statement: str) -> set[str]:
    """Return what is loaded after a statement in a fresh interpreter that may not touch the network."""
    code = (
        "import sys\n"
        "def no_network(event, _):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'urllib.Request'):\n"
        "        raise RuntimeError('network: ' + event)\n"
        f"sys.addaudithook(no_network)\n{statement}\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_import_windowpane_loads_nothing_heavy() -> None:
    assert modules_after("import windowpane") & {"torch", "cv2", "onnxruntime", "openvino", "numpy"} == set()


def test_no_public_name_and_no_command_needs_torch() -> None:
    assert "torch" not in modules_after("from windowpane import *")
    assert "torch" not in modules_after("import windowpane.cli")
