"""What batch and server need of a system, and a failure in the place of an answer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from windowpane.core.system import Failure, answer_many, answers, loaded, name_of
from windowpane.errors import ArgumentError

PICTURE = np.zeros((2, 3, 3), np.uint8)


class Width:
    def answer(self, picture):
        return picture.shape[1]


def test_a_system_is_called_by_its_name_or_its_class():
    assert name_of(Width()) == "width"
    assert name_of(SimpleNamespace(answer=len, name="berries")) == "berries"
    for none in (7, object(), SimpleNamespace(answer=None)):
        with pytest.raises(ArgumentError, match="is no system: give an object with a method answer"):
            name_of(none)


def test_many_are_answered_together_where_the_system_can():
    assert answer_many(Width(), [PICTURE, PICTURE]) == [3, 3]
    together = SimpleNamespace(answer=None, answer_many=lambda pictures: iter([len(pictures)]))
    assert answer_many(together, [PICTURE, PICTURE]) == [2]


def test_a_picture_that_cannot_be_used_is_a_failure_that_names_it(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    for given in (tmp_path / "a.png", str(tmp_path / "a.png")):
        failure = loaded(given)
        assert isinstance(failure, Failure)
        assert failure.image == str(tmp_path / "a.png")
        assert failure.to_dict() == {"image": failure.image, "error": failure.error}
    assert loaded(b"none").image == "the bytes"
    assert loaded(PICTURE) is not None


def test_others_are_answered_one_at_a_time_and_only_when_asked_for():
    asked = []
    found = answers(iter([PICTURE, Path("gone.png"), PICTURE]), lambda picture: asked.append(1) or len(asked))
    assert asked == []
    assert next(found) == 1
    assert isinstance(next(found), Failure)
    assert asked == [1]
    assert list(found) == [2]
