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
    warning
        It is worth a look, and no reason not to train: what is learned is right, only less than it might be.
    """

    file: Path
    line: int | None
    message: str
    note: bool = False
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else str(self.file)
        return f"{place}: {self.message}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        told = {"file": str(self.file), "line": self.line, "message": self.message, "note": self.note}
        return told | ({"warning": True} if self.warning else {})


@dataclass(frozen=True, slots=True)
class Findings:
    """What a look over a data set brings.

    Attributes
    ----------
    problems
        Faults, warnings, and notes.
    found
        Lines that say what is there: pictures and their sizes, labels, how much of each class.
    """

    problems: tuple[Problem, ...]
    found: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[Problem, ...]:
        """The problems with which no training begins: this decides it, for all verbs."""
        return tuple(problem for problem in self.problems if not (problem.note or problem.warning))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that are told, and with which a training begins."""
        return tuple(problem for problem in self.problems if problem.warning)
