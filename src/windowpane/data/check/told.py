"""How what was found is told (summary statistics): sizes, counts and shares in a few words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def sizes(shapes: Iterable[tuple[int, int]]) -> str:
    """Say how many pictures of which heights and widths there are."""
    known = list(shapes)
    if not known:
        return "no picture that can be read"
    heights, widths = [height for height, _ in known], [width for _, width in known]
    size = f"{_span(widths)} x {_span(heights)} pixels"
    return f"{len(known)} picture{'s' * (len(known) > 1)}, {size}"


def counts(each: Mapping[str, int]) -> str:
    """Say how many there are of each."""
    return ", ".join(f"{name} {count}" for name, count in each.items()) or "none"


def shares(each: Mapping[str, int]) -> str:
    """Say which share of all each has, if it has any."""
    total = sum(each.values())
    return ", ".join(f"{name} {count / total:.1%}" for name, count in each.items() if count) or "none"


def _span(values: list[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low} to {high}"
