"""Faults of a data set (findings, as a linter has them), and what was found in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of a data set.

    Attributes
    ----------
    file
        The file at fault.
    line
        Its line, the first is 1, where there is one.
    message
        What is wrong and what to do.
    note
        It is good to know, but no fault.
    """

    file: Path
    line: int | None
    message: str
    note: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else str(self.file)
        return f"{place}: {self.message}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {"file": str(self.file), "line": self.line, "message": self.message, "note": self.note}


@dataclass(frozen=True, slots=True)
class Findings:
    """What a look over a data set brings.

    Attributes
    ----------
    problems
        Faults, and notes, which are none.
    found
        Lines that say what is there: pictures and their sizes, labels, how much of each class.
    """

    problems: tuple[Problem, ...]
    found: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[Problem, ...]:
        """The problems that are no notes."""
        return tuple(problem for problem in self.problems if not problem.note)
