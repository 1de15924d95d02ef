"""What went wrong in a step that must not fail (diagnostics): each stage has a fallback, and its reason.

def _depth(self, pair, why):
    with why.catching():
        return self.matcher.match(*pair)
    return self._no_depth()
"""

from __future__ import annotations

from types import TracebackType

import cv2
import numpy as np

from windowpane.errors import WindowpaneError

CAUGHT = (WindowpaneError, ValueError, IndexError, np.linalg.LinAlgError, cv2.error)
"""What the pictures and the sensors may be the cause of; all else is a mistake of ours, and goes up."""


class Diagnostics:
    """Collects, once each, what went wrong in a frame.

    Attributes
    ----------
    reasons
        In the order in which they came; empty when all is well.
    """

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def add(self, *reasons: str) -> None:
        """Keep reasons; empty ones are none."""
        self.reasons += [one for one in dict.fromkeys(reasons) if one and one not in self.reasons]

    def catching(self) -> _Catching:
        """Return a context in which what fails is kept as a reason; the program goes on after it."""
        return _Catching(self)


class _Catching:
    """Ends a block that failed and keeps why, if it is of a kind that is `CAUGHT`."""

    __slots__ = ("_why",)

    def __init__(self, why: Diagnostics) -> None:
        self._why = why

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, CAUGHT):
            return False
        self._why.add(str(error) or type(error).__name__)
        return True
