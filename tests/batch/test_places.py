"""Names on disks and in stores, and one sentence for whatever a store raises."""

from __future__ import annotations

import pytest

from windowpane.batch.places import absolute, explained, is_disk, place, reason
from windowpane.errors import DataError, MissingExtraError


def test_a_name_means_the_same_everywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    disk, path = place("scans")
    assert is_disk(disk)
    assert absolute(disk, path) == f"{tmp_path}/scans"
    store, path = place("memory://bucket/scans")
    assert not is_disk(store)
    assert absolute(store, path) == "memory:///bucket/scans"


@pytest.mark.parametrize(
    ("raised", "kind", "says"),
    [
        (FileNotFoundError(2, "No such file"), DataError, "^a does not exist$"),
        (PermissionError(13, "Permission denied"), DataError, "^a cannot be used: Permission denied$"),
        (ImportError("Install s3fs to use s3"), MissingExtraError, "^a: Install s3fs to use s3, with pip$"),
        (ValueError("first line.\nsecond"), DataError, "^a cannot be used: first line$"),
    ],
)
def test_whatever_a_store_raises_is_one_sentence(raised, kind, says):
    with pytest.raises(kind, match=says), explained("a"):
        raise raised


def test_that_a_file_is_there_already_is_an_answer():
    with pytest.raises(FileExistsError), explained("a"):
        raise FileExistsError


def test_an_error_without_words_is_told_by_its_name():
    assert reason(KeyError()) == "KeyError"
