"""Where the public data sets are looked for, and what is said where they are not."""

from pathlib import Path

import pytest

from windowpane.data.root import data_root, existing
from windowpane.errors import DataError


def test_the_folder_that_the_environment_names_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("WINDOWPANE_DATA", str(tmp_path))
    assert data_root() == tmp_path


def test_else_it_is_the_one_beside_the_clone(tmp_path, monkeypatch):
    monkeypatch.delenv("WINDOWPANE_DATA", raising=False)
    (tmp_path / "shared" / "data").mkdir(parents=True)
    (tmp_path / "clone").mkdir()
    monkeypatch.chdir(tmp_path / "clone")
    assert data_root() == Path("../shared/data")


def test_without_data_it_says_what_to_set(tmp_path, monkeypatch):
    monkeypatch.setenv("WINDOWPANE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="set WINDOWPANE_DATA"):
        data_root()


def test_a_file_that_a_set_lacks_is_named(tmp_path):
    with pytest.raises(DataError, match="train-images"):
        existing(tmp_path / "train-images")
