"""The answer of the reader (recognition result): a string of digits, how sure it is, where each stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from windowpane.core.notebook import table, view

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit of a reading.

    Attributes
    ----------
    text
        The digit, ``"0"`` to ``"9"``.
    box
        ``(x0, y0, x1, y1)`` in pixels of the caller's upright image.
    confidence
        Calibrated probability that this digit is right, 0..1.
    """

    text: str
    box: Box
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {"text": self.text, "box": _rounded(self.box), "confidence": round(self.confidence, 4)}


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another string that the picture may show, with its calibrated probability (0..1)."""

    text: str
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {"text": self.text, "confidence": round(self.confidence, 4)}


@dataclass(frozen=True, slots=True)
class Reading:
    """A string of digits read from a picture; ``text`` is empty when nothing was found.

    Attributes
    ----------
    text
        The string, with its separators where these were asked for.
    confidence
        Calibrated probability that the whole string is right, 0..1.
    rejected
        Whether that is below the threshold (the net file's, unless the caller gave one).
    digits
        One by one, left to right.
    alternatives
        The next best strings, best first.
    box
        The string's ``(x0, y0, x1, y1)`` in pixels of the caller's upright image.
    angle
        On a page, the direction in which it is read, radians from the right, clockwise as seen.
    """

    text: str
    confidence: float
    rejected: bool
    digits: tuple[Digit, ...]
    alternatives: tuple[Alternative, ...]
    box: Box
    angle: float = 0.0

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        rejected = ", rejected" * self.rejected
        return f"<Reading {self.text!r}, {self.confidence:.1%} sure{rejected}, at {_rounded(self.box)}>"

    def _repr_html_(self) -> str:
        title = f"{self.text or 'No digits'}, {self.confidence:.1%} sure{', rejected' * self.rejected}"
        digits = [[f"{digit.confidence:.1%}" for digit in self.digits]] if self.digits else []
        others = [(one.text or "no digits", f"{one.confidence:.1%}") for one in self.alternatives]
        return view(
            title, table("".join(digit.text for digit in self.digits), digits), table(("or", "sure"), others)
        )

    def to_dict(self, *, box: bool = False) -> dict[str, Any]:
        """Return plain Python values, ready for JSON; with ``box`` the place of the whole string too."""
        record: dict[str, Any] = {
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "rejected": self.rejected,
            "digits": [digit.to_dict() for digit in self.digits],
            "alternatives": [alternative.to_dict() for alternative in self.alternatives],
        }
        if box:
            record["box"] = _rounded(self.box)
        return record


def _rounded(box: Box) -> list[float]:
    return [round(value, 2) for value in box]
