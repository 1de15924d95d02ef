"""The picture files behind names, folders and patterns (globbing), sorted; and what is left out."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

SUFFIXES = (
    *(".apng", ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jpe", ".jpeg", ".jpg"),
    *(".mpo", ".pbm", ".pfm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"),
)
"""Of the files of a folder that are taken for pictures."""

Path = str | os.PathLike[str]


def expand(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the file names behind paths, folders and patterns, in the given order.

    A folder gives its images (by suffix, not its sub-folders; `left_out` counts the rest), a pattern such as
    ``scans/*.png`` or ``**/*.jpg`` its files; both in natural order (``p2`` before ``p10``), without hidden
    files. ``"-"``, standard input, stays as it is. So does a name with nothing behind it (missing, an empty
    folder, a pattern without a match): `load` then raises the `ImageError` that says so, and the other inputs
    still come.
    """
    for path in paths:
        name = os.fspath(path)
        if name == "-" or os.path.isfile(name):
            found = [name]
        elif os.path.isdir(name):
            found = images_in(name)
        else:
            found = _matching(name)
        yield from in_order(found) or [name]


def images_in(folder: str) -> list[str]:
    """Return the pictures in a folder, by their suffix."""
    names = (name for name in os.listdir(folder) if name.lower().endswith(SUFFIXES) and name[0] != ".")
    return [path for path in (os.path.join(folder, name) for name in names) if os.path.isfile(path)]


def left_out(folder: Path, taken: Iterable[str] = SUFFIXES) -> dict[str, int]:
    """Return how many files of a folder are left out, by their suffix, and how many folders in it.

    Hidden files are not counted.

    Parameters
    ----------
    folder
        As `expand` takes it.
    taken
        The suffixes of what is not left out.
    """
    counts: Counter[str] = Counter()
    for entry in os.scandir(folder):
        if entry.name[0] == ".":
            continue
        if entry.is_dir():
            counts["folder"] += 1
        elif not entry.name.lower().endswith(tuple(taken)):
            counts[os.path.splitext(entry.name)[1].lower() or "no suffix"] += 1
    return dict(sorted(counts.items()))


def _matching(pattern: str) -> list[str]:
    """Return the files behind a pattern; brackets in the names of folders that are there are no pattern."""
    for one in (literal(pattern, os.path.isdir), pattern.replace("[", "[[]")):
        if found := [file for file in glob.glob(one, recursive=True) if os.path.isfile(file)]:
            return found
    return []


def literal(pattern: str, is_folder: Any) -> str:
    """Return a pattern that takes the longest folder at its beginning which is there as it is written."""
    cuts = [place for place, sign in enumerate(pattern) if sign in (os.sep, "/") and place]
    there = next((cut for cut in reversed(cuts) if is_folder(pattern[:cut])), 0)
    return re.sub(r"([*?[])", r"[\1]", pattern[:there]) + pattern[there:]


# -- Natural order -----------------------------------------------------------------------------------------


def in_order(names: Iterable[str]) -> list[str]:
    """Return names in natural order: ``p2`` before ``p10``, and 0.6 before 0.65 before 0.7, as seconds are.

    Parts of a number, as in ``1.9`` and ``1.10``, are told from decimals by how they are written: a decimal
    that is not as long as the others does not end with 0, and has no further point behind it.
    """
    names = list(names)
    fractions = [some for name in names for some in re.findall(r"\d\.(\d+)", os.path.basename(name))]
    longest = max(map(len, fractions), default=0)
    parts = any(re.search(r"\d\.\d+\.\d", os.path.basename(name)) for name in names)
    parts |= any(len(one) > 1 and one[-1] == "0" for one in fractions if len({*map(len, fractions)}) > 1)
    decimals = longest > 0 and not parts
    return sorted(names, key=lambda name: _key(name, decimals))


def _key(name: str, decimals: bool) -> list[Any]:
    # Odd places of the split are the numbers, so text is only ever compared with text.
    folder, base = os.path.split(name)
    number = r"([0-9]+(?:\.[0-9]+)?)" if decimals else r"([0-9]+)"
    return [[*map(_value, re.split(r"([0-9]+)", folder))], [*map(_value, re.split(number, base))]]


def _value(part: str) -> Any:
    if not part[:1].isdecimal() or not part.isascii():
        return part
    before, _, behind = part.partition(".")
    return int(before), behind.rstrip("0")
