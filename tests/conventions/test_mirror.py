"""Tests mirror the house: a module has tests of its own name, or it is said here whose tests cover it."""

from __future__ import annotations

from pathlib import Path

import windowpane

HOUSE = Path(windowpane.__file__).parent
TESTS = Path(__file__).parents[1]

COVERED_BY = {
    "cli/drive/output.py": "cli/drive/test_verb.py",
    "data/annotations/records.py": "data/annotations/test_reading.py",
    "data/examples/country.py": "cli/test_new.py",
    "data/examples/numbers.py": "cli/test_new.py",
    "data/examples/signs.py": "cli/test_new.py",
    "data/patches.py": "train/drive/test_patches.py",
    "data/writing/strokes.py": "data/writing/test_hands.py",
    "draw.py": "show/test_draw.py",
    "drive/perception/label_picture.py": "show/test_screen.py",
    "drive/senses.py": "drive/test_navigator.py",
    "sim/render/batches.py": "sim/render/test_renderer.py",
    "sim/render/graphics.py": "sim/render/test_renderer.py",
    "sim/render/instances.py": "sim/render/test_renderer.py",
    "sim/render/shaders.py": "sim/render/test_renderer.py",
    "sim/render/stage.py": "sim/render/test_renderer.py",
    "sim/render/textures.py": "sim/render/test_renderer.py",
    "sim/robot/faults.py": "sim/robot/test_sensors.py",
    "sim/world/layouts.py": "sim/world/test_courses.py",
    "sim/world/terrain.py": "sim/world/test_scene.py",
    "train/detect/calibrate.py": "train/detect/test_recipe.py",
    "train/detect/cascade.py": "train/detect/test_recipe.py",
    "train/detect/dataset.py": "train/detect/test_recipe.py",
    "train/detect/net_file.py": "train/detect/test_recipe.py",
    "train/drive/net_file.py": "train/drive/test_recipe.py",
    "train/parse/net_file.py": "train/parse/test_recipe.py",
    "train/read/net_file.py": "train/read/test_recipe.py",
    "train/strings/calibrate.py": "train/strings/test_recipe.py",
    "train/strings/mining.py": "train/strings/test_recipe.py",
    "train/strings/net_file.py": "train/strings/test_recipe.py",
    "train/strings/sources.py": "train/strings/test_recipe.py",
}
"""Module -> the tests that cover it, both below their roots."""


def own_tests(module: Path) -> Path:
    return module.parent / f"test_{module.name}"


def modules() -> list[Path]:
    return [file.relative_to(HOUSE) for file in sorted(HOUSE.rglob("*.py")) if not file.name.startswith("__")]


def test_every_module_has_its_tests() -> None:
    missing = [
        str(module)
        for module in modules()
        if not (TESTS / own_tests(module)).is_file() and str(module) not in COVERED_BY
    ]
    assert missing == []


def test_the_list_is_true() -> None:
    known = {str(module) for module in modules()}
    assert set(COVERED_BY) - known == set()
    assert [tests for tests in COVERED_BY.values() if not (TESTS / tests).exists()] == []
    own = [module for module in COVERED_BY if (TESTS / own_tests(Path(module))).is_file()]
    assert own == []


def test_no_tests_of_what_is_not_there() -> None:
    apart = {"conventions", "equivalence", "budgets", "docs"}
    rooms = {path.relative_to(TESTS).parts[0] for path in TESTS.rglob("test_*.py")} - apart
    assert {room for room in rooms if not (HOUSE / room).exists() and not room.startswith("test_")} == set()
