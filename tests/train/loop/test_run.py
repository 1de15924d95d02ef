"""One run of a recipe: its folder, its seed, its card."""

import pytest
import torch

from windowpane.errors import ConfigError, DataError
from windowpane.train.drive.config import Config
from windowpane.train.loop.run import begin_run, card_of, data_of


def begin(config, folder, *, resume=False):
    return begin_run(config, out=folder, resume=resume, progress=None)


def test_a_run_has_a_folder_a_net_file_and_the_seed(tmp_path):
    drawn = []
    for seed in (3, 3, 4):
        with begin(Config(name="heath", seed=seed), tmp_path / "run") as run:
            assert run.net_file == tmp_path / "run" / "heath.onnx"
            assert run.folder.is_dir()
            assert run.group.is_main
            drawn.append(torch.rand(1).item())
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_folder_is_called_after_the_net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with begin(Config(name="heath"), None) as run:
        assert run.net_file.as_posix() == "runs/heath/heath.onnx"


def test_an_earlier_run_is_gone_on_with_or_left_alone(tmp_path):
    (tmp_path / "trunk.pt").touch()
    with pytest.raises(ConfigError, match=r"holds an earlier run: add --resume"), begin(Config(), tmp_path):
        pass
    with begin(Config(), tmp_path, resume=True) as run:
        assert run.resume


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    wrong = pytest.raises(ConfigError, match=r"file cannot be made .*: give another --out")
    with wrong, begin(Config(), tmp_path / "file"):
        pass


def test_the_data_are_where_the_configuration_says_or_where_they_are_found(tmp_path, monkeypatch):
    assert data_of(Config(data="there")).name == "there"
    monkeypatch.setenv("WINDOWPANE_DATA", str(tmp_path))
    assert data_of(Config()) == tmp_path
    monkeypatch.setenv("WINDOWPANE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="WINDOWPANE_DATA"):
        data_of(Config())


def test_a_card_tells_how_a_net_was_made_and_no_place():
    card = card_of(Config(sets="heather", terms="free", data="/home", seed=7), "describes", 12)
    assert (card["what"], card["parameters"], card["data"], card["terms"]) == (
        "describes",
        12,
        "heather",
        "free",
    )
    assert (card["seed"], card["recipe"]["steps"]) == (7, 4000)
    assert "/home" not in str(card)
