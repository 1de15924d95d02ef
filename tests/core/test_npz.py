"""Arrays in a file and back, and files that are none."""

import numpy as np
import pytest

from windowpane.core.npz import load, save
from windowpane.errors import DataError


def test_arrays_come_back_as_they_were(tmp_path):
    arrays = {"a.b": np.arange(6, dtype=np.int16).reshape(2, 3), "text": np.frombuffer(b"{}", np.uint8)}
    save(tmp_path / "state", arrays)  # under just this name
    again = load(tmp_path / "state", "state")
    assert list(again) == ["a.b", "text"]
    for name, one in arrays.items():
        assert again[name].dtype == one.dtype
        assert np.array_equal(again[name], one)


def spoiled(path, kind):
    if kind == "text":
        path.write_text("no arrays")
    elif kind == "cut":
        save(path, {"a": np.arange(1000)})
        path.write_bytes(path.read_bytes()[:200])
    elif kind == "one array":
        with path.open("wb") as file:
            np.save(file, np.arange(3))
    elif kind == "pickle":
        np.savez(path, a=np.array([{}], object))
    elif kind == "empty":
        path.write_bytes(b"")


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "cut", "one array", "pickle"])
def test_what_is_no_such_file_is_told(tmp_path, kind):
    path = tmp_path / "x.npz"
    spoiled(path, kind)
    with pytest.raises(DataError, match=r"x\.npz is no learner's file \(.+\): give one that was saved"):
        load(path, "learner's file")
