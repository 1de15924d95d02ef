"""``windowpane train``: what is said reaches the recipe, and a tiny run ends with a net that reads."""

import csv
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from windowpane.data.writing.lines import PLAIN, compose, photograph
from windowpane.errors import ConfigError, install


@pytest.fixture
def calls(monkeypatch):
    seen = []
    module = ModuleType("windowpane.train.read.recipe")

    def train(config, *, resume, out, progress):
        seen.append((config, resume, out))
        return Path("runs/my/my.onnx")

    module.train = train
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return seen


def test_the_configuration_and_options_reach_the_training(run, calls):
    answer = run("train", "read", "my.toml")
    assert (answer.status, answer.out) == (0, "Net: runs/my/my.onnx\n")
    assert run("train", "read", "my.toml", "--resume", "--out", "runs/one").status == 0
    assert calls == [(Path("my.toml"), False, None), (Path("my.toml"), True, Path("runs/one"))]


def test_without_torch_it_says_what_to_install(run, calls, monkeypatch):
    monkeypatch.setattr("windowpane.cli.train.find_spec", lambda name: None if name == "torch" else object())
    answer = run("train", "read", "my.toml")
    assert answer.status == 2
    assert "training needs torch, not installed" in answer.err
    assert install("train") in answer.err
    assert calls == []


def test_a_wrong_configuration_is_wrong_usage(run, calls, monkeypatch):
    def refuse(config, *, resume, out, progress):
        raise ConfigError(f"{config}: no key 'steps'")

    monkeypatch.setattr(sys.modules["windowpane.train.read.recipe"], "train", refuse)
    answer = run("train", "read", "my.toml")
    assert (answer.status, answer.err) == (2, "windowpane: my.toml: no key 'steps'\n")


TINY = """
name = "mine"
own = ["pictures"]
lines = 16
processes = 1
threads = 1
batch = 4
windows_steps = 1
strings_steps = 1
tuning_lines = 6
sets = "my own"

[shares]
own = 1.0
"""


@pytest.mark.slow
def test_two_steps_on_a_handful_of_lines_make_a_net_that_reads(run, tmp_path, hand, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.toml").write_text(TINY)
    (tmp_path / "pictures").mkdir()
    generator, rows = np.random.default_rng(0), [("file", "label")]
    for number in range(12):
        text = str(generator.integers(10, 1000))
        line = photograph(generator, compose(generator, hand, text, PLAIN), "clean")
        cv2.imwrite(str(tmp_path / "pictures" / f"{number}.png"), line.pixels)
        rows.append((f"{number}.png", text))
    with (tmp_path / "pictures" / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    answer = run("train", "read", "my.toml")
    assert (answer.status, answer.out) == (0, "Net: runs/mine/mine.onnx\n")
    assert "windows" in answer.err  # how far it is
    answer = run("read", "--net", "runs/mine/mine.onnx", "pictures/0.png", "pictures/1.png")
    assert (answer.status, len(answer.out.splitlines())) == (0, 2)
