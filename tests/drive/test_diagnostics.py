"""What went wrong is kept, once; what is a mistake of the program goes up."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from windowpane.drive.diagnostics import Diagnostics
from windowpane.errors import DataError


def stage(why: Diagnostics, error: Exception | None) -> str:
    with why.catching():
        if error is not None:
            raise error
        return "result"
    return "fallback"


def test_a_stage_that_works_gives_its_result() -> None:
    why = Diagnostics()
    assert stage(why, None) == "result"
    assert why.reasons == []


@pytest.mark.parametrize(
    "error", [DataError("no picture"), ValueError("dark"), np.linalg.LinAlgError("singular"), cv2.error("x")]
)
def test_a_stage_that_fails_gives_what_is_known_without_it_and_the_reason(error: Exception) -> None:
    why = Diagnostics()
    assert stage(why, error) == "fallback"
    assert why.reasons == [str(error)]


def test_an_error_without_words_is_told_by_its_name() -> None:
    why = Diagnostics()
    stage(why, IndexError())
    assert why.reasons == ["IndexError"]


def test_a_mistake_of_the_program_goes_up() -> None:
    why = Diagnostics()
    with pytest.raises(AttributeError):
        stage(why, AttributeError("typo"))
    assert why.reasons == []


def test_each_reason_is_told_once_and_empty_ones_are_none() -> None:
    why = Diagnostics()
    why.add("dark", "", "dark")
    why.add("blurred", "dark")
    assert why.reasons == ["dark", "blurred"]
