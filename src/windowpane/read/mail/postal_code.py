"""The answer to an envelope (sorting decision): the one postcode of the address, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from windowpane.core.notebook import table, view
from windowpane.read.reading import Alternative, Box


@dataclass(frozen=True, slots=True)
class PostalCode:
    """The postcode of the address on an envelope; ``code`` is empty where none was found.

    Attributes
    ----------
    code
        Its digits.
    confidence
        Calibrated probability that it is the address's and that all its digits are right, 0..1.
    rejected
        Whether that is below the threshold.
    box
        Around it, ``(x0, y0, x1, y1)`` in pixels of the caller's upright image; None where there is none.
    alternatives
        What else it may be, best first: other digits, or numbers elsewhere.
    reason
        One sentence that says why it was rejected; empty where it was not.
    """

    code: str
    confidence: float
    rejected: bool
    box: Box | None
    alternatives: tuple[Alternative, ...]
    reason: str = ""

    def __str__(self) -> str:
        return self.code

    def __repr__(self) -> str:
        if self.box is None:
            return f"<PostalCode: none, {self.reason}>"
        place = [round(value) for value in self.box]
        rejected = ", rejected" * self.rejected
        return f"<PostalCode {self.code!r}, {self.confidence:.1%} sure{rejected}, at {place}>"

    def _repr_html_(self) -> str:
        title = f"{self.code or 'No postcode'}, {self.confidence:.1%} sure{', rejected' * self.rejected}"
        others = [(one.text, f"{one.confidence:.1%}") for one in self.alternatives]
        return view(f"{title}: {self.reason}" if self.reason else title, table(("or", "sure"), others))

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON; with a reason where it is rejected."""
        record: dict[str, Any] = {
            "code": self.code,
            "confidence": round(self.confidence, 4),
            "rejected": self.rejected,
            "box": self.box and [round(value, 2) for value in self.box],
            "alternatives": [one.to_dict() for one in self.alternatives],
        }
        return record | ({"reason": self.reason} if self.reason else {})
