"""Makes Markdown of the house's docstrings for the reference, while the site is built.

    labels: (H, W) uint8, places in ``names``. scores: (H, W) float32.        becomes a list, an item a name;
    Parameters / ---------- / net: / a name that ships                        becomes one, too.

Only words that are a parameter or an attribute begin an item, so other colons stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import griffe

HEADING = re.compile(r"^(\w+)\n-{3,}\n", re.MULTILINE)
ITEM = re.compile(r"^([\w, ]+):\n((?:    .*\n?)+)", re.MULTILINE)


class HouseStyle(griffe.Extension):
    """Rewrites each docstring when its object is known whole."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """See `griffe.Extension`."""
        if obj.docstring and obj.kind in (griffe.Kind.CLASS, griffe.Kind.FUNCTION, griffe.Kind.ATTRIBUTE):
            names = set(obj.members) if obj.is_class else {one.name for one in getattr(obj, "parameters", ())}
            obj.docstring.value = as_markdown(obj.docstring.value, names)


def as_markdown(text: str, names: set[str]) -> str:
    """Return a docstring as Markdown; names: of the parameters or attributes that it may explain."""
    text = HEADING.sub(r"**\1**\n\n", text)
    text = ITEM.sub(lambda found: f"- `{found[1]}`: {' '.join(found[2].split())}\n", text + "\n")
    return "\n\n".join(_paragraph(part, names) for part in re.split(r"\n{2,}", text.strip("\n")))


def _paragraph(text: str, names: set[str]) -> str:
    """Return a paragraph, its explanations of names as a list; code and lists stay as they are."""
    if not names or text.startswith(("    ", "- ", "* ", "**")):
        return text
    return "".join(_told(" ".join(text.split()), names)) if _begins(text, names) else text


def _told(text: str, names: set[str]) -> Iterator[str]:
    word = "|".join(sorted(names, key=len, reverse=True))
    before, *parts = re.split(rf"(?:^|(?<=[.;] ))((?:{word})(?:, (?:{word}))*): ", text)
    yield before.strip() + "\n\n"
    for name, what in zip(parts[::2], parts[1::2], strict=True):
        yield f"- `{name}`: {what.strip()}\n"


def _begins(text: str, names: set[str]) -> bool:
    return any(re.search(rf"(?:^|[.;,]\s+){name}: ", text) for name in names)
