import sys
from pathlib import Path
from types import ModuleType

import pytest

from windowpane.errors import ConfigError


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
    assert "windowpane[train]" in answer.err
    assert calls == []


def test_a_wrong_configuration_is_wrong_usage(run, calls, monkeypatch):
    def refuse(config, *, resume, out, progress):
        raise ConfigError(f"{config}: no key 'steps'")

    monkeypatch.setattr(sys.modules["windowpane.train.read.recipe"], "train", refuse)
    answer = run("train", "read", "my.toml")
    assert (answer.status, answer.err) == (2, "windowpane: my.toml: no key 'steps'\n")
